using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>A parsed template, ready to be rendered any number of times, by several threads at once.</summary>
public sealed class Template
{
    private readonly TemplateProgram _program;

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
        var tree = isScript ? Parser.ParseScript(source, diagnostics, options.Limits) : Parser.ParseTemplate(source, diagnostics, options.Limits);
        if (diagnostics.HasErrors)
            return new ParseResult(null, diagnostics.ToImmutable());
        var template = new Template(new TemplateProgram(source, tree, options));
        var messages = options.Root is null ? [] : template.Check();
        return new ParseResult(template, messages);
    }

    /// <summary>Checks the template against the model's shape: unknown names and members, and text from containers that is printed unquoted.</summary>
    public ImmutableArray<Diagnostic> Check() => Checker.Check(_program);

    /// <summary>Renders the template. A pure function of template, model, options and time.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public RenderResult Render(TemplateObject model, CancellationToken cancellationToken = default) => _program.Render(model, cancellationToken);
}

/// <summary>The outcome of parsing.</summary>
/// <param name="Template">The template, or null when it has syntax errors. Errors of the static check leave it usable: the same mistakes show when it runs.</param>
/// <param name="Diagnostics">All messages, in the order of the text.</param>
public sealed record ParseResult(Template? Template, ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>Whether any message is an error.</summary>
    public bool HasErrors => Diagnostics.Any(d => d.Severity == DiagnosticSeverity.Error);
}
