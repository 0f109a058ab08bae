using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Dialects.NginxProxy;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects;

/// <summary>
/// What nginx-proxy's variables and labels say about a host as a whole. What restricts and cannot be honoured refuses the
/// container; the rest is ignored with a warning.
/// </summary>
internal static class NginxProxyHost
{
    /// <summary>The variable that says what http and https do.</summary>
    public const string Method = "HTTPS_METHOD";

    /// <summary>The variable that keeps a host without a certificate from being served in plain text.</summary>
    public const string WithoutCertificate = "ENABLE_HTTP_ON_MISSING_CERT";

    private const string Policy = "SSL_POLICY";
    private const string Certificate = "CERT_NAME";
    private const string ClientCertificates = ProxyLabels.ClientCertificates;
    private const string NonGet = "NON_GET_REDIRECT";

    /// <summary>The variable that says what nginx tells about itself.</summary>
    public const string Tokens = "SERVER_TOKENS";

    /// <summary>The variable that says where challenges for certificates are answered.</summary>
    public const string Challenges = "ACME_HTTP_CHALLENGE_LOCATION";

    private const string HttpsOnly = "nohttp";

    /// <summary>What nginx-proxy does where nothing is said.</summary>
    internal static readonly HostSettings Defaults = new() { Https = HttpsMode.Redirect, HttpsCode = 301, Hsts = "max-age=31536000", WithoutPair = MissingPair.Serve };

    /// <summary>Variables and labels that close something when another dialect names the hosts.</summary>
    /// <param name="container">The container.</param>
    public static IEnumerable<string> RestrictingKeys(Container container)
    {
        if (VerifiesClients(container))
            yield return ClientCertificates;
        if (NginxProxyDialect.Variable(container, Method) == HttpsOnly)
            yield return Method;
    }

    /// <summary>What is closed when a variable or label cannot be honoured.</summary>
    /// <param name="name">Its name.</param>
    public static Closure Closes(string name) => name is ClientCertificates or Method or WithoutCertificate ? Closure.Host : Closure.Nothing;

    /// <summary>Reads the settings.</summary>
    /// <param name="container">The container.</param>
    /// <param name="policy">The operator's settings.</param>
    /// <param name="findings">Where complaints go.</param>
    /// <param name="refusal">Why the container must not be routed.</param>
    public static HostSettings Read(Container container, RoutingPolicy policy, ContainerFindings findings, ref Refusal? refusal)
    {
        var defaults = DefaultsOf(policy);
        var mode = ReadMode(container, findings, ref refusal);
        var withoutPair = ReadWithoutPair(container, mode, findings, ref refusal);
        var verifies = ReadVerifiesClients(container, findings, ref refusal);
        return new ProxyLabels(container, findings).Apply(new HostSettings
        {
            WithoutPair = withoutPair,
            VerifiesClients = verifies,
            Challenges = ReadChallenges(container, findings),
            NonGetCode = ReadNonGetCode(container, findings),
            ServerTokens = ReadTokens(container, findings),
            HttpPort = ReadPort(container, "EXTERNAL_HTTP_PORT", findings),
            HttpsPort = ReadPort(container, "EXTERNAL_HTTPS_PORT", findings),
            Https = mode,
            Hsts = ReadHsts(container, mode ?? defaults.Https, findings),
            TlsPolicy = ReadPolicy(container, findings),
            Certificate = ReadCertificate(container, findings),
            Defaults = defaults,
        });
    }

    // The dialect has its own defaults, unless the operator takes over nginx-proxy's settings.
    private static HostSettings DefaultsOf(RoutingPolicy policy) => policy.NginxProxy is not { } compat ? Defaults : new HostSettings
    {
        WithoutPair = compat.WithoutPair,
        NonGetCode = compat.NonGetCode,
        TrustsDefaultPair = compat.TrustsDefaultPair,
        Https = policy.Https,
    };

    private static bool VerifiesClients(Container container) =>
        container.Labels.GetValueOrDefault(ClientCertificates, "").Trim() is not ("" or "off");

    private static ClientAuthMode? ReadVerifiesClients(Container container, ContainerFindings findings, ref Refusal? refusal)
    {
        var text = container.Labels.GetValueOrDefault(ClientCertificates, "").Trim();
        ClientAuthMode? mode = text switch
        {
            "on" => ClientAuthMode.Required,
            "optional" => ClientAuthMode.Optional,
            "off" => ClientAuthMode.Off,
            _ => null,
        };
        if (mode is null && text.Length > 0)
            refusal = Refusal.Graver(refusal, NginxProxyDialect.Refuse(ClientCertificates, ReasonIds.InvalidValue, "on, optional or off was expected", findings, text));
        return mode;
    }

    private static ChallengeMode? ReadChallenges(Container container, ContainerFindings findings)
    {
        var text = NginxProxyDialect.Variable(container, Challenges);
        if (TryChallenges(text, out var mode))
            return mode;
        if (text.Length > 0)
            Ignore(Challenges, text, LegalChallenges, findings);
        return null;
    }

    /// <summary>What is legal for challenges, for messages.</summary>
    public const string LegalChallenges = "true, false or legacy";

    /// <summary>Reads where challenges are answered.</summary>
    /// <param name="text">The value.</param>
    /// <param name="mode">Where.</param>
    public static bool TryChallenges(string text, out ChallengeMode mode)
    {
        mode = ChallengeMode.WithoutSite;
        if (text == "legacy")
            return true;
        if (!ProxyLabels.TryTruth(text, out var isAnswered))
            return false;
        mode = isAnswered ? ChallengeMode.Always : ChallengeMode.Never;
        return true;
    }

    private static HttpsMode? ReadMode(Container container, ContainerFindings findings, ref Refusal? refusal)
    {
        var method = NginxProxyDialect.Variable(container, Method);
        HttpsMode? mode = method switch
        {
            "redirect" => HttpsMode.Redirect,
            "noredirect" => HttpsMode.Optional,
            HttpsOnly => HttpsMode.Only,
            "nohttps" => HttpsMode.Off,
            _ => null,
        };
        if (mode is null && method.Length > 0)
            refusal = Refusal.Graver(refusal, NginxProxyDialect.Refuse(Method, ReasonIds.InvalidValue, "redirect, noredirect, nohttp or nohttps was expected", findings, method));
        return mode;
    }

    private static int? ReadNonGetCode(Container container, ContainerFindings findings)
    {
        var text = NginxProxyDialect.Variable(container, NonGet);
        if (!ProxyLabels.TryNonGetCode(text, out var code) && text.Length > 0)
            Ignore(NonGet, text, ProxyLabels.LegalNonGetCode, findings);
        return code;
    }

    private static string? ReadTokens(Container container, ContainerFindings findings)
    {
        var text = NginxProxyDialect.Variable(container, Tokens);
        if (text is "on" or "off" or "build")
            return text;
        if (text.Length > 0)
            Ignore(Tokens, text, "on, off or build", findings);
        return null;
    }

    private static MissingPair? ReadWithoutPair(Container container, HttpsMode? mode, ContainerFindings findings, ref Refusal? refusal)
    {
        var plain = NginxProxyDialect.Variable(container, WithoutCertificate);
        if (plain.Length == 0 || mode is HttpsMode.Optional or HttpsMode.Off)
            return null;
        if (ProxyLabels.TryTruth(plain, out var isServed))
            return isServed ? MissingPair.Serve : MissingPair.Refuse;
        refusal = Refusal.Graver(refusal, NginxProxyDialect.Refuse(WithoutCertificate, ReasonIds.InvalidValue, $"{Quantities.LegalBoolean} was expected", findings, plain));
        return null;
    }

    private static int? ReadPort(Container container, string name, ContainerFindings findings)
    {
        var text = NginxProxyDialect.Variable(container, name);
        if (text.Length == 0)
            return null;
        if (Quantities.TryPort(text, out var port))
            return port;
        Ignore(name, text, Quantities.LegalPort, findings);
        return null;
    }

    private static string? ReadHsts(Container container, HttpsMode? mode, ContainerFindings findings)
    {
        var text = NginxProxyDialect.Variable(container, "HSTS");
        // nginx-proxy sends no HSTS for a host that is also served without TLS, whatever the variable says.
        if (mode == HttpsMode.Optional)
            return "";
        if (text.Length == 0)
            return null;
        if (HostSettingsReader.TryHsts(text, out var header))
            return header;
        Ignore("HSTS", text, "off or a header value", findings);
        return null;
    }

    private static TlsPolicy? ReadPolicy(Container container, ContainerFindings findings)
    {
        var text = NginxProxyDialect.Variable(container, Policy);
        TlsPolicy? policy = text switch
        {
            "Mozilla-Modern" => TlsPolicy.Modern,
            "Mozilla-Intermediate" => TlsPolicy.Intermediate,
            "Mozilla-Old" => TlsPolicy.Old,
            _ => null,
        };
        if (policy is null && text.Length > 0)
        {
            findings.Warn(
                ReasonIds.UnsupportedOption,
                $"container {findings.Name}: {Policy}=\"{Untrusted.Shown(text)}\" is not supported by this version, "
                    + "only Mozilla-Modern, Mozilla-Intermediate and Mozilla-Old are. The default holds.",
                Policy,
                text);
        }

        return policy;
    }

    private static string? ReadCertificate(Container container, ContainerFindings findings)
    {
        var text = NginxProxyDialect.Variable(container, Certificate);
        if (text.Length == 0)
            return null;
        if (HostSettingsReader.TryCertificateName(text, out var name))
            return name;
        Ignore(Certificate, text, "the name of a certificate without /", findings);
        return null;
    }

    private static void Ignore(string name, string text, string legal, ContainerFindings findings) =>
        findings.Warn(ReasonIds.InvalidValue, $"container {findings.Name}: {name}=\"{Untrusted.Shown(text)}\": {legal} was expected. The default holds.", name, text);
}
