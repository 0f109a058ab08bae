using System.Collections.Immutable;

namespace Templater.Language;

/// <summary>One member of a <see cref="Shape"/>.</summary>
/// <param name="Name">snake_case name.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Documentation">One line for the documentation of the model.</param>
public sealed record ShapeMember(string Name, TemplateType Type, string Documentation)
{
    /// <summary>Whether an object that reads its members when they are asked for keeps this one: false where reading it again costs no more.</summary>
    public bool IsKept { get; init; } = true;
}

/// <summary>The fixed list of members that all objects of one kind share. Immutable; compared by reference.</summary>
public sealed class Shape
{
    private readonly Dictionary<string, int> _index;
    private readonly int[] _places;

    /// <summary>Makes a shape.</summary>
    /// <param name="name">What messages call an object of this shape, such as <c>container</c>.</param>
    /// <param name="members">The members in their order; names must be distinct.</param>
    /// <param name="isOwner">Whether output and errors belong to the object of this shape that a loop is at.</param>
    public Shape(string name, IEnumerable<ShapeMember> members, bool isOwner = false)
    {
        Name = name;
        Members = [.. members];
        IsOwner = isOwner;
        // No frozen dictionary: making one costs more than all that a render looks up in it.
        _index = new Dictionary<string, int>(Members.Length, StringComparer.Ordinal);
        for (var i = 0; i < Members.Length; i++)
            _index.Add(Members[i].Name, i);
        _places = new int[Members.Length];
        for (var i = 0; i < _places.Length; i++)
            _places[i] = Members[i].IsKept ? KeptCount++ : -1;
    }

    /// <summary>Number of members that an object keeps.</summary>
    internal int KeptCount { get; }

    /// <summary>What messages call an object of this shape.</summary>
    public string Name { get; }

    /// <summary>The members in their order.</summary>
    public ImmutableArray<ShapeMember> Members { get; }

    /// <summary>Whether output and errors belong to the object of this shape that a loop is at.</summary>
    public bool IsOwner { get; }

    /// <summary>Position of a member, or -1.</summary>
    public int IndexOf(string name) => _index.TryGetValue(name, out var index) ? index : -1;

    /// <summary>Position of a member among those that are kept, or -1.</summary>
    internal int PlaceOf(int index) => _places[index];
}

/// <summary>An object with a fixed list of members. Read-only for templates.</summary>
/// <remarks>
/// A derived class may read its members only when they are asked for: a large model of which a template looks at little then costs
/// little. Such an object belongs to one render at a time.
/// </remarks>
public class ShapedObject : TemplateObject
{
    // Unset: not read yet.
    private TemplateValue[]? _values;

    /// <summary>Makes an object.</summary>
    /// <param name="shape">Its members.</param>
    /// <param name="values">One value for each member, in the shape's order; kept, not copied.</param>
    /// <exception cref="ArgumentException">The number of values differs from the number of members.</exception>
    public ShapedObject(Shape shape, params TemplateValue[] values) : this(shape)
    {
        if (values.Length != shape.Members.Length)
            throw new ArgumentException($"{shape.Name} has {shape.Members.Length} members, {values.Length} values were given.", nameof(values));
        _values = values;
    }

    /// <summary>Makes an object whose members <see cref="Read"/> gives.</summary>
    /// <param name="shape">Its members.</param>
    protected ShapedObject(Shape shape)
    {
        Shape = shape;
    }

    /// <summary>The list of members.</summary>
    public Shape Shape { get; }

    /// <inheritdoc />
    public override string TypeName => Shape.Name;

    /// <inheritdoc />
    public override int Count => Shape.Members.Length;

    /// <inheritdoc />
    public override IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> Members =>
        Shape.Members.Select((member, i) => KeyValuePair.Create(TemplateValue.FromText(member.Name), At(i)));

    internal override IEnumerable<string> KnownNames => Shape.Members.Select(m => m.Name);

    internal override bool HasFixedMembers => true;

    internal override bool IsOwner => Shape.IsOwner;

    /// <inheritdoc />
    public override bool TryGet(string name, out TemplateValue value)
    {
        var index = Shape.IndexOf(name);
        value = index < 0 ? default : At(index);
        return index >= 0;
    }

    internal TemplateValue At(int index)
    {
        // With a value for each member, kept or not, every one is in its own place.
        var place = _values?.Length == Shape.Members.Length ? index : Shape.PlaceOf(index);
        if (place < 0)
            return Made(index);
        var values = _values ??= new TemplateValue[Shape.KeptCount];
        if (values[place].IsUnset)
            values[place] = Made(index);
        return values[place];
    }

    private TemplateValue Made(int index) => Read(index) is { IsUnset: false } value ? value : TemplateValue.Null;

    /// <summary>Gives a member, the first time that it is asked for, or each time when it is not kept.</summary>
    /// <param name="index">Its position in the shape.</param>
    protected virtual TemplateValue Read(int index) => TemplateValue.Null;
}
