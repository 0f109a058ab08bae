using System.Collections.Immutable;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment.Proving;

/// <summary>A proxy that was started with a file and ended.</summary>
/// <param name="Proxy">Its name.</param>
/// <param name="Output">Its own reasons, or how it ended.</param>
/// <param name="Config">The path by which it knows the file; null when nobody can tell.</param>
internal sealed record Crash(string Proxy, string Output, string? Config);

/// <summary>
/// Finds proxies that were started when a file was in place and ended again, with a failure: no proxy that ran could keep
/// an older configuration, so this is how they refuse one. Not thread-safe.
/// </summary>
/// <param name="control">The engine.</param>
/// <param name="select">The proxies of a snapshot.</param>
/// <param name="path">Where Templater writes the output, as Templater sees it.</param>
/// <param name="titles">Knows the refusals in the log; null for a proxy whose words are not known.</param>
internal sealed class CrashWatch(IContainerControl control, Func<Snapshot, ImmutableArray<Container>> select, string path, WorkerTitles? titles)
{
    // Lines of a proxy whose words are not known.
    private const int LastLines = 3;

    // A start is stamped when the process may have written its first lines already.
    private static readonly TimeSpan StampDelay = TimeSpan.FromSeconds(1);

    // Runs of which it is known that they began before the file was seen in place. Any other has read that file, whatever
    // the clocks say.
    private readonly Dictionary<ContainerId, DateTimeOffset> _former = [];
    private (string Generation, DateTimeOffset? Swapped) _about;

    /// <param name="entry">What is in place.</param>
    /// <param name="hasStartedWithIt">Whether a start at that moment certainly met the file in place, if the engine's clock is ours.</param>
    /// <param name="alsoRunning">Look at those too that ran when the engine was read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The engine does not tell right now.</exception>
    public async Task<Crash?> FindAsync(JournalEntry entry, Func<DateTimeOffset?, bool> hasStartedWithIt, bool alsoRunning, CancellationToken cancellationToken)
    {
        Turn(entry);
        if (control.Latest is not { } snapshot)
            return null;
        foreach (var proxy in select(snapshot).Where(proxy => alsoRunning || proxy.State != ContainerState.Running))
        {
            if (await control.RunAsync(proxy.Id, cancellationToken) is { IsRunning: false, Started: { } started } run
                && RefusesIt(entry, proxy with { Started = started }, started, run, hasStartedWithIt))
                return new Crash(proxy.Name, await ReasonsAsync(proxy.Id, run, started, cancellationToken), OutputView.Of(snapshot, proxy, path).Path);
        }

        return null;
    }

    private void Turn(JournalEntry entry)
    {
        if (_about == (entry.Generation, entry.Swapped))
            return;
        _former.Clear();
        _about = (entry.Generation, entry.Swapped);
    }

    private bool RefusesIt(JournalEntry entry, Container proxy, DateTimeOffset started, ContainerRun run, Func<DateTimeOffset?, bool> hasStartedWithIt)
    {
        // It was restarted to read the file and has not stayed up: a program that says what it does not like may end as if all was well.
        var isBegun = entry.Restarted.Any(key => SignalledContainer.IsLaterRun(proxy, key));
        if (isBegun && !entry.Targets.Any(key => SignalledContainer.IsOf(proxy, key)))
            return run.Error.Length == 0;
        return (HasReadIt(proxy.Id, started, hasStartedWithIt) || isBegun) && HasFailed(run);
    }

    private bool HasReadIt(ContainerId id, DateTimeOffset started, Func<DateTimeOffset?, bool> hasStartedWithIt) =>
        !_former.TryAdd(id, started) && started != _former[id] || (control.SharesClock && hasStartedWithIt(started));

    // Ended by whoever stopped or killed it, or never really started: that says nothing about the file.
    private static bool HasFailed(ContainerRun run)
    {
        const int BySignal = 128;
        return run.Error.Length == 0 && run.ExitCode is not (0 or 125 or 126 or 127
            or BySignal + 1 or BySignal + 2 or BySignal + 3 or BySignal + 9 or BySignal + 10 or BySignal + 15);
    }

    private async Task<string> ReasonsAsync(ContainerId id, ContainerRun run, DateTimeOffset started, CancellationToken cancellationToken)
    {
        var log = (await LogAsync(id, started - StampDelay, cancellationToken))?.Text ?? "";
        // The runs of a crash loop are close together and say the same.
        var reasons = titles is null
            ? [.. log.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(LastLines)]
            : titles.Words.ReasonsIn(log).GroupBy(static line => Checks.Complaint.Of(line, null), StringComparer.Ordinal).Select(static same => same.Last()).ToList();
        return ShownText.Block(reasons.Count > 0 ? string.Join('\n', reasons) : $"it ended with exit code {run.ExitCode} and gave no reason in its log");
    }

    private async Task<ContainerLog?> LogAsync(ContainerId id, DateTimeOffset since, CancellationToken cancellationToken)
    {
        try
        {
            return await control.LogsAsync(id, since, cancellationToken);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
