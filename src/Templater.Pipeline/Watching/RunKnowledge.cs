using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Watching;

/// <summary>What a program that runs knows beyond its engine, for a command beside it that explains what it does.</summary>
public static class RunKnowledge
{
    /// <summary>A snapshot with what the run so far told about its containers, as one output sees it.</summary>
    /// <param name="snapshot">What the engine says now.</param>
    /// <param name="status">What the program wrote; null when none runs here.</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="staleAfter">A program that wrote nothing for so long runs no more, and what it knew ended with it.</param>
    public static Snapshot Add(Snapshot snapshot, WatcherStatus? status, string output, TimeSpan staleAfter)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (status is null || snapshot.TakenAt - status.Written > staleAfter)
            return snapshot;
        var lifecycle = new Lifecycle();
        var (held, stopping) = (lifecycle.Held.ToBuilder(), lifecycle.Stopping.ToBuilder());
        foreach (var waiting in status.Held ?? [])
            held[waiting.Id] = new HoldDown(waiting.Until, waiting.Restarts);
        foreach (var waiting in status.Stopping ?? [])
            stopping[waiting.Id] = waiting.Until;
        var leftOut = snapshot.Quarantined.ToBuilder();
        foreach (var container in status.Outputs.FirstOrDefault(known => known.Name == output)?.LeftOut ?? [])
            leftOut[container.Id] = container.Why;
        return snapshot with
        {
            Quarantined = leftOut.ToImmutable(),
            Lifecycle = held.Count + stopping.Count == 0 ? snapshot.Lifecycle : lifecycle with { Held = held.ToImmutable(), Stopping = stopping.ToImmutable() },
        };
    }
}
