using System.Collections.Immutable;
using static Templater.Language.Define;

namespace Templater.Language;

/// <summary>The functions of <c>array</c>. Lists are made at once, not lazily; the original stays unchanged.</summary>
internal static partial class ArrayFunctions
{
    private static FunctionParameter ListParameter => In("list", List);

    // Other values than lists are taken too: one is a list of its own to sort, and has no members to map.
    private static FunctionParameter AnyParameter => In("list", Any);

    public static ImmutableArray<FunctionDefinition> All { get; } =
    [
        Value("array.add", "The list with a value added at its end.", CheckedTypes.FirstWithElement, c => Make(Items(c).Append(c[1])), ListParameter, In("value", Any)) with { Reads = ArgumentUse.HandedOn },
        Value("array.add_range", "The two lists one after the other.", CheckedTypes.JoinedLists, c => c[0].IsNull && c[1].IsNull ? TemplateValue.Null : MakeIterator(Items(c).Concat(Items(c, 1))), In("list1", List), In("list2", List)) with { Reads = ArgumentUse.HandedOn },
        Value("array.concat", "The two lists one after the other.", CheckedTypes.JoinedLists, c => c[0].IsNull && c[1].IsNull ? TemplateValue.Null : MakeIterator(Items(c).Concat(Items(c, 1))), In("list1", List), In("list2", List)) with { Reads = ArgumentUse.HandedOn },
        Value("array.compact", "The list without nulls.", CheckedTypes.SameList, c => OrNull(c, static c => Items(c).Where(v => !v.IsNull)), ListParameter) with { Reads = ArgumentUse.HandedOn },
        Test("array.contains", "Whether the list contains the value.", Contains, ListParameter, In("item", Any)),
        Value("array.cycle", "The next item of the list each time it is called.", CheckedTypes.ElementOfFirst, Cycle, ListParameter, Maybe("group", Any)),
        Value("array.first", "The first item, or null.", CheckedTypes.ElementOfFirst, c => First(c), ListParameter) with { TakesFirstItem = true, Reads = ArgumentUse.HandedOn },
        Value("array.insert_at", "The list with a value inserted at an index.", CheckedTypes.FirstWithElement, InsertAt, ListParameter, In("index", Number), In("value", Any)) with { Reads = ArgumentUse.HandedOn },
        Value("array.last", "The last item, or null.", CheckedTypes.ElementOfFirst, Last, ListParameter) with { Reads = ArgumentUse.HandedOn },
        Value("array.limit", "At most that many items from the start.", CheckedTypes.SameList, c => OrNull(c, static c => Items(c).Take(Int(c, 1))), ListParameter, In("count", Number)) with { Reads = ArgumentUse.HandedOn },
        Value("array.offset", "The items after that many from the start.", CheckedTypes.SameList, c => OrNull(c, static c => Items(c).Skip(Math.Max(0, Int(c, 1)))), ListParameter, In("index", Number)) with { Reads = ArgumentUse.HandedOn },
        Value("array.map", "The member of that name of each item; items without it are left out.", CheckedTypes.MappedMembers, Map, AnyParameter, In("member", Text)) with { Reads = ArgumentUse.Named },
        Value("array.remove_at", "The list without the item at an index; negative counts from the end.", CheckedTypes.SameList, RemoveAt, ListParameter, In("index", Number)) with { Reads = ArgumentUse.HandedOn },
        Value("array.reverse", "The list in reverse order.", CheckedTypes.SameList, c => MakeIterator(Items(c).Reverse()), ListParameter) with { Reads = ArgumentUse.HandedOn },
        Scalar("array.size", "Number of items.", Number, Size, ListParameter) with { Reads = ArgumentUse.HandedOn },
        Value("array.sort", "The list in order (texts by code unit), by a member if one is named.", CheckedTypes.SameList, Sort, AnyParameter, Maybe("member", Text)) with { Reads = ArgumentUse.Named },
        Value("array.uniq", "The list without repeated values.", CheckedTypes.SameList, c => OrNull(c, Uniq), ListParameter),
    ];

    private static TemplateValue Make(IEnumerable<TemplateValue> items) => TemplateValue.From(new TemplateList(ToList(items), isOwned: true));

    private static TemplateValue MakeIterator(IEnumerable<TemplateValue> items) => TemplateValue.From(new TemplateList(ToList(items), isOwned: true) { IsIterator = true });

    // What is made of no list is no list.
    private static TemplateValue OrNull(FunctionCall call, Func<FunctionCall, IEnumerable<TemplateValue>> items) =>
        call[0].IsNull ? TemplateValue.Null : MakeIterator(items(call));

    private static List<TemplateValue> ToList(IEnumerable<TemplateValue> items)
    {
        var list = new List<TemplateValue>();
        foreach (var item in items)
            list.Add(item.IsUnset ? TemplateValue.Null : item);
        return list;
    }

    private static int Int(FunctionCall call, int index) => Language.Convert.ToInt32(call[index], call, index);

    internal static IEnumerable<TemplateValue> Items(FunctionCall call, int index = 0)
    {
        var value = call[index];
        if (value.IsNull)
            return [];
        if (value.Reference is not (TemplateList or TemplateRange or TemplateObject or string))
            throw call.Wrong(index, "a list");
        return Sequence.Of(value, call.Context, call.Span);
    }

    private static bool Contains(FunctionCall call)
    {
        var wanted = call[1];
        if (call[0].AsList() is { } list)
        {
            // The usual case, without an iterator.
            call.Context.CountIterations(list.Count, call.Span);
            for (var i = 0; i < list.Count; i++)
                if (Operators.AreSame(list[i], wanted, call.Context))
                    return true;
            return false;
        }
        foreach (var item in Items(call))
            if (Operators.AreSame(item, wanted, call.Context))
                return true;
        return false;
    }

    private static TemplateValue First(FunctionCall call)
    {
        if (call[0].AsList() is { } list)
            return list.Count > 0 ? list[0] : default;
        return Items(call).FirstOrDefault();
    }

    private static TemplateValue Last(FunctionCall call)
    {
        if (call[0].IsNull)
            return default;
        if (call[0].Reference is TemplateRange or TemplateList)
            return Sequence.Open(call[0], call.Context, call.Span) is { Count: > 0 } items ? items[items.Count - 1] : default;
        return Items(call).LastOrDefault();
    }

    private static TemplateValue Size(FunctionCall call)
    {
        if (call[0].IsNull)
            return TemplateValue.From(0);
        return call[0].Reference is TemplateRange or TemplateList ? TemplateValue.From(Sequence.Open(call[0], call.Context, call.Span).Count) : TemplateValue.From(Items(call).LongCount());
    }

    private static TemplateValue Cycle(FunctionCall call)
    {
        var items = Items(call).ToList();
        if (items.Count == 0)
            return TemplateValue.Null;
        var key = call.Has(1) && !call[1].IsNull ? "group " + call.Text(1) : AllOf(items, call);
        var turn = call.Context.Cycles.GetValueOrDefault(key) % items.Count;
        call.Context.Cycles[key] = turn + 1;
        return items[turn];
    }

    private static string AllOf(List<TemplateValue> items, FunctionCall call)
    {
        var texts = new BoundedText(call);
        for (var i = 0; i < items.Count; i++)
        {
            texts.Add(i > 0 ? "," : "");
            texts.Add(call.Context.ToText(items[i]));
        }
        return texts.ToString();
    }

    private static TemplateValue InsertAt(FunctionCall call)
    {
        var items = Items(call).ToList();
        var index = Math.Max(0, Int(call, 1));
        if (index > items.Count)
            call.Context.CountIterations(index - items.Count, call.Span);
        if (index >= RenderLimits.ListItems)
            throw RuntimeErrors.ListTooLong(call.Span);
        while (items.Count < index)
            items.Add(TemplateValue.Null);
        items.Insert(index, call[2]);
        return Make(items);
    }

    private static TemplateValue RemoveAt(FunctionCall call)
    {
        var items = Items(call).ToList();
        var index = Int(call, 1);
        if (index < 0)
            index += items.Count;
        if (index >= 0 && index < items.Count)
            items.RemoveAt(index);
        return Make(items);
    }

    private static TemplateValue Map(FunctionCall call)
    {
        var name = call.Text(1);
        if (call[1].IsNull)
            return MakeIterator([]);
        if (!Sequence.TryOpen(call[0], call.Context, out _) && !call[0].IsNull)
            return MakeIterator([]);
        var mapped = new List<TemplateValue>();
        foreach (var item in Items(call))
            if (item.AsObject() is { } target && target.TryGet(name, out var value))
                mapped.Add(value);
        return MakeIterator(mapped);
    }

    private static IEnumerable<TemplateValue> Uniq(FunctionCall call)
    {
        var seen = new HashSet<TemplateValue>(new SameValue(call.Context));
        return Items(call).Where(seen.Add);
    }

    private static TemplateValue Sort(FunctionCall call)
    {
        var member = call[1].IsNull ? "" : call.Text(1);
        if (member.AsSpan().Count('.') > RenderLimits.ValueDepth)
            throw RuntimeErrors.ValueTooDeep();
        var path = member.Split('.', StringSplitOptions.RemoveEmptyEntries);
        var items = Sequence.TryOpen(call[0], call.Context, out _) || call[0].IsNull ? Items(call) : [call[0]];
        var keyed = items.Select(item => (Item: item, Key: Follow(item, path))).ToList();
        (TemplateValue, TemplateValue)? unordered = null;
        var comparer = Comparer<TemplateValue>.Create((a, b) =>
        {
            call.Context.CountWork(1 + WorkOf(a) + WorkOf(b));
            if (Operators.Order(a, b) is { } order)
                return order;
            unordered ??= (a, b);
            return 0;
        });
        var sorted = InOrder(keyed, comparer);
        if (unordered is var (first, second))
            throw call.Error($"cannot order {ValueText.Describe(first)} and {ValueText.Describe(second)}");
        return Make(sorted.Select(pair => pair.Item));
    }

    private static long WorkOf(TemplateValue value) => (value.AsText()?.Length ?? 0) / 256 + BigNumber.WorkOf(value);

    // OrderBy is stable; List.Sort is not.
    private static List<(TemplateValue Item, TemplateValue Key)> InOrder(List<(TemplateValue Item, TemplateValue Key)> keyed, Comparer<TemplateValue> comparer)
    {
        try
        {
            return [.. keyed.OrderBy(pair => pair.Key, comparer)];
        }
        catch (InvalidOperationException wrapped) when (wrapped.InnerException is TemplateRuntimeException or OperationCanceledException)
        {
            // A sort wraps what ends a comparison.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(wrapped.InnerException);
            throw;
        }
    }

    private static TemplateValue Follow(TemplateValue item, string[] path)
    {
        foreach (var name in path)
            item = item.AsObject() is { } target && target.TryGet(name, out var value) ? value : TemplateValue.Null;
        return item;
    }

    private sealed class SameValue(RenderContext context) : IEqualityComparer<TemplateValue>
    {
        public bool Equals(TemplateValue x, TemplateValue y) => Operators.AreSame(x, y, context);

        public int GetHashCode(TemplateValue value)
        {
            context.CountWork(WorkOf(value));
            return value.Reference switch
            {
                null => 0,
                string text => string.GetHashCode(text, StringComparison.Ordinal),
                ScalarTag => value.Bits.GetHashCode(),
                BigNumber big => big.Value.GetHashCode(),
                DecimalNumber number => number.Value.GetHashCode(),
                // Pairs within pairs may be deep: the names alone tell most of them apart.
                PairObject { Value.Reference: PairObject } pair => GetHashCode(pair.Key),
                PairObject pair => HashCode.Combine(GetHashCode(pair.Key), GetHashCode(pair.Value)),
                var reference => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(reference),
            };
        }
    }
}
