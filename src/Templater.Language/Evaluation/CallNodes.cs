namespace Templater.Language;

/// <summary>One argument as compiled.</summary>
internal sealed record ArgumentPart(string? Name, ExpressionNode Value, bool IsSpread)
{
    /// <summary>The argument with its name.</summary>
    public required TextSpan Span { get; init; }
}

/// <summary>A call whose function is found when it runs.</summary>
internal sealed class CallNode(TextSpan span, CallPlace place, ExpressionNode target, ArgumentPart[] arguments) : ExpressionNode(span)
{
    private readonly bool _isPlain = arguments.All(a => a.Name is null && !a.IsSpread);

    public override TemplateValue Evaluate(Frame frame) => Call(frame, isDirect: false);

    public override void Print(Frame frame) => frame.Context.Print(Call(frame, isDirect: true), Span);

    private TemplateValue Call(Frame frame, bool isDirect)
    {
        var function = target.EvaluateRaw(frame);
        if (function.Reference is UserFunction { Body.Parameters: not null } user && _isPlain && !user.Body.HasRest)
            return CallUser(user, frame, isDirect);
        if (function.Reference is TemplateFunction other)
            return frame.Context.Call(other, Evaluate(other, arguments, frame, place), place, isDirect);
        if (function.Reference is NamespaceObject { Callee: { } callee })
            return frame.Context.Call(callee, Evaluate(callee, arguments, frame, place), place, isDirect);
        var text = frame.Context.Source.Slice(target.Span);
        if (!function.IsNull)
            throw RuntimeErrors.NotCallable(target.Span, text, function);
        if ((frame.Context.Options.Leniency & Leniency.UnknownFunction) != 0)
            return default;
        throw RuntimeErrors.UnknownFunction(target.Span, text, frame.Context.KnownNames(), frame.Context.Program.Library);
    }

    // The common case goes straight from the argument expressions into the function's slots.
    private TemplateValue CallUser(UserFunction user, Frame frame, bool isDirect)
    {
        var context = frame.Context;
        var callee = context.RentFrame(user.Body, arguments.Length);
        for (var i = 0; i < arguments.Length; i++)
        {
            var value = arguments[i].Value.Evaluate(frame);
            callee.Slots[i] = value.IsUnset ? TemplateValue.Null : value;
        }
        if (user.Body.ReadsArguments)
            callee.Arguments = callee.Slots[..arguments.Length];
        RenderContext.FinishBinding(callee, arguments.Length, place);
        var result = context.Run(callee, place.Span, isDirect);
        context.ReturnFrame(callee);
        return result;
    }

    public static CallArguments Evaluate(TemplateFunction function, ArgumentPart[] parts, Frame frame, CallPlace place)
    {
        var positional = new List<TemplateValue>(parts.Length);
        MapObject? named = null;
        var most = (function as DefinedFunction)?.Definition.MostArguments ?? int.MaxValue;
        try
        {
            foreach (var part in parts)
            {
                // One that is too many is a mistake, whatever it is; the items of a list may be none.
                var value = positional.Count < most || part.Name is not null || part.IsSpread ? part.Value.Evaluate(frame) : TemplateValue.Null;
                if (value.IsUnset)
                    value = TemplateValue.Null;
                if (part.IsSpread)
                    positional.AddRange(Sequence.Of(value, frame.Context, part.Value.Span));
                else if (part.Name is null || (!frame.Context.Options.Strict && function.TakesByPosition(part.Name)))
                    positional.Add(value);
                else
                    (named ??= new MapObject()).Put(part.Name, value);
            }
        }
        catch (TemplateRuntimeException) when (positional.Count > 0 && function is DefinedFunction)
        {
            var call = new FunctionCall(frame.Context, ((DefinedFunction)function).Definition, [.. positional], 0, positional.Count, place);
            if (ArgumentTypes.FirstMistake(call, positional.Count) is { } earlier)
                throw earlier;
            throw;
        }
        return new CallArguments([.. positional], named);
    }
}

/// <summary>A call of a built-in function that is known when the template is compiled. Its arguments need no array of their own.</summary>
internal sealed class DefinedCallNode(TextSpan span, CallPlace place, DefinedCallNode.Callee callee, ExpressionNode[] arguments) : ExpressionNode(span)
{
    /// <summary>The function, the name that could be hidden by a variable, and the call to use then.</summary>
    public sealed record Callee(FunctionDefinition Definition, int RootName, ExpressionNode WhenHidden);

    private readonly int _count = Math.Max(arguments.Length, callee.Definition.HasRest ? callee.Definition.Parameters.Length - 1 : callee.Definition.Parameters.Length);

    public override TemplateValue Evaluate(Frame frame)
    {
        var context = frame.Context;
        if (IsHidden(context))
            return callee.WhenHidden.Evaluate(frame);
        var start = context.ReserveArguments(_count);
        EvaluateArguments(frame, start);
        var result = context.Invoke(callee.Definition, start, _count, place);
        context.ReleaseArguments(start, _count);
        return result;
    }

    // Of several mistakes the first one counts: that in the arguments that are there comes before that in the next.
    private void EvaluateArguments(Frame frame, int start)
    {
        var context = frame.Context;
        if (arguments.Length == 1)
        {
            var only = arguments[0].Evaluate(frame);
            context.Arguments[start] = only.IsUnset ? TemplateValue.Null : only;
            return;
        }
        var done = 0;
        try
        {
            for (; done < arguments.Length; done++)
            {
                var value = arguments[done].Evaluate(frame);
                context.Arguments[start + done] = value.IsUnset ? TemplateValue.Null : value;
            }
        }
        catch (TemplateRuntimeException) when (done > 0)
        {
            if (ArgumentTypes.FirstMistake(new FunctionCall(context, Definition, context.Arguments, start, done, place), done) is { } earlier)
                throw earlier;
            throw;
        }
    }

    public FunctionDefinition Definition => callee.Definition;

    /// <summary>The same call of a function that makes only the first item of the list; null if there is none.</summary>
    public DefinedCallNode? ForFirstItem()
    {
        return callee.Definition.FirstItem is { } body ? new DefinedCallNode(Span, place, callee with { Definition = callee.Definition with { Body = body } }, arguments) : null;
    }

    /// <summary>Whether a variable of the template or a member of the model has the name that was taken for the language's.</summary>
    public bool IsHidden(RenderContext context)
    {
        return context.ModelMayShadow || (callee.RootName < context.Globals.Length && !context.Globals[callee.RootName].IsUnset);
    }
}

/// <summary><c>list | array.first</c> where the list is made for that alone, as in <c>x | string.split ":" | array.first</c>: no list is made.</summary>
/// <param name="call">The call of <c>array.first</c>.</param>
/// <param name="list">What makes the list.</param>
/// <param name="first">What makes its first item only.</param>
internal sealed class FirstItemNode(DefinedCallNode call, DefinedCallNode list, DefinedCallNode first) : ExpressionNode(call.Span)
{
    public override TemplateValue Evaluate(Frame frame)
    {
        var context = frame.Context;
        return call.IsHidden(context) || list.IsHidden(context) ? call.Evaluate(frame) : first.Evaluate(frame);
    }
}
