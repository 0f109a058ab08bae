using System.Collections.Immutable;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Rendering;

/// <summary>One output: a template, the file it becomes, and the proxy that reads it. Immutable.</summary>
public sealed record OutputDefinition
{
    /// <summary>Name of the output; the value of the label <c>templater.proxy</c> selects it.</summary>
    public required string Name { get; init; }

    /// <summary>Kind of proxy that reads the file.</summary>
    public required ProxyKind Kind { get; init; }

    /// <summary>
    /// Name of a shipped template (<c>nginx</c>, <c>nginx-http</c>, <c>haproxy</c>, <c>centauri</c>, <c>domains</c>), or
    /// a path when it contains a separator or ends in <c>.scriban</c>.
    /// </summary>
    public required string Template { get; init; }

    /// <summary>
    /// True when the proxy is HAProxy, told and asked over its master socket: then the id in the file is that of what needs a reload.
    /// </summary>
    public bool IsToldAtRunTime { get; init; }

    /// <summary>Format for quoting; null = decided by the template itself (first line, then suffix).</summary>
    public string? Format { get; init; }

    /// <summary>Absolute path of the file; <c>-</c> for standard output.</summary>
    public required string Path { get; init; }

    /// <summary>Where <c>include</c> may read besides the template's own folder; null = only there.</summary>
    public string? IncludeDirectory { get; init; }

    /// <summary>Values that templates see as <c>values</c>.</summary>
    public ImmutableSortedDictionary<string, string> Values { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>What the shipped templates need to know about the proxy's listeners.</summary>
    public ProxySettings Proxy { get; init; } = new();
}

/// <summary>Operator's settings that shape the proxy's configuration as a whole.</summary>
public sealed record ProxySettings
{
    /// <summary>Listen on IPv6 too; null = when the proxy is known to have IPv6, else not.</summary>
    public bool? IPv6 { get; init; }

    /// <summary>Version of the proxy as the operator says; null = as it is found out.</summary>
    public Version? Version { get; init; }

    /// <summary>Answer for unknown hosts: a status, 400 to 599.</summary>
    public int FallbackStatus { get; init; } = 503;

    /// <summary>Answer for unknown hosts: a URL to redirect to; null = use the status.</summary>
    public string? FallbackUrl { get; init; }

    /// <summary>Networks in CIDR form whose <c>X-Forwarded-*</c> headers are believed.</summary>
    public ImmutableArray<string> TrustedProxies { get; init; } = [];

    /// <summary>Expect the PROXY protocol on all listeners.</summary>
    public bool ProxyProtocol { get; init; }

    /// <summary>Access log of the proxy.</summary>
    public bool AccessLog { get; init; } = true;

    /// <summary>nginx shows the pair called <c>default</c> for names that nobody claims, in place of a refusal.</summary>
    public bool ShowsDefaultPair { get; init; }

    /// <summary>Certificates directory as Templater sees it; templates see it as the proxy does.</summary>
    public string CertsDirectory { get; init; } = "/certs";

    /// <summary>Directory of the configuration as Templater sees it; templates see it as the proxy does.</summary>
    public string ConfigDirectory { get; init; } = "/config";
}
