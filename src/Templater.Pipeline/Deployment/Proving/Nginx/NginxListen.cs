using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Templater.Pipeline.Deployment.Proving.Nginx;

/// <summary>A <c>listen</c> directive of nginx on a TCP or UDP port.</summary>
/// <param name="Address">The address; null for all, or for a name.</param>
/// <param name="Port">The port; of a range the first.</param>
/// <param name="Line">Where it stands.</param>
internal sealed record NginxListen(IPAddress? Address, int Port, int Line)
{
    private const int DefaultPort = 80;

    /// <summary>True for <c>[::]</c>, which takes IPv6 alone.</summary>
    public bool IsIPv6 => Address?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;

    /// <summary>True for all addresses of its family.</summary>
    public bool IsAny => Address is null || Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any);

    /// <summary>True when plain HTTP is spoken on it.</summary>
    public bool IsPlain { get; init; }

    /// <summary>True for UDP.</summary>
    public bool IsUdp { get; init; }

    /// <summary>True when each connection begins with a line of the PROXY protocol.</summary>
    public bool ExpectsProxyProtocol { get; init; }

    /// <summary>The listener of a server that names none.</summary>
    public static NginxListen Default(int line) => new(null, DefaultPort, line) { IsPlain = true };

    /// <summary>Reads a directive; null for a Unix socket and for what is none.</summary>
    /// <param name="words">Its words.</param>
    /// <param name="line">Where it stands.</param>
    public static NginxListen? Of(List<string> words, int line)
    {
        if (words.Count < 2 || words[1].StartsWith("unix:", StringComparison.Ordinal))
            return null;
        var (address, port) = Parts(words[1]);
        if (port is not { } number)
            return null;
        var isUdp = words.Contains("udp") || words.Contains("quic");
        return new NginxListen(address, number, line)
        {
            IsUdp = isUdp,
            IsPlain = !isUdp && !words.Contains("ssl"),
            ExpectsProxyProtocol = words.Contains("proxy_protocol"),
        };
    }

    /// <summary>The listeners of a file on ports on which another file listens nowhere.</summary>
    /// <param name="file">The file.</param>
    /// <param name="former">The other one.</param>
    public static ImmutableArray<NginxListen> New(string file, string former)
    {
        var known = All(former).Select(static listen => (listen.Port, listen.IsUdp)).ToHashSet();
        return [.. All(file).Where(listen => !known.Contains((listen.Port, listen.IsUdp)))];
    }

    /// <summary>All listeners of a file.</summary>
    /// <param name="file">The file.</param>
    public static IEnumerable<NginxListen> All(string file)
    {
        foreach (var directive in NginxDirectives.Of(file))
            if (directive.Mark == NginxMark.Simple && directive.Words[0] == "listen" && Of(directive.Words, directive.Line) is { } listen)
                yield return listen;
    }

    private static (IPAddress? Address, int? Port) Parts(string text)
    {
        if (text.StartsWith('[') && text.IndexOf(']', StringComparison.Ordinal) is > 0 and var end)
            return (IPAddress.TryParse(text[1..end], out var six) ? six : null, text.Length == end + 1 ? DefaultPort : PortOf(text[(end + 1)..].TrimStart(':')));
        var colon = text.LastIndexOf(':');
        if (colon < 0)
            return PortOf(text) is { } alone ? (null, alone) : (IPAddress.TryParse(text, out var address) ? address : null, DefaultPort);
        return (IPAddress.TryParse(text[..colon], out var four) ? four : null, PortOf(text[(colon + 1)..]));
    }

    private static int? PortOf(string text) =>
        int.TryParse(text.Split('-', 2)[0], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= IPEndPoint.MaxPort ? port : null;
}
