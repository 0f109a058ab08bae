using System.Collections.Immutable;
using Templater.Language;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering.Templates;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Rendering;

/// <summary>The outcome of loading an output's template.</summary>
/// <param name="Renderer">What renders it; null when the template cannot be used.</param>
/// <param name="Findings">What the operator should know, with file, line and column.</param>
/// <param name="Diagnostics">The same for an author, with the lines of the source.</param>
public sealed record TemplateLoad(OutputRenderer? Renderer, ImmutableArray<Finding> Findings, ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>The format that the setting, the first line or the suffix names; null when none does, or the file cannot be read.</summary>
    public string? Format { get; init; }

    /// <summary>
    /// Files on the disk beside the template whose change asks for another load: everything that it includes or would, there or
    /// not. Grows while the template renders. Safe for several threads.
    /// </summary>
    public IReadOnlyCollection<string> IncludedFiles => Includes?.Paths ?? [];

    internal IncludeLoader? Includes { get; init; }
}

/// <summary>The outcome of rendering one output.</summary>
public sealed record OutputRendering
{
    /// <summary>The file; null when the template failed, and then the last good file stays.</summary>
    public RenderedFile? File { get; init; }

    /// <summary>What was routed, without the quarantined containers.</summary>
    public required RoutingResult Routing { get; init; }

    /// <summary>Findings of routing and rendering.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];

    /// <summary>Mistakes of the template, with the lines of the source.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; init; } = [];

    /// <summary>
    /// Containers that this render left out because the template failed on them, with the reason; those that the
    /// snapshot quarantined already are not repeated.
    /// </summary>
    public ImmutableSortedDictionary<string, string> Quarantined { get; init; } = Ordinal.Empty;
}
