using System.Text;

namespace Templater.Language;

/// <summary>A text that a function puts together: it stops as soon as the text is longer than one may be.</summary>
internal readonly struct BoundedText(FunctionCall call)
{
    // Long texts are changed in pieces, so that one which would become too long never is.
    private const int Piece = 64 * 1024;

    private readonly StringBuilder _text = new();

    private int Limit => call.Context.Limits.StringCharacters;

    public bool IsEmpty => _text.Length == 0;

    /// <summary>Adds a part.</summary>
    public void Add(ReadOnlySpan<char> part)
    {
        if (part.Length > Limit - _text.Length)
            throw RuntimeErrors.StringTooLong(Limit, call.Span);
        _text.Append(part);
    }

    public override string ToString() => _text.ToString();

    /// <summary>A text changed character by character, by a function that may make it several times as long.</summary>
    /// <param name="call">The call.</param>
    /// <param name="text">The text.</param>
    /// <param name="change">Changes a part of it. A character of two code units is in one part.</param>
    public static string Changed(FunctionCall call, string text, Func<string, string> change)
    {
        if (text.Length <= Piece)
            return change(text);
        var result = new BoundedText(call);
        for (var at = 0; at < text.Length;)
        {
            var end = Math.Min(at + Piece, text.Length);
            if (end < text.Length && char.IsHighSurrogate(text[end - 1]))
                end--;
            result.Add(change(text[at..end]));
            call.Context.CountText(end - at);
            at = end;
        }
        return result.ToString();
    }
}
