namespace Templater.Language;

internal sealed partial class Lexer
{
    // By first character; the longest operator that the text starts with wins.
    private static readonly (string Text, TokenKind Kind)[][] Operators = GroupOperators();

    private static (string Text, TokenKind Kind)[][] GroupOperators()
    {
        var operators = Enum.GetValues<TokenKind>()
            .Where(kind => kind is not (TokenKind.CodeEnter or TokenKind.CodeExit or TokenKind.OpenBrace or TokenKind.CloseBrace))
            .Select(kind => (Text: SyntaxFacts.Text(kind) ?? "", Kind: kind))
            .Where(pair => pair.Text.Length > 0)
            .OrderByDescending(pair => pair.Text.Length)
            .ToLookup(pair => pair.Text[0]);
        return [.. Enumerable.Range(0, 128).Select(first => operators[(char)first].ToArray())];
    }

    private void ReadOperator()
    {
        var start = _position;
        foreach (var (text, kind) in Current < Operators.Length ? Operators[Current] : [])
        {
            if (!_text.AsSpan(start).StartsWith(text))
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
