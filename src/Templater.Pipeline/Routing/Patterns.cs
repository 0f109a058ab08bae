using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing;

/// <summary>How a host pattern selects requests.</summary>
public enum HostMatch
{
    /// <summary>One DNS name.</summary>
    Exact,
    /// <summary><c>*.example.com</c>: any name below a parent.</summary>
    Wildcard,
    /// <summary>A regular expression over the whole name.</summary>
    Regex,
    /// <summary>An IPv4 or IPv6 address.</summary>
    Ip,
    /// <summary>Every name that nobody else claims.</summary>
    Default,
}

/// <summary>
/// What a request's host must look like. For <see cref="HostMatch.Exact"/>, <see cref="HostMatch.Wildcard"/> and
/// <see cref="HostMatch.Ip"/> the text is validated, lower case, punycode, without trailing dot and safe to print
/// anywhere; for <see cref="HostMatch.Regex"/> it is the untrusted expression without the leading <c>~</c>; for
/// <see cref="HostMatch.Default"/> it is <c>*</c>.
/// </summary>
/// <param name="Match">The kind of pattern.</param>
/// <param name="Text">The pattern.</param>
public sealed record HostPattern(HostMatch Match, string Text)
{
    /// <summary>Reads a host as containers of any dialect claim it.</summary>
    /// <param name="text">The text, without surrounding white space.</param>
    /// <param name="pattern">The pattern, when there is one.</param>
    /// <returns>What was expected when there is none, as a sentence; null when there is one.</returns>
    public static string? TryParse(string text, out HostPattern pattern) =>
        HostPatternParser.TryParseWithTrailing(text, out pattern, out var complaint) ? null : $"{char.ToUpperInvariant(complaint[0])}{complaint[1..]}.";

    /// <inheritdoc/>
    public override string ToString() => Match == HostMatch.Regex ? "~" + Text : Text;
}

/// <summary>How a path selects requests.</summary>
public enum PathMatch
{
    /// <summary>A prefix on segment borders; <c>/</c> matches everything.</summary>
    Prefix,
    /// <summary>The whole path.</summary>
    Exact,
    /// <summary>A regular expression.</summary>
    Regex,
}

/// <summary>What a request's path must look like; the text is untrusted and must be quoted.</summary>
/// <param name="Match">The kind of pattern.</param>
/// <param name="Text">Begins with <c>/</c> unless it is a regular expression.</param>
public sealed record PathPattern(PathMatch Match, string Text)
{
    /// <summary>True for a prefix that may end within a segment: <c>/app</c> also matches <c>/application</c>.</summary>
    public bool IsRaw { get; init; }

    /// <summary>
    /// True for a prefix that is tried before the regular expressions. The same path without that is the same place, so this
    /// is no part of equality.
    /// </summary>
    public bool BeatsRegex { get; init; }

    /// <inheritdoc/>
    public bool Equals(PathPattern? other) => other is not null && Match == other.Match && Text == other.Text && IsRaw == other.IsRaw;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Match, Text, IsRaw);

    /// <summary>Matches every path.</summary>
    public static readonly PathPattern Root = new(PathMatch.Prefix, "/");
}
