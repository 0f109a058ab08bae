namespace Templater.Language;

/// <summary>An object of the language: members by name, in a stable order.</summary>
public abstract class TemplateObject : TemplateReference
{
    private protected TemplateObject() : base(ValueKind.Object)
    {
    }

    /// <summary>What messages call it, such as <c>container</c>.</summary>
    public abstract string TypeName { get; }

    /// <summary>Number of members.</summary>
    public abstract int Count { get; }

    /// <summary>The members in their order; keys carry their taint.</summary>
    public abstract IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> Members { get; }

    /// <summary>Finds a member.</summary>
    public abstract bool TryGet(string name, out TemplateValue value);

    /// <summary>Names for hints; a subset when there are many.</summary>
    internal virtual IEnumerable<string> KnownNames => Members.Select(m => m.Key.AsText() ?? "");

    /// <summary>Whether reading a missing member is a mistake of the author even where the language is lenient about maps.</summary>
    internal virtual bool HasFixedMembers => false;

    /// <summary>Whether output written while this is the innermost loop value belongs to it.</summary>
    internal virtual bool IsOwner => false;

    /// <summary>Sets a member; false when the object cannot be changed.</summary>
    internal virtual bool TrySet(string name, TemplateValue value, Taint keyTaint) => false;

    internal virtual bool IsReadOnly(string name) => false;

    internal virtual bool TryMakeReadOnly(string name) => false;
}

/// <summary>The value <c>empty</c>: equal to any empty list or object, and false.</summary>
internal sealed class EmptyObject : TemplateObject
{
    public static readonly EmptyObject Instance = new();

    public override string TypeName => "empty";

    public override int Count => 0;

    public override IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> Members => [];

    public override bool TryGet(string name, out TemplateValue value)
    {
        value = default;
        return false;
    }
}

/// <summary>A key with its value, as loops over objects give them.</summary>
internal sealed class PairObject(TemplateValue key, TemplateValue value) : TemplateObject
{
    public TemplateValue Key { get; } = key;

    public TemplateValue Value { get; } = value;

    public override string TypeName => "pair";

    public override int Count => 2;

    public override IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> Members =>
        [new(TemplateValue.FromText("key"), Key), new(TemplateValue.FromText("value"), Value)];

    internal override bool HasFixedMembers => true;

    public override bool TryGet(string name, out TemplateValue value)
    {
        value = name switch
        {
            "key" => Key,
            "value" => Value,
            _ => default,
        };
        return name is "key" or "value";
    }
}
