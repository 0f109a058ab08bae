using Templater.Pipeline.Deployment;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Rendering.Templates;
using Templater.Pipeline.Routing;

namespace Templater.Cli.Options;

/// <summary>One output as the pipeline wants it: what to route, what to render, how to deploy.</summary>
/// <param name="Section">The settings it was made from.</param>
/// <param name="Definition">Template and file.</param>
/// <param name="Policy">Rules of routing.</param>
/// <param name="Deployment">How the file goes live.</param>
internal sealed record OutputPlan(OutputSection Section, OutputDefinition Definition, RoutingPolicy Policy, DeploymentSettings Deployment)
{
    private const string Terminal = "-";

    /// <summary>The plan of an output.</summary>
    /// <param name="section">Its settings.</param>
    /// <param name="isOffline">True for <c>render</c>, which decides itself where the text goes.</param>
    public static OutputPlan Of(OutputSection section, bool isOffline = false)
    {
        var values = section.Values;
        var template = values.Get(OutputSettings.Template);
        var format = values.Get(OutputSettings.TemplateFormat);
        // Offline too, the setting names the place in production: what is printed must not depend on where it is inspected.
        var path = Path.GetFullPath(values.Get(OutputSettings.Output) is { Length: > 0 } chosen && chosen != Terminal ? chosen : TemplateNames.DefaultPath(template, format, section.IsOnly));
        var definition = new OutputDefinition
        {
            Name = section.Name,
            Kind = TemplateNames.Kind(template, format.Length > 0 ? format : FormatIn(template)),
            Template = template,
            Format = format.Length > 0 ? format : null,
            Path = isOffline ? Terminal : path,
            IncludeDirectory = values.Get(OutputSettings.IncludeDirectory) is { Length: > 0 } directory ? Path.GetFullPath(directory) : null,
            Values = section.TemplateValues,
            Proxy = ProxyOf(values, Path.GetDirectoryName(path) ?? "/"),
        };
        var deployment = DeploymentOf(values, template);
        return new OutputPlan(section, definition with { IsToldAtRunTime = IsToldAtRunTime(definition, deployment) }, PolicyOf(section), deployment);
    }

    // A proof of the user's own knows nothing but the id: it has to be another one whenever anything is.
    private static bool IsToldAtRunTime(OutputDefinition definition, DeploymentSettings deployment) =>
        definition.Kind == ProxyKind.HAProxy && deployment is { Reload: ReloadSpec.HAProxy, Verify: VerifySpec.Auto };

    // Which proxy reads a file decides how it is routed; the comment in the template's first line may be all that tells.
    private static string? FormatIn(string template)
    {
        if (!TemplateNames.IsPath(template))
            return null;
        try
        {
            return TemplateFormats.Of(null, template, new DiskTemplateFiles().Read(template) ?? "");
        }
        catch (TemplateFileException)
        {
            // The load of the template says what is wrong with it.
            return null;
        }
    }

    /// <summary>The same where there is no engine that could be asked for labelled containers.</summary>
    public OutputPlan WithoutEngine() =>
        Deployment.Reload is ReloadSpec.Auto ? this with { Deployment = Deployment with { Reload = new ReloadSpec.None() } } : this;

    private static ProxySettings ProxyOf(SettingValues values, string configDirectory)
    {
        var fallback = values.Get(RoutingSettings.FallbackAnswer);
        return new ProxySettings
        {
            IPv6 = values.Get(RoutingSettings.IPv6),
            Version = RoutingSettings.VersionOf(values),
            FallbackStatus = fallback.Status,
            FallbackUrl = fallback.Url,
            TrustedProxies = values.Get(RoutingSettings.TrustedProxies),
            ProxyProtocol = values.Get(RoutingSettings.ProxyProtocol),
            AccessLog = values.Get(RoutingSettings.AccessLog),
            ShowsDefaultPair = values.Get(EngineSettings.Compat) == CompatProgram.NginxProxy,
            CertsDirectory = values.Get(CertificateSettings.CertsDirectory),
            ConfigDirectory = configDirectory,
        };
    }

    private static DeploymentSettings DeploymentOf(SettingValues values, string template) => new()
    {
        File = new OutputFileOptions
        {
            Mode = values.IsSet(OutputSettings.OutputMode) ? (int)values.Get(OutputSettings.OutputMode) : null,
            Owner = values.Get(OutputSettings.OutputOwner),
            Group = values.Get(OutputSettings.OutputGroup),
            Adopts = values.Get(OutputSettings.Adopt),
        },
        // Nobody reads a list of domains as its configuration: unless somebody is named, nobody is told.
        Reload = template == TemplateNames.Domains && !values.IsSet(OutputSettings.Reload) ? new ReloadSpec.None() : values.Get(OutputSettings.Reload),
        LabelPrefix = values.Get(EngineSettings.LabelPrefix),
        ProxyMark = values.Get(CompatSettings.ProxyLabel) is { Length: > 0 } mark ? mark : null,
        Validate = values.Get(OutputSettings.Validate),
        Verify = values.Get(OutputSettings.Verify),
        IsFragment = TemplateNames.IsFragment(template) || values.Get(OutputSettings.IncludedBy).Length > 0,
        IncludedBy = values.Get(OutputSettings.IncludedBy),
        ReloadInterval = values.Get(OutputSettings.ReloadInterval),
        ReloadMaxDraining = values.Get(OutputSettings.ReloadMaxDraining),
        ReloadTimeout = values.Get(OutputSettings.ReloadTimeout),
    };

    private static RoutingPolicy PolicyOf(OutputSection section) => PolicyOf(section.Values) with
    {
        AccessLists = section.AccessLists,
        ForwardAuths = section.ForwardAuths,
        Acme = section.Acme,
        Routes = section.Routes,
        Domains = section.Values.IsSet(EngineSettings.Domains) ? new DomainPolicy { Others = section.Values.Get(EngineSettings.Domains) } : section.Domains,
    };

    /// <summary>The rules of routing; lists of clients are another part of the settings.</summary>
    public static RoutingPolicy PolicyOf(SettingValues values) => new()
    {
        Instance = values.Get(EngineSettings.Instance),
        LabelPrefix = values.Get(EngineSettings.LabelPrefix),
        Dialects = values.Get(EngineSettings.Dialects),
        EnableDefault = values.Get(EngineSettings.EnableDefault),
        Networks = values.Get(EngineSettings.Network),
        PreferIPv6 = values.Get(EngineSettings.IpFamily),
        DefaultPort = values.Get(EngineSettings.DefaultPort),
        Health = values.Get(EngineSettings.Health),
        Conflict = values.Get(EngineSettings.Conflict),
        HttpPort = values.Get(RoutingSettings.HttpPort),
        HttpsPort = values.Get(RoutingSettings.HttpsPort),
        StreamPorts = values.Get(RoutingSettings.StreamPorts),
        Https = values.Get(RoutingSettings.Https),
        HttpsCode = values.Get(RoutingSettings.HttpsCode),
        Hsts = values.Get(RoutingSettings.Hsts) is { Length: > 0 } hsts ? hsts : null,
        Http2 = values.Get(RoutingSettings.Http2),
        Http3 = values.Get(RoutingSettings.Http3),
        TlsPolicy = values.Get(RoutingSettings.TlsPolicies),
        Balance = values.Get(RoutingSettings.Balance),
        MaxBody = values.Get(RoutingSettings.MaxBody),
        DotegeUsers = values.Get(DotegeSettings.Users),
        NginxProxy = NginxProxyVariables.Of(values),
        Challenges = values.Get(CompatSettings.Challenges),
    };
}
