namespace Templater.Language;

internal sealed partial class RenderContext
{
    private ScopeEntry[] _scopes = new ScopeEntry[16];
    private HashSet<string>? _readOnlyGlobals;

    public int ScopeCount { get; private set; }

    public void PushScope(ScopeEntry entry)
    {
        if (ScopeCount == _scopes.Length)
            Array.Resize(ref _scopes, _scopes.Length * 2);
        _scopes[ScopeCount++] = entry;
    }

    public void PopScopes(int count)
    {
        Array.Clear(_scopes, count, ScopeCount - count);
        ScopeCount = count;
    }

    // ---- all names, innermost first

    /// <summary>Finds a name through loops, <c>with</c> objects and function scopes, then globally.</summary>
    /// <param name="name">Its number.</param>
    /// <param name="text">The name itself.</param>
    /// <param name="value">What was found.</param>
    /// <param name="throughWith">False to leave out the objects of <c>with</c>: <c>this</c> may be one of them, and would be asked by itself for ever.</param>
    public bool TryGetName(int name, string text, out TemplateValue value, bool throughWith = true)
    {
        var sawFunction = false;
        for (var i = ScopeCount - 1; i >= 0; i--)
        {
            ref var scope = ref _scopes[i];
            switch (scope.Kind)
            {
                case ScopeKind.Loop when IsSame(scope.Name, name) && !scope.Frame.Slots[scope.Slot].IsUnset:
                    value = scope.Frame.Slots[scope.Slot];
                    return true;
                case ScopeKind.With when throughWith && scope.Object!.TryGet(text, out value):
                    return true;
                case ScopeKind.Function when !sawFunction:
                    // A function sees its own names and the global ones, not its caller's; what stands between "do" and "end" sees more.
                    sawFunction = !scope.Frame.Body.IsAnonymous;
                    if (TryGetOwn(scope.Frame, name, text, out value))
                        return true;
                    break;
            }
        }
        return TryGetGlobal(name, text, out value);
    }

    /// <summary>Finds the variable of a loop that is running, in whatever body.</summary>
    public bool TryGetLoopVariable(int name, out TemplateValue value)
    {
        for (var i = ScopeCount - 1; i >= 0; i--)
        {
            ref var scope = ref _scopes[i];
            if (scope.Kind != ScopeKind.Loop || !IsSame(scope.Name, name))
                continue;
            value = scope.Frame.Slots[scope.Slot];
            return !value.IsUnset;
        }
        value = default;
        return false;
    }

    private bool TryGetOwn(Frame frame, int name, string text, out TemplateValue value)
    {
        if (TryFindSlot(frame, name, out var slot) && !frame.Slots[slot].IsUnset)
        {
            value = frame.Slots[slot];
            return true;
        }
        value = default;
        return frame.Extra is { } extra && extra.TryGetValue(text, out value);
    }

    private bool TryFindSlot(Frame frame, int name, out int slot)
    {
        if (frame.Body.ManyNames is { } many && many.TryGetValue(name, out slot))
            return true;
        // Numbers of the same kind differ only with their names.
        if (frame.Body.ManyNames is not null && frame.Body.Names[0].Name >= 0 == name >= 0)
        {
            slot = -1;
            return false;
        }
        CountWork(frame.Body.Names.Length / 64);
        foreach (var (known, at) in frame.Body.Names)
        {
            if (IsSame(known, name))
            {
                slot = at;
                return true;
            }
        }
        slot = -1;
        return false;
    }

    /// <summary>Sets a name where the innermost scope says.</summary>
    /// <param name="name">Its number.</param>
    /// <param name="text">The name itself.</param>
    /// <param name="value">Its value.</param>
    /// <param name="span">Place for messages.</param>
    /// <param name="throughWith">False to leave out the objects of <c>with</c>.</param>
    /// <param name="nameTaint">Taint of the name, for when it is printed.</param>
    public void SetName(int name, string text, TemplateValue value, TextSpan span, bool throughWith = true, Taint nameTaint = Taint.Clean)
    {
        if (value.IsUnset)
            value = TemplateValue.Null;
        var sawFunction = false;
        for (var i = ScopeCount - 1; i >= 0; i--)
        {
            ref var scope = ref _scopes[i];
            switch (scope.Kind)
            {
                case ScopeKind.Loop when IsSame(scope.Name, name):
                    scope.Frame.Slots[scope.Slot] = value;
                    return;
                case ScopeKind.With when throughWith:
                    if (scope.Object!.IsReadOnly(text))
                        throw RuntimeErrors.ReadOnlyVariable(span, text);
                    if (!scope.Object.TrySet(text, value, nameTaint))
                        throw RuntimeErrors.ReadOnlyValue(span, TemplateValue.From(scope.Object));
                    return;
                // Without a parameter list a function has no names of its own: it writes where its caller does.
                case ScopeKind.Function when !sawFunction && scope.Frame.Body.Parameters is not null:
                    sawFunction = true;
                    if (TrySetInFunction(scope.Frame, i, name, text, value))
                        return;
                    break;
            }
        }
        SetGlobal(name, text, value, span, nameTaint);
    }

    // False: the name is known outside, and set where the scopes below say.
    private bool TrySetInFunction(Frame frame, int scope, int name, string text, TemplateValue value)
    {
        var hasSlot = TryFindSlot(frame, name, out var slot);
        if (hasSlot && (slot < frame.Body.Parameters!.Length || !frame.Slots[slot].IsUnset))
            frame.Slots[slot] = value;
        else if (frame.Extra?.ContainsKey(text) != true && (HasGlobal(name, text) || IsInWith(scope, text)))
            return false;
        else if (hasSlot)
            frame.Slots[slot] = value;
        else
            (frame.Extra ??= new(StringComparer.Ordinal))[text] = value;
        return true;
    }

    private bool IsInWith(int below, string text)
    {
        for (var i = below - 1; i >= 0; i--)
            if (_scopes[i].Kind == ScopeKind.With && _scopes[i].Object!.TryGet(text, out _))
                return true;
        return false;
    }

    /// <summary>Whether setting the name here would be an error.</summary>
    public bool IsReadOnly(string text)
    {
        for (var i = ScopeCount - 1; i >= 0; i--)
            if (_scopes[i].Kind == ScopeKind.With)
                return _scopes[i].Object!.IsReadOnly(text);
        return _readOnlyGlobals?.Contains(text) == true;
    }

    public void MakeReadOnly(string text)
    {
        for (var i = ScopeCount - 1; i >= 0; i--)
            if (_scopes[i].Kind == ScopeKind.With && _scopes[i].Object!.TryMakeReadOnly(text))
                return;
        (_readOnlyGlobals ??= new(StringComparer.Ordinal)).Add(text);
    }

    /// <summary>Whether a variable that is not known is a mistake.</summary>
    public bool IsUnknownMistake(bool isLenient) => Options.Strict ? !isLenient : (Options.Leniency & Leniency.StrictVariables) != 0;

    /// <summary>The object that <c>this</c> stands for.</summary>
    public TemplateObject CurrentObject()
    {
        for (var i = ScopeCount - 1; i >= 0; i--)
            if (_scopes[i].Kind == ScopeKind.With)
                return _scopes[i].Object!;
        return new ScopeObject(this);
    }

    /// <summary>Names for hints.</summary>
    public IEnumerable<string> KnownNames()
    {
        var names = new HashSet<string>(Program.Library.Names, StringComparer.Ordinal);
        names.UnionWith(Model.KnownNames);
        names.UnionWith(GlobalsByName().Keys);
        for (var i = 0; i < ScopeCount; i++)
        {
            if (_scopes[i].Kind == ScopeKind.With)
                names.UnionWith(_scopes[i].Object!.KnownNames);
            else if (_scopes[i].Kind == ScopeKind.Loop && !Names.NameOf(_scopes[i].Name).StartsWith('$'))
                names.Add(Names.NameOf(_scopes[i].Name));
        }
        return names;
    }
}
