namespace Templater.Language;

/// <summary>A token: a kind and the characters it covers.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Index of its first character.</param>
/// <param name="End">Index after its last character.</param>
/// <param name="Word">What an identifier means to the parser.</param>
internal readonly record struct Token(TokenKind Kind, int Start, int End, Word Word = Word.None)
{
    public TextSpan Span => TextSpan.FromBounds(Start, End);
}
