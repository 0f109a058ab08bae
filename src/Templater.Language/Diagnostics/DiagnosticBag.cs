using System.Collections.Immutable;
using System.Globalization;

namespace Templater.Language;

/// <summary>Collects the messages about one source text; one method for each message.</summary>
internal sealed class DiagnosticBag(SourceText source)
{
    /// <summary>More messages than this help nobody.</summary>
    public const int Most = 50;

    private readonly List<Diagnostic> _all = [];
    private readonly HashSet<(int, string, string)> _seen = [];

    public SourceText Source { get; } = source;

    public bool HasErrors { get; private set; }

    /// <summary>The messages as they were reported: what comes first may be the cause of what follows.</summary>
    public ImmutableArray<Diagnostic> ToImmutable() => [.. _all];

    /// <summary>Adds the messages of another pass over the same text, each before the first one here that is behind it.</summary>
    public void Merge(DiagnosticBag other)
    {
        foreach (var diagnostic in other._all)
        {
            var at = _all.FindIndex(d => d.Span.Start > diagnostic.Span.Start);
            _all.Insert(at < 0 ? _all.Count : at, diagnostic);
        }
        HasErrors |= other.HasErrors;
    }

    public void Error(TextSpan span, string id, string message, string hint = "") => Add(DiagnosticSeverity.Error, span, id, message, hint);

    public void Warning(TextSpan span, string id, string message, string hint = "") => Add(DiagnosticSeverity.Warning, span, id, message, hint);

    public void Add(Diagnostic diagnostic)
    {
        if (!_seen.Add((diagnostic.Span.Start, diagnostic.Id, diagnostic.Path)) || (HasErrors && _all.Count >= Most))
            return;
        HasErrors |= diagnostic.Severity == DiagnosticSeverity.Error;
        _all.Add(diagnostic);
    }

    // ---- lexing

    public void UnterminatedString(TextSpan span, int start) => Add(new Diagnostic
    {
        Severity = DiagnosticSeverity.Error,
        Id = "unterminated-string",
        Source = Source,
        Span = span,
        Message = $"the string that begins in {Place(start)} is never closed",
        Hint = "add the closing quote there",
        Beginning = start,
    });

    public void BadEscape(TextSpan span, string text) => Error(span, "bad-escape", $"\"{text}\" is not an escape sequence", "write \\\\ for a backslash, or the text between backticks: `...`");

    public void BadCharacter(TextSpan span, string text) => Error(span, "bad-character", $"\"{text}\" has no meaning here");

    public void BadNumber(TextSpan span, string text) => Error(span, "bad-number", $"\"{text}\" is not a number",
        text.Contains("e-", StringComparison.OrdinalIgnoreCase) && !text.Contains('.', StringComparison.Ordinal) ? "a whole number has no negative exponent: write a point, as in 1.0e-3" : "");

    public void IncompleteNumber(TextSpan span, string text) => Error(span, "bad-number", $"\"{text}\" is not a number: its digits are missing",
        char.ToLowerInvariant(text[^1]) is 'x' or 'b' ? "" : "write a blank between a number and a word");

    public void UnterminatedEscapeBlock(TextSpan span, string closing) => Error(span, "unclosed-escape-block", "this escape block is never closed", $"expected {closing}");

    // ---- parsing

    public void Expected(TextSpan span, string expected, string found) => Error(span, "syntax", $"expected {expected}, found {found}");

    public void ExpectedEndOfStatement(TextSpan span, string found) => Error(span, "syntax", $"expected the end of the statement, found {found}", "separate statements by a line break or ;");

    public void Unclosed(TextSpan span, string keyword, TextSpan opening) => Error(span, "unclosed-block", $"the \"{keyword}\" in {Place(opening.Start)} is never closed", "expected {{ end }}");

    public void UnmatchedEnd(TextSpan span, string keyword) => Error(span, "unmatched-end", $"\"{keyword}\" does not belong to any open block");

    public void ElseAfterElse(TextSpan span) => Error(span, "syntax", "nothing may follow the last \"else\" of a block but \"end\"");

    public void ElseBeforeWhen(TextSpan span) => Error(span, "syntax", "\"else\" of a \"case\" must stand behind a \"when\"");

    public void NotAssignable(TextSpan span) => Error(span, "not-assignable", "only a variable, a member or an element can be assigned");

    public void NotDirectFunction(TextSpan span, string text) => Error(span, "not-a-function", $"\"wrap\" needs a function's name, not \"{text}\"");

    public void LoopMember(TextSpan span, string loop, string name, IEnumerable<string> known) => Error(span, "unknown-member", $"\"{name}\" is not a member of \"{loop}\"", NearestName.Hint(name, known));

    public void AssignmentInside(TextSpan span) => Error(span, "assignment-inside", "an assignment is only allowed as a statement of its own", "to compare write ==");

    public void TooDeep(TextSpan span, int limit) => Error(span, "limit-parse-depth", $"the template is nested more than {limit} levels deep", RuntimeErrors.FixedLimit + "move the inner part into a function or an include");

    public void TooLong(int limit) => Error(new TextSpan(0, 0), "limit-source", $"the template has more than {limit} characters", RuntimeErrors.FixedLimit + "divide the template by include");

    public void NumberTooLong(TextSpan span) => Error(span, "limit-number", $"a number has more than {RenderLimits.NumberDigits} digits, or there are too many such long ones",
        RuntimeErrors.FixedLimit + "calculate it from shorter ones");

    public void DefaultNotLiteral(TextSpan span) => Error(span, "syntax", "the default value of a parameter must be a literal");

    public void ParameterOrder(TextSpan span) => Error(span, "syntax", "a parameter without default cannot follow one that has a default, and nothing can follow the last \"...\"");

    public void DuplicateParameter(TextSpan span, string name) => Error(span, "duplicate-parameter", $"the parameter \"{name}\" is declared twice");

    public void OutsideLoop(TextSpan span, string keyword) => Error(span, "outside-loop", $"\"{keyword}\" is only allowed inside a loop", "it ends a turn of for or while; ret ends a function or the template");

    public void UnknownLoopOption(TextSpan span, string name) => Error(span, "unknown-loop-option", $"\"{name}\" is not an option of this loop", NearestName.Hint(name, ["offset", "limit", "reversed", "cols"]));

    public void NamedArgumentTarget(TextSpan span) => Error(span, "syntax", "the colon after this would name an argument of a call, and cannot here", "between \"?\" and \":\" put the value in parentheses");

    private string Place(int position)
    {
        var (line, column) = Source.GetLineAndColumn(position);
        return string.Create(CultureInfo.InvariantCulture, $"line {line}, column {column},");
    }

    private void Add(DiagnosticSeverity severity, TextSpan span, string id, string message, string hint)
    {
        Add(new Diagnostic { Severity = severity, Id = id, Source = Source, Span = span, Message = message, Hint = hint });
    }
}
