using System.Collections.Immutable;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing.Streams;

/// <summary>What the proxy does about TLS in a stream.</summary>
public enum StreamTls
{
    /// <summary>It knows nothing of it.</summary>
    Off,
    /// <summary>It reads the name that the client asks for, and touches nothing.</summary>
    Pass,
    /// <summary>It ends it: the container gets plain bytes.</summary>
    Terminate,
}

/// <summary>Which PROXY protocol the container is told the client's address in.</summary>
public enum ProxyHeader
{
    /// <summary>None.</summary>
    Off,
    /// <summary>Version 1, text.</summary>
    V1,
    /// <summary>Version 2, binary.</summary>
    V2,
}

/// <summary>A port that the proxy listens on for streams, with everything that comes there.</summary>
public sealed record StreamListener
{
    /// <summary>The port.</summary>
    public required StreamPort Port { get; init; }

    /// <summary>What is done about TLS, the same for all its streams.</summary>
    public StreamTls Tls { get; init; }

    /// <summary>The pair that is shown where the proxy shows one for the port; null when it chooses by name, or shows none.</summary>
    public CertificatePair? Certificate { get; init; }

    /// <summary>The streams by host; the one without hosts, if there is one, is last. Not empty.</summary>
    public required ImmutableArray<StreamRoute> Routes { get; init; }

    /// <summary>Silence after which a connection ends where the proxy knows one time for the port: the longest one.</summary>
    public TimeSpan Tunnel { get; init; }

    /// <summary>Time to connect where the proxy knows one time for the port: the longest one.</summary>
    public TimeSpan Connect { get; init; }

    /// <summary>How containers are told the client's address where the proxy knows one way for the port.</summary>
    public ProxyHeader ProxyHeader { get; init; }

    /// <summary>True when the proxy must read the name that clients ask for.</summary>
    public bool IsByName => Routes.Any(static route => route.Hosts.Length > 0);
}

/// <summary>Port (and name in TLS) -> upstream.</summary>
public sealed record StreamRoute
{
    /// <summary>Stable key, unique within the output: port, then names.</summary>
    public required string Key { get; init; }

    /// <summary>Names in TLS that select it, exact or wildcard; empty = whatever no other stream of the port takes.</summary>
    public ImmutableArray<HostPattern> Hosts { get; init; } = [];

    /// <summary>The pool of servers; it may have no usable server, and then connections are closed.</summary>
    public required Upstream Upstream { get; init; }

    /// <summary>How the container is told the client's address.</summary>
    public ProxyHeader ProxyHeader { get; init; }

    /// <summary>Clients that may use it, CIDR or address; empty = everyone.</summary>
    public ImmutableArray<string> Allow { get; init; } = [];

    /// <summary>Clients that may not; wins over <see cref="Allow"/>.</summary>
    public ImmutableArray<string> Deny { get; init; } = [];

    /// <summary>Time to connect to a server.</summary>
    public TimeSpan Connect { get; init; } = StreamSettings.DefaultConnect;

    /// <summary>Silence after which a connection ends.</summary>
    public TimeSpan Tunnel { get; init; } = StreamSettings.DefaultTunnel;

    /// <summary>The pair for its names; null when TLS is not ended here, or there is none.</summary>
    public CertificatePair? Certificate { get; init; }

    /// <summary>True when nobody is served because what restricts it cannot be honoured.</summary>
    public bool IsClosed { get; init; }

    /// <summary>Containers behind it, in server order.</summary>
    public ImmutableArray<ContainerId> Containers { get; init; } = [];
}
