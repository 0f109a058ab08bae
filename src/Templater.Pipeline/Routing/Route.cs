using System.Collections.Immutable;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing;

/// <summary>Match -> upstream (or redirect), with what happens on the way.</summary>
public sealed record Route
{
    /// <summary>Stable key, unique within the output: virtual host name, then the path; untrusted.</summary>
    public required string Key { get; init; }

    /// <summary>The path this route answers.</summary>
    public required PathPattern Path { get; init; }

    /// <summary>Replaces the matched prefix; null leaves the path alone. Untrusted.</summary>
    public string? Rewrite { get; init; }

    /// <summary>
    /// What the path becomes in the way of nginx; null where <see cref="Rewrite"/> says it. Where it has no variables,
    /// <see cref="Rewrite"/> is the same text, and takes the place of the matched path as it is, without care for slashes.
    /// </summary>
    public Destination? Destination { get; init; }

    /// <summary>Folder of a FastCGI application's files, as the application sees it; null = the proxy's usual one. Untrusted.</summary>
    public string? FastCgiRoot { get; init; }

    /// <summary>File of a FastCGI application that answers for a folder; null = the proxy's usual one. Untrusted.</summary>
    public string? FastCgiIndex { get; init; }

    /// <summary>Answer with a redirect instead of proxying.</summary>
    public RouteRedirect? RedirectTo { get; init; }

    /// <summary>Winner of conflicts; order among regular expressions; higher first.</summary>
    public int Priority { get; init; }

    /// <summary>The pool of servers; it may have no usable server, which answers 503.</summary>
    public required Upstream Upstream { get; init; }

    /// <summary>Clients that may use the route, CIDR or address; empty = everyone. <c>private</c> is already expanded.</summary>
    public ImmutableArray<string> Allow { get; init; } = [];

    /// <summary>Clients that may not; wins over <see cref="Allow"/>.</summary>
    public ImmutableArray<string> Deny { get; init; } = [];

    /// <summary>The operator's directives that say who may use the route, in the place of <see cref="Allow"/> (nginx); null = there are none.</summary>
    public IncludedFile? AccessFile { get; init; }

    /// <summary>The operator's directives for the route (nginx); null = there are none.</summary>
    public IncludedFile? Include { get; init; }

    /// <summary>The operator's location in the place of the route's (nginx); null = there is none.</summary>
    public IncludedFile? Override { get; init; }

    /// <summary>Who has to log in, after <see cref="Allow"/> and <see cref="Deny"/>; null = nobody.</summary>
    public BasicAuth? Auth { get; init; }

    /// <summary>Who is asked about each request, after all of these; null = nobody.</summary>
    public ForwardAuth? ForwardAuth { get; init; }

    /// <summary>Pages in the place of errors, single statuses before classes, each status once.</summary>
    public ImmutableArray<ErrorPage> ErrorPages { get; init; } = [];

    /// <summary>True when nobody is served because what restricts the route cannot be honoured.</summary>
    public bool IsClosed { get; init; }

    /// <summary>Time-outs towards the upstream.</summary>
    public RouteTimeouts Timeouts { get; init; } = new();

    /// <summary>Largest request body in bytes; 0 = no limit.</summary>
    public long MaxBody { get; init; }

    /// <summary>False for server-sent events: answers are passed on as they come.</summary>
    public bool Buffering { get; init; } = true;

    /// <summary>Changes to the answer's headers, in order of operation, then name.</summary>
    public ImmutableArray<HeaderChange> ResponseHeaders { get; init; } = [];

    /// <summary>Changes to the request's headers, in order of operation, then name.</summary>
    public ImmutableArray<HeaderChange> RequestHeaders { get; init; } = [];

    /// <summary><c>templater.data.*</c> of the deciding container, untrusted.</summary>
    public ImmutableSortedDictionary<string, string> Data { get; init; } = Ordinal.Empty;

    /// <summary>Containers behind the route, in server order.</summary>
    public ImmutableArray<ContainerId> Containers { get; init; } = [];
}

/// <summary>Target of <c>redirect.to</c>.</summary>
/// <param name="Url">Absolute http or https URL, syntax-checked, without the trailing <c>!</c>; untrusted.</param>
/// <param name="AppendPath">True when path and query of the request are appended.</param>
/// <param name="Code">301, 302, 307 or 308.</param>
public sealed record RouteRedirect(string Url, bool AppendPath, int Code);

/// <summary>Time-outs towards the upstream.</summary>
public sealed record RouteTimeouts
{
    /// <summary>Time to connect.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Silence of the upstream.</summary>
    public TimeSpan Server { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Silence on an upgraded connection; below the 15 minutes of a Swarm VIP.</summary>
    public TimeSpan Tunnel { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>True when a label set <see cref="Tunnel"/> (nginx has no separate one and then uses the longer).</summary>
    public bool TunnelIsSet { get; init; }
}

/// <summary>What is done with a header.</summary>
public enum HeaderOperation
{
    /// <summary>Remove it.</summary>
    Delete,
    /// <summary>Replace it.</summary>
    Set,
    /// <summary>Add another one.</summary>
    Add,
    /// <summary>Set it if absent.</summary>
    Default,
}

/// <summary>One change to a header.</summary>
/// <param name="Operation">What is done.</param>
/// <param name="Name">An HTTP token (RFC 9110 5.6.2), validated, printable anywhere.</param>
/// <param name="Value">Untrusted, without control characters; empty for <see cref="HeaderOperation.Delete"/>.</param>
public sealed record HeaderChange(HeaderOperation Operation, string Name, string Value);
