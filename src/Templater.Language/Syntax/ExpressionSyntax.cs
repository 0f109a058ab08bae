using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>An expression as written.</summary>
internal abstract record ExpressionSyntax(TextSpan Span)
{
    public sealed record Literal(TextSpan Span, TemplateValue Value) : ExpressionSyntax(Span);

    /// <summary>Texts and values in turn; the texts are literals.</summary>
    public sealed record Interpolation(TextSpan Span, ImmutableArray<ExpressionSyntax> Parts) : ExpressionSyntax(Span);

    /// <summary>A global name, such as <c>x</c>.</summary>
    public sealed record Variable(TextSpan Span, string Name) : ExpressionSyntax(Span);

    /// <summary>A local name with its <c>$</c>; <c>$</c> are the arguments, <c>$0</c> is one of them, <c>$$</c> is a wrapped block.</summary>
    public sealed record Local(TextSpan Span, string Name) : ExpressionSyntax(Span);

    public sealed record This(TextSpan Span) : ExpressionSyntax(Span);

    public sealed record Member(TextSpan Span, ExpressionSyntax Target, string Name, TextSpan NameSpan, bool IsConditional) : ExpressionSyntax(Span);

    public sealed record Index(TextSpan Span, ExpressionSyntax Target, ExpressionSyntax Key, bool IsConditional) : ExpressionSyntax(Span);

    public sealed record Unary(TextSpan Span, UnaryOperator Operator, ExpressionSyntax Operand) : ExpressionSyntax(Span);

    public sealed record Step(TextSpan Span, ExpressionSyntax Target, bool IsIncrement, bool IsPrefix) : ExpressionSyntax(Span);

    public sealed record Binary(TextSpan Span, ExpressionSyntax Left, BinaryOperator Operator, TextSpan OperatorSpan, ExpressionSyntax Right) : ExpressionSyntax(Span);

    public sealed record Conditional(TextSpan Span, ExpressionSyntax Condition, ExpressionSyntax Consequent, ExpressionSyntax Alternative) : ExpressionSyntax(Span);

    public sealed record List(TextSpan Span, ImmutableArray<ExpressionSyntax> Items) : ExpressionSyntax(Span);

    public sealed record Object(TextSpan Span, ImmutableArray<ObjectMemberSyntax> Members) : ExpressionSyntax(Span);

    public sealed record Call(TextSpan Span, ExpressionSyntax Target, ImmutableArray<ArgumentSyntax> Arguments) : ExpressionSyntax(Span);

    /// <summary><c>left | right</c>: <paramref name="Right"/> is called with <paramref name="Left"/> as its first argument.</summary>
    public sealed record Pipe(TextSpan Span, ExpressionSyntax Left, ExpressionSyntax Right) : ExpressionSyntax(Span);

    public sealed record Group(TextSpan Span, ExpressionSyntax Inner) : ExpressionSyntax(Span);

    public sealed record AnonymousFunction(TextSpan Span, FunctionSyntax Function) : ExpressionSyntax(Span);

    public sealed record Assignment(TextSpan Span, ExpressionSyntax Target, BinaryOperator? Compound, ExpressionSyntax Value) : ExpressionSyntax(Span);

    /// <summary>Stands where the parser found none; an error was reported.</summary>
    public sealed record Missing(TextSpan Span) : ExpressionSyntax(Span);
}

/// <summary>One argument of a call; <paramref name="Name"/> is null for a positional one.</summary>
internal sealed record ArgumentSyntax(TextSpan Span, string? Name, ExpressionSyntax Value);

/// <summary>One <c>name: value</c> of an object.</summary>
internal sealed record ObjectMemberSyntax(TextSpan Span, string Name, ExpressionSyntax Value);

/// <summary>One parameter; <paramref name="IsRest"/> takes all further arguments.</summary>
internal sealed record ParameterSyntax(TextSpan Span, string Name, TemplateValue? Default, bool IsRest);

/// <summary>A function's parameters and body. Without parameter list (null) it reads its arguments from <c>$</c>.</summary>
internal sealed record FunctionSyntax(TextSpan Span, string Name, ImmutableArray<ParameterSyntax>? Parameters, BlockSyntax Body)
{
    /// <summary>For <c>f(x) = expression</c>: the body's only statement gives the result.</summary>
    public ExpressionSyntax? Inline { get; init; }

    /// <summary>Whether it is a <c>do … end</c>.</summary>
    public bool IsAnonymous { get; init; }
}
