using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>A statement as written.</summary>
internal abstract record StatementSyntax(TextSpan Span)
{
    /// <summary>Text that is copied.</summary>
    public sealed record Text(TextSpan Span) : StatementSyntax(Span);

    /// <summary>The beginning of code; <paramref name="Indent"/> are the blanks before it if nothing else is on its line.</summary>
    public sealed record EnterCode(TextSpan Span, string? Indent) : StatementSyntax(Span);

    /// <summary>The end of code.</summary>
    public sealed record ExitCode(TextSpan Span) : StatementSyntax(Span);

    public sealed record Expression(TextSpan Span, ExpressionSyntax Value) : StatementSyntax(Span);

    public sealed record If(TextSpan Span, ImmutableArray<BranchSyntax> Branches, BlockSyntax? Else) : StatementSyntax(Span);

    public sealed record Case(TextSpan Span, ExpressionSyntax Value, ImmutableArray<WhenSyntax> Whens, BlockSyntax? Else) : StatementSyntax(Span);

    public sealed record For(TextSpan Span, ExpressionSyntax Variable, ExpressionSyntax Source, LoopOptionsSyntax Options, BlockSyntax Body, BlockSyntax? Else, bool IsTable) : StatementSyntax(Span);

    public sealed record While(TextSpan Span, ExpressionSyntax Condition, BlockSyntax Body) : StatementSyntax(Span);

    public sealed record Break(TextSpan Span) : StatementSyntax(Span);

    public sealed record Continue(TextSpan Span) : StatementSyntax(Span);

    public sealed record Return(TextSpan Span, ExpressionSyntax? Value) : StatementSyntax(Span);

    public sealed record FunctionDeclaration(TextSpan Span, TextSpan NameSpan, ExpressionSyntax Target, FunctionSyntax Function) : StatementSyntax(Span);

    public sealed record Capture(TextSpan Span, ExpressionSyntax Target, BlockSyntax Body) : StatementSyntax(Span);

    public sealed record With(TextSpan Span, ExpressionSyntax Value, BlockSyntax Body) : StatementSyntax(Span);

    public sealed record Import(TextSpan Span, ExpressionSyntax Value) : StatementSyntax(Span);

    public sealed record ReadOnly(TextSpan Span, ExpressionSyntax Variable) : StatementSyntax(Span);

    public sealed record Wrap(TextSpan Span, ExpressionSyntax Target, BlockSyntax Body) : StatementSyntax(Span);
}

/// <summary>Statements in a row.</summary>
internal sealed record BlockSyntax(TextSpan Span, ImmutableArray<StatementSyntax> Statements)
{
    /// <summary>Of a whole template: whether any of its code blocks indents what it writes.</summary>
    public bool HasIndents { get; init; }
}

/// <summary>One <c>if</c> or <c>else if</c>.</summary>
internal sealed record BranchSyntax(TextSpan Span, ExpressionSyntax Condition, BlockSyntax Body);

/// <summary>One <c>when</c> of a <c>case</c>.</summary>
internal sealed record WhenSyntax(TextSpan Span, ImmutableArray<ExpressionSyntax> Values, BlockSyntax Body);

/// <summary>The options of a <c>for</c>.</summary>
internal sealed record LoopOptionsSyntax(ExpressionSyntax? Offset, ExpressionSyntax? Limit, bool IsReversed, ExpressionSyntax? Columns)
{
    /// <summary>An option that there is not, or that lacks its value. Only without strictness: it is a mistake of the loop when it runs.</summary>
    public TextSpan? Wrong { get; init; }
}
