using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>Finds what can never run: statements behind a jump, branches of constant conditions, and what an earlier branch has taken.</summary>
internal sealed class FlowFinder
{
    private readonly SourceText _source;
    private readonly List<Diagnostic> _found = [];

    private FlowFinder(SourceText source) => _source = source;

    /// <summary>Warnings about one source text.</summary>
    public static List<Diagnostic> Find(SourceText source, BlockSyntax tree)
    {
        var finder = new FlowFinder(source);
        finder.Reaches(tree);
        return finder._found;
    }

    private void Add(TextSpan span, string id, string message, string hint) =>
        _found.Add(new Diagnostic { Severity = DiagnosticSeverity.Warning, Id = id, Source = _source, Span = span, Message = message, Hint = hint });

    // Whether what stands behind the block can be reached.
    private bool Reaches(BlockSyntax? block)
    {
        if (block is null)
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
                Add(Visible(statement), "unreachable", "this is never reached", $"the \"{Word(jump)}\" in line {_source.GetLineAndColumn(jump.Span.Start).Line} ends the block");
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
        for (var i = 0; i < choice.Branches.Length; i++)
        {
            var branch = choice.Branches[i];
            var isLast = i == choice.Branches.Length - 1 && choice.Else is null;
            switch (Constant(branch.Condition))
            {
                case true:
                    Add(branch.Condition.Span, "constant-condition", "this condition is always true", isLast ? "write the lines without it" : "what follows the \"else\" is never used");
                    break;
                case false:
                    Add(branch.Condition.Span, "constant-condition", "this condition is never true", "the lines below it are never used");
                    break;
                default:
                    FindRepeated(choice.Branches, i);
                    break;
            }
            reaches |= Reaches(branch.Body);
        }
        return reaches | (choice.Else is null || Reaches(choice.Else));
    }

    private void FindRepeated(ImmutableArray<BranchSyntax> branches, int index)
    {
        var condition = branches[index].Condition;
        var earlier = branches.Take(index).FirstOrDefault(branch => AreSame(branch.Condition, condition));
        if (earlier is not null)
            Add(condition.Span, "repeated-condition", "this condition was asked before", $"line {_source.GetLineAndColumn(earlier.Condition.Span.Start).Line} takes it");
    }

    private void FindRepeated(StatementSyntax.Case choice)
    {
        var seen = new List<ExpressionSyntax>();
        foreach (var value in choice.Whens.SelectMany(static when => when.Values))
        {
            if (seen.Find(earlier => AreSame(earlier, value)) is { } first)
                Add(value.Span, "repeated-when", $"{_source.Slice(value.Span)} was handled before", $"line {_source.GetLineAndColumn(first.Span.Start).Line} takes it");
            seen.Add(value);
        }
    }

    // A call may give another result each time.
    private bool AreSame(ExpressionSyntax one, ExpressionSyntax other) =>
        (one, other) is (ExpressionSyntax.Literal a, ExpressionSyntax.Literal b) && a.Value.IsText && b.Value.IsText
            ? a.Value.AsText() == b.Value.AsText()
            : _source.Slice(one.Span) == _source.Slice(other.Span) && !HasCall(one);

    private static bool HasCall(ExpressionSyntax expression) =>
        expression is ExpressionSyntax.Call or ExpressionSyntax.Pipe or ExpressionSyntax.Step or ExpressionSyntax.AnonymousFunction || SyntaxParts.Children(expression).Any(HasCall);

    private void Look(ExpressionSyntax expression)
    {
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
