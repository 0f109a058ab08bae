using System.Collections.Immutable;

namespace Templater.Pipeline.Inventory;

/// <summary>
/// What the run so far tells about containers beside what the engine says of them now. Part of the snapshot, so that
/// decisions stay a function of it alone.
/// </summary>
public sealed record Lifecycle
{
    /// <summary>Restarts count for so long.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <summary>Longest time that a container is left out after a restart.</summary>
    public static readonly TimeSpan MaxHold = TimeSpan.FromSeconds(60);

    /// <summary>Containers that restart in a loop, by id: they get no requests until a moment.</summary>
    public ImmutableSortedDictionary<string, HoldDown> Held { get; init; } =
        ImmutableSortedDictionary.Create<string, HoldDown>(StringComparer.Ordinal);

    /// <summary>Containers that were told to stop, by id, and when they are taken to have decided otherwise.</summary>
    public ImmutableSortedDictionary<string, DateTimeOffset> Stopping { get; init; } =
        ImmutableSortedDictionary.Create<string, DateTimeOffset>(StringComparer.Ordinal);
}

/// <summary>How long a container that restarted is left out.</summary>
/// <param name="Until">The moment at which it may come back.</param>
/// <param name="Restarts">How often it restarted within <see cref="Lifecycle.Window"/>.</param>
public readonly record struct HoldDown(DateTimeOffset Until, int Restarts);

/// <summary>What the health checks of a container that is unhealthy said last.</summary>
/// <param name="FailingStreak">Failed checks in a row.</param>
/// <param name="ExitCode">Exit code of the last one.</param>
/// <param name="Output">What it printed, bounded; untrusted.</param>
public sealed record HealthFailure(int FailingStreak, int ExitCode, string Output);
