using System.Buffers;

namespace Templater.Language;

internal sealed partial class ForeignSyntax
{
    private int _statement;

    private void Look(int index)
    {
        if (IsStatementStart(index))
            _statement = index;
        switch (KindAt(index))
        {
            case TokenKind.RawText when !IsEscaped(At(index)):
                LookInText(At(index));
                LookForHalfCode(At(index));
                break;
            case TokenKind.CodeEnter:
                LookForSections(index);
                break;
            case TokenKind.Identifier:
                LookAtWord(index);
                break;
            default:
                LookAtSign(index);
                break;
        }
    }

    // What stands in {%{ }%} is meant as it stands.
    private bool IsEscaped(Token raw)
    {
        var before = raw.Start - 1;
        if (before > 1 && _text[before] is '-' or '~')
            before--;
        return before > 0 && _text[before] == '{' && _text[before - 1] == '%';
    }

    // {% for x in y %} is text here, and would be written as it stands.
    private void LookInText(Token raw)
    {
        for (var at = _text.IndexOf("{%", raw.Start, StringComparison.Ordinal); at >= 0 && at < raw.End && !IsFull; at = _text.IndexOf("{%", at + 2, StringComparison.Ordinal))
        {
            var start = at + 2;
            while (start < raw.End && _text[start] is '-' or '+' or ' ' or '\t')
                start++;
            var end = start;
            while (end < raw.End && char.IsAsciiLetter(_text[end]))
                end++;
            if (!ForeignWords.IsPercentTag(_text[start..end]))
                continue;
            var line = _text.AsSpan(end, raw.End - end);
            line = line.IndexOf('\n') is >= 0 and var length ? line[..length] : line;
            var span = TextSpan.FromBounds(at, line.IndexOf("%}") is >= 0 and var close ? end + close + 2 : end);
            var severity = _format is null ? DiagnosticSeverity.Warning : DiagnosticSeverity.Error;
            Add(span, span, "{% %} is no code: this is copied to the output", $"write {{{{ {Here(_text[start..end])} }}}}", severity: severity);
        }
    }

    // { name }} prints nothing: code begins with two braces.
    private void LookForHalfCode(Token raw)
    {
        for (var end = _text.IndexOf("}}", raw.Start, StringComparison.Ordinal); end >= 0 && end < raw.End && !IsFull; end = _text.IndexOf("}}", end + 2, StringComparison.Ordinal))
        {
            var start = end == raw.Start ? -1 : _text.LastIndexOfAny(['{', '\n', '}'], end - 1, end - raw.Start);
            if (start >= 0 && _text[start] == '{' && IsPath(_text.AsSpan(start + 1, end - start - 1).Trim()))
                Add(TextSpan.FromBounds(start, end + 2), TextSpan.FromBounds(start, end + 2), "this is no code: it is copied to the output", "code begins with {{", severity: DiagnosticSeverity.Warning);
        }
    }

    private static bool IsPath(ReadOnlySpan<char> text) => text.Length > 0 && char.IsLetter(text[0]) && !text.ContainsAnyExcept(PathCharacters);

    private static readonly SearchValues<char> PathCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");

    private static string Here(string word) => word switch
    {
        "elif" or "elsif" => "else if ...",
        "set" or "assign" => "name = value",
        "macro" => "func name(a, b)",
        "extends" or "render" or "include" => "include \"file\"",
        "else" => "else",
        _ => word.StartsWith("end", StringComparison.Ordinal) ? "end" : $"{word} ...",
    };

    private bool? _hasSectionEnd;

    // Without one the comment may be meant as a comment.
    private bool HasSectionEnd => _hasSectionEnd ??= _text.Contains("{{/", StringComparison.Ordinal);

    // {{#each x}} is a comment here, {{/each}} an error, {{{x}}} an object.
    private void LookForSections(int index)
    {
        var at = At(index).End;
        foreach (var word in new[] { "each", "if", "unless", "with" })
        {
            if (string.CompareOrdinal(_text, at, "#" + word + " ", 0, word.Length + 2) == 0 && HasSectionEnd)
                Add(new TextSpan(at, word.Length + 1), new TextSpan(at, word.Length + 1), $"\"#{word}\" begins a comment, not a block", word == "unless" ? "write {{ if !(condition) }}" : $"write {{{{ {(word == "each" ? "for x in list" : word + " ...")} }}}}");
            if (string.CompareOrdinal(_text, at, "/" + word + "}}", 0, word.Length + 3) == 0)
                Add(index + 1, index + 2, $"\"/{word}\" closes no block", "write {{ end }}");
        }
        if (KindAt(index + 1) == TokenKind.OpenBrace && AreAdjacent(index) && KindAt(index + 2) == TokenKind.Identifier && KindAt(index + 3) is TokenKind.CloseBrace or TokenKind.Dot)
            Add(index + 1, index + 1, "code stands between two braces, not three", "write {{ ... }}");
    }

    private void LookAtWord(int index)
    {
        var word = TextAt(index);
        if (KindAt(index - 1) is TokenKind.Dot or TokenKind.QuestionDot || KindAt(index + 1) is TokenKind.Dot or TokenKind.QuestionDot || _declared.Contains(word))
            return;
        if (IsStatementStart(index))
            LookAtStatement(index, word);
        else if (word is "and" or "or" && EndsOperand(KindAt(index - 1)) && !IsCondition(index - 1))
            Add(index, index, $"there is no operator \"{word}\"", ForeignWords.Hint(word));
        else if (word is "not" && SyntaxFacts.StartsArgument(KindAt(index + 1)))
            Add(index, index, "there is no operator \"not\"", "write !");
        else if (word is "is" && EndsOperand(KindAt(index - 1)) && !IsCondition(index - 1))
            Add(index, index, "there is no operator \"is\"", "write ==", isSure: false);
    }

    private void LookAtStatement(int index, string word)
    {
        if (word == "for" && KindAt(index + 1) != TokenKind.Dot)
            LookAtLoop(index);
        else if (word == "end" && KindAt(index + 1) == TokenKind.Identifier)
            Add(index, index + 1, "\"end\" stands alone", "write {{ end }}");
        else if (ForeignWords.IsAssigning(word) && KindAt(index + 1) is TokenKind.Identifier or TokenKind.LocalName)
            Add(index, index, $"there is no statement \"{word}\"", $"write {TextAt(index + 1)} = ...");
        else if (word == "default" && KindAt(index + 1) is TokenKind.Colon or TokenKind.CodeExit)
            Add(index, index, "there is no statement \"default\"", "write else", isSure: false);
        else if (ForeignWords.Hint(word) is { Length: > 0 } hint && !SyntaxFacts.IsAssignment(KindAt(index + 1)))
            Add(index, index, $"there is no statement \"{word}\"", hint, isSure: false);
    }

    private void LookAtLoop(int index)
    {
        if (KindAt(index + 1) == TokenKind.OpenParenthesis)
            Add(index + 1, index + 1, "a loop is written without parentheses", "write for x in list");
        else if (KindAt(index + 2) == TokenKind.Comma)
            Add(index + 2, index + 2, "a loop has one variable", $"write for x in map, then x.key and x.value; the number of the turn is for.index");
        else if (KindAt(index + 2) == TokenKind.Equal || (KindAt(index + 2) == TokenKind.Identifier && TextAt(index + 2) is "of" or "from"))
            Add(index + 2, index + 2, "a loop goes through a list", $"write for {TextAt(index + 1)} in list, or in 1..10");
    }

    private void LookAtSign(int index)
    {
        var (kind, next) = (KindAt(index), KindAt(index + 1));
        switch (kind)
        {
            case TokenKind.Dot when next == TokenKind.Identifier && AreAdjacent(index) && BeginsExpression(index):
                Add(index, index + 1, "a member needs its object before the dot", $"write the object's name: x.{TextAt(index + 1)}");
                break;
            case TokenKind.Dot when KindAt(index - 1) is TokenKind.String && !AreAdjacent(index - 1) && !AreAdjacent(index):
                Add(index, index + 1, "texts are not joined by a dot", "write +");
                break;
            case TokenKind.Colon when next == TokenKind.Equal && AreAdjacent(index):
                Add(index, index + 1, "there is no \":=\"", "write =");
                break;
            case TokenKind.DoubleEqual or TokenKind.NotEqual when next == TokenKind.Equal && AreAdjacent(index):
                Add(index, index + 1, $"there is no \"{TextAt(index)}=\"", $"write {TextAt(index)}");
                break;
            case TokenKind.Less when next == TokenKind.Greater && AreAdjacent(index):
                Add(index, index + 1, "there is no \"<>\"", "write !=");
                break;
            case TokenKind.Minus when next == TokenKind.Greater && AreAdjacent(index):
                Add(index, index + 1, "there is no \"->\"", "a member is written x.name");
                break;
            case TokenKind.Equal when next == TokenKind.Greater && AreAdjacent(index):
                Add(index, index + 1, "there is no \"=>\"", "a function without a name is written @(do; ret $0; end)");
                break;
            case TokenKind.Equal when InCondition(index):
                Add(index, index, "\"=\" assigns and cannot stand in a condition", "to compare write ==");
                break;
            default:
                LookAtOtherSign(index);
                break;
        }
    }

    private static bool EndsOperand(TokenKind kind) => kind is TokenKind.Identifier or TokenKind.LocalName or TokenKind.Integer or TokenKind.HexInteger or TokenKind.Float
        or TokenKind.String or TokenKind.VerbatimString or TokenKind.InterpolatedWhole or TokenKind.InterpolatedEnd or TokenKind.CloseParenthesis or TokenKind.CloseBracket;

    private bool IsCondition(int index) => KindAt(index) == TokenKind.Identifier && TextAt(index) is "if" or "while" or "when" or "case" or "in" or "ret" or "with" or "import";

    private bool BeginsExpression(int index)
    {
        var before = KindAt(index - 1);
        if (before is TokenKind.Identifier)
            return !AreAdjacent(index - 1) && (IsCondition(index - 1) || ForeignWords.Hint(TextAt(index - 1)).Length > 0);
        return before is not TokenKind.End and not TokenKind.RawText and not TokenKind.CloseBrace and not TokenKind.Question and not TokenKind.Bad && !EndsOperand(before);
    }

    private bool InCondition(int index)
    {
        var first = _statement;
        return first < index && (IsWord(first, "if") || IsWord(first, "while") || IsWord(first, "case") || IsWord(first, "when") || (IsWord(first, "else") && IsWord(first + 1, "if")));
    }
}
