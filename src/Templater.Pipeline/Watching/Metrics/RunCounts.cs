using System.Collections.Immutable;

namespace Templater.Pipeline.Watching.Metrics;

/// <summary>What a run has counted so far. Immutable.</summary>
public sealed record RunCounts
{
    /// <summary>Counters by the name of their metric and their labels.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, long>> Counters { get; init; } = ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, long>>(StringComparer.Ordinal);

    /// <summary>Histograms by the name of their metric and the output.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, Histogram>> Histograms { get; init; } = ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, Histogram>>(StringComparer.Ordinal);

    /// <summary>When each certificate that was read ends, by its name.</summary>
    public ImmutableSortedDictionary<string, DateTimeOffset> Certificates { get; init; } = ImmutableSortedDictionary.Create<string, DateTimeOffset>(StringComparer.Ordinal);
}
