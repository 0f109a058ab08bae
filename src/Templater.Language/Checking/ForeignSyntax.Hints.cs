using System.Globalization;

namespace Templater.Language;

internal sealed partial class ForeignSyntax
{
    // What the parser says in the right place, with what only a look around can add.
    private Diagnostic Completed(Diagnostic message)
    {
        if (!ReferenceEquals(message.Source, _source))
            return message;
        if (message.Id == "bad-escape")
            return message with { Span = EscapeIn(message) };
        if (message.Id != "syntax" || message.Hint.Length > 0)
            return message;
        var hint = message.Message switch
        {
            var text when text.StartsWith("expected \")\"", StringComparison.Ordinal) => OpenBracket(message.Span, TokenKind.OpenParenthesis, TokenKind.CloseParenthesis),
            var text when text.StartsWith("expected \"]\"", StringComparison.Ordinal) => OpenBracket(message.Span, TokenKind.OpenBracket, TokenKind.CloseBracket),
            var text when text.StartsWith("expected \"}\"", StringComparison.Ordinal) => OpenBracket(message.Span, TokenKind.OpenBrace, TokenKind.CloseBrace),
            var text when text.StartsWith("expected an expression", StringComparison.Ordinal) => MissingOperand(message.Span),
            _ => "",
        };
        return message with { Hint = hint };
    }

    // The parser names the string; the author looks for the backslash.
    private TextSpan EscapeIn(Diagnostic message)
    {
        var end = message.Message.IndexOf('"', 2);
        var escape = end > 1 ? message.Message[1..end] : "";
        var at = escape.Length > 1 ? _text.IndexOf(escape, message.Span.Start, message.Span.Length, StringComparison.Ordinal) : -1;
        return at < 0 ? message.Span : new TextSpan(at, escape.Length);
    }

    // A bracket that is missed was opened before, on the same line or another.
    private string OpenBracket(TextSpan place, TokenKind opening, TokenKind closing)
    {
        var depth = 0;
        for (var i = Before(place); i >= 0 && KindAt(i) != TokenKind.CodeEnter; i--)
        {
            depth += KindAt(i) == closing ? 1 : KindAt(i) == opening ? -1 : 0;
            if (depth < 0)
                return string.Create(CultureInfo.InvariantCulture, $"the {SyntaxFacts.Text(opening)} in column {_source.GetLineAndColumn(At(i).Start).Column} of line {LineOf(i)} is never closed");
        }
        return "";
    }

    private string MissingOperand(TextSpan place)
    {
        var before = KindAt(Before(place));
        if (before is TokenKind.Pipe or TokenKind.PipeGreater)
            return "name a function after the |, such as string.upcase";
        var text = SyntaxFacts.Text(before);
        return SyntaxFacts.Binary(before).Precedence > 0 || before is TokenKind.Equal or TokenKind.Comma or TokenKind.Colon ? $"a value is missing after {text}"
            : before == TokenKind.Identifier ? $"\"{TextAt(Before(place))}\" needs a value" : "";
    }

    private int Before(TextSpan place) => _tokens.FindLastIndex(token => token.Start < place.Start);
}
