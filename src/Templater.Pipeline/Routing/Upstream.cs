using System.Collections.Immutable;
using System.Net;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing;

/// <summary>Protocol spoken to the container.</summary>
public enum UpstreamProtocol
{
    /// <summary>HTTP/1.1.</summary>
    Http,
    /// <summary>HTTP/1.1 over TLS.</summary>
    Https,
    /// <summary>HTTP/2 without TLS.</summary>
    H2c,
    /// <summary>gRPC.</summary>
    Grpc,
    /// <summary>gRPC over TLS.</summary>
    Grpcs,
    /// <summary>FastCGI.</summary>
    FastCgi,
    /// <summary>uwsgi.</summary>
    Uwsgi,
}

/// <summary>How requests are spread over servers.</summary>
public enum BalanceAlgorithm
{
    /// <summary>In turns.</summary>
    RoundRobin,
    /// <summary>To the one with the fewest connections.</summary>
    LeastConn,
    /// <summary>By client address.</summary>
    Source,
    /// <summary>By request URI.</summary>
    Uri,
    /// <summary>At random.</summary>
    Random,
}

/// <summary>
/// What nginx-proxy's label asks of a proxy beyond an algorithm that both know. Made by a closed grammar, so that it is safe to print.
/// </summary>
/// <param name="Nginx">The directive of nginx without its semicolon.</param>
/// <param name="HAProxy">What follows <c>balance</c> in HAProxy; null = the algorithm says it all.</param>
public sealed record BalanceMethod(string Nginx, string? HAProxy);

/// <summary>Session affinity.</summary>
public enum StickyMode
{
    /// <summary>None.</summary>
    Off,
    /// <summary>By client address.</summary>
    Source,
    /// <summary>By a cookie.</summary>
    Cookie,
}

/// <summary>The pool behind a route (nginx <c>upstream</c>, HAProxy <c>backend</c>).</summary>
public sealed record Upstream
{
    /// <summary>
    /// Name of at most 100 characters out of <c>[a-z0-9._-]</c>, unique within the output, derived from host and path.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>Protocol spoken to the servers.</summary>
    public UpstreamProtocol Protocol { get; init; }

    /// <summary>Algorithm.</summary>
    public BalanceAlgorithm Balance { get; init; }

    /// <summary>What was asked for beyond the algorithm; null = nothing.</summary>
    public BalanceMethod? BalanceMethod { get; init; }

    /// <summary>Affinity.</summary>
    public StickyMode Sticky { get; init; }

    /// <summary>Cookie name for <see cref="StickyMode.Cookie"/>, an HTTP token.</summary>
    public string StickyCookie { get; init; } = "";

    /// <summary>Idle connections kept; 0 = off.</summary>
    public int Keepalive { get; init; }

    /// <summary>True when <see cref="Keepalive"/> is twice the servers because nobody asked for another number.</summary>
    public bool HasAutoKeepalive { get; init; }

    /// <summary>Connections per server; 0 = unlimited.</summary>
    public int MaxConnections { get; init; }

    /// <summary>Name sent upstream as SNI and Host, a validated DNS name; null = the request's.</summary>
    public string? ServerName { get; init; }

    /// <summary>How the servers' certificate is verified; null = not at all.</summary>
    public UpstreamVerify? Verify { get; init; }

    /// <summary>Active check by the proxy; null = none.</summary>
    public UpstreamCheck? Check { get; init; }

    /// <summary>The servers by slot; may be empty.</summary>
    public ImmutableArray<UpstreamServer> Servers { get; init; } = [];

    /// <summary>Slots to declare in proxies that fill them at run time.</summary>
    public int SlotCapacity { get; init; }

    /// <summary>
    /// True when every server is one address, so that a proxy which can be given addresses while it runs fills and frees slots without a
    /// reload.
    /// </summary>
    public bool IsSlotted
    {
        get
        {
            foreach (var server in Servers)
                if (server.IsLookedUp || server.Places > 1 || server.Slot < 1 || !IPAddress.TryParse(server.Address, out _))
                    return false;
            return SlotCapacity > 0;
        }
    }

    /// <summary>One server for each slot, in their order: a free one has no container, and an address where nobody listens. The servers themselves where there are no slots.</summary>
    public ImmutableArray<UpstreamServer> Slots()
    {
        if (!IsSlotted)
            return Servers;
        var slots = ImmutableArray.CreateBuilder<UpstreamServer>(SlotCapacity);
        var next = 0;
        for (var slot = 1; slot <= SlotCapacity || next < Servers.Length; slot++)
            slots.Add(next < Servers.Length && Servers[next].Slot == slot ? Servers[next++] : UpstreamServer.Free(slot));
        return slots.ToImmutable();
    }
}

/// <summary>An active check of each server by the proxy.</summary>
/// <param name="Path">Path of an HTTP check, untrusted; null checks that the port accepts connections.</param>
/// <param name="Interval">Time between checks.</param>
/// <param name="Rise">Good answers until a server counts as up, 1 to 10.</param>
/// <param name="Fall">Bad answers until it counts as down, 1 to 10.</param>
public sealed record UpstreamCheck(string? Path, TimeSpan Interval, int Rise, int Fall)
{
    /// <summary>Good answers where no label says another number.</summary>
    public const int DefaultRise = 2;

    /// <summary>Bad answers where no label says another number.</summary>
    public const int DefaultFall = 3;

    /// <summary>Time between checks where no label says another.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(2);
}

/// <summary>What a server may be given.</summary>
public enum ServerState
{
    /// <summary>New requests.</summary>
    Up,
    /// <summary>Nothing.</summary>
    Down,
    /// <summary>Only what it has.</summary>
    Drain,
}

/// <summary>One address and port in an upstream.</summary>
public sealed record UpstreamServer
{
    /// <summary>The container; null for a static server.</summary>
    public ContainerId? Container { get; init; }

    /// <summary>Slot number within the upstream, from 1.</summary>
    public int Slot { get; init; }

    /// <summary>IPv4 or IPv6 address without brackets, or a DNS name; validated.</summary>
    public required string Address { get; init; }

    /// <summary>Port, 1 to 65535.</summary>
    public required int Port { get; init; }

    /// <summary>Share, 0 to 256; 0 = drain.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Used only when all others are down.</summary>
    public bool Backup { get; init; }

    /// <summary>What it may be given.</summary>
    public ServerState State { get; init; }

    /// <summary>True when <see cref="Address"/> is a name that the proxy looks up while it runs.</summary>
    public bool IsLookedUp { get; init; }

    /// <summary>How many addresses the name may stand for; 1 for one container.</summary>
    public int Places { get; init; } = 1;

    /// <summary>True when its container was told to stop: it drains, where another server can take over.</summary>
    public bool IsEnding { get; init; }

    /// <summary>What stands in a slot that nobody has.</summary>
    internal static UpstreamServer Free(int slot) => new() { Slot = slot, Address = "127.0.0.1", Port = 1, State = ServerState.Down };

    /// <summary>The containers behind some servers, in their order.</summary>
    internal static ImmutableArray<ContainerId> ContainersOf(ImmutableArray<UpstreamServer> servers)
    {
        if (servers is [{ Container: { } only }])
            return [only];
        var containers = ImmutableArray.CreateBuilder<ContainerId>(servers.Length);
        foreach (var server in servers)
            if (server.Container is { } container)
                containers.Add(container);
        return containers.ToImmutable();
    }
}
