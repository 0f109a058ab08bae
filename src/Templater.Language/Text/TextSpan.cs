namespace Templater.Language;

/// <summary>A stretch of a source text, counted in UTF-16 characters.</summary>
/// <param name="Start">Index of the first character, from 0.</param>
/// <param name="Length">Number of characters, 0 or more.</param>
public readonly record struct TextSpan(int Start, int Length)
{
    /// <summary>Index just after the last character.</summary>
    public int End => Start + Length;

    /// <summary>The span from <paramref name="start"/> up to, not including, <paramref name="end"/>.</summary>
    public static TextSpan FromBounds(int start, int end) => new(start, Math.Max(0, end - start));
}
