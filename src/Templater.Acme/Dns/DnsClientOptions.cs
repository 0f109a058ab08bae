using System.Net;

namespace Templater.Acme.Dns;

/// <summary>Whom a <see cref="DnsClient"/> asks, and for how long.</summary>
public sealed record DnsClientOptions
{
    /// <summary>The port of DNS servers (RFC 1035 section 4.2).</summary>
    public const int DefaultPort = 53;

    /// <summary>Most resolvers that are asked one after the other.</summary>
    public const int MaxResolvers = 8;

    /// <summary>Where the resolvers of this machine are written (resolv.conf(5)).</summary>
    public const string SystemFile = "/etc/resolv.conf";

    private const string Keyword = "nameserver";

    /// <summary>The resolvers, asked in this order until one has an answer; at least one.</summary>
    public required IReadOnlyList<IPEndPoint> Resolvers { get; init; }

    /// <summary>How long one server may take for one answer; 3 seconds by default.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a resolver is asked over UDP before it counts as silent; twice by default.</summary>
    public int Attempts { get; init; } = 2;

    /// <summary>The resolvers of the text of a <c>resolv.conf</c>; where it names none, the one on this machine, as resolv.conf(5) says.</summary>
    /// <param name="text">The file's text.</param>
    public static DnsClientOptions FromResolvConf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var resolvers = text.Split('\n')
            .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words is [Keyword, _, ..])
            .Select(words => IPAddress.TryParse(words[1], out var address) ? new IPEndPoint(address, DefaultPort) : null)
            .OfType<IPEndPoint>()
            .Take(MaxResolvers)
            .ToList();
        return new() { Resolvers = resolvers is [] ? [new IPEndPoint(IPAddress.Loopback, DefaultPort)] : resolvers };
    }

    /// <summary>A server of a text: an address, with a port if it is another than 53: <c>192.0.2.1</c>, <c>192.0.2.1:5353</c>, <c>2001:db8::1</c>, <c>[2001:db8::1]:5353</c>.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">No such text; the message says what is wanted.</exception>
    public static IPEndPoint ParseServer(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (IPEndPoint.TryParse(text.Trim(), out var server))
            return server.Port == 0 ? new(server.Address, DefaultPort) : server;
        throw new FormatException($"'{text}' is no address of a DNS server: write 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53");
    }
}
