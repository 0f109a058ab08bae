namespace Templater.Language;

/// <summary>
/// Which members of the model a template may read, as far as the static check can tell; what it cannot tell counts as read. Immutable;
/// safe for several threads.
/// </summary>
public sealed class MemberReads
{
    private readonly IReadOnlySet<MemberRead> _members;
    private readonly IReadOnlySet<Shape> _wholes;
    private readonly bool _mayReadAll;

    internal MemberReads(IReadOnlySet<MemberRead> members, IReadOnlySet<Shape> wholes, bool mayReadAll)
    {
        (_members, _wholes, _mayReadAll) = (members, wholes, mayReadAll);
    }

    /// <summary>Of a template that was not checked: all may be read.</summary>
    internal static MemberReads Unknown { get; } = new(new HashSet<MemberRead>(), new HashSet<Shape>(), mayReadAll: true);

    /// <summary>
    /// Whether the template, or what it includes, may read a member of an object of a shape: it names the member, or takes the object as a
    /// whole (prints it, goes through it, <c>with</c>, hands it to a function that looks into it), or has a name that only a render makes.
    /// False is certain.
    /// </summary>
    /// <param name="shape">The object's shape.</param>
    /// <param name="member">The member's name.</param>
    public bool MayRead(Shape shape, string member) =>
        _mayReadAll || _wholes.Contains(shape) || _members.Contains(new MemberRead(shape, member)) || _members.Contains(new MemberRead(null, member));
}

/// <summary>A member that is named; of whatever object where the shape is null.</summary>
internal readonly record struct MemberRead(Shape? Shape, string Name);

/// <summary>Collects what the static check sees being read.</summary>
internal sealed class MemberReadsBuilder
{
    private const int DeepestType = 12;

    private readonly HashSet<MemberRead> _members = [];
    private readonly HashSet<Shape> _wholes = new(ReferenceEqualityComparer.Instance);
    private bool _mayReadAll;

    /// <summary>A member is named.</summary>
    public void Named(TemplateType target, string name) => _members.Add(new MemberRead(target is TemplateType.ObjectOf typed ? typed.Shape : null, name));

    /// <summary>A value is used in a way that may look at everything in it.</summary>
    public void Whole(TemplateType type, int depth = DeepestType)
    {
        if (_mayReadAll)
            return;
        switch (type)
        {
            case TemplateType.ObjectOf typed:
                if (_wholes.Add(typed.Shape))
                    foreach (var member in typed.Shape.Members)
                        Whole(member.Type);
                break;
            case TemplateType.ListOf list when depth > 0:
                Whole(list.Element, depth - 1);
                break;
            case TemplateType.MapOf map when depth > 0:
                Whole(map.Value, depth - 1);
                break;
            case TemplateType.Literal literal when depth > 0:
                foreach (var member in literal.Known.Values)
                    Whole(member, depth - 1);
                break;
            case TemplateType.Any or TemplateType.ListOf or TemplateType.MapOf or TemplateType.Literal:
                _mayReadAll = true;
                break;
        }
    }

    /// <summary>Something is done of which nothing is known.</summary>
    public void All() => _mayReadAll = true;

    public MemberReads ToReads() => new(_members, _wholes, _mayReadAll);
}
