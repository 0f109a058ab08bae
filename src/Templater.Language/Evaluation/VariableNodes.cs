namespace Templater.Language;

/// <summary>An expression that can stand left of <c>=</c>.</summary>
internal abstract class AssignableNode(TextSpan span) : ExpressionNode(span)
{
    public abstract void Assign(Frame frame, TemplateValue value);

    /// <summary>The value before a compound assignment.</summary>
    public virtual TemplateValue EvaluateForUpdate(Frame frame) => Evaluate(frame);
}

/// <summary>A variable whose place in the frame is known: parameter, loop variable, <c>$name</c>.</summary>
internal sealed class SlotNode(TextSpan span, int slot, string name, bool isLenient) : AssignableNode(span)
{
    public override TemplateValue EvaluateRaw(Frame frame)
    {
        var value = frame.Slots[slot];
        if (value.IsUnset && frame.Context.IsUnknownMistake(isLenient))
            throw RuntimeErrors.UnknownVariable(Span, name, frame.Body.Locals.Keys.Where(n => n != name));
        return value;
    }

    public override TemplateValue Evaluate(Frame frame) => CallIfFunction(EvaluateRaw(frame), frame, Span);

    public override void Print(Frame frame) => PrintOrCall(EvaluateRaw(frame), frame, Span);

    public override void Assign(Frame frame, TemplateValue value) => frame.Slots[slot] = value.IsUnset ? TemplateValue.Null : value;
}

/// <summary>A global variable where no other scope can hide it.</summary>
internal sealed class GlobalNode(TextSpan span, int id, string name, bool isLenient) : AssignableNode(span)
{
    private readonly MemberSite _site = new(name);

    public int Id { get; } = id;

    public override TemplateValue EvaluateRaw(Frame frame)
    {
        var context = frame.Context;
        var globals = context.Globals;
        if (Id < globals.Length && !globals[Id].IsUnset)
            return globals[Id];
        if (!context.HasOtherGlobals && _site.TryGet(context.Model, out var member))
        {
            context.NoteModelRead(Id);
            return member;
        }
        if (context.TryGetGlobal(Id, name, out var value))
            return value;
        return !context.IsUnknownMistake(isLenient) ? default : throw RuntimeErrors.UnknownVariable(Span, name, context.KnownNames(), context.Program.Library);
    }

    public override TemplateValue Evaluate(Frame frame) => CallIfFunction(EvaluateRaw(frame), frame, Span);

    public override void Print(Frame frame) => frame.Context.PrintVariable(this, frame);

    public override void Assign(Frame frame, TemplateValue value) => frame.Context.SetGlobal(Id, name, value, Span);
}

/// <summary>A variable that is looked for through all scopes.</summary>
internal sealed class DynamicNode(TextSpan span, int id, string name, bool isLenient) : AssignableNode(span)
{
    public override TemplateValue EvaluateRaw(Frame frame)
    {
        var context = frame.Context;
        if (context.TryGetName(id, name, out var value))
            return value;
        return !context.IsUnknownMistake(isLenient) ? default : throw RuntimeErrors.UnknownVariable(Span, name, context.KnownNames(), context.Program.Library);
    }

    public override TemplateValue Evaluate(Frame frame) => CallIfFunction(EvaluateRaw(frame), frame, Span);

    public override void Print(Frame frame) => frame.Context.PrintVariable(this, frame);

    public override void Assign(Frame frame, TemplateValue value) => frame.Context.SetName(id, name, value, Span);
}

/// <summary><c>$x</c> inside a wrapped block, which sees the loop variables of the function that runs it.</summary>
internal sealed class WrappedLocalNode(TextSpan span, int id, SlotNode local) : AssignableNode(span)
{
    public override TemplateValue EvaluateRaw(Frame frame) => frame.Context.TryGetLoopVariable(id, out var value) ? value : local.EvaluateRaw(frame);

    public override TemplateValue Evaluate(Frame frame) => CallIfFunction(EvaluateRaw(frame), frame, Span);

    public override void Print(Frame frame) => PrintOrCall(EvaluateRaw(frame), frame, Span);

    public override void Assign(Frame frame, TemplateValue value) => local.Assign(frame, value);
}

/// <summary><c>this</c>.</summary>
internal sealed class ThisNode(TextSpan span) : ExpressionNode(span)
{
    public override TemplateValue Evaluate(Frame frame) => TemplateValue.From(frame.Context.CurrentObject());
}

/// <summary><c>$</c>.</summary>
internal sealed class ArgumentsNode(TextSpan span) : ExpressionNode(span)
{
    // A list of the positional ones, with the named ones as its members.
    public override TemplateValue Evaluate(Frame frame)
    {
        var list = new TemplateList([.. frame.Arguments], isOwned: true);
        foreach (var (name, value) in frame.NamedArguments?.Members ?? [])
            list.SetMember(name, value);
        return TemplateValue.From(list);
    }
}

/// <summary><c>$0</c>, <c>$1</c>, …: null when there is no such argument.</summary>
internal sealed class ArgumentNode(TextSpan span, int index, bool hasNone) : AssignableNode(span)
{
    public override TemplateValue EvaluateRaw(Frame frame)
    {
        if (hasNone && !frame.Context.Options.Strict && (frame.Context.Options.Leniency & Leniency.NullTarget) == 0)
            throw RuntimeErrors.IndexOfNull(Span, "$");
        return index < frame.Arguments.Length ? frame.Arguments[index] : default;
    }

    public override TemplateValue Evaluate(Frame frame) => CallIfFunction(EvaluateRaw(frame), frame, Span);

    public override void Assign(Frame frame, TemplateValue value)
    {
        if (index >= frame.Arguments.Length)
            throw new TemplateRuntimeException("not-assignable", $"there is no argument ${index}", Span);
        frame.Arguments[index] = value;
    }
}

/// <summary><c>for</c>, <c>while</c> or <c>tablerow</c> as a value, and outside of loops a variable of that name.</summary>
internal sealed class LoopMemberNode(TextSpan span, int slot, string member) : ExpressionNode(span)
{
    public override TemplateValue Evaluate(Frame frame)
    {
        var loop = (LoopObject)frame.Slots[slot].Reference!;
        switch (member)
        {
            case "index":
                return TemplateValue.From(loop.Index);
            case "first":
                return TemplateValue.From(loop.Index == 0);
            case "last" when loop.Length >= 0:
                return TemplateValue.From(loop.Index == loop.Length - 1);
            default:
                return loop.TryGet(member, out var value) ? value
                    : frame.Context.Options.Strict ? throw RuntimeErrors.UnknownMember(Span, member, loop) : default;
        }
    }
}
