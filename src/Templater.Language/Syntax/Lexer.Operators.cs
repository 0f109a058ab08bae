namespace Templater.Language;

internal sealed partial class Lexer
{
    // The longest operator that the text starts with wins.
    private static readonly (string Text, TokenKind Kind)[] Operators =
    [
        .. Enum.GetValues<TokenKind>()
            .Where(kind => kind is not (TokenKind.CodeEnter or TokenKind.CodeExit or TokenKind.OpenBrace or TokenKind.CloseBrace))
            .Select(kind => (SyntaxFacts.Text(kind) ?? "", kind))
            .Where(pair => pair.Item1.Length > 0)
            .OrderByDescending(pair => pair.Item1.Length),
    ];

    private void ReadOperator()
    {
        var start = _position;
        foreach (var (text, kind) in Operators)
        {
            if (string.CompareOrdinal(_text, start, text, 0, text.Length) != 0)
                continue;
            // "a ?.5:1" is no member access, and "?." before a bracket or name is.
            if (kind == TokenKind.QuestionDot && char.IsAsciiDigit(Peek(2)))
                continue;
            _position += text.Length;
            Add(kind, start);
            return;
        }
        _position += char.IsHighSurrogate(Current) && char.IsLowSurrogate(Peek(1)) ? 2 : 1;
        _diagnostics.BadCharacter(TextSpan.FromBounds(start, _position), _text[start.._position]);
        Add(TokenKind.Bad, start);
    }
}
