using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>Reloads containers, found by name or label in the last snapshot, by a signal, a restart or a command.</summary>
internal sealed class ContainerReloader : IReloader
{
    private readonly IContainerControl _control;
    private readonly string _wanted;
    private readonly string _output;
    private readonly Func<Snapshot, ImmutableArray<Container>> _select;
    private readonly Func<Container, OutputView, IReloadTarget> _target;
    private readonly BegunRuns _begun = new();

    private ContainerReloader(
        IContainerControl control,
        string description,
        string wanted,
        string output,
        Func<Snapshot, ImmutableArray<Container>> select,
        Func<Container, OutputView, IReloadTarget> target)
    {
        _control = control;
        Description = description;
        _wanted = wanted;
        _output = output;
        _select = select;
        _target = target;
    }

    public string Description { get; }

    public string Way => $"{Description} {What}";

    /// <summary>The signal, or the words of the command.</summary>
    private string What { get; init; } = "";

    /// <summary>Attempts without a match that say nothing: a name that was given is missed at once, a label is waited for.</summary>
    private int QuietAttempts { get; init; }

    /// <summary>True when they are restarted, in the place of what they would be told.</summary>
    private bool Restarts { get; init; }

    /// <summary>Prefix of native labels, for what messages advise.</summary>
    private string LabelPrefix { get; init; } = "templater";

    /// <summary>Where Templater writes the output, as Templater sees it.</summary>
    private string Path { get; init; } = "";

    public static ContainerReloader Named(IContainerControl control, ReloadSpec.Docker spec, string output, string labelPrefix = "templater", string path = "") => new(
        control,
        $"docker:{spec.Name}{Ending(spec)}",
        spec.Name,
        output,
        snapshot => ContainerSelection.ByName(snapshot, spec.Name),
        (container, view) => new SignalledContainer(control, container, spec.Signal, view))
    {
        What = spec.Signal.Name,
        Restarts = spec.IsRestart,
        Path = path,
        LabelPrefix = labelPrefix,
    };

    public static ContainerReloader Labelled(IContainerControl control, ReloadSpec.Label spec, string output, string labelPrefix = "templater", string path = "") => new(
        control,
        $"label:{spec.Key}={spec.Value}{Ending(spec)}",
        spec.Value,
        output,
        snapshot => ContainerSelection.ByLabel(snapshot, spec.Key, spec.Value),
        (container, view) => new SignalledContainer(control, container, spec.Signal, view))
    {
        What = spec.Signal.Name,
        Restarts = spec.IsRestart,
        Path = path,
        LabelPrefix = labelPrefix,
    };

    public static ContainerReloader Automatic(IContainerControl control, string output, string labelPrefix = "templater", string path = "", string? mark = null) => new(
        control,
        mark is null ? $"label:{labelPrefix}.proxy={output}" : $"label:{mark}",
        output,
        output,
        snapshot => ContainerSelection.Proxies(snapshot, output, labelPrefix, mark),
        (container, view) => new SignalledContainer(control, container, ReloadSignal.Hup, view))
    {
        Path = path,
        QuietAttempts = TargetSearch.AttemptsToAppear,
        LabelPrefix = labelPrefix,
    };

    public static ContainerReloader Commanded(IContainerControl control, ReloadSpec.Exec spec, string output, string labelPrefix = "templater", string path = "") => new(
        control,
        $"exec:{spec.Name}",
        spec.Name,
        output,
        snapshot => ContainerSelection.ByName(snapshot, spec.Name),
        (container, view) => new CommandedContainer(control, container, spec.Words, view))
    {
        What = string.Join('\0', spec.Words),
        Path = path,
        LabelPrefix = labelPrefix,
    };

    public Task<TargetSearch> FindAsync(CancellationToken cancellationToken) => Task.FromResult(Find());

    public void GoOnWith(IEnumerable<JournalEntry> unsettled)
    {
        var up = new HashSet<ContainerId>();
        foreach (var entry in unsettled)
        {
            up.UnionWith(entry.Targets.Select(SignalledContainer.IdOf));
            foreach (var id in entry.Restarted.Select(SignalledContainer.IdOf).Where(id => !up.Contains(id)))
                _begun.Note(id);
        }
    }

    // Outputs that do the same to one proxy share it; a signal and a restart are not the same.
    private static string Ending(ReloadSpec spec) => spec.Restarts ? ":restart" : "";

    private bool IsToBeTold(Container container) => container.State == ContainerState.Running || (Restarts && _begun.Holds(container.Id));

    private IReloadTarget Target(Container container, OutputView view) =>
        Restarts ? new RestartedContainer(_control, container, view, _begun) : _target(container, view);

    private TargetSearch NotRunning(ImmutableArray<Container> matches) => new([])
    {
        Waiting = $"{string.Join(", ", matches.Select(container => container.Name))} is not running",
        WaitsForProxy = true,
        Findings = [ReloadTargets.NotRunning(matches, Description)],
        QuietAttempts = TargetSearch.AttemptsToAppear,
    };

    private TargetSearch Find()
    {
        if (_control.Latest is not { } snapshot)
            return new TargetSearch([]) { Waiting = "the engine has not answered yet" };
        var matches = _select(snapshot);
        if (matches.Length == 0)
        {
            return new TargetSearch([])
            {
                Waiting = $"nothing matches {Description}",
                WaitsForProxy = true,
                Findings = [ReloadTargets.Missing(snapshot, Description, _wanted, _output, LabelPrefix)],
                QuietAttempts = QuietAttempts,
            };
        }

        var running = matches.Where(IsToBeTold).ToImmutableArray();
        return running.IsEmpty ? NotRunning(matches) : new TargetSearch([.. running.Select(container => Target(container, OutputView.Of(snapshot, container, Path)))])
        {
            Notes = running.Length == 1 ? [] : [ReloadTargets.Several(running, Description)],
        };
    }
}
