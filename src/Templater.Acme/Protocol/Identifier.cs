using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Templater.Acme.Protocol;

/// <summary>
/// What a certificate is for: RFC 8555 section 7.1.3, "type (required, string): The type of identifier" and "value (required,
/// string): The identifier itself". Made by <see cref="Dns"/>, <see cref="Ip"/> or <see cref="Parse"/> it is in the one form
/// that CAs compare: lower-case A-labels without a trailing dot (section 7.1.4), an address as RFC 8738 section 3 writes it.
/// </summary>
/// <param name="Type"><see cref="DnsType"/>, <see cref="IpType"/>, or one that this version does not know.</param>
/// <param name="Value">The name or address. In an order a wildcard begins with <c>*.</c>; in an authorization that is left out.</param>
public sealed record Identifier(string Type, string Value)
{
    /// <summary>A name of the DNS (RFC 8555 section 9.7.7).</summary>
    public const string DnsType = "dns";

    /// <summary>An address (RFC 8738 section 3).</summary>
    public const string IpType = "ip";

    /// <summary>Most characters of a name (RFC 1035 section 3.1, without the length bytes).</summary>
    public const int MaxNameLength = 253;

    /// <summary>Most characters of one label (RFC 1035 section 3.1).</summary>
    public const int MaxLabelLength = 63;

    private const string WildcardLabel = "*.";

    /// <summary>Whether it stands for every name one label below (RFC 8555 section 7.1.3: "Wildcard domain names (with "*" as the first label)").</summary>
    public bool IsWildcard => Type == DnsType && Value.StartsWith(WildcardLabel, StringComparison.Ordinal);

    /// <summary>The name that is validated for it: a wildcard's without <c>*.</c> (RFC 8555 section 7.1.4), else the value.</summary>
    public string BaseName => IsWildcard ? Value[WildcardLabel.Length..] : Value;

    /// <summary>A name, in lower case and with A-labels; <c>*.</c> may be in front.</summary>
    /// <param name="name">The name; a dot at its end is left out.</param>
    /// <exception cref="ArgumentException">No name that a CA would take; the message says why.</exception>
    public static Identifier Dns(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var trimmed = name.EndsWith('.') ? name[..^1] : name;
        var isWildcard = trimmed.StartsWith(WildcardLabel, StringComparison.Ordinal);
        var ascii = ToAscii(isWildcard ? trimmed[WildcardLabel.Length..] : trimmed, name);
        var value = isWildcard ? WildcardLabel + ascii : ascii;
        if (Mistake(ascii) is { } mistake)
            throw new ArgumentException($"'{name}' is no name for a certificate: {mistake}", nameof(name));
        return new(DnsType, value);
    }

    /// <summary>An address.</summary>
    /// <param name="address">IPv4 or IPv6 without a scope.</param>
    public static Identifier Ip(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        // RFC 8738 section 3: IPv6 in the form of RFC 5952, which is the one .NET writes; a scope has no place in it.
        var plain = address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress(address.GetAddressBytes()) : address;
        return new(IpType, plain.ToString());
    }

    /// <summary>An address where the text is one, else a name.</summary>
    /// <param name="text">For example <c>www.example.org</c>, <c>*.example.org</c>, <c>192.0.2.1</c> or <c>2001:db8::1</c>.</param>
    /// <exception cref="ArgumentException">Neither.</exception>
    public static Identifier Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // IPAddress.TryParse takes "1" and "0x7f.1" too: only what comes out as it went in is an address.
        return IPAddress.TryParse(text, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text)
            ? Ip(address)
            : Dns(text);
    }

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static string ToAscii(string name, string whole)
    {
        try
        {
            return new IdnMapping().GetAscii(name.ToLowerInvariant());
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"'{whole}' is no name for a certificate: a label is empty, too long or has characters that no name can have", nameof(name), exception);
        }
    }

    // Said here so that one bad label does not cost an order: CAs refuse these (RFC 5890 section 2.3.1, letters, digits, hyphens).
    private static string? Mistake(string name)
    {
        if (name.Length > MaxNameLength)
            return $"it has more than {MaxNameLength} characters";
        var labels = name.Split('.');
        foreach (var label in labels)
        {
            if (label.Length is 0 or > MaxLabelLength)
                return $"a label must have 1 to {MaxLabelLength} characters";
            if (label[0] == '-' || label[^1] == '-')
                return $"the label '{label}' begins or ends with a hyphen";
            if (label.FirstOrDefault(character => !char.IsAsciiLetterOrDigit(character) && character != '-') is var other and not '\0')
                return $"'{other}' is not allowed in it";
        }

        // One label alone is let through: a CA of one's own signs such names.
        return labels[^1].All(char.IsAsciiDigit) ? "its last label is a number" : null;
    }
}
