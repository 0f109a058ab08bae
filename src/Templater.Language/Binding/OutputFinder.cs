using System.Runtime.CompilerServices;

namespace Templater.Language;

/// <summary>Tells whether statements can write output.</summary>
internal static class OutputFinder
{
    public static bool HasOutput(BlockSyntax? block) => HasAny(block, HasOutput);

    public static bool HasCodeBorders(BlockSyntax? block) => HasAny(block, HasCodeBorders);

    private static bool HasAny(BlockSyntax? block, Func<StatementSyntax, bool> what)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return block is not null && block.Statements.Any(what);
    }

    private static bool HasOutput(StatementSyntax statement) => statement switch
    {
        StatementSyntax.Text or StatementSyntax.Wrap => true,
        StatementSyntax.Expression expression => expression.Value is not ExpressionSyntax.Assignment,
        StatementSyntax.If choice => choice.Branches.Any(b => HasOutput(b.Body)) || HasOutput(choice.Else),
        StatementSyntax.Case choice => choice.Whens.Any(w => HasOutput(w.Body)) || HasOutput(choice.Else),
        StatementSyntax.For loop => loop.IsTable || HasOutput(loop.Body) || HasOutput(loop.Else),
        StatementSyntax.While loop => HasOutput(loop.Body),
        StatementSyntax.With with => HasOutput(with.Body),
        _ => false,
    };

    private static bool HasCodeBorders(StatementSyntax statement) => statement switch
    {
        StatementSyntax.EnterCode or StatementSyntax.ExitCode => true,
        StatementSyntax.If choice => choice.Branches.Any(b => HasCodeBorders(b.Body)) || HasCodeBorders(choice.Else),
        StatementSyntax.Case choice => choice.Whens.Any(w => HasCodeBorders(w.Body)) || HasCodeBorders(choice.Else),
        StatementSyntax.For loop => HasCodeBorders(loop.Body) || HasCodeBorders(loop.Else),
        StatementSyntax.While loop => HasCodeBorders(loop.Body),
        StatementSyntax.With with => HasCodeBorders(with.Body),
        StatementSyntax.Capture capture => HasCodeBorders(capture.Body),
        StatementSyntax.Wrap wrap => HasCodeBorders(wrap.Body),
        _ => false,
    };
}
