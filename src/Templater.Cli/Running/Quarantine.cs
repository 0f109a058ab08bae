using System.Globalization;
using Templater.Pipeline;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;

namespace Templater.Cli.Running;

/// <summary>
/// Containers of one output that made a checker or the proxy refuse a configuration. They are left out until they change.
/// Thread-safe: a proxy may refuse long after the look that rendered the file.
/// </summary>
internal sealed class Quarantine
{
    private const int MaxContainers = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<ContainerId, Held> _held = [];

    /// <summary>What is to be said about those that are left out.</summary>
    public IReadOnlyList<Finding> Findings
    {
        get
        {
            lock (_lock)
                return [.. _held.Values.Select(static held => held.Finding)];
        }
    }

    /// <summary>True when one of the findings is about that container.</summary>
    public bool Says(string? container) => Findings.Any(finding => finding.Container == container);

    /// <summary>Lets go of those that have changed or are gone.</summary>
    public void Release(Snapshot snapshot)
    {
        var present = snapshot.Containers.ToDictionary(static container => container.Id);
        lock (_lock)
        {
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

    /// <summary>Finds the container behind a refused line and leaves it out.</summary>
    /// <param name="snapshot">What was rendered.</param>
    /// <param name="file">What was refused.</param>
    /// <param name="refused">The refusal.</param>
    /// <returns>What is to be said in place of the refusal; null when nobody, or more than one container, is behind the line.</returns>
    public Finding? Blame(Snapshot snapshot, RenderedFile file, DeployOutcome.Refused refused)
    {
        if (refused.Line is not { } line || refused.Findings.FirstOrDefault(IsRefusal) is not { } refusal)
            return null;
        var owners = file.Provenance.Where(owner => owner.FirstLine <= line && line <= owner.LastLine)
            .SelectMany(static owner => owner.Containers).Distinct().ToList();
        if (owners.Count != 1 || snapshot.Containers.FirstOrDefault(container => container.Id == owners[0]) is not { } container)
            return null;
        var name = VisibleText.Of(container.Name);
        var finding = refusal with
        {
            Message = $"{refusal.Message} The line comes from container \"{name}\". \"{name}\" is left out until it changes.",
            Container = container.Name,
        };
        var reason = string.Create(CultureInfo.InvariantCulture, $"line {line} of {file.Path}, which comes from it, was refused");
        lock (_lock)
            return _held.Count < MaxContainers && _held.TryAdd(container.Id, new Held(MarkOf(container), reason, finding)) ? finding : null;
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
        lock (_lock)
        {
            foreach (var (id, held) in _held.ToList())
                if (ReferenceEquals(held.Finding, finding))
                    _held[id] = held with { Finding = finding with { Message = finding.Message.TrimEnd('.') + rest } };
        }
    }

    /// <summary>True for the finding that tells of a refused configuration.</summary>
    public static bool IsRefusal(Finding finding) => finding.Reason == ReasonIds.ConfigRefused;

    // What a person would change to mend it. A start is no change: one that crashes again and again must not be tried each time.
    private static string MarkOf(Container container) => string.Join('\n',
        container.Labels.Concat(container.Env).Select(static pair => $"{pair.Key}={pair.Value}").Append(container.Name));

    /// <summary>A container that is left out.</summary>
    /// <param name="Mark">What must change before it is tried again.</param>
    /// <param name="Reason">Why it is not routed.</param>
    /// <param name="Finding">What is said about it.</param>
    private sealed record Held(string Mark, string Reason, Finding Finding);
}
