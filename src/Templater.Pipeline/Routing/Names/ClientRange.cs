using System.Collections.Immutable;
using System.Net;

namespace Templater.Pipeline.Routing.Names;

/// <summary>Lists of clients: addresses, networks, and the name <c>private</c>.</summary>
public static class ClientRange
{
    /// <summary>What is legal, for messages.</summary>
    public const string Legal = "a list of addresses, networks such as 10.0.0.0/8, or private";

    /// <summary>What is legal where the operator has lists, for messages.</summary>
    /// <param name="named">The operator's lists.</param>
    public static string LegalWith(ImmutableSortedDictionary<string, ImmutableArray<string>> named)
    {
        ArgumentNullException.ThrowIfNull(named);
        return named.IsEmpty ? Legal : $"{Legal}, or names of access lists of the settings ({string.Join(", ", named.Keys)})";
    }

    /// <summary>Bits before the IPv4 address in ::ffff:0:0/96 (RFC 4291 2.5.5.2).</summary>
    private const int MappedPrefix = 96;

    /// <summary>What <c>private</c> means: RFC 1918, RFC 4193 and loopback.</summary>
    public static readonly ImmutableArray<string> Private =
        ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128"];

    /// <summary>Reads a list that is not empty into canonical addresses and networks, in label order, each once.</summary>
    /// <param name="text">The list.</param>
    /// <param name="ranges">The ranges.</param>
    public static bool TryParse(string text, out ImmutableArray<string> ranges) =>
        TryParse(text, ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty, out ranges);

    /// <summary>Reads a list that may name lists of the operator, too.</summary>
    /// <param name="text">The list.</param>
    /// <param name="named">The operator's lists.</param>
    /// <param name="ranges">The ranges.</param>
    public static bool TryParse(string text, ImmutableSortedDictionary<string, ImmutableArray<string>> named, out ImmutableArray<string> ranges)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(named);
        var found = new List<string>();
        ranges = [];
        foreach (var item in ValueList.Split(text))
        {
            if (string.Equals(item, "private", StringComparison.OrdinalIgnoreCase))
                found.AddRange(Private);
            else if (Canonical(item) is { } range)
                found.Add(range);
            else if (named.TryGetValue(item, out var list))
                found.AddRange(list);
            else
                return false;
        }

        ranges = [.. found.Distinct(StringComparer.Ordinal)];
        return ranges.Length > 0;
    }

    private static string? Canonical(string item)
    {
        if (item.Contains('%', StringComparison.Ordinal))
            return null;
        var slash = item.IndexOf('/', StringComparison.Ordinal);
        var address = slash < 0 ? item : item[..slash];
        // 10.1 and 0x0a000001 are addresses to the BCL, but not to a person who reads an access list.
        if (!IPAddress.TryParse(address, out var parsed)
            || (!address.Contains(':', StringComparison.Ordinal) && parsed.ToString() != address))
            return null;
        var bits = parsed.GetAddressBytes().Length * 8;
        var length = bits;
        if (slash >= 0 && !Quantities.TryInteger(item[(slash + 1)..], 0, bits, out length))
            return null;
        // Clients that come by IPv4 are compared as IPv4, whatever the list calls them.
        if (parsed.IsIPv4MappedToIPv6 && length >= MappedPrefix)
            (parsed, length) = (parsed.MapToIPv4(), length - MappedPrefix);
        return slash < 0 ? parsed.ToString() : $"{Masked(parsed, length)}/{length}";
    }

    private static IPAddress Masked(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var index = 0; index < bytes.Length; index++)
        {
            var kept = Math.Clamp(length - (index * 8), 0, 8);
            bytes[index] &= (byte)(0xff << (8 - kept));
        }

        return new IPAddress(bytes);
    }
}
