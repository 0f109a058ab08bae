namespace Templater.Language;

internal sealed partial class Lexer
{
    private void ReadOperator()
    {
        var start = _position;
        var (kind, length) = FindOperator();
        if (length > 0)
        {
            _position += length;
            Add(kind, start);
            return;
        }
        _position += char.IsHighSurrogate(Current) && char.IsLowSurrogate(Peek(1)) ? 2 : 1;
        _diagnostics.BadCharacter(TextSpan.FromBounds(start, _position), _text[start.._position]);
        Add(TokenKind.Bad, start);
    }

    // The longest operator here; length 0 if there is none. A switch, since a table would have to be made at each start of the program.
    private (TokenKind Kind, int Length) FindOperator() => (Current, Peek(1)) switch
    {
        ('.', '.') => Peek(2) switch { '.' => (TokenKind.TripleDot, 3), '<' => (TokenKind.DoubleDotLess, 3), _ => (TokenKind.DoubleDot, 2) },
        ('.', _) => (TokenKind.Dot, 1),
        ('?', '?') => Peek(2) == '=' ? (TokenKind.DoubleQuestionEqual, 3) : (TokenKind.DoubleQuestion, 2),
        ('?', '!') => (TokenKind.QuestionExclamation, 2),
        // "a ?.5:1" is no member access, and "?." before a bracket or name is.
        ('?', '.') when !char.IsAsciiDigit(Peek(2)) => (TokenKind.QuestionDot, 2),
        ('?', _) => (TokenKind.Question, 1),
        ('|', '|') => (TokenKind.DoublePipe, 2),
        ('|', '>') => (TokenKind.PipeGreater, 2),
        ('|', _) => (TokenKind.Pipe, 1),
        ('&', '&') => (TokenKind.DoubleAmpersand, 2),
        ('&', _) => (TokenKind.Ampersand, 1),
        ('=', '=') => (TokenKind.DoubleEqual, 2),
        ('=', _) => (TokenKind.Equal, 1),
        ('!', '=') => (TokenKind.NotEqual, 2),
        ('!', _) => (TokenKind.Exclamation, 1),
        ('<', '=') => (TokenKind.LessOrEqual, 2),
        ('<', '<') => (TokenKind.ShiftLeft, 2),
        ('<', _) => (TokenKind.Less, 1),
        ('>', '=') => (TokenKind.GreaterOrEqual, 2),
        ('>', '>') => (TokenKind.ShiftRight, 2),
        ('>', _) => (TokenKind.Greater, 1),
        _ => FindSign(),
    };

    private (TokenKind Kind, int Length) FindSign() => (Current, Peek(1)) switch
    {
        ('+', '+') => (TokenKind.PlusPlus, 2),
        ('+', '=') => (TokenKind.PlusEqual, 2),
        ('+', _) => (TokenKind.Plus, 1),
        ('-', '-') => (TokenKind.MinusMinus, 2),
        ('-', '=') => (TokenKind.MinusEqual, 2),
        ('-', _) => (TokenKind.Minus, 1),
        ('*', '=') => (TokenKind.AsteriskEqual, 2),
        ('*', _) => (TokenKind.Asterisk, 1),
        ('/', '/') => Peek(2) == '=' ? (TokenKind.DoubleSlashEqual, 3) : (TokenKind.DoubleSlash, 2),
        ('/', '=') => (TokenKind.SlashEqual, 2),
        ('/', _) => (TokenKind.Slash, 1),
        ('%', '=') => (TokenKind.PercentEqual, 2),
        ('%', _) => (TokenKind.Percent, 1),
        ('(', _) => (TokenKind.OpenParenthesis, 1),
        (')', _) => (TokenKind.CloseParenthesis, 1),
        ('[', _) => (TokenKind.OpenBracket, 1),
        (']', _) => (TokenKind.CloseBracket, 1),
        (';', _) => (TokenKind.Semicolon, 1),
        (',', _) => (TokenKind.Comma, 1),
        (':', _) => (TokenKind.Colon, 1),
        ('@', _) => (TokenKind.At, 1),
        ('^', _) => (TokenKind.Caret, 1),
        _ => (TokenKind.Bad, 0),
    };
}
