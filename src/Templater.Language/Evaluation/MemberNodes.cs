namespace Templater.Language;

/// <summary>How forgiving an access to a member or element is.</summary>
internal readonly record struct Access(bool IsConditional, bool IsLenient);

/// <summary><c>target.name</c>.</summary>
internal sealed class MemberNode(TextSpan span, ExpressionNode target, string name, TextSpan nameSpan, Access access) : AssignableNode(span)
{
    private readonly MemberSite _site = new(name);

    public ExpressionNode Target { get; } = target;

    public override TemplateValue EvaluateRaw(Frame frame)
    {
        var value = Target.Evaluate(frame);
        if (value.AsObject() is { } found && _site.TryGet(found, out var member))
            return member;
        return Find(value, frame);
    }

    private TemplateValue Find(TemplateValue value, Frame frame)
    {
        var options = frame.Context.Options;
        if (value.IsNull)
        {
            if (access.IsConditional || (access.IsLenient && options.Strict) || (options.Leniency & Leniency.NullTarget) != 0 || (name == "empty?" && !options.Strict))
                return default;
            throw RuntimeErrors.MemberOfNull(nameSpan, name, frame.Context.Source.Slice(Target.Span));
        }
        // Objects were asked already; the question whether they are empty is all that they answer besides.
        if ((name == "empty?" || value.Kind != ValueKind.Object) && Members.TryGet(value, name, out var member))
            return member;
        if (access.IsLenient || access.IsConditional)
            return default;
        if (value.AsObject() is NamespaceObject library)
            throw RuntimeErrors.UnknownFunction(Span, $"{library.TypeName}.{name}", [], frame.Context.Program.Library);
        if (!options.Strict && (options.Leniency & Leniency.MissingMemberIsError) == 0)
            return default;
        throw value.AsObject() is { } target ? RuntimeErrors.UnknownMember(nameSpan, name, target) : RuntimeErrors.NoMembers(nameSpan, name, value);
    }

    public override TemplateValue Evaluate(Frame frame) => CallIfFunction(EvaluateRaw(frame), frame, Span);

    public override void Print(Frame frame) => PrintOrCall(EvaluateRaw(frame), frame, Span);

    public override TemplateValue EvaluateForUpdate(Frame frame)
    {
        return Members.TryGet(Target.Evaluate(frame), name, out var value) ? value : default;
    }

    public override void Assign(Frame frame, TemplateValue value)
    {
        var target = Target.Evaluate(frame);
        if (target.IsNull)
            throw RuntimeErrors.MemberOfNull(nameSpan, name, frame.Context.Source.Slice(Target.Span));
        if (target.Reference is NamespaceObject library && !frame.Context.Options.Strict)
            target = CopyOf(library, frame.Context);
        Members.Set(target, name, Taint.Clean, value, nameSpan);
    }

    // The functions of the language are the same for every render: one that changes them gets its own.
    private TemplateValue CopyOf(NamespaceObject library, RenderContext context)
    {
        var copy = new MapObject();
        foreach (var (key, member) in library.Members)
        {
            copy.Put(key.AsText()!, member);
            if (member.Reference is TemplateFunction)
                copy.TryMakeReadOnly(key.AsText()!);
        }
        context.SetGlobal(context.Program.Names.IdOf(library.TypeName), library.TypeName, TemplateValue.From(copy), Span);
        return TemplateValue.From(copy);
    }
}

/// <summary><c>target[key]</c>.</summary>
internal sealed class IndexNode(TextSpan span, ExpressionNode target, ExpressionNode key, Access access) : AssignableNode(span)
{
    // target["name"] is looked up as target.name is.
    private readonly MemberSite? _site = key is LiteralNode literal && literal.Value.AsText() is { } name ? new MemberSite(name) : null;

    public override TemplateValue EvaluateRaw(Frame frame)
    {
        var context = frame.Context;
        var value = target.Evaluate(frame);
        if (value.IsNull)
        {
            if (access.IsConditional || (access.IsLenient && context.Options.Strict) || (context.Options.Leniency & Leniency.NullTarget) != 0)
                return default;
            throw RuntimeErrors.IndexOfNull(Span, context.Source.Slice(target.Span));
        }
        if (_site is not null && value.AsObject() is { } found)
            return _site.TryGet(found, out var member) ? member : default;
        var index = key.Evaluate(frame);
        if (index.IsNull)
            return access.IsLenient || (context.Options.Leniency & Leniency.NullIndex) != 0 ? default : throw RuntimeErrors.BadIndex(key.Span, value, index);
        return Members.At(value, index, target.Span, key.Span, context);
    }

    public override TemplateValue Evaluate(Frame frame) => CallIfFunction(EvaluateRaw(frame), frame, Span);

    public override void Print(Frame frame) => PrintOrCall(EvaluateRaw(frame), frame, Span);

    public override void Assign(Frame frame, TemplateValue value)
    {
        var container = target.Evaluate(frame);
        var index = key.Evaluate(frame);
        if (container.IsNull)
            throw RuntimeErrors.IndexOfNull(Span, frame.Context.Source.Slice(target.Span));
        if (container.Reference is TemplateObject)
        {
            Members.Set(container, frame.Context.ToText(index), Taints.Of(index), value, key.Span);
            return;
        }
        if (container.AsList() is not { } list)
            throw RuntimeErrors.CannotAssign(Span, container);
        if (list.IsReadOnly)
            throw RuntimeErrors.ReadOnlyValue(Span, container);
        if (!Convert.TryToInteger(index, out var at))
            throw RuntimeErrors.BadIndex(key.Span, container, index);
        at = at < 0 ? at + list.Count : at;
        if (at < 0)
            throw RuntimeErrors.BadIndex(key.Span, container, index);
        if (at > list.Count)
            frame.Context.CountIterations(at - list.Count, key.Span);
        if (at >= RenderLimits.ListItems)
            throw RuntimeErrors.ListTooLong(Span);
        list.Set((int)at, value.IsUnset ? TemplateValue.Null : value);
    }
}
