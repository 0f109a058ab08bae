using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>The parts of statements and expressions, for passes that look at all of them alike.</summary>
internal static class SyntaxParts
{
    /// <summary>The expressions of a statement, without those of its blocks.</summary>
    public static IEnumerable<ExpressionSyntax> Expressions(StatementSyntax statement) => statement switch
    {
        StatementSyntax.Expression expression => [expression.Value],
        StatementSyntax.If choice => choice.Branches.Select(static branch => branch.Condition),
        StatementSyntax.Case choice => choice.Whens.SelectMany(static when => when.Values).Prepend(choice.Value),
        StatementSyntax.For loop => new[] { loop.Variable, loop.Source, loop.Options.Offset, loop.Options.Limit, loop.Options.Columns }.OfType<ExpressionSyntax>(),
        StatementSyntax.While loop => [loop.Condition],
        StatementSyntax.Return { Value: { } value } => [value],
        StatementSyntax.FunctionDeclaration declaration => [declaration.Target],
        StatementSyntax.Capture capture => [capture.Target],
        StatementSyntax.With with => [with.Value],
        StatementSyntax.Import import => [import.Value],
        StatementSyntax.ReadOnly variable => [variable.Variable],
        StatementSyntax.Wrap wrap => [wrap.Target],
        _ => [],
    };

    /// <summary>The blocks of a statement.</summary>
    public static IEnumerable<BlockSyntax> Blocks(StatementSyntax statement) => statement switch
    {
        StatementSyntax.If choice => With(choice.Branches.Select(static branch => branch.Body), choice.Else),
        StatementSyntax.Case choice => With(choice.Whens.Select(static when => when.Body), choice.Else),
        StatementSyntax.For loop => With([loop.Body], loop.Else),
        StatementSyntax.While loop => [loop.Body],
        StatementSyntax.FunctionDeclaration declaration => [declaration.Function.Body],
        StatementSyntax.Capture capture => [capture.Body],
        StatementSyntax.With with => [with.Body],
        StatementSyntax.Wrap wrap => [wrap.Body],
        _ => [],
    };

    /// <summary>The expressions that an expression is made of.</summary>
    public static IEnumerable<ExpressionSyntax> Children(ExpressionSyntax expression) => expression switch
    {
        ExpressionSyntax.Interpolation text => text.Parts,
        ExpressionSyntax.Member member => [member.Target],
        ExpressionSyntax.Index index => [index.Target, index.Key],
        ExpressionSyntax.Unary unary => [unary.Operand],
        ExpressionSyntax.Step step => [step.Target],
        ExpressionSyntax.Binary binary => [binary.Left, binary.Right],
        ExpressionSyntax.Conditional choice => [choice.Condition, choice.Consequent, choice.Alternative],
        ExpressionSyntax.List list => list.Items,
        ExpressionSyntax.Object made => made.Members.Select(static member => member.Value),
        ExpressionSyntax.Call call => call.Arguments.Select(static argument => argument.Value).Prepend(call.Target),
        ExpressionSyntax.Pipe pipe => [pipe.Left, pipe.Right],
        ExpressionSyntax.Group group => [group.Inner],
        ExpressionSyntax.Assignment assignment => [assignment.Target, assignment.Value],
        _ => [],
    };

    /// <summary>Whether a statement writes something that is not blank, or does something.</summary>
    public static bool IsVisible(StatementSyntax statement, string text) => statement switch
    {
        StatementSyntax.EnterCode or StatementSyntax.ExitCode => false,
        StatementSyntax.Text copied => !text.AsSpan(copied.Span.Start, copied.Span.Length).IsWhiteSpace(),
        _ => true,
    };

    private static ImmutableArray<BlockSyntax> With(IEnumerable<BlockSyntax> blocks, BlockSyntax? last) => last is null ? [.. blocks] : [.. blocks, last];
}
