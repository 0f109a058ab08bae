using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Templater.Pipeline.Routing.Names;

/// <summary>Reads one item of a host list into a <see cref="HostPattern"/> that the rest of the program may trust.</summary>
internal static class HostPatternParser
{
    /// <summary>Longest DNS name in characters (RFC 1035 2.3.4, without the root's dot).</summary>
    public const int MaxNameLength = 253;

    private const int MaxLabelLength = 63;

    private static readonly IdnMapping Idn = new() { AllowUnassigned = false, UseStd3AsciiRules = false };

    /// <summary>Reads one item.</summary>
    /// <param name="text">The item, without surrounding white space.</param>
    /// <param name="pattern">The pattern, when there is one.</param>
    /// <param name="complaint">What was expected, when there is none: a clause without a full stop.</param>
    public static bool TryParse(string text, out HostPattern pattern, out string complaint)
    {
        (pattern, complaint) = (Default, "");
        if (text == "*")
            return true;
        if (text.StartsWith('~'))
        {
            pattern = new HostPattern(HostMatch.Regex, text[1..]);
            // It could not match any host, and nginx warns about it at every start.
            var reason = text.Contains('/', StringComparison.Ordinal) ? "no host name has a slash" : RegexPattern.Complaint(text[1..]);
            return reason is null || Fail(reason, out complaint);
        }

        if (TryParseAddress(text) is { } address)
        {
            pattern = new HostPattern(HostMatch.Ip, address);
            return true;
        }

        var isWildcard = text.StartsWith("*.", StringComparison.Ordinal);
        if (TryParseName(isWildcard ? text[2..] : text, out var name, out complaint))
            pattern = isWildcard ? new HostPattern(HostMatch.Wildcard, "*." + name) : new HostPattern(HostMatch.Exact, name);
        if (complaint.Length == 0 && pattern.Text.Length > MaxNameLength)
            complaint = $"a host name has at most {MaxNameLength} characters";
        return complaint.Length == 0;
    }

    /// <summary>
    /// Reads one item of a dialect that also knows <c>name.*</c>, all names that begin like that: an expression for the rest of the
    /// program.
    /// </summary>
    /// <param name="text">The item, without surrounding white space.</param>
    /// <param name="pattern">The pattern, when there is one.</param>
    /// <param name="complaint">What was expected, when there is none: a clause without a full stop.</param>
    public static bool TryParseWithTrailing(string text, out HostPattern pattern, out string complaint)
    {
        if (!text.EndsWith(".*", StringComparison.Ordinal) || text.StartsWith('~'))
            return TryParse(text, out pattern, out complaint);
        pattern = Default;
        if (!TryParseName(text[..^2], out var name, out complaint))
            return false;
        pattern = new HostPattern(HostMatch.Regex, $"^{name.Replace(".", @"\.", StringComparison.Ordinal)}\\..+$");
        return true;
    }

    /// <summary>Reads a DNS name: lower case, punycode, without the trailing dot.</summary>
    /// <param name="text">The name.</param>
    /// <param name="name">Its canonical form.</param>
    /// <param name="complaint">What was expected, when it is no name.</param>
    public static bool TryParseName(string text, out string name, out string complaint)
    {
        name = text.EndsWith('.') ? text[..^1] : text;
        if (name.Contains("://", StringComparison.Ordinal) || name.Contains('/', StringComparison.Ordinal))
            return Fail("a host name was expected, without scheme and path", out complaint);
        if (name.LastIndexOf(':') is var colon and >= 0 && name[(colon + 1)..].All(char.IsAsciiDigit))
            return Fail("a host name was expected, without port", out complaint);
        if (!Ascii.IsValid(name) && !TryPunycode(ref name))
            return Fail("the name cannot be written in punycode", out complaint);
        name = name.ToLowerInvariant();
        if (name.Length is 0 or > MaxNameLength)
            return Fail($"a host name has 1 to {MaxNameLength} characters", out complaint);
        complaint = name.Split('.').Select(LabelComplaint).FirstOrDefault(found => found is not null) ?? "";
        // Proxies call the server of all unknown names "_".
        if (complaint.Length == 0 && !name.Any(char.IsAsciiLetterOrDigit))
            complaint = "a host name has a letter or a digit";
        if (complaint.Length == 0 && EndsInNumber(name))
            complaint = "this is neither a host name nor an address";
        return complaint.Length == 0;
    }

    private static readonly HostPattern Default = new(HostMatch.Default, "*");

    private static string? LabelComplaint(string label)
    {
        if (label.Length is 0 or > MaxLabelLength)
            return $"each part between dots has 1 to {MaxLabelLength} characters";
        if (label.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not '-' and not '_'))
            return "a host name was expected: letters, digits, - and _, joined by dots";
        return label[0] == '-' || label[^1] == '-' ? "no part of a host name begins or ends with -" : null;
    }

    /// <summary>Clients read a name whose last label is a number as an IPv4 address (URL standard, "ends in a number").</summary>
    private static bool EndsInNumber(string name)
    {
        var last = name[(name.LastIndexOf('.') + 1)..];
        return last.All(char.IsAsciiDigit)
            || (last.StartsWith("0x", StringComparison.Ordinal) && last[2..].All(char.IsAsciiHexDigit));
    }

    private static bool TryPunycode(ref string name)
    {
        // IdnMapping limits what it takes; a longer text cannot become a legal name anyway.
        if (name.Length > MaxNameLength || !Untrusted.IsReadable(name) || !name.EnumerateRunes().All(IsNameRune))
            return false;
        try
        {
            name = Idn.GetAscii(name.ToLowerInvariant());
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Letters, marks and digits (RFC 5892); IdnMapping without ICU data would also take symbols.</summary>
    private static bool IsNameRune(Rune rune) =>
        Rune.IsLetterOrDigit(rune) || rune.Value is '-' or '_' or '.'
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static string? TryParseAddress(string text)
    {
        var isBracketed = text.StartsWith('[') && text.EndsWith(']');
        var inner = isBracketed ? text[1..^1] : text;
        // A scope (%eth0) belongs to one machine and has no place in a Host header.
        if (inner.Contains('%', StringComparison.Ordinal) || !IPAddress.TryParse(inner, out var address))
            return null;
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            return $"[{address}]";
        // IPAddress also reads 10.1 and 0x7f000001; only the dotted form is meant here.
        return !isBracketed && string.Equals(address.ToString(), inner, StringComparison.Ordinal) ? inner : null;
    }

    private static bool Fail(string reason, out string complaint)
    {
        complaint = reason;
        return false;
    }

    /// <summary>The host name that was probably meant by a refused item; null when there is no telling.</summary>
    /// <param name="text">The refused item.</param>
    public static string? Suggest(string text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var rest = scheme >= 0 ? text[(scheme + 3)..] : text;
        var end = rest.IndexOfAny(['/', '?', '#', ':']);
        var candidate = end >= 0 ? rest[..end] : rest;
        return candidate.Length < text.Length && TryParseName(candidate, out var name, out _) ? name : null;
    }
}
