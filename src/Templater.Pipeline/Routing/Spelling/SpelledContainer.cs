using System.Collections.Immutable;
using Templater.Pipeline.Explaining;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing.Spelling;

/// <summary>What a container says, in native labels.</summary>
public sealed record SpelledContainer
{
    /// <summary>The container.</summary>
    public required Container Container { get; init; }

    /// <summary>The dialect that it is written in; null when no dialect names a host on it.</summary>
    public Dialect? Dialect { get; init; }

    /// <summary>The dialect as the setting names it.</summary>
    public string? DialectName => Dialect is { } dialect ? SourceLabels.Word(dialect) : null;

    /// <summary>The hosts as written, shortened, for people.</summary>
    public ImmutableArray<string> Hosts { get; init; } = [];

    /// <summary>The labels, host first; empty when they would open what the container closes.</summary>
    public ImmutableArray<SpelledLabel> Labels { get; init; } = [];

    /// <summary>What has no native word, a sentence each.</summary>
    public ImmutableArray<string> Remarks { get; init; } = [];

    /// <summary>What reading the container complained about.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];
}

/// <summary>One native label.</summary>
/// <param name="Key">The whole key.</param>
/// <param name="Value">Its value. Untrusted; may be a secret.</param>
public sealed record SpelledLabel(string Key, string Value);
