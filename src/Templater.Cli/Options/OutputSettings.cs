using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;

namespace Templater.Cli.Options;

/// <summary>Settings about what is written, and who must notice.</summary>
internal static class OutputSettings
{
    private const SettingGroup Group = SettingGroup.Output;

    public static readonly SettingDefinition<string> Template = new("template", Group,
        TemplateNames.Setting,
        "what is rendered: nginx, nginx-http, haproxy, centauri, domains, or the path of a template, for example my.nginx.scriban")
    {
        Unset = "",
        DefaultNote = "none; run needs one",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<string> TemplateFormat = new("template_format", Group,
        SettingTypes.Word("nginx", "haproxy", "centauri", "plain"), "quoting rules of the template")
    {
        Unset = "",
        DefaultNote = "its first line, else its suffix",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<string> Output = new("output", Group, SettingTypes.Text, "file to write; - for standard output (render)")
    {
        Unset = "",
        DefaultNote = "by template: /config/nginx.conf, /config/haproxy.cfg, …",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<UnixFileMode> OutputMode = new("output_mode", Group, SettingTypes.Mode, "permissions of the file")
    {
        Unset = UnixFileMode.None,
        DefaultNote = "that of the file, else 0644",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<int?> OutputOwner = new("output_owner", Group, UnixIdentity.User, "user that owns the file, number or name")
    {
        Unset = null,
        DefaultNote = "unchanged",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<int?> OutputGroup = new("output_group", Group, UnixIdentity.Group, "group of the file, number or name")
    {
        Unset = null,
        DefaultNote = "unchanged",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<bool> Adopt = new("adopt", Group, SettingTypes.Boolean,
        "replace a file that somebody else wrote by the link that an output of several files needs")
    {
        Unset = false,
        Default = "false",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<ReloadSpec> Reload = new("reload", Group, DeploymentTypes.Reload,
        "how the proxy is told; auto = signal HUP to the containers labelled templater.proxy=OUTPUT")
    {
        Unset = new ReloadSpec.Auto(),
        Default = "auto",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<ValidateSpec> Validate = new("validate", Group, DeploymentTypes.Validate,
        "who checks a candidate; auto = the proxy's program beside Templater, else the proxy itself; *.json and *.yaml for other programs must be well-formed")
    {
        Unset = new ValidateSpec.Auto(),
        Default = "auto",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<string> IncludedBy = new("included_by", Group, SettingTypes.AbsolutePath,
        "nginx configuration that includes the output, for example /etc/nginx/nginx.conf: within a copy of it a candidate is checked")
    {
        Unset = "",
        DefaultNote = "none; the template nginx-http is judged by the proxy itself then",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<VerifySpec> Verify = new("verify", Group, DeploymentTypes.Verify,
        "what proves that it is live; auto = by proxy")
    {
        Unset = new VerifySpec.Auto(),
        Default = "auto",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<TimeSpan> ReloadInterval = new("reload_interval", Group, SettingTypes.Duration("0", "1h"),
        "shortest time between reloads; the last one always happens")
    {
        Unset = TimeSpan.Zero,
        Default = "1s",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<int> ReloadMaxDraining = new("reload_max_draining", Group, SettingTypes.Number(1, 1000),
        "sets of old workers, still busy with their connections, that make the next reload wait, for at most a minute; never while something that is gone or closed is still served")
    {
        Unset = 0,
        Default = "10",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<TimeSpan?> ReloadTimeout = new("reload_timeout", Group, SettingTypes.OptionalDuration("100ms", "1h"),
        "wait for the proof")
    {
        Unset = null,
        DefaultNote = "by proxy: nginx 3s and a second for each megabyte, HAProxy 60s",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<TimeSpan> ReloadAlarm = new("reload_alarm", Group, SettingTypes.Duration("1s", "365d"),
        "unhealthy when a reload is owed for longer")
    {
        Unset = TimeSpan.Zero,
        Default = "5m",
    };

    public static readonly SettingDefinition<string> StateDirectory = new("state_dir", Group, SettingTypes.AbsolutePath, "journal and status")
    {
        Unset = "",
        DefaultNote = "/state where it exists, else /var/lib/templater",
    };

    public static readonly SettingDefinition<string> IncludeDirectory = new("include_dir", Group, SettingTypes.Text, "where include may read")
    {
        Unset = "",
        DefaultNote = "folder of the template",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<string> AuthDirectory = new("auth_dir", Group, SettingTypes.AbsolutePath, "htpasswd files of the operator")
    {
        Unset = "",
        DefaultNote = "/auth if mounted",
    };

    /// <summary>The directory of password files in force.</summary>
    public static string AuthDirectoryOf(Settings settings) => settings.Get(AuthDirectory) is { Length: > 0 } chosen ? chosen : "/auth";

    public static readonly SettingDefinition<string> VhostDirectory = new("vhost_dir", Group, SettingTypes.AbsolutePath, "include files of the operator, for nginx")
    {
        Unset = "",
        DefaultNote = "/vhost.d if mounted",
    };

    /// <summary>The directory of include files in force.</summary>
    public static string VhostDirectoryOf(Settings settings) => settings.Get(VhostDirectory) is { Length: > 0 } chosen ? chosen : "/vhost.d";

    /// <summary>The directory beside nginx-proxy's include files, in which its users replace parts of the configuration; empty where it is not replaced.</summary>
    public static string NginxDirectoryOf(Settings settings) =>
        settings.Get(EngineSettings.Compat) == CompatProgram.NginxProxy ? Path.GetDirectoryName(VhostDirectoryOf(settings)) ?? "" : "";

    /// <summary>Reads the operator's files that labels name, and those that are called like hosts.</summary>
    public static OperatorFileReader FilesOf(Settings settings) =>
        new(AuthDirectoryOf(settings), settings.Get(CertificateSettings.CertsDirectory), settings.Get(EngineSettings.LabelPrefix))
        {
            VhostDirectory = VhostDirectoryOf(settings),
            NginxDirectory = NginxDirectoryOf(settings),
        };

    /// <summary>Where those files lie.</summary>
    public static IEnumerable<string> FoldersOf(Settings settings)
    {
        yield return settings.Get(CertificateSettings.CertsDirectory);
        yield return AuthDirectoryOf(settings);
        yield return VhostDirectoryOf(settings);
        if (NginxDirectoryOf(settings) is not { Length: > 0 } nginx)
            yield break;
        foreach (var name in OperatorFileReader.Replacements)
            yield return Path.Combine(nginx, name);
    }

    public static IEnumerable<SettingDefinition> All =>
    [
        Template, TemplateFormat, Output, OutputMode, OutputOwner, OutputGroup, Adopt, Reload, Validate, IncludedBy, Verify, ReloadInterval, ReloadMaxDraining, ReloadTimeout,
        ReloadAlarm, StateDirectory, IncludeDirectory, AuthDirectory, VhostDirectory,
    ];
}
