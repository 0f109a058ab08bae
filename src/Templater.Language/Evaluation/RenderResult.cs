using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>A stretch of the output that comes from one model object.</summary>
/// <param name="Start">Index of the first character in the output.</param>
/// <param name="Length">Number of characters.</param>
/// <param name="Owner">The innermost owner that was at work while it was written.</param>
public readonly record struct ProvenanceSpan(int Start, int Length, TemplateObject Owner);

/// <summary>Why a render failed.</summary>
/// <param name="Diagnostic">Message and place.</param>
/// <param name="Owner">The innermost owner at work, or null if the mistake is the template's alone.</param>
public sealed record RenderError(Diagnostic Diagnostic, TemplateObject? Owner);

/// <summary>The outcome of a render: an output or an error.</summary>
public sealed record RenderResult
{
    /// <summary>The output; null when there is an error, or when it was used without making a string of it.</summary>
    public string? Text { get; init; }

    /// <summary>The error; null when there is an output.</summary>
    public RenderError? Error { get; init; }

    /// <summary>
    /// Where the text named by <see cref="LanguageOptions.Stamp"/> begins in the output, in ascending order. Null when the template did
    /// more with it than print it: then only another render with another value tells what comes of that.
    /// </summary>
    public ImmutableArray<int>? Stamps { get; init; } = [];

    /// <summary>Which parts come from which owner: ordered, not overlapping. Parts of no owner are left out.</summary>
    public ImmutableArray<ProvenanceSpan> Provenance { get; init; } = [];
}
