using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Fixed;

/// <summary>A route of the operator's to something that is no container.</summary>
/// <param name="Name">Its name in the settings.</param>
/// <param name="Keys">What it says, by the keys of labels without prefix.</param>
/// <param name="Servers">Where it leads; empty for a redirect.</param>
public sealed record StaticRoute(string Name, ImmutableSortedDictionary<string, string> Keys, ImmutableArray<StaticServer> Servers)
{
    /// <summary>What messages call it.</summary>
    public string FullName => $"routes.{Name}";
}

/// <summary>One target of a static route.</summary>
/// <param name="Host">An address without brackets, or a name that the proxy looks up.</param>
/// <param name="Port">Its port.</param>
/// <param name="IsName">True when it is a name.</param>
public sealed record StaticServer(string Host, int Port, bool IsName)
{
    /// <summary>What is legal, for messages.</summary>
    public const string Legal = "HOST:PORT such as 192.168.1.10:5000, [2001:db8::1]:80 or nas.lan:5000";

    /// <summary>Reads <c>host:port</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="server">The target.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out StaticServer? server)
    {
        ArgumentNullException.ThrowIfNull(text);
        server = null;
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !Quantities.TryPort(text[(colon + 1)..], out var port) || !HostPatternParser.TryParse(text[..colon], out var host, out _))
            return false;
        server = host.Match switch
        {
            // Only in brackets can anybody tell the port from an IPv6 address.
            HostMatch.Ip when text.StartsWith('[') == text[..colon].Contains(':', StringComparison.Ordinal) => new StaticServer(host.Text.Trim('[', ']'), port, IsName: false),
            HostMatch.Exact => new StaticServer(host.Text, port, IsName: true),
            _ => null,
        };
        return server is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");
}
