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
        return Call(function, new CallArguments([.. arguments], null), span, isDirect: false);
    }

    /// <summary>Calls a function. A call is direct when it is a statement of its own: then nobody waits for a result.</summary>
    public TemplateValue Call(TemplateFunction function, CallArguments arguments, TextSpan span, bool isDirect)
    {
        switch (function)
        {
            case DefinedFunction defined:
                return CallDefined(defined.Definition, arguments, span, isDirect);
            case UserFunction user:
                var frame = BindUser(user.Body, arguments, span);
                return Run(frame, span, isDirect);
            default:
                throw RuntimeErrors.NotCallable(span, function.Name, TemplateValue.FromReference(function));
        }
    }

    private TemplateValue CallDefined(FunctionDefinition definition, CallArguments arguments, TextSpan span, bool isDirect)
    {
        if (definition.Special != SpecialFunction.None)
            return Include(definition, arguments, span, isDirect);
        var parameters = definition.Parameters.Length;
        var rest = definition.HasRest;
        var fixedCount = rest ? parameters - 1 : parameters;
        var positional = arguments.Positional;
        if (positional.Length > fixedCount && !rest)
            throw RuntimeErrors.ArgumentCount(span, definition.Name, definition.Signature, positional.Length);
        var count = Math.Max(fixedCount, positional.Length);
        var start = ReserveArguments(count);
        positional.CopyTo(Arguments.AsSpan(start));
        for (var i = 0; i < positional.Length; i++)
            if (positional[i].IsUnset)
                Arguments[start + i] = TemplateValue.Null;
        BindNamed(definition, arguments, start, span);
        for (var i = 0; i < fixedCount; i++)
            if (!definition.Parameters[i].Optional && Arguments[start + i].IsUnset)
                throw RuntimeErrors.ArgumentCount(span, definition.Name, definition.Signature, positional.Length + (arguments.Named?.Count ?? 0));
        var result = Invoke(definition, start, count, span);
        ReleaseArguments(start, count);
        return result;
    }

    private void BindNamed(FunctionDefinition definition, CallArguments arguments, int start, TextSpan span)
    {
        foreach (var (key, value) in arguments.Named?.Members ?? [])
        {
            var name = key.AsText()!;
            var index = 0;
            while (index < definition.Parameters.Length && (definition.Parameters[index].IsRest || !IsName(definition.Parameters[index].Name, name)))
                index++;
            if (index == definition.Parameters.Length)
                throw RuntimeErrors.UnknownArgument(span, definition.Name, name, definition.Parameters.Select(p => p.Name));
            Arguments[start + index] = value.IsUnset ? TemplateValue.Null : value;
        }
    }

    // snake_case, or the same in camelCase.
    private static bool IsName(string parameter, string given)
    {
        return parameter == given || parameter.Replace("_", "", StringComparison.Ordinal).Equals(given, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Runs a built-in function on arguments that are in place.</summary>
    public TemplateValue Invoke(FunctionDefinition definition, int start, int count, TextSpan span)
    {
        var call = new FunctionCall(this, definition, Arguments, start, count, span);
        TemplateValue result;
        EnterLoop();
        try
        {
            result = definition.Body(call);
        }
        catch (TemplateRuntimeException mistake) when (mistake.Span is null)
        {
            mistake.Span = span;
            throw;
        }
        LeaveLoop();
        if (definition.Flow == TaintFlow.Explicit || result.Reference is null or ScalarTag or BigNumber or DecimalNumber)
            return result;
        return WithDerivedTaint(definition, call, result);
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

    private Frame BindUser(Body body, CallArguments arguments, TextSpan span)
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
        BindNamed(frame, body, arguments, span);
        FinishBinding(frame, arguments.Positional.Length, span);
        return frame;
    }

    private static void BindNamed(Frame frame, Body body, CallArguments arguments, TextSpan span)
    {
        var position = arguments.Positional.Length;
        foreach (var (key, value) in arguments.Named?.Members ?? [])
        {
            var given = value.IsUnset ? TemplateValue.Null : value;
            var parameters = body.Parameters!;
            var index = Array.FindIndex(parameters, p => p.Name == key.AsText());
            if (index < 0 && frame.Context.Options.Strict)
                throw RuntimeErrors.UnknownArgument(span, body.Name, key.AsText()!, parameters.Select(p => p.Name));
            // Without strictness the name of an argument that there is not means nothing: the next parameter takes it, if there is one.
            index = index < 0 ? position : index;
            position++;
            if (index < parameters.Length && parameters[index].IsRest)
                AddRest(frame, index, isNamed: parameters[index].Name == key.AsText(), given);
            else if (index < parameters.Length && (parameters[index].Name == key.AsText() || !parameters[^1].IsRest))
                frame.Slots[index] = given;
            else if (!parameters.Any(p => p.IsRest))
                throw RuntimeErrors.ArgumentCount(span, body.Name, body.Signature, position);
        }
    }

    private static void AddRest(Frame frame, int slot, bool isNamed, TemplateValue value)
    {
        if (isNamed && frame.Slots[slot].AsList() is { } rest)
            rest.Add(value);
    }

    /// <summary>Fills in defaults and demands the rest.</summary>
    public static void FinishBinding(Frame frame, int given, TextSpan span)
    {
        var parameters = frame.Body.Parameters!;
        if (given > parameters.Length && !(parameters.Length > 0 && parameters[^1].IsRest))
            throw RuntimeErrors.ArgumentCount(span, frame.Body.Name, frame.Body.Signature, given);
        for (var i = 0; i < parameters.Length; i++)
        {
            if (!frame.Slots[i].IsUnset)
                continue;
            frame.Slots[i] = parameters[i].Default ?? throw RuntimeErrors.ArgumentCount(span, frame.Body.Name, frame.Body.Signature, given);
        }
    }

    /// <summary>Runs a function's body in its frame.</summary>
    public TemplateValue Run(Frame frame, TextSpan span, bool isDirect)
    {
        var body = frame.Body;
        EnterCall(span);
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
        var frame = BindUser(function.Body, arguments, span);
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
            if (argument.Reference is TemplateObject { IsOwner: true } owner)
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
