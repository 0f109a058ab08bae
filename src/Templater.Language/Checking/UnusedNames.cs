using System.Runtime.CompilerServices;

namespace Templater.Language;

/// <summary>Finds captures, variables and functions that nothing reads. Says nothing where it cannot know all readers.</summary>
internal sealed class UnusedNames
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly HashSet<(SourceText Source, string Name)> _readLocals = [];
    private readonly List<Written> _written = [];
    private SourceText _source;
    private bool _isOpen;
    private int _withs;

    private sealed record Written(SourceText Source, string Name, TextSpan Span, string Id, string Kind);

    private UnusedNames(SourceText source) => _source = source;

    /// <summary>Warnings about a template.</summary>
    /// <param name="sources">The template, and all that it includes.</param>
    /// <param name="isOpen">Whether it may include more than that.</param>
    public static IEnumerable<Diagnostic> Find(IReadOnlyList<(SourceText Source, BlockSyntax Tree)> sources, bool isOpen)
    {
        var (main, tree) = sources[0];
        var names = new UnusedNames(main) { _isOpen = isOpen };
        foreach (var (source, block) in sources)
        {
            names._source = source;
            names.Walk(block);
        }
        // A template that only declares is there for others; what a part of another one sets may be read there.
        names._isOpen |= !tree.Statements.Any(statement => statement is not StatementSyntax.FunctionDeclaration and not StatementSyntax.Capture
            && SyntaxParts.IsVisible(statement, main.Text) && statement is not StatementSyntax.Expression { Value: ExpressionSyntax.Assignment });
        return names._written.Where(names.IsUnused).DistinctBy(static written => (written.Source, written.Name)).Select(static written => new Diagnostic
        {
            Severity = DiagnosticSeverity.Warning,
            Id = written.Id,
            Source = written.Source,
            Span = written.Span,
            Message = $"the {written.Kind} \"{written.Name}\" is never used",
            Hint = written.Kind switch
            {
                "capture" => $"print it by {{{{ {written.Name} }}}}, or remove it",
                "function" => "call it, or remove it",
                _ => "use it, or remove it",
            },
        });
    }

    private bool IsUnused(Written written) => written.Name.StartsWith('$')
        ? !_readLocals.Contains((written.Source, written.Name))
        : !_isOpen && ReferenceEquals(written.Source, _first) && !_read.Contains(written.Name);

    private SourceText? _first;

    private void Walk(BlockSyntax block)
    {
        _first ??= _source;
        foreach (var statement in block.Statements)
            Walk(statement);
    }

    private void Walk(StatementSyntax statement)
    {
        if (IsOutOfStack())
            return;
        switch (statement)
        {
            case StatementSyntax.Capture capture:
                Write(capture.Target, "unused-capture", "capture");
                break;
            case StatementSyntax.FunctionDeclaration declaration:
                Write(declaration.Target, "unused-function", "function");
                break;
            case StatementSyntax.For loop:
                Read(loop.Source);
                foreach (var option in new[] { loop.Options.Offset, loop.Options.Limit, loop.Options.Columns }.OfType<ExpressionSyntax>())
                    Read(option);
                break;
            case StatementSyntax.ReadOnly:
                break;
            default:
                foreach (var expression in SyntaxParts.Expressions(statement))
                    Read(expression);
                break;
        }
        // What is set inside "with" is a member of its object.
        var isWith = statement is StatementSyntax.With;
        _withs += isWith ? 1 : 0;
        foreach (var block in SyntaxParts.Blocks(statement))
            Walk(block);
        _withs -= isWith ? 1 : 0;
    }

    private void Write(ExpressionSyntax target, string id, string kind)
    {
        if (target is ExpressionSyntax.Local local)
            _written.Add(new Written(_source, local.Name, local.Span, id, kind));
        else if (target is ExpressionSyntax.Variable variable && _withs == 0)
            _written.Add(new Written(_source, variable.Name, variable.Span, id, kind));
        else
            Read(target);
    }

    // What is not looked at may read any name.
    private bool IsOutOfStack()
    {
        var isOut = !RuntimeHelpers.TryEnsureSufficientExecutionStack();
        _isOpen |= isOut;
        return isOut;
    }

    private void Read(ExpressionSyntax expression)
    {
        if (IsOutOfStack())
            return;
        switch (expression)
        {
            case ExpressionSyntax.Variable variable:
                _read.Add(variable.Name);
                return;
            case ExpressionSyntax.Local local:
                _readLocals.Add((_source, local.Name));
                return;
            case ExpressionSyntax.This:
                _isOpen = true;
                return;
            case ExpressionSyntax.Member { Target: ExpressionSyntax.Variable { Name: "object" }, Name: "eval" or "eval_template" }:
                _isOpen = true;
                return;
            case ExpressionSyntax.Assignment { Compound: null } assignment:
                Write(assignment.Target, "unused-variable", "variable");
                Read(assignment.Value);
                return;
            case ExpressionSyntax.AnonymousFunction function:
                Walk(function.Function.Body);
                return;
        }
        foreach (var child in SyntaxParts.Children(expression))
            Read(child);
    }
}
