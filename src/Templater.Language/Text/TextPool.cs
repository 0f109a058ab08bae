namespace Templater.Language;

/// <summary>Short texts that were made before: a template has the same names again and again, and the next render makes nearly the same texts.</summary>
/// <remarks>
/// It holds texts alone: what is known about a value, such as its taint, is not here, and no result depends on what it holds.
/// Bounded in number and length. Used by one thread.
/// </remarks>
internal sealed class TextPool
{
    private const int FirstSize = 256;
    private const int MostTexts = 65_536;
    private const int LongestText = 200;

    // Each text has two places; the one that was not used last makes room.
    private string?[] _texts = new string?[FirstSize];
    private int _made;

    /// <summary>A text of these characters.</summary>
    public string Get(ReadOnlySpan<char> text)
    {
        if (text.Length == 0)
            return "";
        if (text.Length > LongestText)
            return text.ToString();
        var first = string.GetHashCode(text) & (_texts.Length - 1);
        var second = first ^ 1;
        if (_texts[first] is { } known && text.SequenceEqual(known))
            return known;
        if (_texts[second] is { } other && text.SequenceEqual(other))
        {
            (_texts[first], _texts[second]) = (other, _texts[first]);
            return other;
        }
        if (++_made > _texts.Length / 2 && _texts.Length < MostTexts)
            return Grow(text);
        _texts[second] = _texts[first];
        return _texts[first] = text.ToString();
    }

    /// <summary>One text after the other.</summary>
    public string Join(string left, string right)
    {
        if (left.Length == 0)
            return right;
        if (right.Length == 0)
            return left;
        if (left.Length + right.Length > LongestText)
            return left + right;
        Span<char> joined = stackalloc char[LongestText];
        left.CopyTo(joined);
        right.CopyTo(joined[left.Length..]);
        return Get(joined[..(left.Length + right.Length)]);
    }

    /// <summary>The text with each occurrence of another one replaced, by code units.</summary>
    public string Replace(string text, string match, string by)
    {
        var at = text.IndexOf(match, StringComparison.Ordinal);
        if (at < 0)
            return text;
        Span<char> replaced = stackalloc char[LongestText];
        var (from, length) = (0, 0);
        while (at >= 0)
        {
            if (length + (at - from) + by.Length > LongestText)
                return text.Replace(match, by, StringComparison.Ordinal);
            text.AsSpan(from, at - from).CopyTo(replaced[length..]);
            length += at - from;
            by.CopyTo(replaced[length..]);
            length += by.Length;
            from = at + match.Length;
            at = text.IndexOf(match, from, StringComparison.Ordinal);
        }
        if (length + (text.Length - from) > LongestText)
            return text.Replace(match, by, StringComparison.Ordinal);
        text.AsSpan(from).CopyTo(replaced[length..]);
        return Get(replaced[..(length + text.Length - from)]);
    }

    private string Grow(ReadOnlySpan<char> text)
    {
        var former = _texts;
        _texts = new string?[former.Length * 4];
        _made = 0;
        foreach (var kept in former)
            if (kept is not null)
                _texts[string.GetHashCode(kept) & (_texts.Length - 1)] = kept;
        return _texts[string.GetHashCode(text) & (_texts.Length - 1)] = text.ToString();
    }
}
