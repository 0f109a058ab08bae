namespace Templater.Language;

internal sealed class BinaryNode(TextSpan span, BinaryOperator op, OperandSpans spans, ExpressionNode left, ExpressionNode right) : ExpressionNode(span)
{
    private readonly OperandSpans _spans = spans;

    public override TemplateValue Evaluate(Frame frame)
    {
        var first = left.Evaluate(frame);
        return Operators.Apply(op, first, right.Evaluate(frame), frame.Context, _spans);
    }
}

internal sealed class LogicNode(TextSpan span, bool isAnd, ExpressionNode left, ExpressionNode right) : ExpressionNode(span)
{
    public override TemplateValue Evaluate(Frame frame) => TemplateValue.From(IsTrue(frame));

    public override bool IsTrue(Frame frame) => isAnd ? left.IsTrue(frame) && right.IsTrue(frame) : left.IsTrue(frame) || right.IsTrue(frame);
}

/// <summary><c>??</c> and <c>?!</c>. The right side is evaluated only when it is needed; without strictness always, as in Scriban.</summary>
internal sealed class CoalesceNode(TextSpan span, bool takesRightWhenNull, ExpressionNode left, ExpressionNode right) : ExpressionNode(span)
{
    public override TemplateValue Evaluate(Frame frame)
    {
        var first = left.Evaluate(frame);
        var isRight = first.IsNull == takesRightWhenNull;
        if (!isRight && frame.Context.Options.Strict)
            return first;
        var second = right.Evaluate(frame);
        return isRight ? second : first;
    }
}

internal sealed class ConditionalNode(TextSpan span, ExpressionNode condition, ExpressionNode consequent, ExpressionNode alternative) : ExpressionNode(span)
{
    public override TemplateValue Evaluate(Frame frame) => condition.IsTrue(frame) ? consequent.Evaluate(frame) : alternative.Evaluate(frame);
}

internal sealed class NotNode(TextSpan span, ExpressionNode operand) : ExpressionNode(span)
{
    public override TemplateValue Evaluate(Frame frame) => TemplateValue.From(!operand.IsTrue(frame));

    public override bool IsTrue(Frame frame) => !operand.IsTrue(frame);
}

internal sealed class SignNode(TextSpan span, bool isMinus, ExpressionNode operand, TextSpan operandSpan) : ExpressionNode(span)
{
    public override TemplateValue Evaluate(Frame frame) => Operators.Sign(isMinus, operand.Evaluate(frame), operandSpan);
}

/// <summary><c>@f</c>: the function itself.</summary>
internal sealed class AliasNode(TextSpan span, ExpressionNode operand) : ExpressionNode(span)
{
    public override TemplateValue Evaluate(Frame frame) => operand.EvaluateRaw(frame);

    // In Scriban a function with a name that stands alone is defined once more, which prints nothing.
    public override void Print(Frame frame)
    {
        var value = Evaluate(frame);
        var (context, body) = (frame.Context, (value.Reference as UserFunction)?.Body);
        if (body is null || context.Options.Strict)
            context.Print(value, Span);
        else if (!body.IsAnonymous)
            return;
        else if (context.Options.Forms?.Code(body.Source.Slice(body.Span)) is { } code)
            context.Output.Write(code);
        else
            context.Print(value, Span);
    }
}

/// <summary><c>++</c> and <c>--</c>, before or after the variable.</summary>
internal sealed class StepNode(TextSpan span, AssignableNode target, bool isIncrement, bool isPrefix) : ExpressionNode(span)
{
    public override TemplateValue Evaluate(Frame frame)
    {
        var before = target.EvaluateForUpdate(frame);
        if (!before.IsNumber)
            throw RuntimeErrors.UnaryOperator(target.Span, isIncrement ? "++" : "--", before);
        var after = Operators.Apply(isIncrement ? BinaryOperator.Add : BinaryOperator.Subtract, before, TemplateValue.From(1), frame.Context, Span);
        target.Assign(frame, after);
        return isPrefix ? after : before;
    }
}

/// <summary><c>target = value</c> and the compound forms.</summary>
internal sealed class AssignNode(TextSpan span, AssignableNode target, BinaryOperator? compound, ExpressionNode value) : StatementNode
{
    public override Flow Execute(Frame frame)
    {
        if (compound is not { } op)
        {
            target.Assign(frame, value.Evaluate(frame));
            return Flow.Next;
        }
        var before = target.EvaluateForUpdate(frame);
        if (op != BinaryOperator.Coalesce)
            target.Assign(frame, Operators.Apply(op, before, value.Evaluate(frame), frame.Context, span));
        else if (before.IsNull)
            target.Assign(frame, value.Evaluate(frame));
        return Flow.Next;
    }
}

/// <summary><c>$"…{x}…"</c>: texts and values joined end to end.</summary>
internal sealed class InterpolationNode(TextSpan span, ExpressionNode[] parts) : ExpressionNode(span)
{
    public override TemplateValue Evaluate(Frame frame)
    {
        var context = frame.Context;
        context.BeginCapture();
        PrintParts(frame);
        return context.EndCapture();
    }

    public override void Print(Frame frame) => PrintParts(frame);

    private void PrintParts(Frame frame)
    {
        foreach (var part in parts)
        {
            var value = part.Evaluate(frame);
            // Here, and only here, Scriban writes a boolean with a capital.
            if (value.AsBoolean() is { } truth && !frame.Context.Options.Strict)
                frame.Context.Output.Write(truth ? "True" : "False");
            else if (frame.Context.Options.Forms?.Interpolated(value) is { } text)
                frame.Context.Output.Write(text);
            else
                frame.Context.Print(value, part.Span);
        }
    }
}

internal sealed class ListNode(TextSpan span, ExpressionNode[] items) : ExpressionNode(span)
{
    public override TemplateValue Evaluate(Frame frame)
    {
        frame.Context.CountWork(items.Length);
        var values = new TemplateList(items.Length);
        foreach (var item in items)
        {
            var value = item.Evaluate(frame);
            values.Add(value.IsUnset ? TemplateValue.Null : value);
        }
        return TemplateValue.From(values);
    }
}

internal sealed class ObjectNode(TextSpan span, (string Name, ExpressionNode Value)[] members) : ExpressionNode(span)
{
    public override TemplateValue Evaluate(Frame frame)
    {
        frame.Context.CountWork(members.Length + 1);
        var result = new MapObject();
        foreach (var (name, node) in members)
        {
            var value = node.EvaluateRaw(frame);
            if (value.Reference is TemplateFunction function && node is not (AnonymousFunctionNode or AliasNode))
                value = frame.Context.Call(function, CallArguments.None, new CallPlace(node.Span), isDirect: false);
            result.Put(name, value.IsUnset ? TemplateValue.Null : value);
        }
        return TemplateValue.From(result);
    }
}

/// <summary><c>do … end</c>.</summary>
internal sealed class AnonymousFunctionNode(TextSpan span, Body body) : ExpressionNode(span)
{
    private readonly TemplateValue _function = TemplateValue.From(new UserFunction(body));

    public override TemplateValue Evaluate(Frame frame) => _function;
}
