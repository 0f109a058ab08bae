using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;

namespace Templater.Pipeline.Routing.Streams;

/// <summary>One container's wish for a stream.</summary>
internal sealed record StreamSettings
{
    /// <summary>Time to connect where no label says another.</summary>
    public static readonly TimeSpan DefaultConnect = TimeSpan.FromSeconds(5);

    /// <summary>Silence of a connection where no label says another one; below the 15 minutes of a Swarm's virtual addresses.</summary>
    public static readonly TimeSpan DefaultTunnel = TimeSpan.FromMinutes(10);

    /// <summary>The same for datagrams, which have no end: each client costs a socket for so long.</summary>
    public static readonly TimeSpan DefaultDatagrams = TimeSpan.FromSeconds(30);

    /// <summary>Name of the stream within the container.</summary>
    public required string Name { get; init; }

    /// <summary>The port that the proxy opens; null when what was written is none.</summary>
    public StreamPort? Listen { get; init; }

    /// <summary>What is done about TLS.</summary>
    public StreamTls Tls { get; init; }

    /// <summary>How the container is told the client's address.</summary>
    public ProxyHeader ProxyHeader { get; init; }

    /// <summary>
    /// Everything that streams have in common with routes: names in TLS (which may be none), port, weight, access, time-outs, balance.
    /// </summary>
    public required RouteClaim Route { get; init; }

    /// <summary>What it asks for, for people: <c>5432</c>, <c>5432 db.example.com</c>.</summary>
    public string Place => StreamPlace.Text(Listen, Route.Hosts);
}

/// <summary>A wish with the container that has it and the server it brings, if any.</summary>
/// <param name="Settings">The wish.</param>
/// <param name="Claim">The claim, of which the route is that of the wish.</param>
internal sealed record StreamClaim(StreamSettings Settings, Claim Claim)
{
    /// <summary>The port.</summary>
    public StreamPort Port => Settings.Listen!.Value;

    /// <summary>Its container.</summary>
    public Container Container => Claim.Container;

    /// <summary>The same without anything that answers.</summary>
    public StreamClaim Refused(Refusal refusal) => this with { Claim = Claim.Refused(refusal) };

    /// <summary>Who decides comes first.</summary>
    public static int Compare(StreamClaim left, StreamClaim right) => Claim.Compare(left.Claim, right.Claim);
}

/// <summary>Puts places of streams into words.</summary>
internal static class StreamPlace
{
    /// <summary>Port and names.</summary>
    public static string Text(StreamPort? port, IEnumerable<HostPattern> hosts)
    {
        var names = string.Join(' ', hosts);
        return port is null ? names : names.Length > 0 ? $"{port} {names}" : port.Value.ToString();
    }

    /// <summary>Port and one name, or none.</summary>
    public static string Text(StreamPort port, HostPattern? host) => Text(port, host is null ? [] : [host]);
}
