using System.Collections.Immutable;
using Templater.Language;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Rendering.Model;

/// <summary>One member of what templates see: its name, type and documentation, and where the value comes from.</summary>
/// <param name="Name">snake_case name.</param>
/// <param name="Type">What it holds; text from containers is untrusted.</param>
/// <param name="Documentation">One line.</param>
/// <param name="Read">Takes the value from the source.</param>
internal sealed record ModelMember<T>(string Name, TemplateType Type, string Documentation, Func<T, TemplateValue> Read)
{
    /// <summary>Whether it is worth remembering even where plain values are not: much is looked at to tell it.</summary>
    public bool IsKept { get; init; }
}

/// <summary>
/// A kind of object that templates see. Shape, documentation and mapping are one table, so that none can be forgotten
/// when a member is added.
/// </summary>
internal sealed class ModelObject<T>
{
    private readonly ModelMember<T>[] _members;

    /// <summary>Makes the kind.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="members">Its members in order.</param>
    /// <param name="isOwner">Whether output and errors belong to the object of this kind that a loop is at.</param>
    /// <param name="areMany">Whether there are as many as hosts: such an object does not keep plain values, which its source has at hand.</param>
    public ModelObject(string name, ModelMember<T>[] members, bool isOwner = false, bool areMany = false)
    {
        _members = members;
        Shape = new Shape(name, members.Select(member => new ShapeMember(member.Name, member.Type, member.Documentation)
        {
            IsKept = !areMany || member.IsKept || member.Type is not (TemplateType.Number or TemplateType.Boolean or TemplateType.Text),
        }), isOwner);
        Type = new TemplateType.ObjectOf(Shape);
    }

    /// <summary>Its shape.</summary>
    public Shape Shape { get; }

    /// <summary>Its type.</summary>
    public TemplateType Type { get; }

    /// <summary>The object for a source.</summary>
    public ShapedObject Of(T source) => new Instance(this, source, []);

    /// <summary>The object for a source that comes from containers.</summary>
    public ShapedObject Of(T source, ImmutableArray<ContainerId> containers) => new Instance(this, source, containers);

    /// <summary>A list of objects. Mostly there are none.</summary>
    public TemplateValue ListOf(ImmutableArray<T> sources) => ModelValues.List(sources, this, static (source, kind) => TemplateValue.From(kind.Of(source)));

    /// <summary>A list of objects.</summary>
    public TemplateValue ListOf(IEnumerable<T> sources) =>
        TemplateValue.From(new TemplateList(sources.Select(source => TemplateValue.From(Of(source)))));

    private sealed class Instance(ModelObject<T> kind, T source, ImmutableArray<ContainerId> containers) : ShapedObject(kind.Shape), IContainersBehind
    {
        public ImmutableArray<ContainerId> Containers => containers;

        protected override TemplateValue Read(int index) => kind._members[index].Read(source);
    }
}

/// <summary>An object of the model that knows which containers it comes from.</summary>
internal interface IContainersBehind
{
    /// <summary>The containers; empty when it comes from none.</summary>
    ImmutableArray<ContainerId> Containers { get; }
}
