namespace Templater.Language;

internal sealed class IfNode((ExpressionNode Condition, BlockNode Body)[] branches, BlockNode? otherwise) : StatementNode
{
    public override Flow Execute(Frame frame)
    {
        foreach (var (condition, body) in branches)
            if (condition.IsTrue(frame))
                return body.Execute(frame);
        return otherwise?.Execute(frame) ?? Flow.Next;
    }
}

internal sealed class CaseNode(ExpressionNode value, (TextSpan Span, ExpressionNode[] Values, BlockNode Body)[] whens, BlockNode? otherwise) : StatementNode
{
    public override Flow Execute(Frame frame)
    {
        var chosen = value.Evaluate(frame);
        foreach (var (span, values, body) in whens)
            foreach (var candidate in values)
                if (Operators.Apply(BinaryOperator.Equal, chosen, candidate.Evaluate(frame), frame.Context, span).IsTruthy)
                    return body.Execute(frame);
        return otherwise?.Execute(frame) ?? Flow.Next;
    }
}

internal sealed class WhileNode(ExpressionNode condition, BlockNode body, int loopSlot, TextSpan keyword) : StatementNode
{
    /// <summary>About how much is done in a turn.</summary>
    public int Work { get; init; } = 1;

    public override Flow Execute(Frame frame)
    {
        var loop = frame.Context.RentLoop("while", -1);
        var outer = frame.Slots[loopSlot];
        frame.Slots[loopSlot] = TemplateValue.From(loop);
        var result = Flow.Next;
        frame.Context.EnterLoop();
        while (condition.IsTrue(frame))
        {
            frame.Context.CountIteration(keyword, Work);
            var flow = body.Execute(frame);
            loop.Advance(default);
            if (flow == Flow.Break)
                break;
            if (flow == Flow.Return)
            {
                result = flow;
                break;
            }
        }
        frame.Context.LeaveLoop();
        frame.Slots[loopSlot] = outer;
        return result;
    }
}

internal sealed class JumpNode(Flow flow) : StatementNode
{
    public override Flow Execute(Frame frame) => flow;
}

/// <summary>A jump that no loop is around.</summary>
internal sealed class LostJumpNode(TextSpan span) : StatementNode
{
    public override Flow Execute(Frame frame) => throw RuntimeErrors.OutsideLoop(span, frame.Context.Source.Slice(span));
}

internal sealed class ReturnNode(ExpressionNode? value) : StatementNode
{
    public override Flow Execute(Frame frame)
    {
        frame.Result = value?.Evaluate(frame) ?? TemplateValue.Null;
        return Flow.Return;
    }
}

/// <summary><c>with object … end</c>.</summary>
internal sealed class WithNode(ExpressionNode value, BlockNode body) : StatementNode
{
    public override Flow Execute(Frame frame)
    {
        var context = frame.Context;
        var target = value.Evaluate(frame);
        if (target.AsObject() is not { } scope)
            throw new TemplateRuntimeException("wrong-type", $"\"with\" needs an object, not {ValueText.Describe(target)}", value.Span);
        var (count, owner) = (context.ScopeCount, context.Owner);
        context.EnterCall(value.Span);
        // "with this" shows what is seen anyway; a lookup through it would come back to it.
        if (scope is not ScopeObject)
            context.PushScope(new ScopeEntry { Kind = ScopeKind.With, Object = scope, Frame = frame });
        if (scope.IsOwner)
            context.Owner = scope;
        var flow = body.Execute(frame);
        context.PopScopes(count);
        context.LeaveCall();
        if (scope.IsOwner)
            context.Owner = owner;
        return flow;
    }
}

/// <summary><c>capture target … end</c>.</summary>
internal sealed class CaptureNode(AssignableNode target, BlockNode body) : StatementNode
{
    public override Flow Execute(Frame frame)
    {
        var indent = frame.Context.Output.Indent;
        frame.Context.BeginCapture();
        frame.Context.Output.Indent = indent;
        var flow = body.Execute(frame);
        target.Assign(frame, Captured(frame.Context));
        return flow;
    }

    // In Scriban it is no text before it is printed or calculated with, so that lists and objects do not quote it.
    private static TemplateValue Captured(RenderContext context)
    {
        var text = context.EndCapture();
        return context.Options.Strict ? text : TemplateValue.FromUnquoted(text.AsText()!, text.Taint);
    }
}

/// <summary><c>import object</c>: its members become variables of the current scope.</summary>
internal sealed class ImportNode(ExpressionNode value) : StatementNode
{
    public override Flow Execute(Frame frame)
    {
        var context = frame.Context;
        var source = value.Evaluate(frame);
        if (source.IsNull)
            return Flow.Next;
        if (source.AsObject() is not { } imported)
            throw new TemplateRuntimeException("wrong-type", $"\"import\" needs an object, not {ValueText.Describe(source)}", value.Span);
        context.EnterLoop();
        foreach (var (key, member) in imported.Members.ToList())
        {
            context.CountIteration(value.Span);
            var name = key.AsText() ?? "";
            if (!context.IsReadOnly(name))
                context.SetName(context.Names.IdOf(name), name, member, value.Span, nameTaint: key.Taint);
        }
        context.LeaveLoop();
        return Flow.Next;
    }
}

internal sealed class ReadOnlyNode(string name) : StatementNode
{
    public override Flow Execute(Frame frame)
    {
        frame.Context.MakeReadOnly(name);
        return Flow.Next;
    }
}

/// <summary><c>func name … end</c>.</summary>
internal sealed class FunctionNode(AssignableNode target, Body body) : StatementNode
{
    private readonly UserFunction _function = new(body);

    public override Flow Execute(Frame frame)
    {
        target.Assign(frame, TemplateValue.From(_function));
        return Flow.Next;
    }
}

/// <summary>Makes a function known inside itself.</summary>
internal sealed class OwnNameNode(int slot, Body body) : StatementNode
{
    private readonly TemplateValue _function = TemplateValue.From(new UserFunction(body));

    public override Flow Execute(Frame frame)
    {
        if (frame.Slots[slot].IsUnset)
            frame.Slots[slot] = _function;
        return Flow.Next;
    }
}

/// <summary><c>wrap f … end</c>: the function finds the block in <c>$$</c>.</summary>
internal sealed class WrapNode(ExpressionNode target, ExpressionNode[] arguments, BlockNode block) : StatementNode
{
    public override Flow Execute(Frame frame)
    {
        var function = target.EvaluateRaw(frame);
        if (function.AsFunction() is not UserFunction user)
            throw RuntimeErrors.NotCallable(target.Span, frame.Context.Source.Slice(target.Span), function);
        var values = new TemplateValue[arguments.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = arguments[i].Evaluate(frame);
        var result = frame.Context.CallWrapped(user, new CallArguments(values, null), block, frame, target.Span);
        frame.Context.Print(result, target.Span);
        return Flow.Next;
    }
}

/// <summary><c>$$</c>: runs the wrapped block where its variables are.</summary>
internal sealed class WrappedBlockNode(TextSpan span) : ExpressionNode(span)
{
    public override TemplateValue Evaluate(Frame frame)
    {
        frame.Context.BeginCapture();
        Run(frame);
        return frame.Context.EndCapture();
    }

    public override void Print(Frame frame) => Run(frame);

    private void Run(Frame frame)
    {
        if (frame is not { WrappedBlock: { } block, WrappedFrame: { } owner })
            return;
        var context = frame.Context;
        context.EnterCall(Span, owner.Body.Work);
        var source = context.Source;
        context.Source = owner.Body.Source;
        block.Execute(owner);
        context.Source = source;
        context.LeaveCall();
    }
}
