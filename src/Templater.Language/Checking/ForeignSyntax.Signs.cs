namespace Templater.Language;

// Signs that other languages use, and this one does not.
internal sealed partial class ForeignSyntax
{
    private void LookAtOtherSign(int index)
    {
        var next = KindAt(index + 1);
        switch (KindAt(index))
        {
            case TokenKind.DoubleSlash when IsStatementStart(index):
            case TokenKind.Slash when IsStatementStart(index) && next == TokenKind.Asterisk && AreAdjacent(index):
                Add(TextSpan.FromBounds(At(index).Start, At(index).Start + 2), StatementAround(index), $"\"{_text.Substring(At(index).Start, 2)}\" begins no comment", "write {{ # text }}");
                break;
            case TokenKind.Dot when next != TokenKind.Identifier && (EndsStatement(next) || !AreAdjacent(index)) && BeginsExpression(index):
                Add(index, index, "the dot alone is no value", "write the name of the value");
                break;
            case TokenKind.Equal when KindAt(index - 1) == TokenKind.CodeEnter:
                Add(index, index, "a value is printed without \"=\"", "write {{ value }}");
                break;
            case TokenKind.Ampersand when EndsOperand(KindAt(index - 1)) && SyntaxFacts.StartsArgument(next):
            case TokenKind.Bad when _text[At(index).Start] == '~' && EndsOperand(KindAt(index - 1)):
                Add(index, index, $"there is no operator \"{TextAt(index)}\"", KindAt(index) == TokenKind.Bad ? "texts are joined by +" : "texts are joined by +, conditions by &&");
                break;
            case TokenKind.Colon when EndsStatement(next) && Header(index) is { } word:
                Add(index, index, $"no \":\" stands after \"{word}\"", "leave it out");
                break;
            default:
                LookAtQuote(index);
                break;
        }
    }

    private string? Header(int index)
    {
        var word = _statement < index ? TextAt(_statement) : "";
        return word is "if" or "else" or "for" or "while" or "case" or "when" or "func" or "with" or "capture" ? word : null;
    }

    // “x” comes out of a word processor.
    private void LookAtQuote(int index)
    {
        if (At(index).End - At(index).Start != 1 || IsKnown(At(index).Span) || _text[At(index).Start] is not ('“' or '”' or '‘' or '’' or '„' or '«'))
            return;
        var line = _text.IndexOf('\n', At(index).Start);
        var close = _text.IndexOfAny(['”', '“', '’', '‘', '»'], At(index).Start + 1, (line < 0 ? _text.Length : line) - At(index).Start - 1);
        Add(TextSpan.FromBounds(At(index).Start, close < 0 ? At(index).End : close + 1), StatementAround(index), "a text stands between straight quotes", "write \"...\" or '...'");
    }
}
