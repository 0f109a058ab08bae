using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>A parsed template, ready to be rendered any number of times, by several threads at once.</summary>
public sealed class Template
{
    // Another one takes its place when includes that have changed have filled it.
    private volatile TemplateProgram _program;

    private Template(TemplateProgram program)
    {
        _program = program;
    }

    /// <summary>Parses a template. Never throws on any text.</summary>
    /// <returns>The template, or null when there are errors, and all messages; with a <see cref="LanguageOptions.Root"/> those of the static check too.</returns>
    public static ParseResult Parse(SourceText source, LanguageOptions options) => Parse(source, options, isScript: false);

    internal static ParseResult Parse(SourceText source, LanguageOptions options, bool isScript)
    {
        var diagnostics = new DiagnosticBag(source);
        var tree = isScript ? Parser.ParseScript(source, diagnostics, options.Limits, options.Strict) : Parser.ParseTemplate(source, diagnostics, options.Limits, options.Strict);
        if (diagnostics.HasErrors)
            return new ParseResult(null, Explain(source, diagnostics.ToImmutable(), isParsed: false, options));
        var program = new TemplateProgram(source, tree, options);
        if (options.Root is null)
            return new ParseResult(new Template(program), []);
        var (found, reads) = Checker.Check(program);
        return new ParseResult(new Template(program) { Reads = reads }, Explain(source, found, isParsed: true, options));
    }

    // Where there is a model to check against there is an author to help; without one the parser's own places are wanted.
    private static ImmutableArray<Diagnostic> Explain(SourceText source, ImmutableArray<Diagnostic> messages, bool isParsed, LanguageOptions options) =>
        options.Root is null || source.Text.Length > options.Limits.SourceCharacters ? messages : ForeignSyntax.Explain(source, messages, isParsed, options.Format);

    /// <summary>Which members of the model it may read, with what it includes; without a <see cref="LanguageOptions.Root"/> all.</summary>
    public MemberReads Reads { get; private init; } = MemberReads.Unknown;

    /// <summary>Checks the template against the model's shape: unknown names and members, and text from containers that is printed unquoted.</summary>
    public ImmutableArray<Diagnostic> Check() => Checker.Check(_program).Messages;

    /// <summary>Renders the template. A pure function of template, model, options and time.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public RenderResult Render(TemplateObject model, CancellationToken cancellationToken = default)
    {
        var text = "";
        var result = Render(model, (output, _) => text = output.ToString(), cancellationToken);
        return result.Error is null ? result with { Text = text } : result;
    }

    /// <summary>Renders the template without making a string of its output, which may be megabytes at every render.</summary>
    /// <param name="model">The model.</param>
    /// <param name="use">Called once, if there is no error, with the output and the result, which has no text.</param>
    /// <param name="cancellationToken">Ends the render.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public RenderResult Render(TemplateObject model, OutputUse use, CancellationToken cancellationToken)
    {
        var program = _program;
        var result = program.Render(model, use, cancellationToken);
        if (program.IsFull)
            _program = new TemplateProgram(program.Source, program.Tree, program.Options);
        return result;
    }
}

/// <summary>Uses the output of a render.</summary>
/// <param name="output">The output; gone when the call has returned.</param>
/// <param name="result">Everything else about it.</param>
public delegate void OutputUse(ReadOnlySpan<char> output, RenderResult result);

/// <summary>The outcome of parsing.</summary>
/// <param name="Template">The template, or null when it has syntax errors. Errors of the static check leave it usable: the same mistakes show when it runs.</param>
/// <param name="Diagnostics">All messages, in the order of the text.</param>
public sealed record ParseResult(Template? Template, ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>Whether any message is an error.</summary>
    public bool HasErrors => Diagnostics.Any(d => d.Severity == DiagnosticSeverity.Error);
}
