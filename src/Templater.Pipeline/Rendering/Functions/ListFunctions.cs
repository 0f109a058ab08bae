using System.Security.Cryptography;
using System.Text;
using Templater.Language;

namespace Templater.Pipeline.Rendering.Functions;

/// <summary>Functions that configuration templates miss most in the language: grouping, filtering, sorting, batches, hashes.</summary>
internal static class ListFunctions
{
    private const int MaxHashDigits = 64;

    private static readonly TemplateType Anything = new TemplateType.Any();
    private static readonly TemplateType Untrusted = new TemplateType.Any(Untrusted: true);

    /// <summary>All of them.</summary>
    public static readonly FunctionDefinition[] All =
    [
        new()
        {
            Name = "group_by",
            Documentation = "Groups a list by a member (dotted path): a list of objects with key and items, by key. Items without the member are left out.",
            Parameters = [new FunctionParameter("list", Anything), new FunctionParameter("path", Untrusted)],
            Body = GroupBy,
            Reads = ArgumentUse.Named,
        },
        new()
        {
            Name = "where",
            Documentation = "The items whose member (dotted path) equals a value; without a value, those that have the member.",
            Parameters = [new FunctionParameter("list", Anything), new FunctionParameter("path", Untrusted), new FunctionParameter("value", Untrusted, Optional: true)],
            Body = Where,
            Reads = ArgumentUse.Named,
            Result = types => types.Count > 0 ? types[0] : Anything,
        },
        new()
        {
            Name = "sort_by",
            Documentation = "The items by one or more members (dotted paths), ordinal; a path with a leading minus sorts downwards.",
            Parameters = [new FunctionParameter("list", Anything), new FunctionParameter("paths", Untrusted) { IsRest = true }],
            Body = SortBy,
            Reads = ArgumentUse.Named,
            Result = types => types.Count > 0 ? types[0] : Anything,
        },
        new()
        {
            Name = "batch",
            Documentation = "The list in pieces of at most that many items, for programs with a limit of words per line.",
            Parameters = [new FunctionParameter("list", Anything), new FunctionParameter("size", new TemplateType.Number())],
            Body = Batch,
            Reads = ArgumentUse.HandedOn,
            Result = types => new TemplateType.ListOf(types.Count > 0 ? types[0] : Anything),
        },
        new()
        {
            Name = "hash",
            Documentation = "The first hex digits (8 unless told, at most 64) of a text's SHA-256.",
            Parameters = [new FunctionParameter("text", Untrusted), new FunctionParameter("digits", new TemplateType.Number(), Optional: true)],
            Body = call => call.Derive(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(call.Text(0))))[..(int)Math.Clamp(call.Integer(1, 8), 1, MaxHashDigits)]),
            Result = _ => new TemplateType.Text(),
        },
        new()
        {
            Name = "parse_bool",
            Documentation = "true, yes, on, 1 and false, no, off, 0 in any case; null for anything else.",
            Parameters = [new FunctionParameter("text", Untrusted)],
            Body = call => call.Text(0).Trim().ToLowerInvariant() switch
            {
                "true" or "yes" or "on" or "1" => TemplateValue.True,
                "false" or "no" or "off" or "0" => TemplateValue.False,
                _ => TemplateValue.Null,
            },
            Result = _ => new TemplateType.Boolean().OrNull(),
        },
    ];

    private static TemplateValue GroupBy(FunctionCall call)
    {
        var path = call.Text(1);
        var groups = Items(call)
            .Select(item => (Key: Member(item, path), Item: item))
            .Where(entry => !entry.Key.IsNull)
            .GroupBy(entry => entry.Key.ToString(), StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => TemplateValue.From(new MapObject(
            [
                KeyValuePair.Create("key", group.First().Key),
                KeyValuePair.Create("items", TemplateValue.From(new TemplateList(group.Select(entry => entry.Item)))),
            ], typeName: "group")));
        return TemplateValue.From(new TemplateList(groups));
    }

    private static TemplateValue Where(FunctionCall call)
    {
        var path = call.Text(1);
        var wanted = call.Has(2) ? call.Text(2) : null;
        return TemplateValue.From(new TemplateList(Items(call).Where(item =>
            Member(item, path) is { IsNull: false } value && (wanted is null || string.Equals(value.ToString(), wanted, StringComparison.Ordinal)))));
    }

    private static TemplateValue SortBy(FunctionCall call)
    {
        IEnumerable<TemplateValue> items = Items(call);
        for (var i = call.Count - 1; i >= 1; i--)
        {
            if (!call.Has(i))
                continue;
            var path = call.Text(i);
            var isDown = path.StartsWith('-');
            var member = isDown ? path[1..] : path;
            // Stable sorts from the last path to the first give the order by all of them.
            items = isDown
                ? items.OrderByDescending(item => Member(item, member), Comparer<TemplateValue>.Create(Compare))
                : items.OrderBy(item => Member(item, member), Comparer<TemplateValue>.Create(Compare));
        }

        return TemplateValue.From(new TemplateList(items));
    }

    private static TemplateValue Batch(FunctionCall call)
    {
        var size = call.Integer(1);
        if (size is < 1 or > int.MaxValue)
            throw call.Wrong(1, "a positive number");
        return TemplateValue.From(new TemplateList(Items(call).Chunk((int)size).Select(piece => TemplateValue.From(new TemplateList(piece)))));
    }

    private static IReadOnlyList<TemplateValue> Items(FunctionCall call) =>
        call[0].IsNull ? [] : call[0].AsList()?.Items ?? throw call.Wrong(0, "a list");

    private static TemplateValue Member(TemplateValue item, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (item.AsObject() is not { } target || !target.TryGet(name, out item))
                return TemplateValue.Null;
        }

        return item;
    }

    private static int Compare(TemplateValue left, TemplateValue right) =>
        left.AsDouble() is { } first && right.AsDouble() is { } second
            ? first.CompareTo(second)
            : string.CompareOrdinal(left.ToString(), right.ToString());
}
