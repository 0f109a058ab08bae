using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>How bad a diagnostic is.</summary>
public enum DiagnosticSeverity
{
    /// <summary>The template can be rendered; the author should look.</summary>
    Warning,

    /// <summary>The template cannot be rendered.</summary>
    Error,
}

/// <summary>One message to a template's author, with the place it is about.</summary>
public sealed record Diagnostic
{
    /// <summary>How bad it is.</summary>
    public required DiagnosticSeverity Severity { get; init; }

    /// <summary>Stable name of this kind of message, such as <c>unknown-member</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The text that <see cref="Span"/> is a part of.</summary>
    public required SourceText Source { get; init; }

    /// <summary>The place.</summary>
    public required TextSpan Span { get; init; }

    /// <summary>What is wrong, without place and without full stop.</summary>
    public required string Message { get; init; }

    /// <summary>What may help, such as <c>did you mean "labels"?</c>; empty when there is nothing to say.</summary>
    public string Hint { get; init; } = "";

    /// <summary>The include calls that led here, innermost first, as <c>path:line:column</c>.</summary>
    public ImmutableArray<string> IncludedFrom { get; init; } = [];

    /// <summary>Where what is missing began, such as the quote of a string that never ends. Null for all other messages.</summary>
    internal int? Beginning { get; init; }

    /// <summary>Name of the template.</summary>
    public string Path => Source.Path;

    /// <summary>Line of the first character, from 1.</summary>
    public int Line => Source.GetLineAndColumn(Span.Start).Line;

    /// <summary>Column of the first character, from 1.</summary>
    public int Column => Source.GetLineAndColumn(Span.Start).Column;

    /// <summary>The message in one line: <c>path:line:column: error id: message</c>.</summary>
    public override string ToString() => DiagnosticFormatter.FormatLine(this);
}
