namespace Templater.Language;

/// <summary>The names that may stand for a function, so that naming them calls it: each time with another result, perhaps.</summary>
internal sealed class CallableNames
{
    private readonly HashSet<string> _callable = new(StringComparer.Ordinal);
    private readonly HashSet<string> _set = new(StringComparer.Ordinal);
    private readonly HashSet<string> _parameters = new(StringComparer.Ordinal);
    private readonly TemplateProgram _program;
    private readonly bool _isOpen;
    private bool _passesFunctions;

    /// <summary>Looks through a template and all that it includes.</summary>
    /// <param name="program">The template.</param>
    /// <param name="sources">Its text and the included ones.</param>
    /// <param name="isOpen">Whether it may include more than that, which may declare functions too.</param>
    public CallableNames(TemplateProgram program, IEnumerable<BlockSyntax> sources, bool isOpen)
    {
        _program = program;
        _isOpen = isOpen;
        foreach (var tree in sources)
            Collect(tree);
        if (_passesFunctions)
            _callable.UnionWith(_parameters);
    }

    /// <summary>Whether a bare name or member may be a call.</summary>
    public bool MayCall(ExpressionSyntax expression) => expression switch
    {
        ExpressionSyntax.Variable variable => _callable.Contains(variable.Name) || IsFunction(variable.Name) || (_isOpen && !IsKnown(variable.Name)),
        ExpressionSyntax.Local local => _callable.Contains(local.Name),
        ExpressionSyntax.Member { Target: ExpressionSyntax.Variable target } member => _callable.Contains(member.Name) || IsFunction(target.Name, member.Name),
        ExpressionSyntax.Member member => _callable.Contains(member.Name),
        ExpressionSyntax.Index => _callable.Count > 0,
        _ => false,
    };

    private bool IsFunction(string name) => _program.Library.TryGet(name, out var value) && value.AsFunction() is not null;

    private bool IsFunction(string library, string name) =>
        _program.Library.TryGet(library, out var value) && value.AsObject() is { } functions && functions.TryGet(name, out var function) && function.AsFunction() is not null;

    private bool IsKnown(string name) => _set.Contains(name) || _program.Options.Root?.IndexOf(name) >= 0 || _program.Library.TryGet(name, out _);

    // Trees may be deeper than the stack.
    private void Collect(BlockSyntax tree)
    {
        var blocks = new Stack<BlockSyntax>([tree]);
        var expressions = new Stack<ExpressionSyntax>();
        while (blocks.TryPop(out var block))
        {
            foreach (var statement in block.Statements)
            {
                Note(statement);
                foreach (var expression in SyntaxParts.Expressions(statement))
                    expressions.Push(expression);
                while (expressions.TryPop(out var expression))
                {
                    Note(expression, blocks);
                    foreach (var child in SyntaxParts.Children(expression))
                        expressions.Push(child);
                }
                foreach (var inner in SyntaxParts.Blocks(statement))
                    blocks.Push(inner);
            }
        }
    }

    private void Note(StatementSyntax statement)
    {
        switch (statement)
        {
            case StatementSyntax.FunctionDeclaration declaration:
                Note(declaration.Target, isCallable: true);
                Note(declaration.Function);
                break;
            case StatementSyntax.For loop:
                Note(loop.Variable, HoldsFunction(loop.Source));
                break;
            case StatementSyntax.Capture capture:
                Note(capture.Target, isCallable: false);
                break;
        }
    }

    private void Note(ExpressionSyntax expression, Stack<BlockSyntax> blocks)
    {
        switch (expression)
        {
            case ExpressionSyntax.Assignment assignment:
                Note(assignment.Target, HoldsFunction(assignment.Value));
                break;
            case ExpressionSyntax.Object made:
                foreach (var member in made.Members)
                    if (HoldsFunction(member.Value))
                        _callable.Add(member.Name);
                break;
            case ExpressionSyntax.Call call:
                _passesFunctions |= call.Arguments.Any(static argument => HoldsFunction(argument.Value));
                break;
            case ExpressionSyntax.AnonymousFunction anonymous:
                Note(anonymous.Function);
                blocks.Push(anonymous.Function.Body);
                break;
        }
    }

    private void Note(FunctionSyntax function)
    {
        foreach (var parameter in function.Parameters ?? [])
        {
            _parameters.Add(parameter.Name);
            _set.Add(parameter.Name);
        }
    }

    private void Note(ExpressionSyntax target, bool isCallable)
    {
        var name = target switch
        {
            ExpressionSyntax.Variable variable => variable.Name,
            ExpressionSyntax.Local local => local.Name,
            ExpressionSyntax.Member member => member.Name,
            _ => "",
        };
        if (isCallable)
            _callable.Add(name);
        else if (target is ExpressionSyntax.Variable)
            _set.Add(name);
    }

    private static bool HoldsFunction(ExpressionSyntax value) => value switch
    {
        ExpressionSyntax.AnonymousFunction or ExpressionSyntax.Unary { Operator: UnaryOperator.Alias } => true,
        ExpressionSyntax.Group group => HoldsFunction(group.Inner),
        ExpressionSyntax.Conditional choice => HoldsFunction(choice.Consequent) || HoldsFunction(choice.Alternative),
        ExpressionSyntax.List list => list.Items.Any(HoldsFunction),
        ExpressionSyntax.Object made => made.Members.Any(static member => HoldsFunction(member.Value)),
        _ => false,
    };
}
