using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Names;
using Templater.Pipeline.Watching;

namespace Templater.Pipeline.Deployment.Isolation;

/// <summary>
/// Containers of one output that made a checker or the proxy refuse a configuration. They are left out until they change, and tried
/// again from time to time where somebody else may be in the way: a port that is in use becomes free without a word.
/// Thread-safe: a proxy may refuse long after the look that rendered the file.
/// </summary>
/// <param name="served">Who is live: of those behind a line that is refused, they who have changed since or are new are to blame.</param>
public sealed class Quarantine(ServedContainers served)
{
    private const int MaxContainers = 1_000;
    private const int MaxNames = 5;

    // What HAProxy says of a port that is in use, beside the line; the rest is in the words of its C library.
    private const string HAProxyBind = ": cannot bind socket (Address ";

    private const string TriedAgain = " It is tried again from time to time, as the port may become free.";

    private readonly Lock _lock = new();
    private readonly Dictionary<ContainerId, Held> _held = [];

    // How often in a row somebody was left out for a port.
    private readonly Dictionary<ContainerId, Trials> _trials = [];

    /// <summary>What is to be said about those that are left out.</summary>
    public IReadOnlyList<Finding> Findings
    {
        get
        {
            lock (_lock)
                return [.. _held.Values.Select(static held => held.Finding).Distinct()];
        }
    }

    /// <summary>Those that are left out.</summary>
    public ImmutableArray<LeftOutContainer> LeftOut
    {
        get
        {
            lock (_lock)
                return [.. _held.Select(static held => new LeftOutContainer(held.Key.Value, held.Value.Reason) { Name = held.Value.Name }).OrderBy(static container => container.Id, StringComparer.Ordinal)];
        }
    }

    /// <summary>True when one of the findings is about that container.</summary>
    /// <param name="container">Its name.</param>
    public bool Says(string? container)
    {
        lock (_lock)
            return _held.Values.Any(held => held.Name == container);
    }

    /// <summary>When the next of those that are tried again is to be let go; null when there is none.</summary>
    public DateTimeOffset? RetryAt
    {
        get
        {
            lock (_lock)
                return _held.Values.Min(static held => held.Until);
        }
    }

    /// <summary>Lets go of those that have changed or are gone, and of those whose time to be tried again has come.</summary>
    /// <param name="snapshot">What there is now.</param>
    public void Release(Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        lock (_lock)
        {
            if (_held.Count + _trials.Count == 0)
                return;
            var present = snapshot.Containers.ToDictionary(static container => container.Id);
            foreach (var (id, held) in _held.ToList())
                if (!IsAsItWas(id, held.Mark) || held.Until <= snapshot.TakenAt)
                    _held.Remove(id);
            foreach (var (id, trials) in _trials.ToList())
                if (!IsAsItWas(id, trials.Mark))
                    _trials.Remove(id);

            bool IsAsItWas(ContainerId id, string mark) => present.TryGetValue(id, out var container) && ServedContainers.MarkOf(container) == mark;
        }
    }

    /// <summary>Lets go of all of them: the line that was refused may have been the template's fault.</summary>
    public void ReleaseAll()
    {
        lock (_lock)
        {
            _held.Clear();
            _trials.Clear();
        }
    }

    /// <summary>The snapshot with those left out.</summary>
    /// <param name="snapshot">The snapshot.</param>
    public Snapshot Apply(Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        lock (_lock)
        {
            return _held.Count == 0 ? snapshot : snapshot with
            {
                Quarantined = snapshot.Quarantined.SetItems(_held.Select(static held => KeyValuePair.Create(held.Key.Value, held.Value.Reason))),
            };
        }
    }

    /// <summary>What is said of a refusal, however often it comes: with the container to blame, if there is one.</summary>
    /// <param name="finding">The refusal.</param>
    public Finding InsteadOf(Finding finding)
    {
        lock (_lock)
            return _held.Values.FirstOrDefault(held => held.Refusal == finding)?.Finding ?? finding;
    }

    /// <summary>
    /// Finds the containers behind a refused line and leaves them out: those that are new or have changed since the last live
    /// generation, else all of them. An edited template that writes a bad line for a container that was served as it is takes no
    /// site down: nobody is to blame then, and what is live stays. Nor is a site to blame for the line with which somebody new clashes.
    /// </summary>
    /// <param name="deployed">What was refused.</param>
    /// <param name="refusal">The refusal.</param>
    /// <param name="isEdited">True when the template was edited since the last live generation.</param>
    /// <returns>What is to be said in place of the refusal; null when nobody is behind the line.</returns>
    public Finding? Blame(DeployedFile deployed, DeployOutcome.Refused refusal, bool isEdited)
    {
        ArgumentNullException.ThrowIfNull(deployed);
        ArgumentNullException.ThrowIfNull(refusal);
        if (refusal.Line is not { } line || refusal.Findings.FirstOrDefault(IsRefusal) is not { } finding)
            return null;
        // A port that is in use stands on several lines, also on some that come from nobody.
        if (!refusal.Lines.IsEmpty)
            line = refusal.Lines.FirstOrDefault(other => deployed.BehindLine(other).Any(container => !served.IsAsItIs(container)), line);
        var owners = deployed.BehindLine(line).ToList();
        var guilty = owners.Where(container => !served.IsAsItIs(container)).ToList();
        if (guilty.Count == 0 && !isEdited && deployed.Present.All(served.IsAsItIs))
            guilty = owners;
        return BlameForLine(guilty, deployed.File.Path, line, finding, MayGoByItself(refusal) ? deployed.Snapshot.TakenAt : null);
    }

    /// <summary>Leaves out those behind a refused line.</summary>
    /// <param name="guilty">They.</param>
    /// <param name="path">The file that was refused.</param>
    /// <param name="line">The line, from 1.</param>
    /// <param name="refusal">What was said of it.</param>
    /// <param name="since">Since when, where they are tried again later; else null.</param>
    /// <returns>What is to be said in place of the refusal; null when that is nobody, or too many are left out already.</returns>
    internal Finding? BlameForLine(IReadOnlyList<Container> guilty, string path, int line, Finding refusal, DateTimeOffset? since = null) =>
        Hold(guilty, refusal, string.Create(CultureInfo.InvariantCulture, $"line {line} of {path}, which comes from it, was refused"), "The line comes from", since);

    /// <summary>Leaves out those without whom the rest is accepted.</summary>
    /// <param name="guilty">Replicas of one service, or one container.</param>
    /// <param name="path">The file that was refused.</param>
    /// <param name="refusal">What was said of them.</param>
    /// <returns>What is to be said in place of the refusal; null when too many are left out already.</returns>
    internal Finding? Blame(IReadOnlyList<Container> guilty, string path, Finding refusal) =>
        Hold(guilty, refusal, $"{path} is refused with it and accepted without it", "It is accepted without");

    // A proxy that ended on it would end again, and be missed by everybody.
    private static bool MayGoByItself(DeployOutcome.Refused refusal) => !refusal.HasEnded
        && (!refusal.Lines.IsEmpty || refusal.Output.Contains(HAProxyBind, StringComparison.Ordinal));

    private Finding? Hold(IReadOnlyList<Container> guilty, Finding refusal, string reason, string why, DateTimeOffset? since = null)
    {
        if (guilty.Count == 0)
            return null;
        var finding = refusal with
        {
            Message = $"{refusal.Message} {WhoIsLeftOut(guilty, why)}{(since is null ? "" : TriedAgain)}",
            Container = guilty.Count == 1 ? guilty[0].Name : null,
        };
        lock (_lock)
        {
            if (_held.Count + guilty.Count > MaxContainers)
                return null;
            var isNews = false;
            foreach (var container in guilty)
                isNews |= _held.TryAdd(container.Id, new Held(container.Name, ServedContainers.MarkOf(container), reason, refusal, finding) { Until = Until(container) });
            return isNews ? finding : null;
        }

        DateTimeOffset? Until(Container container)
        {
            if (since is not { } start || _held.ContainsKey(container.Id))
                return null;
            var trials = new Trials(ServedContainers.MarkOf(container), _trials.TryGetValue(container.Id, out var former) ? former.Count + 1 : 1);
            _trials[container.Id] = trials;
            return start + DebtPolicy.TrialDelay(trials.Count);
        }
    }

    private static string WhoIsLeftOut(IReadOnlyList<Container> guilty, string why)
    {
        var names = string.Join(", ", guilty.Take(MaxNames).Select(static container => $"\"{Untrusted.Shown(container.Name)}\""));
        if (guilty.Count == 1)
            return $"{why} container {names}. {names} is left out until it changes.";
        var rest = guilty.Count > MaxNames ? string.Create(CultureInfo.InvariantCulture, $" and {guilty.Count - MaxNames} more") : "";
        return $"{why} containers {names}{rest}. They are left out until they change.";
    }

    /// <summary>Adds to what is said about a container how the others fare without it.</summary>
    /// <param name="finding">As one of the two that blame gave it.</param>
    /// <param name="others">Routed containers.</param>
    /// <param name="isLive">True when they are live, false when that is not known.</param>
    /// <param name="number">Number of the generation with them.</param>
    public void Complete(Finding finding, int others, bool isLive, int number)
    {
        ArgumentNullException.ThrowIfNull(finding);
        if (others == 0 || number == 0)
            return;
        var rest = string.Create(CultureInfo.InvariantCulture,
            $"; the {others} {(others == 1 ? "other is" : "others are")} {(isLive ? "live" : "delivered")} as generation {number}.");
        var complete = finding with { Message = finding.Message.TrimEnd('.') + rest };
        lock (_lock)
        {
            foreach (var (id, held) in _held.ToList())
                if (ReferenceEquals(held.Finding, finding))
                    _held[id] = held with { Finding = complete };
        }
    }

    /// <summary>True for the finding that tells of a refused configuration.</summary>
    /// <param name="finding">The finding.</param>
    public static bool IsRefusal(Finding finding) => finding?.Reason == ReasonIds.ConfigRefused;

    /// <summary>A container that is left out.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Mark">What must change before it is tried again.</param>
    /// <param name="Reason">Why it is not routed.</param>
    /// <param name="Refusal">The refusal that it is to blame for.</param>
    /// <param name="Finding">What is said about it.</param>
    private sealed record Held(string Name, string Mark, string Reason, Finding Refusal, Finding Finding)
    {
        /// <summary>When it is tried again although it has not changed; null = never.</summary>
        public DateTimeOffset? Until { get; init; }
    }

    private sealed record Trials(string Mark, int Count);
}
