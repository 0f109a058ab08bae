using System.Collections.Immutable;
using Templater.Docker;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Cli.Options;

/// <summary>Settings about the engine and about which containers are wanted.</summary>
internal static class EngineSettings
{
    private const SettingGroup Group = SettingGroup.Engine;

    public static readonly SettingDefinition<EngineAddress> DockerHost = new("docker_host", Group, SettingTypes.EngineAddress, "address of the engine")
    {
        Unset = EngineAddress.Default,
        Default = "unix:///var/run/docker.sock",
        PlainEnvironmentName = "DOCKER_HOST",
    };

    public static readonly SettingDefinition<bool> DockerTlsVerify = new("docker_tls_verify", Group, SettingTypes.Boolean,
        "speak TLS to a tcp:// engine and verify its certificate")
    {
        Unset = false,
        Default = "false",
        PlainEnvironmentName = "DOCKER_TLS_VERIFY",
    };

    public static readonly SettingDefinition<string> DockerCertPath = new("docker_cert_path", Group, SettingTypes.AbsolutePath,
        "directory with ca.pem, cert.pem and key.pem for that")
    {
        Unset = "",
        PlainEnvironmentName = "DOCKER_CERT_PATH",
    };

    public static readonly SettingDefinition<SwarmMode> Swarm = new("swarm", Group,
        SettingTypes.Choice(("auto", SwarmMode.Auto), ("on", SwarmMode.On), ("off", SwarmMode.Off)),
        "services too: when the engine is a manager, always, never")
    {
        Unset = SwarmMode.Auto,
        Default = "auto",
    };

    public static readonly SettingDefinition<string> Instance = new("instance", Group, SettingTypes.Text, "name of this instance, * = all")
    {
        Unset = "",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<string> LabelPrefix = new("label_prefix", Group, SettingTypes.LabelPrefix, "what native labels begin with")
    {
        Unset = "",
        Default = "templater",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<ImmutableArray<Dialect>> Dialects = new("dialects", Group, RoutingTypes.Dialects,
        "families of labels that are read, first match wins")
    {
        Unset = [],
        Default = "templater,dotege,nginx-proxy",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<CompatProgram> Compat = new("compat", Group,
        SettingTypes.Choice(("nginx-proxy", CompatProgram.NginxProxy), ("dotege", CompatProgram.Dotege)),
        "defaults, names of settings and paths of that program")
    {
        Unset = CompatProgram.None,
    };

    public static readonly SettingDefinition<bool> EnableDefault = new("enable_default", Group, SettingTypes.Boolean,
        "value of templater.enable where it is absent")
    {
        Unset = true,
        Default = "true",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<ImmutableArray<string>> Network = new("network", Group, SettingTypes.List,
        "networks to reach containers by, in order of preference")
    {
        Unset = [],
        DefaultNote = "networks of the proxy",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<bool> IpFamily = new("ip_family", Group,
        SettingTypes.Choice(("ipv4", false), ("ipv6", true)), "address preferred")
    {
        Unset = false,
        Default = "ipv4",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<int> DefaultPort = new("default_port", Group, SettingTypes.Port, "port of containers that expose nothing")
    {
        Unset = 0,
        Default = "80",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<HealthPolicy> Health = new("health", Group,
        SettingTypes.Choice(("healthy", HealthPolicy.Healthy), ("starting", HealthPolicy.Starting), ("any", HealthPolicy.Any)),
        "when a container counts as ready")
    {
        Unset = HealthPolicy.Healthy,
        Default = "healthy",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<ImmutableArray<AllowedDomain>> Domains = new("domains", Group, DomainsSection.Type,
        "domains that labels may claim; in the file also by compose project")
    {
        Unset = [],
        DefaultNote = "any",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<ConflictRule> Conflict = new("conflict", Group,
        SettingTypes.Choice(("oldest", ConflictRule.Oldest), ("merge", ConflictRule.Merge)),
        "same host and path claimed by different applications")
    {
        Unset = ConflictRule.Oldest,
        Default = "oldest",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<TimeSpan> Settle = new("settle", Group, SettingTypes.Duration("0", "1m"),
        "quiet time after an event; 0 = none")
    {
        Unset = TimeSpan.Zero,
        Default = "25ms",
    };

    public static readonly SettingDefinition<TimeSpan> SettleMax = new("settle_max", Group, SettingTypes.Duration("0", "10m"),
        "latest time after the first event")
    {
        Unset = TimeSpan.Zero,
        Default = "500ms",
    };

    public static readonly SettingDefinition<TimeSpan> Resync = new("resync", Group, SettingTypes.Duration("1s", "1d"),
        "full re-read without events")
    {
        Unset = TimeSpan.Zero,
        Default = "60s",
    };

    public static readonly SettingDefinition<TimeSpan> StaleAfter = new("stale_after", Group, SettingTypes.Duration("1s", "365d"),
        "unhealthy without a complete snapshot for so long")
    {
        Unset = TimeSpan.Zero,
        Default = "5m",
    };

    public static readonly SettingDefinition<ImmutableArray<string>> EnvAllow = new("env_allow", Group, SettingTypes.List,
        "names of container environment variables that templates may read")
    {
        Unset = [],
    };

    public static IEnumerable<SettingDefinition> All =>
    [
        DockerHost, DockerTlsVerify, DockerCertPath, Swarm, Instance, LabelPrefix, Dialects, Compat, EnableDefault, Network, IpFamily,
        DefaultPort, Health, Domains, Conflict, Settle, SettleMax, Resync, StaleAfter, EnvAllow,
    ];
}
