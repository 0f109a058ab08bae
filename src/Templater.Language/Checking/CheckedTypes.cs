namespace Templater.Language;

/// <summary>Types of results of the functions of the language, for the static check.</summary>
internal static class CheckedTypes
{
    private const int MostKnownMembers = 256;

    // An object may hold itself, and others many times: what lies deeper, or is more than that, is not looked at.
    private const int DeepestType = 6;
    private const int MostTypes = 10_000;

    // The same for all that two types take to be joined: of what differs the taint is looked for, too, at each place anew.
    private const int MostJoined = 50_000;

    /// <summary>Stands among the members of an object for those whose names are only known at run time.</summary>
    public const string AnyMember = "*";

    /// <summary>Stands there for a member whose name is tainted.</summary>
    public const string TaintedName = "* key";

    public static readonly TemplateType Nothing = new TemplateType.Nothing { Nullable = true };
    public static readonly TemplateType Unknown = new TemplateType.Any();
    public static readonly TemplateType UnknownUntrusted = new TemplateType.Any(Untrusted: true);

    public static TemplateType TextOf(Taint taint) => new TemplateType.Text(taint == Taint.Tainted) { Quoted = taint == Taint.Quoted };

    /// <summary>The worst taint of text in a value of this type.</summary>
    public static Taint TaintOf(TemplateType type)
    {
        var left = MostTypes;
        return TaintOf(type, DeepestType, ref left);
    }

    private static Taint TaintOf(TemplateType type, int depth, ref int left)
    {
        if (depth == 0 || (left -= 1) <= 0)
            return Taint.Clean;
        return type switch
        {
            TemplateType.Text text => text.Taint,
            TemplateType.Any any => any.Untrusted ? Taint.Tainted : Taint.Clean,
            TemplateType.ListOf list => TaintOf(list.Element, depth - 1, ref left),
            TemplateType.MapOf map => map.UntrustedKeys ? Taint.Tainted : TaintOf(map.Value, depth - 1, ref left),
            TemplateType.ObjectOf typed => Worst(typed.Shape.Members.Select(m => m.Type), depth - 1, ref left),
            TemplateType.Literal literal => Worst(literal.Known.Values, depth - 1, ref left),
            _ => Taint.Clean,
        };
    }

    private static Taint Worst(IEnumerable<TemplateType> types, int depth, ref int left)
    {
        var worst = Taint.Clean;
        foreach (var type in types)
            worst = TaintRules.Joined(worst, TaintOf(type, depth, ref left));
        return worst;
    }

    public static Taint TaintOf(IReadOnlyList<TemplateType> types)
    {
        var left = MostTypes;
        return Worst(types, DeepestType, ref left);
    }

    /// <summary>The taint of a value of this type as text: what is written of a list or an object escapes the texts in it.</summary>
    public static Taint WrittenTaint(TemplateType type) => type is TemplateType.Text or TemplateType.Any ? TaintOf(type) : TaintRules.Changed(TaintOf(type));

    /// <summary>The text of all these, end to end.</summary>
    public static TemplateType WrittenText(IEnumerable<TemplateType> types) => TextOf(types.Select(WrittenTaint).Aggregate(Taint.Clean, TaintRules.Joined));

    public static TemplateType DerivedText(IReadOnlyList<TemplateType> arguments) => TextOf(TaintRules.Changed(TaintOf(arguments)));

    public static TemplateType JoinedText(IReadOnlyList<TemplateType> arguments) => arguments.Count > 2 ? TextOf(Taint.Clean) : WrittenText(arguments.Select((type, i) => i == 0 ? Element(type) : type));

    public static TemplateType DerivedTexts(IReadOnlyList<TemplateType> arguments) => new TemplateType.ListOf(DerivedText(arguments));

    public static TemplateType Derived(IReadOnlyList<TemplateType> arguments) => TaintOf(arguments) == Taint.Clean ? Unknown : UnknownUntrusted;

    public static TemplateType SameList(IReadOnlyList<TemplateType> arguments) => new TemplateType.ListOf(Element(arguments.Count > 0 ? arguments[0] : Unknown));

    public static TemplateType ElementOfFirst(IReadOnlyList<TemplateType> arguments) => Element(arguments.Count > 0 ? arguments[0] : Unknown).OrNull();

    public static TemplateType FirstWithElement(IReadOnlyList<TemplateType> arguments) =>
        new TemplateType.ListOf(arguments.Count < 2 ? Unknown : Join(Element(arguments[0]), arguments[^1]));

    public static TemplateType JoinedLists(IReadOnlyList<TemplateType> arguments) =>
        new TemplateType.ListOf(arguments.Count < 2 ? Unknown : Join(Element(arguments[0]), Element(arguments[1])));

    public static TemplateType First(IReadOnlyList<TemplateType> arguments) => arguments.Count > 0 ? arguments[0] : Unknown;

    public static TemplateType FirstOrSecond(IReadOnlyList<TemplateType> arguments) =>
        arguments.Count < 2 ? Unknown : Join(arguments[0] with { Nullable = false }, arguments[1]);

    public static TemplateType MappedMembers(IReadOnlyList<TemplateType> arguments) => new TemplateType.ListOf(Derived(arguments));

    public static TemplateType Keys(IReadOnlyList<TemplateType> arguments) => new TemplateType.ListOf(TextOf(arguments.Count > 0 ? KeyTaint(arguments[0]) : Taint.Clean));

    public static TemplateType Values(IReadOnlyList<TemplateType> arguments) => new TemplateType.ListOf(arguments.Count > 0 ? ValueOf(arguments[0]) : Unknown);

    public static Taint KeyTaint(TemplateType type) => type switch
    {
        TemplateType.MapOf map => map.UntrustedKeys ? Taint.Tainted : Taint.Clean,
        TemplateType.Any any => any.Untrusted ? Taint.Tainted : Taint.Clean,
        TemplateType.Literal literal => literal.Known.ContainsKey(TaintedName) ? Taint.Tainted : Taint.Clean,
        _ => Taint.Clean,
    };

    public static TemplateType ValueOf(TemplateType type) => type switch
    {
        TemplateType.MapOf map => map.Value,
        TemplateType.Literal literal when literal.Known.Count > 0 => literal.Known.Values.Aggregate(Join),
        TemplateType.ObjectOf typed when typed.Shape.Members.Length > 0 => typed.Shape.Members.Select(m => m.Type).Aggregate(Join),
        TemplateType.Any => type,
        _ => Unknown,
    };

    /// <summary>What a loop over the type gives.</summary>
    public static TemplateType Element(TemplateType type) => type switch
    {
        TemplateType.ListOf list => list.Element,
        TemplateType.Any any => any,
        TemplateType.Text text => TextOf(TaintRules.Changed(text.Taint)),
        TemplateType.MapOf or TemplateType.Literal or TemplateType.ObjectOf => new TemplateType.Literal(new Dictionary<string, TemplateType>(StringComparer.Ordinal)
        {
            ["key"] = TextOf(KeyTaint(type)),
            ["value"] = ValueOf(type),
        }),
        _ => Unknown,
    };

    /// <summary>An object with these members. Of a very large one nothing is known: each way through the template would need a copy of its members.</summary>
    public static TemplateType OfMembers(Dictionary<string, TemplateType> known) =>
        known.Count <= MostKnownMembers ? new TemplateType.Literal(known) : Derived([.. known.Values]);

    /// <summary>The type of a value that is of either type.</summary>
    public static TemplateType Join(TemplateType left, TemplateType right)
    {
        var most = MostJoined;
        return Join(left, right, DeepestType, ref most);
    }

    private static TemplateType Join(TemplateType left, TemplateType right, int depth, ref int most)
    {
        if (ReferenceEquals(left, right))
            return left;
        // What cannot be known is left to the render.
        if ((most -= 1) <= 0)
            return Unknown;
        var isNullable = left.Nullable || right.Nullable;
        if (left is TemplateType.Nothing)
            return right.OrNull();
        if (right is TemplateType.Nothing)
            return left.OrNull();
        TemplateType joined = (left, right) switch
        {
            (TemplateType.Text a, TemplateType.Text b) => TextOf(TaintRules.Joined(a.Taint, b.Taint)),
            (TemplateType.ListOf a, TemplateType.ListOf b) when depth > 0 => new TemplateType.ListOf(Join(a.Element, b.Element, depth - 1, ref most)),
            (TemplateType.MapOf a, TemplateType.MapOf b) when depth > 0 => new TemplateType.MapOf(Join(a.Value, b.Value, depth - 1, ref most), a.UntrustedKeys || b.UntrustedKeys),
            (TemplateType.ObjectOf a, TemplateType.ObjectOf b) when ReferenceEquals(a.Shape, b.Shape) => left,
            (TemplateType.Literal a, TemplateType.Literal b) when depth > 0 => JoinLiterals(a, b, depth - 1, ref most),
            _ when left.GetType() == right.GetType() && left is TemplateType.Boolean or TemplateType.Number or TemplateType.Date or TemplateType.Duration or TemplateType.Function => left,
            _ => TaintRules.Joined(TaintOf(left, DeepestType, ref most), TaintOf(right, DeepestType, ref most)) switch
            {
                // Quoted text beside a number: still text that may be printed.
                Taint.Quoted => TextOf(Taint.Quoted),
                Taint.Tainted => UnknownUntrusted,
                _ => Unknown,
            },
        };
        return joined with { Nullable = isNullable };
    }

    private static TemplateType JoinLiterals(TemplateType.Literal a, TemplateType.Literal b, int depth, ref int most)
    {
        var known = new Dictionary<string, TemplateType>(a.Known, StringComparer.Ordinal);
        foreach (var (name, type) in b.Known)
            known[name] = known.TryGetValue(name, out var other) ? Join(other, type, depth, ref most) : type.OrNull();
        return OfMembers(known);
    }
}
