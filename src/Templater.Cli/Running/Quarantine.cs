using System.Globalization;
using Templater.Pipeline;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;

namespace Templater.Cli.Running;

/// <summary>
/// Containers of one output that made a checker or the proxy refuse a configuration. They are left out until they change.
/// </summary>
internal sealed class Quarantine
{
    private const int MaxContainers = 1_000;
    private const int MaxQuoted = 200;
    private readonly Dictionary<ContainerId, (string Mark, Finding Finding)> _held = [];

    /// <summary>What is to be said about those that are left out.</summary>
    public IEnumerable<Finding> Findings => _held.Values.Select(static held => held.Finding);

    /// <summary>True when one of the findings is about that container.</summary>
    public bool Says(string? container) => _held.Values.Any(held => held.Finding.Container == container);

    /// <summary>Lets go of those that have changed or are gone.</summary>
    public void Release(Snapshot snapshot)
    {
        var present = snapshot.Containers.ToDictionary(static container => container.Id);
        foreach (var (id, held) in _held.ToList())
            if (!present.TryGetValue(id, out var container) || MarkOf(container) != held.Mark)
                _held.Remove(id);
    }

    /// <summary>The snapshot with those left out.</summary>
    public Snapshot Apply(Snapshot snapshot) => _held.Count == 0 ? snapshot : snapshot with
    {
        Quarantined = snapshot.Quarantined.SetItems(_held.Select(
            static held => KeyValuePair.Create(held.Key.Value, held.Value.Finding.Message))),
    };

    /// <summary>Finds the container behind a refused line and leaves it out.</summary>
    /// <param name="snapshot">What was rendered.</param>
    /// <param name="file">What was refused.</param>
    /// <param name="line">The line that was complained about.</param>
    /// <param name="complaint">The complaint.</param>
    /// <returns>What is to be said; null when nobody, or more than one container, is behind the line.</returns>
    public Finding? Blame(Snapshot snapshot, RenderedFile file, int line, string complaint)
    {
        var owners = file.Provenance.Where(owner => owner.FirstLine <= line && line <= owner.LastLine)
            .SelectMany(static owner => owner.Containers).Distinct().ToList();
        if (owners.Count != 1 || _held.ContainsKey(owners[0]) || _held.Count >= MaxContainers
            || snapshot.Containers.FirstOrDefault(container => container.Id == owners[0]) is not { } container)
            return null;
        var quoted = complaint.Length > MaxQuoted ? complaint[..MaxQuoted] + "…" : complaint;
        var finding = new Finding(FindingSeverity.Error, ReasonIds.Quarantined, string.Create(CultureInfo.InvariantCulture,
            $"container \"{VisibleText.Of(container.Name)}\" is left out until it changes: line {line} of {file.Path}, which comes from it, was refused: {quoted}"))
        {
            Container = container.Name,
        };
        _held[container.Id] = (MarkOf(container), finding);
        return finding;
    }

    // What a person would change to mend it.
    private static string MarkOf(Container container) => string.Join('\n',
        container.Labels.Concat(container.Env).Select(static pair => $"{pair.Key}={pair.Value}")
            .Append(container.Name).Append(container.Started?.ToString("O", CultureInfo.InvariantCulture) ?? ""));
}
