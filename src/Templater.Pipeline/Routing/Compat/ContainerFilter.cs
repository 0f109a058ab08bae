using System.Collections.Immutable;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing;

/// <summary>A filter of <c>docker ps</c> by label. Immutable.</summary>
/// <param name="Label">The label's key.</param>
/// <param name="Value">Its value; null = any.</param>
public sealed record ContainerFilter(string Label, string? Value)
{
    /// <summary>What is legal, in words that fit after "expected".</summary>
    public const string Legal = "a list of label=KEY or label=KEY=VALUE, separated by commas; other filters are not supported";

    private const string LabelFilter = "label";
    private const string RunningOnly = "status=running";

    /// <summary>Reads a list of them.</summary>
    /// <param name="text">The list.</param>
    /// <param name="filters">The filters.</param>
    public static bool TryParse(string text, out ImmutableArray<ContainerFilter> filters)
    {
        var all = ImmutableArray.CreateBuilder<ContainerFilter>();
        filters = [];
        foreach (var item in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // Others are never routed.
            if (item == RunningOnly)
                continue;
            if (item.Split('=', 3) is not [LabelFilter, { Length: > 0 } key, ..] parts)
                return false;
            all.Add(new ContainerFilter(key, parts.Length > 2 ? parts[2] : null));
        }

        filters = all.ToImmutable();
        return true;
    }

    /// <summary>True when a container passes.</summary>
    /// <param name="container">The container.</param>
    public bool Admits(Container container) =>
        container.Labels.TryGetValue(Label, out var value) && (Value is null || value == Value);

    /// <inheritdoc/>
    public override string ToString() => Value is null ? $"{LabelFilter}={Label}" : $"{LabelFilter}={Label}={Value}";
}
