using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Running;

/// <summary>
/// Containers of one output that made a checker or the proxy refuse a configuration. They are left out until they change.
/// Thread-safe: a proxy may refuse long after the look that rendered the file.
/// </summary>
internal sealed class Quarantine
{
    private const int MaxContainers = 1_000;
    private const int MaxNames = 5;

    private readonly Lock _lock = new();
    private readonly Dictionary<ContainerId, Held> _held = [];
    private volatile ImmutableDictionary<ContainerId, Container> _served = ImmutableDictionary<ContainerId, Container>.Empty;

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
                return [.. _held.Select(static held => new LeftOutContainer(held.Key.Value, held.Value.Reason)).OrderBy(static container => container.Id, StringComparer.Ordinal)];
        }
    }

    /// <summary>True when one of the findings is about that container.</summary>
    public bool Says(string? container)
    {
        lock (_lock)
            return _held.Values.Any(held => held.Name == container);
    }

    /// <summary>Lets go of those that have changed or are gone.</summary>
    public void Release(Snapshot snapshot)
    {
        lock (_lock)
        {
            if (_held.Count == 0)
                return;
            var present = snapshot.Containers.ToDictionary(static container => container.Id);
            foreach (var (id, held) in _held.ToList())
                if (!present.TryGetValue(id, out var container) || MarkOf(container) != held.Mark)
                    _held.Remove(id);
        }
    }

    /// <summary>Lets go of all of them: the line that was refused may have been the template's fault.</summary>
    public void ReleaseAll()
    {
        lock (_lock)
            _held.Clear();
    }

    /// <summary>The snapshot with those left out.</summary>
    public Snapshot Apply(Snapshot snapshot)
    {
        lock (_lock)
        {
            return _held.Count == 0 ? snapshot : snapshot with
            {
                Quarantined = snapshot.Quarantined.SetItems(_held.Select(static held => KeyValuePair.Create(held.Key.Value, held.Value.Reason))),
            };
        }
    }

    /// <summary>What is said of a refusal, however often it comes: with the container to blame, if there is one.</summary>
    public Finding InsteadOf(Finding finding)
    {
        lock (_lock)
            return _held.Values.FirstOrDefault(held => held.Refusal == finding)?.Finding ?? finding;
    }

    /// <summary>
    /// Remembers who is in a generation that became live: of those behind a line that is refused later, they who have changed since
    /// or are new are to blame.
    /// </summary>
    public void Served(IEnumerable<Container> containers) => _served = containers.ToImmutableDictionary(static container => container.Id);

    /// <summary>
    /// Finds the containers behind a refused line and leaves them out: those that are new or have changed since the last live
    /// generation, else all of them. An edited template that writes a bad line for a container that was served as it is takes no
    /// site down: nobody is to blame then, and what is live stays.
    /// </summary>
    /// <param name="snapshot">What was rendered.</param>
    /// <param name="file">What was refused.</param>
    /// <param name="refused">The refusal.</param>
    /// <param name="isEdited">True when the template was edited since the last live generation.</param>
    /// <returns>What is to be said in place of the refusal; null when nobody is behind the line.</returns>
    public Finding? Blame(Snapshot snapshot, RenderedFile file, DeployOutcome.Refused refused, bool isEdited)
    {
        if (refused.Line is not { } line || refused.Findings.FirstOrDefault(IsRefusal) is not { } refusal)
            return null;
        var guilty = BehindLine(snapshot, file, line, isEdited);
        if (guilty.Count == 0)
            return null;
        var finding = refusal with
        {
            Message = $"{refusal.Message} {WhoIsLeftOut(guilty)}",
            Container = guilty.Count == 1 ? guilty[0].Name : null,
        };
        var reason = string.Create(CultureInfo.InvariantCulture, $"line {line} of {file.Path}, which comes from it, was refused");
        lock (_lock)
        {
            if (_held.Count + guilty.Count > MaxContainers)
                return null;
            var isNews = false;
            foreach (var container in guilty)
                isNews |= _held.TryAdd(container.Id, new Held(container.Name, MarkOf(container), reason, refusal, finding));
            return isNews ? finding : null;
        }
    }

    private List<Container> BehindLine(Snapshot snapshot, RenderedFile file, int line, bool isEdited)
    {
        var ids = file.Provenance.Where(owner => owner.FirstLine <= line && line <= owner.LastLine).SelectMany(static owner => owner.Containers).ToHashSet();
        var owners = snapshot.Containers.Where(container => ids.Contains(container.Id)).ToList();
        var news = owners.Where(container => !IsServedAsItIs(container)).ToList();
        return news.Count > 0 || isEdited ? news : owners;
    }

    private bool IsServedAsItIs(Container container) =>
        _served.TryGetValue(container.Id, out var served) && MarkOf(served) == MarkOf(container);

    private static string WhoIsLeftOut(List<Container> guilty)
    {
        var names = string.Join(", ", guilty.Take(MaxNames).Select(static container => $"\"{VisibleText.Of(container.Name)}\""));
        if (guilty.Count == 1)
            return $"The line comes from container {names}. {names} is left out until it changes.";
        var rest = guilty.Count > MaxNames ? string.Create(CultureInfo.InvariantCulture, $" and {guilty.Count - MaxNames} more") : "";
        return $"The line comes from containers {names}{rest}. They are left out until they change.";
    }

    /// <summary>Adds to what is said about a container how the others fare without it.</summary>
    /// <param name="finding">As <see cref="Blame"/> gave it.</param>
    /// <param name="others">Routed containers.</param>
    /// <param name="isLive">True when they are live, false when that is not known.</param>
    /// <param name="number">Number of the generation with them.</param>
    public void Complete(Finding finding, int others, bool isLive, int number)
    {
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
    public static bool IsRefusal(Finding finding) => finding.Reason == ReasonIds.ConfigRefused;

    // What a person would change to mend it. A start is no change: one that crashes again and again must not be tried each time.
    private static string MarkOf(Container container) => string.Join('\n',
        container.Labels.Concat(container.Env).Select(static pair => $"{pair.Key}={pair.Value}").Append(container.Name));

    /// <summary>A container that is left out.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Mark">What must change before it is tried again.</param>
    /// <param name="Reason">Why it is not routed.</param>
    /// <param name="Refusal">The refusal that it is to blame for.</param>
    /// <param name="Finding">What is said about it.</param>
    private sealed record Held(string Name, string Mark, string Reason, Finding Refusal, Finding Finding);
}
