namespace Templater.Language;

internal sealed partial class RenderContext
{
    private const int MostKeptNames = 1_000;

    // Names that the template itself does not have: imported ones, and those of texts that were run.
    private Dictionary<string, TemplateValue>? _otherGlobals;
    private Dictionary<string, Taint>? _nameTaints;

    /// <summary>Numbers for all names, also for those that only this render knows.</summary>
    public NameTable Names { get; private set; }

    /// <summary>Whether there may be variables that are not in <see cref="Globals"/>, and hide members of the model all the same.</summary>
    public bool HasOtherGlobals => _otherGlobals is not null;

    // A name may have got a number of the template after it had one of the render.
    private bool IsSame(int left, int right) => left == right || ((left ^ right) < 0 && Names.NameOf(left) == Names.NameOf(right));

    public ref TemplateValue Global(int name)
    {
        if (name >= Globals.Length)
        {
            var larger = new TemplateValue[Math.Max(name + 1, Math.Max(Globals.Length * 2, Program.Names.Count))];
            Globals.CopyTo(larger, 0);
            Globals = larger;
        }
        return ref Globals[name];
    }

    /// <summary>Finds a name among globals, model and library.</summary>
    public bool TryGetGlobal(int name, string text, out TemplateValue value)
    {
        value = GlobalOrUnset(name, text);
        if (!value.IsUnset)
            return true;
        if (Model.TryGet(text, out value))
        {
            NoteModelRead(name);
            return true;
        }
        return Program.Library.TryGet(text, out value);
    }

    /// <summary>Finds a name as <c>this</c> has it.</summary>
    public bool TryGetOfThis(string text, out TemplateValue value)
    {
        // What has no number was never set, and hides nothing.
        return Names.TryFind(text, out var name) ? TryGetName(name, text, out value, throughWith: false)
            : Model.TryGet(text, out value) || Program.Library.TryGet(text, out value);
    }

    public void SetGlobal(int name, string text, TemplateValue value, TextSpan span, Taint nameTaint = Taint.Clean)
    {
        if (_readOnlyGlobals?.Contains(text) == true)
            throw RuntimeErrors.ReadOnlyVariable(span, text);
        if (value.IsUnset)
            value = TemplateValue.Null;
        name = NumberInTemplate(name, text);
        if (name < 0 || _otherGlobals?.ContainsKey(text) == true)
            (_otherGlobals ??= new(StringComparer.Ordinal))[text] = value;
        else
            Global(name) = value;
        if (nameTaint != Taint.Clean)
            (_nameTaints ??= new(StringComparer.Ordinal))[text] = TaintRules.Joined(nameTaint, NameTaint(text));
    }

    /// <summary>Taint of a global name: that of what it was imported from.</summary>
    public Taint NameTaint(string text) => _nameTaints?.GetValueOrDefault(text) ?? Taint.Clean;

    /// <summary>All global variables that have a value.</summary>
    public Dictionary<string, TemplateValue> GlobalsByName()
    {
        var globals = new Dictionary<string, TemplateValue>(StringComparer.Ordinal);
        for (var i = 0; i < Globals.Length; i++)
            if (!Globals[i].IsUnset)
                globals.Add(Program.Names.NameOf(i), Globals[i]);
        foreach (var (name, value) in _otherGlobals ?? [])
            globals.Add(name, value);
        return globals;
    }

    private TemplateValue GlobalOrUnset(int name, string text)
    {
        name = NumberInTemplate(name, text);
        if ((uint)name < (uint)Globals.Length && !Globals[name].IsUnset)
            return Globals[name];
        return _otherGlobals?.GetValueOrDefault(text) ?? default;
    }

    private int NumberInTemplate(int name, string text) => name < 0 && Program.Names.TryFind(text, out var known) ? known : name;

    private bool HasGlobal(int name, string text) => !GlobalOrUnset(name, text).IsUnset || Model.TryGet(text, out _);

    private void ForgetGlobals()
    {
        Array.Clear(Globals);
        (_otherGlobals, _nameTaints, _readOnlyGlobals) = (null, null, null);
        if (Names.Count <= MostKeptNames)
            return;
        // The texts are compiled with the numbers.
        Names = new NameTable(Program);
        ForgetTexts();
    }
}

/// <summary>The global names seen as one object: what <c>this</c> is outside of <c>with</c>.</summary>
internal sealed class ScopeObject(RenderContext context) : TemplateObject
{
    public override string TypeName => "this";

    public override int Count => Members.Count();

    public override IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> Members
    {
        get
        {
            var globals = context.GlobalsByName();
            context.NoteWholeModelRead();
            foreach (var (key, value) in context.Model.Members)
                yield return new(key, globals.Remove(key.AsText()!, out var changed) ? changed : value);
            foreach (var (name, value) in globals)
                yield return new(TemplateValue.FromText(name, context.NameTaint(name)), value);
        }
    }

    public override bool TryGet(string name, out TemplateValue value) => context.TryGetOfThis(name, out value);

    internal override bool TrySet(string name, TemplateValue value, Taint keyTaint)
    {
        context.SetName(context.Names.IdOf(name), name, value, default, throughWith: false, keyTaint);
        return true;
    }
}
