using System.Runtime.CompilerServices;

namespace Templater.Language;

/// <summary>Finds what can never run: statements behind a jump, branches of constant conditions, and what an earlier branch has taken.</summary>
internal sealed class FlowFinder
{
    private readonly SourceText _source;
    private readonly List<Diagnostic> _found = [];

    private readonly CallableNames _callable;

    private FlowFinder(SourceText source, CallableNames callable) => (_source, _callable) = (source, callable);

    /// <summary>Warnings about one source text.</summary>
    public static List<Diagnostic> Find(SourceText source, BlockSyntax tree, CallableNames callable)
    {
        var finder = new FlowFinder(source, callable);
        finder.Reaches(tree);
        return finder._found;
    }

    private void Add(TextSpan span, string id, string message, string hint)
    {
        if (_found.Count < DiagnosticBag.Most)
            _found.Add(new Diagnostic { Severity = DiagnosticSeverity.Warning, Id = id, Source = _source, Span = span, Message = message, Hint = hint });
    }

    // Whether what stands behind the block can be reached.
    private bool Reaches(BlockSyntax? block)
    {
        if (block is null || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            return true;
        StatementSyntax? jump = null;
        var isTold = false;
        foreach (var statement in block.Statements)
        {
            foreach (var expression in SyntaxParts.Expressions(statement))
                Look(expression);
            if (jump is not null && !isTold && SyntaxParts.IsVisible(statement, _source.Text))
            {
                isTold = true;
                Add(Visible(statement), "unreachable", "this is never reached", $"the \"{Word(jump)}\" in line {LineOf(jump.Span.Start)} ends the block");
            }
            if (!Reaches(statement))
                jump ??= statement;
        }
        return jump is null;
    }

    private string Word(StatementSyntax jump)
    {
        var start = jump.Span.Start;
        var end = start;
        while (end < _source.Text.Length && char.IsLetter(_source.Text[end]))
            end++;
        return _source.Text[start..end];
    }

    // Of text the first line that is not blank.
    private TextSpan Visible(StatementSyntax statement)
    {
        if (statement is not StatementSyntax.Text { Span: var span })
            return statement.Span;
        var text = _source.Text;
        var start = span.Start;
        while (char.IsWhiteSpace(text[start]))
            start++;
        var end = text.IndexOf('\n', start, span.End - start);
        return TextSpan.FromBounds(start, end < 0 ? span.End : end);
    }

    private bool Reaches(StatementSyntax statement)
    {
        switch (statement)
        {
            case StatementSyntax.Break or StatementSyntax.Continue or StatementSyntax.Return:
                return false;
            case StatementSyntax.If choice:
                return ReachesIf(choice);
            case StatementSyntax.Case choice:
                FindRepeated(choice);
                // All ways must be walked, whatever the first of them says.
                return choice.Whens.Select(when => Reaches(when.Body)).ToList().Contains(true) | (choice.Else is null || Reaches(choice.Else));
            case StatementSyntax.While loop:
                if (Constant(loop.Condition) == false)
                    Add(loop.Condition.Span, "constant-condition", "this condition is never true", "the loop never runs");
                Reaches(loop.Body);
                return true;
            case StatementSyntax.With with:
                return Reaches(with.Body);
            default:
                foreach (var block in SyntaxParts.Blocks(statement))
                    Reaches(block);
                return true;
        }
    }

    private bool ReachesIf(StatementSyntax.If choice)
    {
        var reaches = false;
        var asked = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < choice.Branches.Length; i++)
        {
            var (condition, body) = (choice.Branches[i].Condition, choice.Branches[i].Body);
            var isLast = i == choice.Branches.Length - 1 && choice.Else is null;
            if (Constant(condition) is { } value)
                Add(condition.Span, "constant-condition", $"this condition is {(value ? "always" : "never")} true",
                    !value ? "the lines below it are never used" : isLast ? "write the lines without it" : "what follows the \"else\" is never used");
            else if (Key(condition) is { } key && !asked.TryAdd(key, condition.Span.Start))
                Add(condition.Span, "repeated-condition", "this condition was asked before", $"line {LineOf(asked[key])} takes it");
            reaches |= Reaches(body);
        }
        return reaches | (choice.Else is null || Reaches(choice.Else));
    }

    private void FindRepeated(StatementSyntax.Case choice)
    {
        var handled = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var value in choice.Whens.SelectMany(static when => when.Values))
            if (Key(value) is { } key && !handled.TryAdd(key, value.Span.Start))
                Add(value.Span, "repeated-when", $"{_source.Slice(value.Span)} was handled before", $"line {LineOf(handled[key])} takes it");
    }

    private int LineOf(int position) => _source.GetLineAndColumn(position).Line;

    // Expressions of the same key have the same value; a call may give another result each time.
    private string? Key(ExpressionSyntax expression) => expression switch
    {
        ExpressionSyntax.Literal { Value.IsText: true } text => "'" + text.Value.AsText(),
        _ => HasCall(expression) ? null : _source.Slice(expression.Span),
    };

    private bool HasCall(ExpressionSyntax expression) =>
        !RuntimeHelpers.TryEnsureSufficientExecutionStack() || expression is ExpressionSyntax.Call or ExpressionSyntax.Pipe or ExpressionSyntax.Step or ExpressionSyntax.AnonymousFunction || _callable.MayCall(expression) || SyntaxParts.Children(expression).Any(HasCall);

    private void Look(ExpressionSyntax expression)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            return;
        if (expression is ExpressionSyntax.Object made)
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var member in made.Members)
                if (!names.Add(member.Name))
                    Add(member.Span, "repeated-member", $"\"{member.Name}\" is set twice", "the last one counts");
        }
        if (expression is ExpressionSyntax.Conditional choice && Constant(choice.Condition) is { } value)
            Add(choice.Condition.Span, "constant-condition", $"this condition is {(value ? "always" : "never")} true", "write only the value that is used");
        if (expression is ExpressionSyntax.AnonymousFunction function)
            Reaches(function.Function.Body);
        foreach (var child in SyntaxParts.Children(expression))
            Look(child);
    }

    // Only null and false count as false; null for what depends on anything.
    private static bool? Constant(ExpressionSyntax condition) => condition switch
    {
        ExpressionSyntax.Literal literal => !literal.Value.IsNull && !(literal.Value.Kind == ValueKind.Boolean && literal.Value.Bits == 0),
        ExpressionSyntax.Group group => Constant(group.Inner),
        ExpressionSyntax.List or ExpressionSyntax.Object => true,
        ExpressionSyntax.Unary { Operator: UnaryOperator.Not } not => !Constant(not.Operand),
        ExpressionSyntax.Binary { Operator: BinaryOperator.And } both when Constant(both.Left) == false || Constant(both.Right) == false => false,
        ExpressionSyntax.Binary { Operator: BinaryOperator.Or } either when Constant(either.Left) == true || Constant(either.Right) == true => true,
        _ => null,
    };
}
