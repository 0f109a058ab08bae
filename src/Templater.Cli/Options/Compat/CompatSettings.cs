using System.Collections.Immutable;
using Templater.Pipeline.Routing;

namespace Templater.Cli.Options;

/// <summary>
/// Settings that exist only where another program is replaced: they have that program's names and no others, and no flags.
/// </summary>
internal static class CompatSettings
{
    private const SettingGroup Group = SettingGroup.Routing;

    public static readonly SettingDefinition<ChallengeMode> Challenges = new("ACME_HTTP_CHALLENGE_LOCATION", Group,
        SettingTypes.Choice(("true", ChallengeMode.Always), ("false", ChallengeMode.Never), ("legacy", ChallengeMode.WithoutSite)), "where http answers challenges")
    {
        Unset = ChallengeMode.Always,
        Default = "true",
    };

    public static readonly SettingDefinition<bool> UnknownChallenges = Flag("ACME_HTTP_CHALLENGE_ACCEPT_UNKNOWN_HOST", "false",
        "answer challenges for names that nobody claims");

    public static readonly SettingDefinition<ImmutableArray<ContainerFilter>> ContainerFilters = new("DOCKER_CONTAINER_FILTERS", Group, CompatTypes.Filters,
        "containers that are routed")
    {
        Unset = [],
    };

    public static readonly SettingDefinition<bool> DebugEndpoint = Flag("DEBUG_ENDPOINT", "false", "tell anybody what is known about a host");

    public static readonly SettingDefinition<HostPattern?> DefaultHost = new("DEFAULT_HOST", Group, CompatTypes.Host, "host that answers names which nobody claims")
    {
        Unset = null,
    };

    public static readonly SettingDefinition<DefaultRoot?> Root = new("DEFAULT_ROOT", Group, CompatTypes.Root, "answer for / on hosts without a route for it")
    {
        Unset = null,
        Default = "404",
    };

    public static readonly SettingDefinition<bool> HttpOnMissingCertificate = Flag("ENABLE_HTTP_ON_MISSING_CERT", "true",
        "serve by http while there is no certificate");

    public static readonly SettingDefinition<string> LogFormat = new("LOG_FORMAT", Group, CompatTypes.LogFormat, "format of nginx's access log")
    {
        Unset = "",
        Default = new NginxProxyCompat().LogFormat,
    };

    public static readonly SettingDefinition<string> LogEscape = new("LOG_FORMAT_ESCAPE", Group, SettingTypes.Word("default", "json", "none"), "escapes in it")
    {
        Unset = "",
        Default = "default",
    };

    public static readonly SettingDefinition<string> ProxyLabel = new("NGINX_CONTAINER_LABEL", Group, CompatTypes.LabelKey, "label that marks the proxy")
    {
        Unset = "",
    };

    public static readonly SettingDefinition<int> NonGetRedirect = new("NON_GET_REDIRECT", Group,
        SettingTypes.Choice(("301", 301), ("307", 307), ("308", 308)), "status of redirects to https for other methods than GET and HEAD")
    {
        Unset = 0,
        Default = "301",
    };

    public static readonly SettingDefinition<ImmutableArray<string>> Resolvers = new("RESOLVERS", Group, CompatTypes.Resolvers, "name servers of nginx")
    {
        Unset = [],
        Default = "127.0.0.11",
    };

    public static readonly SettingDefinition<bool> HashedUpstreamNames = Flag("SHA1_UPSTREAM_NAME", "false", "upstreams are called by the SHA-1 of their host");

    public static readonly SettingDefinition<bool> TrustDefaultCertificate = Flag("TRUST_DEFAULT_CERT", "true",
        "the certificate called default serves hosts without their own");

    public static readonly SettingDefinition<bool> TrustDownstreamProxy = Flag("TRUST_DOWNSTREAM_PROXY", "true", "pass on the X-Forwarded headers of all clients");

    private static SettingDefinition<bool> Flag(string name, string otherwise, string meaning) =>
        new(name, Group, SettingTypes.Boolean, meaning) { Unset = false, Default = otherwise };
}
