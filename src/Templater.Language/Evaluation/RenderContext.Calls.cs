namespace Templater.Language;

internal sealed partial class RenderContext
{
    private int _argumentCount;

    /// <summary>Arguments of the calls of built-in functions that are running, on top of each other.</summary>
    public TemplateValue[] Arguments { get; private set; }

    /// <summary>Makes room for the arguments of a call; give it back with <see cref="ReleaseArguments"/>.</summary>
    public int ReserveArguments(int count)
    {
        var start = _argumentCount;
        if (start + count > Arguments.Length)
        {
            // Calls that are running keep the old array.
            var larger = new TemplateValue[Math.Max(Arguments.Length * 2, start + count)];
            Array.Copy(Arguments, larger, start);
            Arguments = larger;
        }
        _argumentCount += count;
        return start;
    }

    public void ReleaseArguments(int start, int count)
    {
        _argumentCount = start;
        if (start + count <= Arguments.Length)
            Array.Clear(Arguments, start, count);
    }

    /// <summary>Calls a function value from a built-in function, such as <c>array.each</c>.</summary>
    public TemplateValue Call(TemplateFunction function, ReadOnlySpan<TemplateValue> arguments, TextSpan span)
    {
        return Call(function, new CallArguments([.. arguments], null), new CallPlace(span), isDirect: false);
    }

    /// <summary>Calls a function. A call is direct when it is a statement of its own: then nobody waits for a result.</summary>
    public TemplateValue Call(TemplateFunction function, CallArguments arguments, CallPlace place, bool isDirect)
    {
        switch (function)
        {
            case DefinedFunction defined:
                return CallDefined(defined.Definition, arguments, place, isDirect);
            case UserFunction user:
                var frame = BindUser(user.Body, arguments, place);
                return Run(frame, place.Span, isDirect);
            default:
                throw RuntimeErrors.NotCallable(place.Span, function.Name, TemplateValue.FromReference(function));
        }
    }

    private TemplateValue CallDefined(FunctionDefinition definition, CallArguments arguments, CallPlace place, bool isDirect)
    {
        if (definition.Special != SpecialFunction.None)
            return Include(definition, arguments, place, isDirect);
        // array.any may be given itself.
        EnterCall(place.Span);
        var parameters = definition.Parameters.Length;
        var rest = definition.HasRest;
        var fixedCount = rest ? parameters - 1 : parameters;
        var positional = arguments.Positional;
        var count = Math.Max(fixedCount, positional.Length);
        var start = ReserveArguments(count);
        positional.CopyTo(Arguments.AsSpan(start));
        for (var i = 0; i < positional.Length; i++)
            if (positional[i].IsUnset)
                Arguments[start + i] = TemplateValue.Null;
        if (positional.Length > fixedCount && !rest)
            throw WrongCount(new FunctionCall(this, definition, Arguments, start, count, place), count, place.Span);
        BindNamed(definition, arguments, start, place);
        for (var i = 0; i < fixedCount; i++)
            if (!definition.Parameters[i].Optional && Arguments[start + i].IsUnset)
                throw WrongCount(new FunctionCall(this, definition, Arguments, start, count, place), positional.Length + (arguments.Named?.Count ?? 0), place.End);
        var result = Invoke(definition, start, count, place);
        ReleaseArguments(start, count);
        LeaveCall();
        return result;
    }

    // Arguments are looked at from left to right, and counted only then.
    private static TemplateRuntimeException WrongCount(FunctionCall call, int given, TextSpan span)
    {
        return ArgumentTypes.FirstMistake(call, call.Definition.Parameters.Length)
            ?? RuntimeErrors.ArgumentCount(span, call.Definition.Name, call.Definition.Signature, given);
    }

    private void BindNamed(FunctionDefinition definition, CallArguments arguments, int start, CallPlace place)
    {
        foreach (var (key, value) in arguments.Named?.Members ?? [])
        {
            var index = definition.IndexOf(key.AsText()!);
            if (index >= 0)
                Arguments[start + index] = value.IsUnset ? TemplateValue.Null : value;
            else if (Options.Strict)
                throw RuntimeErrors.UnknownArgument(place.Named(key.AsText()!), definition.Name, key.AsText()!, definition.Parameters.Select(p => p.Name));
        }
    }

    /// <summary>Runs a built-in function on arguments that are in place.</summary>
    public TemplateValue Invoke(FunctionDefinition definition, int start, int count, CallPlace place)
    {
        var call = new FunctionCall(this, definition, Arguments, start, count, place);
        TemplateValue result;
        CountCall(call);
        EnterLoop();
        try
        {
            result = definition.Body(call);
        }
        catch (TemplateRuntimeException mistake) when (mistake.Span is null)
        {
            mistake.Span = place.Span;
            throw;
        }
        LeaveLoop();
        if (definition.Flow == TaintFlow.Explicit || result.Reference is null or ScalarTag or BigNumber or DecimalNumber)
            return result;
        return WithDerivedTaint(definition, call, result);
    }

    // A function may be quick or go through all of its texts.
    private void CountCall(in FunctionCall call)
    {
        long work = 1;
        foreach (var argument in call.Arguments)
            if (argument.Reference is string { Length: >= CharactersPerWork } text)
                work += text.Length / CharactersPerWork;
        CountWork(work);
    }

    private TemplateValue WithDerivedTaint(FunctionDefinition definition, FunctionCall call, TemplateValue result)
    {
        var taint = TaintRules.Changed(call.ArgumentTaint());
        if (result.AsText() is { } text)
        {
            CheckLength(text, call.Span);
            if (definition.Quotes is { } format && format == Options.Format)
                return TemplateValue.FromText(text, taint == Taint.Clean && result.Taint == Taint.Clean ? Taint.Clean : Taint.Quoted);
            return TemplateValue.FromText(text, TaintRules.Joined(taint, TaintRules.Changed(result.Taint)));
        }
        return taint == Taint.Clean ? result : Tainting.Apply(result, call);
    }

    // ---- functions of the template

    private Frame BindUser(Body body, CallArguments arguments, CallPlace place)
    {
        var frame = new Frame(this, body, body.SlotCount == 0 ? [] : new TemplateValue[body.SlotCount]) { Arguments = arguments.Positional };
        if (body.Parameters is null)
        {
            frame.NamedArguments = arguments.Named;
            return frame;
        }
        var parameters = body.Parameters;
        for (var i = 0; i < parameters.Length; i++)
        {
            if (parameters[i].IsRest)
                frame.Slots[i] = TemplateValue.From(new TemplateList([.. arguments.Positional.Skip(i)], isOwned: true));
            else if (i < arguments.Positional.Length)
                frame.Slots[i] = arguments.Positional[i].IsUnset ? TemplateValue.Null : arguments.Positional[i];
        }
        BindNamed(frame, body, arguments, place);
        FinishBinding(frame, arguments.Positional.Length, place);
        return frame;
    }

    private static void BindNamed(Frame frame, Body body, CallArguments arguments, CallPlace place)
    {
        foreach (var (key, value) in arguments.Named?.Members ?? [])
        {
            var index = Array.FindIndex(body.Parameters!, p => p.Name == key.AsText());
            if (index >= 0 && body.Parameters![index].IsRest)
                frame.Slots[index].AsList()!.Add(value);
            else if (index >= 0)
                frame.Slots[index] = value.IsUnset ? TemplateValue.Null : value;
            else if (frame.Context.Options.Strict)
                throw RuntimeErrors.UnknownArgument(place.Named(key.AsText()!), body.Name, key.AsText()!, body.Parameters!.Select(p => p.Name));
        }
    }

    /// <summary>Fills in defaults and demands the rest.</summary>
    public static void FinishBinding(Frame frame, int given, CallPlace place)
    {
        var parameters = frame.Body.Parameters!;
        if (given > parameters.Length && !(parameters.Length > 0 && parameters[^1].IsRest))
            throw RuntimeErrors.ArgumentCount(place.Last(given), frame.Body.Name, frame.Body.Signature, given);
        for (var i = 0; i < parameters.Length; i++)
        {
            if (!frame.Slots[i].IsUnset)
                continue;
            frame.Slots[i] = parameters[i].Default ?? throw RuntimeErrors.ArgumentCount(place.End, frame.Body.Name, frame.Body.Signature, given);
        }
    }

    /// <summary>Runs a function's body in its frame.</summary>
    public TemplateValue Run(Frame frame, TextSpan span, bool isDirect)
    {
        var body = frame.Body;
        EnterCall(span, body.Work);
        var (scopes, source, owner) = (ScopeCount, Source, Owner);
        PushScope(new ScopeEntry { Kind = ScopeKind.Function, Frame = frame });
        TakeOwner(frame);
        Source = body.Source;
        // What a function writes goes to the output wherever it is called; its result is what "ret" gives.
        var flow = body.Block.Execute(frame);
        Source = source;
        PopScopes(scopes);
        if (!ReferenceEquals(owner, Owner))
            Owner = owner;
        LeaveCall();
        if (flow == Flow.Return)
            return frame.Result;
        if (!isDirect && body.HasOutput && (Options.Leniency & Leniency.StatementFunctionIsError) != 0)
            throw RuntimeErrors.NoResult(span, body.Name);
        return default;
    }

    /// <summary>Calls a function for <c>wrap</c>.</summary>
    public TemplateValue CallWrapped(UserFunction function, CallArguments arguments, BlockNode block, Frame owner, TextSpan span)
    {
        var frame = BindUser(function.Body, arguments, new CallPlace(span));
        frame.WrappedBlock = block;
        frame.WrappedFrame = owner;
        return Run(frame, span, isDirect: true);
    }

    private void TakeOwner(Frame frame)
    {
        // Without arguments of its own a frame has them in the slots of the parameters.
        var arguments = frame.Arguments.Length > 0 ? frame.Arguments : frame.Slots.AsSpan(0, frame.Body.Parameters?.Length ?? 0);
        foreach (var argument in arguments)
        {
            if (argument.AsObject() is { IsOwner: true } owner)
            {
                Owner = owner;
                return;
            }
        }
    }
}

/// <summary>Evaluated arguments of a call.</summary>
internal readonly record struct CallArguments(TemplateValue[] Positional, MapObject? Named)
{
    public static CallArguments None => new([], null);
}
