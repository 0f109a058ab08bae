using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Streams;

/// <summary>What a stream is made of.</summary>
public enum StreamProtocol
{
    /// <summary>Connections.</summary>
    Tcp,
    /// <summary>Datagrams.</summary>
    Udp,
}

/// <summary>A port that the proxy opens for streams.</summary>
/// <param name="Number">1 to 65535.</param>
/// <param name="Protocol">What comes there.</param>
public readonly record struct StreamPort(int Number, StreamProtocol Protocol)
{
    /// <summary>What is legal, for messages.</summary>
    public const string Legal = "a port such as 5432 or 53/udp";

    /// <summary>Most ports of one list.</summary>
    private const int MaxPorts = 1000;

    /// <summary>Reads <c>5432</c>, <c>5432/tcp</c> or <c>53/udp</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="port">The port.</param>
    public static bool TryParse(string text, out StreamPort port)
    {
        ArgumentNullException.ThrowIfNull(text);
        port = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!Quantities.TryPort(slash < 0 ? text : text[..slash], out var number))
            return false;
        StreamProtocol? protocol = slash < 0 ? StreamProtocol.Tcp : text[(slash + 1)..].ToLowerInvariant() switch
        {
            "tcp" => StreamProtocol.Tcp,
            "udp" => StreamProtocol.Udp,
            _ => null,
        };
        port = new StreamPort(number, protocol ?? StreamProtocol.Tcp);
        return protocol is not null;
    }

    /// <summary>Reads a list, in ascending order, each once.</summary>
    /// <param name="text">The list.</param>
    /// <returns>Null when something in it is no port.</returns>
    public static ImmutableArray<StreamPort>? ParseList(string text)
    {
        var ports = new SortedSet<StreamPort>(Ascending);
        foreach (var item in ValueList.Split(text))
            if (!TryParse(item, out var port) || (ports.Add(port) && ports.Count > MaxPorts))
                return null;
        return [.. ports];
    }

    /// <summary>Ascending order.</summary>
    internal static readonly Comparer<StreamPort> Ascending = Comparer<StreamPort>.Create(static (left, right) =>
        left.Number.CompareTo(right.Number) is not 0 and var order ? order : ((int)left.Protocol).CompareTo((int)right.Protocol));

    /// <summary>As settings and labels write it.</summary>
    public override string ToString() => Protocol == StreamProtocol.Udp
        ? string.Create(CultureInfo.InvariantCulture, $"{Number}/udp")
        : Number.ToString(CultureInfo.InvariantCulture);
}
