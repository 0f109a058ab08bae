using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>A template with what it can call and include. Safe for several threads.</summary>
internal sealed class TemplateProgram
{
    private const int MostIncludes = 1000;

    private readonly ConcurrentDictionary<string, IncludedTemplate> _includes = new(StringComparer.Ordinal);

    private int _includeCount;

    // Made at the first render: who only parses or checks does not wait for it.
    private Body? _body;

    // What the last render used, for the next one. Renders that run at once, or inside each other, have one each.
    private RenderContext? _spare;

    public TemplateProgram(SourceText source, BlockSyntax tree, LanguageOptions options)
    {
        Source = source;
        Tree = tree;
        Options = options;
        Library = Library.With(options.Functions);
    }

    public SourceText Source { get; }

    public BlockSyntax Tree { get; }

    public LanguageOptions Options { get; }

    public Library Library { get; }

    public NameTable Names { get; } = new();

    /// <summary>Whether it holds more than a template and its includes need: includes that have changed again and again leave their names.</summary>
    public bool IsFull => _includeCount > MostIncludes;

    // Renders that begin at once may compile it twice; one of the two is kept.
    private Body Body => _body ?? Interlocked.CompareExchange(ref _body, Compiler.CompileTemplate(this, Names, Source, Tree, isMain: true), null) ?? _body;

    /// <summary>Finds and compiles an included template; null if there is none.</summary>
    public IncludedTemplate? LoadInclude(string name, string includedFrom)
    {
        if (Options.Loader?.Load(name, includedFrom) is not { } loaded)
            return null;
        // Compared, not hashed: mostly it is the same text, if not the same string.
        if (_includes.TryGetValue(loaded.Path, out var known) && known.Source.Text == loaded.Text)
            return known;
        return _includes[loaded.Path] = CompileInclude(new SourceText(loaded.Path, loaded.Text), isScript: false);
    }

    public IncludedTemplate CompileInclude(SourceText source, bool isScript)
    {
        Interlocked.Increment(ref _includeCount);
        var diagnostics = new DiagnosticBag(source);
        var tree = isScript ? Parser.ParseScript(source, diagnostics, Options.Limits, Options.Strict) : Parser.ParseTemplate(source, diagnostics, Options.Limits, Options.Strict);
        if (diagnostics.HasErrors)
            return new IncludedTemplate(source, tree, null, diagnostics.ToImmutable());
        return new IncludedTemplate(source, tree, Compiler.CompileTemplate(this, Names, source, tree, isMain: false), []);
    }

    /// <summary>Compiles a text that a template made, with the names of the render that did. The value of a script's last expression is its result.</summary>
    public IncludedTemplate CompileText(SourceText source, NameTable names, bool isScript)
    {
        var diagnostics = new DiagnosticBag(source);
        var tree = isScript ? Parser.ParseScript(source, diagnostics, Options.Limits, Options.Strict) : Parser.ParseTemplate(source, diagnostics, Options.Limits, Options.Strict);
        if (diagnostics.HasErrors)
            return new IncludedTemplate(source, tree, null, [.. diagnostics.ToImmutable().Where(d => d.Severity == DiagnosticSeverity.Error)]);
        if (isScript && tree.Statements is [.., StatementSyntax.Expression { Value: not ExpressionSyntax.Assignment } last])
            tree = tree with { Statements = tree.Statements.SetItem(tree.Statements.Length - 1, new StatementSyntax.Return(last.Span, last.Value)) };
        return new IncludedTemplate(source, tree, Compiler.CompileTemplate(this, names, source, tree, isMain: false), []);
    }

    public RenderResult Render(TemplateObject model, OutputUse use, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var context = Interlocked.Exchange(ref _spare, null) ?? new RenderContext(this);
        var isClean = false;
        try
        {
            context.Begin(model, cancellation);
            var body = Body;
            var frame = context.RentFrame(body, 0);
            body.Block.Execute(frame);
            context.ReturnFrame(frame);
            var result = new RenderResult { Provenance = context.Root.Provenance(), Stamps = context.Stamps };
            use(context.Root.Written(), result);
            isClean = true;
            return result;
        }
        catch (TemplateRuntimeException mistake)
        {
            return Failed(context, mistake);
        }
        catch (IncludeParseException broken)
        {
            return Failed(context, broken.Diagnostic);
        }
        catch (InsufficientExecutionStackException)
        {
            return Failed(context, RuntimeErrors.OutOfStack());
        }
        finally
        {
            context.ReleaseBuffers();
            if (isClean)
            {
                context.End();
                Volatile.Write(ref _spare, context);
            }
        }
    }

    private static RenderResult Failed(RenderContext context, TemplateRuntimeException mistake) => Failed(context, new Diagnostic
    {
        Severity = DiagnosticSeverity.Error,
        Id = mistake.Id,
        Source = context.Source,
        Span = mistake.Span ?? default,
        Message = mistake.Message,
        Hint = mistake.Hint,
    });

    private static RenderResult Failed(RenderContext context, Diagnostic diagnostic)
    {
        var includes = context.Includes.Select(call =>
        {
            var (line, column) = call.Source.GetLineAndColumn(call.Span.Start);
            return $"{call.Source.Path}:{line}:{column}";
        });
        return new RenderResult { Error = new RenderError(diagnostic with { IncludedFrom = [.. includes] }, context.Owner) };
    }
}

/// <summary>An included template, compiled, or its errors.</summary>
internal sealed record IncludedTemplate(SourceText Source, BlockSyntax Tree, Body? Body, ImmutableArray<Diagnostic> Errors)
{
    /// <summary>The first error; null when there is none.</summary>
    public Diagnostic? Error => Errors.FirstOrDefault(static message => message.Severity == DiagnosticSeverity.Error);
}
