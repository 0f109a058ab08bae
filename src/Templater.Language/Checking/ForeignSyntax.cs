using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>
/// Finds in the tokens of a template what other template languages write, and says what to write here instead. What it finds
/// takes the place of the messages that the parser or the check has about the same statement, which are only its consequences.
/// </summary>
internal sealed partial class ForeignSyntax
{
    private readonly SourceText _source;
    private readonly string _text;
    private readonly string? _format;
    private readonly List<Token> _tokens;
    private readonly HashSet<string> _declared = new(StringComparer.Ordinal);
    private readonly List<Found> _found = [];

    // IsSure: wrong whatever the rest of the template is. Otherwise a word may be a name of the template's own.
    private sealed record Found(Diagnostic Diagnostic, TextSpan Statement, bool IsSure);

    private ForeignSyntax(SourceText source, string? format)
    {
        _source = source;
        _text = source.Text;
        _format = format;
        using var tokens = Lexer.ReadTemplate(source, new DiagnosticBag(source));
        _tokens = tokens.ToList();
    }

    /// <summary>The messages of the parser or the check, with those explained that come from another language's habits.</summary>
    /// <param name="source">The template.</param>
    /// <param name="messages">What is known about it and its includes.</param>
    /// <param name="isParsed">Whether it could be parsed.</param>
    /// <param name="format">The file format that is written.</param>
    public static ImmutableArray<Diagnostic> Explain(SourceText source, ImmutableArray<Diagnostic> messages, bool isParsed, string? format)
    {
        var finder = new ForeignSyntax(source, format);
        finder.FindDeclared();
        for (var i = 0; i < finder._tokens.Count && !finder.IsFull; i++)
            finder.Look(i);
        if (!isParsed && !finder.FindOpenString(messages) && !finder.FindOpenCode())
            finder.MatchBlocks();
        var merged = finder.Merge(messages, isParsed);
        // What could not be parsed has an error, whatever was found out about it.
        return isParsed || merged.Any(static message => message.Severity == DiagnosticSeverity.Error) ? merged : messages;
    }

    private ImmutableArray<Diagnostic> Merge(ImmutableArray<Diagnostic> messages, bool isParsed)
    {
        var own = messages.Where(message => ReferenceEquals(message.Source, _source)).ToList();
        var kept = _found.Where(found => found.IsSure || !isParsed || own.Exists(message => found.Diagnostic.Span.Start == message.Span.Start)).ToList();
        // "end" belongs to which block is told by those that were counted here.
        var others = messages.Where(message => !ReferenceEquals(message.Source, _source) || !IsExplained(message, kept, isParsed));
        return [.. others.Select(Completed).Concat(kept.Select(static found => found.Diagnostic))
            .OrderBy(d => ReferenceEquals(d.Source, _source) ? 0 : 1).ThenBy(d => d.Path, StringComparer.Ordinal).ThenBy(d => d.Span.Start).ThenBy(d => d.Id, StringComparer.Ordinal)];
    }

    private static bool IsExplained(Diagnostic message, List<Found> kept, bool isParsed)
    {
        if (!isParsed && message.Id is "unclosed-block" or "unmatched-end")
            return true;
        if (message.Beginning is not null && kept.Exists(static found => found.Diagnostic.Id == "unterminated-string"))
            return true;
        return kept.Exists(found => isParsed
            ? message.Span.Start >= found.Diagnostic.Span.Start && message.Span.Start < found.Diagnostic.Span.End
            : message.Span.Start >= found.Statement.Start && message.Span.Start <= found.Statement.End);
    }

    // A missing quote turns all that follows inside out: the first text that swallows the end of its code is the one that lacks it.
    private bool FindOpenString(ImmutableArray<Diagnostic> messages)
    {
        if (messages.FirstOrDefault(static message => message.Beginning is not null)?.Beginning is not { } start)
            return false;
        var first = _tokens.FindIndex(token => token.Kind is TokenKind.String or TokenKind.VerbatimString && Swallows(_text.AsSpan(token.Start, token.End - token.Start)));
        var culprit = first >= 0 && At(first).Start < start ? At(first).Start : start;
        Add(new TextSpan(culprit, 1), TextSpan.FromBounds(culprit, _text.Length), "this string is never closed", "add the closing quote", id: "unterminated-string");
        return true;
    }

    // The same with "}" where "}}" is meant.
    private bool FindOpenCode()
    {
        var depth = 0;
        for (var i = 0; i < _tokens.Count; i++)
        {
            depth += KindAt(i) switch { TokenKind.OpenBrace => 1, TokenKind.CloseBrace => -1, TokenKind.CodeEnter => -depth, _ => 0 };
            if (depth >= 0)
                continue;
            Add(At(i).Span, TextSpan.FromBounds(StatementAround(i).Start, _text.Length), "this } closes nothing", "code ends with }}");
            return true;
        }
        return false;
    }

    private static bool Swallows(ReadOnlySpan<char> text) => text.IndexOf("}}") is >= 0 and var end && text[end..].Contains('\n');

    // ---- tokens

    private Token At(int index) => index >= 0 && index < _tokens.Count ? _tokens[index] : new Token(TokenKind.End, _text.Length, _text.Length);

    private TokenKind KindAt(int index) => At(index).Kind;

    private string TextAt(int index) => _text[At(index).Start..At(index).End];

    private bool IsWord(int index, string word) => KindAt(index) == TokenKind.Identifier && TextAt(index) == word;

    private bool AreAdjacent(int index) => At(index).End == At(index + 1).Start;

    private bool IsStatementStart(int index) => KindAt(index - 1) is TokenKind.CodeEnter or TokenKind.NewLine or TokenKind.Semicolon;

    private static bool EndsStatement(TokenKind kind) => kind is TokenKind.NewLine or TokenKind.Semicolon or TokenKind.CodeExit or TokenKind.End;

    private TextSpan StatementAround(int index)
    {
        var (first, last) = (index, index);
        while (first > 0 && !IsStatementStart(first))
            first--;
        while (!EndsStatement(KindAt(last)) && last < _tokens.Count)
            last++;
        return TextSpan.FromBounds(At(first).Start, At(last).Start);
    }

    private void FindDeclared()
    {
        for (var i = 0; i < _tokens.Count; i++)
        {
            if (KindAt(i) != TokenKind.Identifier)
                continue;
            var isAssigned = IsStatementStart(i) && SyntaxFacts.IsAssignment(KindAt(i + 1));
            var isNamed = KindAt(i - 1) == TokenKind.Identifier && TextAt(i - 1) is "func" or "capture" or "for" or "tablerow";
            var isParameter = KindAt(i - 1) is TokenKind.OpenParenthesis or TokenKind.Comma && KindAt(i + 1) is TokenKind.CloseParenthesis or TokenKind.Comma or TokenKind.Equal;
            if (isAssigned || isNamed || isParameter)
                _declared.Add(TextAt(i));
        }
    }

    private bool IsFull => _found.Count >= DiagnosticBag.Most;

    private void Add(int first, int last, string message, string hint, bool isSure = true)
    {
        var span = TextSpan.FromBounds(At(first).Start, At(last).End);
        // A statement may be as long as the template: its ends are looked for only when they are needed.
        if (!IsKnown(span))
            Add(span, StatementAround(first), message, hint, isSure);
    }

    private void Add(TextSpan span, TextSpan statement, string message, string hint, bool isSure = true, DiagnosticSeverity severity = DiagnosticSeverity.Error, string id = "foreign-syntax")
    {
        if (!IsKnown(span))
            _found.Add(new Found(new Diagnostic { Severity = severity, Id = id, Source = _source, Span = span, Message = message, Hint = hint }, statement, isSure));
    }

    private bool IsKnown(TextSpan span) => IsFull || _found.Exists(found => Covers(found, span));

    // One mistake is told once: a foreign statement covers what belongs to it.
    private static bool Covers(Found found, TextSpan span) =>
        (span.Start >= found.Diagnostic.Span.Start && span.Start < found.Diagnostic.Span.End)
        || (found.Diagnostic.Span.Start == found.Statement.Start && span.Start > found.Statement.Start && span.Start < found.Statement.End);
}
