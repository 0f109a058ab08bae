using System.Collections.Immutable;

namespace Templater.Pipeline.Routing;

/// <summary>
/// What holds where Templater takes nginx-proxy's place (setting <c>compat</c>), beyond what other settings say too. Immutable.
/// </summary>
public sealed record NginxProxyCompat
{
    /// <summary>What http does for hosts that say nothing about it, while there is no pair.</summary>
    public MissingPair WithoutPair { get; init; } = MissingPair.Serve;

    /// <summary>Status of redirects to https for other methods than GET and HEAD; null = that of all.</summary>
    public int? NonGetCode { get; init; }

    /// <summary>The pair called <c>default</c> serves names that no pair covers.</summary>
    public bool TrustsDefaultPair { get; init; } = true;

    /// <summary>The host that answers names which nobody claims, as containers write it; null = none does.</summary>
    public HostPattern? DefaultHost { get; init; }

    /// <summary>Upstreams are called by the SHA-1 of their host.</summary>
    public bool HashesUpstreamNames { get; init; }

    /// <summary>Only containers that fit all of these are routed.</summary>
    public ImmutableArray<ContainerFilter> Filters { get; init; } = [];

    /// <summary>What <c>/</c> is answered by hosts that have no route for it; null = what nginx does by itself.</summary>
    public DefaultRoot? Root { get; init; } = DefaultRoot.NotFound;

    /// <summary>The access log's format, in nginx's words.</summary>
    public string LogFormat { get; init; } =
        "$host $remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\" \"$upstream_addr\"";

    /// <summary>How nginx escapes values in it: default, json or none.</summary>
    public string LogEscape { get; init; } = "default";

    /// <summary>Name servers with options, as nginx takes them.</summary>
    public ImmutableArray<string> Resolvers { get; init; } = [];

    /// <summary>What any client claims by <c>X-Forwarded-*</c> about where it came from is passed on.</summary>
    public bool TrustsForwarded { get; init; } = true;

    /// <summary>Anybody may ask what is known about a host, unless its containers say otherwise.</summary>
    public bool ShowsDebug { get; init; }

    /// <summary>Challenges are answered for names that nobody claims, too.</summary>
    public bool AnswersUnknownChallenges { get; init; }
}
