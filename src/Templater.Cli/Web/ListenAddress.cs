using System.Globalization;
using System.Net;

namespace Templater.Cli.Web;

/// <summary>Where the listener listens: an address of this host and a port. Immutable.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">The port; 0 = any that is free.</param>
internal sealed record ListenAddress(IPAddress Address, int Port)
{
    private const string Localhost = "localhost:";

    /// <summary>Nothing listens.</summary>
    public static readonly ListenAddress Nowhere = new(IPAddress.None, 0);

    /// <summary>True when something listens.</summary>
    public bool IsSomewhere => !ReferenceEquals(this, Nowhere);

    /// <summary>True when nobody but this host can reach it.</summary>
    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>Reads <c>127.0.0.1:9180</c>, <c>[::1]:9180</c>, <c>localhost:9180</c> or <c>:9180</c>, which is every IPv4 address of the host.</summary>
    /// <returns>Null when it is none of them.</returns>
    public static ListenAddress? Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return null;
        var host = text[..colon];
        if (host.Length == 0)
            return new ListenAddress(IPAddress.Any, port);
        if (text.StartsWith(Localhost, StringComparison.OrdinalIgnoreCase))
            return new ListenAddress(IPAddress.Loopback, port);
        var isBracketed = host[0] == '[' && host[^1] == ']';
        // 127.1 and 0x7f000001 are addresses to some, too: what is meant is to be seen.
        return IPAddress.TryParse(isBracketed ? host[1..^1] : host, out var address)
            && isBracketed == (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
            && (isBracketed || address.ToString() == host)
            ? new ListenAddress(address, port)
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() => new IPEndPoint(Address, Port).ToString();
}
