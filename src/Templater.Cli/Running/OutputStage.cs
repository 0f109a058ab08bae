using System.Collections.Immutable;
using Templater.Cli.Options;
using Templater.Pipeline;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Isolation;
using Templater.Pipeline.Deployment.Preflight;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Running;

/// <summary>One output in the running program: routes, renders, deploys, and leaves out containers that make a check fail.</summary>
/// <param name="output">Its settings and template.</param>
/// <param name="deployer">Deploys it.</param>
/// <param name="served">Who is live.</param>
/// <param name="outputs">The names of all outputs.</param>
/// <param name="onProxyChanged">Told when the template has come to be meant for another kind of proxy than the deployer.</param>
internal sealed class OutputStage(LoadedOutput output, Deployer deployer, ServedContainers served, ImmutableArray<string> outputs, Action onProxyChanged)
{
    // Each of them costs a reload where the proxy itself judges, and some checks where a checker does.
    private const int MostLeftOutByReload = 4;
    private const int MostLeftOutByCheck = 16;

    private static readonly TimeSpan WriteRetry = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan GoOnAfter = TimeSpan.FromSeconds(1);

    private readonly Quarantine _quarantine = new(served);
    private CulpritSearch? _search;

    // What was deployed last, to find out whom a refusal is about that comes late.
    private volatile DeployedFile? _deployed;
    private volatile int _servedEdits;
    private volatile RoutingResult? _servedRouting;
    private ImmutableArray<HostSummary> _hosts = [];
    private ImmutableArray<ExcludedContainers> _excluded = [];
    private volatile Application? _last;
    private bool _isSuperseded;
    private string _running = "";
    private string _ended = "";

    /// <summary>Its settings.</summary>
    public OutputPlan Plan => output.Plan;

    /// <summary>Its deployer.</summary>
    public Deployer Deployer => deployer;

    /// <summary>What was decided when it was rendered last; null before. From any thread.</summary>
    public RoutingResult? Routing => _deployed?.Routing;

    /// <summary>What was decided for the file that the proxy runs; null while that is not known. From any thread.</summary>
    public RoutingResult? ServedRouting => _servedRouting;

    /// <summary>Files whose change asks for another look.</summary>
    public IEnumerable<string> Files => output.Files;

    /// <summary>What the setting and the checker tell about the version of its proxy.</summary>
    public async Task<ProxyVersion> VersionAsync(CancellationToken cancellationToken) =>
        new(Plan.Definition.Proxy.Version, await deployer.CheckerVersionAsync(cancellationToken));

    /// <summary>The routes that have a server when nobody is left out.</summary>
    public ImmutableArray<RouteClaim> RoutesOf(Snapshot snapshot) =>
    [
        .. output.Route(snapshot).VirtualHosts
            .SelectMany(static host => host.Routes.Select(route => (Host: host, Route: route)))
            .Where(static pair => pair.Route.Upstream.Servers.Any(static server => server.State != ServerState.Down))
            .Select(static pair => new RouteClaim(pair.Host.Pattern.ToString(), pair.Route.Path.Text, pair.Route.Containers)),
    ];

    /// <summary>
    /// What there is to say while a snapshot is still being brought to life: how far that has come, and what was said before. From any thread.
    /// </summary>
    public Application StillGoingOn()
    {
        var status = deployer.Status;
        var now = OutputResults.Of(
            Plan.Definition.Path,
            deployer,
            status.Current is { IsOwed: true } owed ? new DeployOutcome.Owed(owed.Generation, "it is being told", status.WaitsForProxy) : new DeployOutcome.Unchanged(),
            _hosts) with
        { IsInterim = true };
        return _last is not { } known
            ? new Application(now, [])
            : new Application(
                now with { IsUnwritable = known.Result.IsUnwritable, Findings = known.Result.Findings, OldWorkers = known.Result.OldWorkers, LeftOut = known.Result.LeftOut, Excluded = known.Result.Excluded },
                known.Findings);
    }

    /// <summary>Brings a snapshot to life.</summary>
    public async Task<Application> ApplyAsync(Snapshot snapshot, Cause cause, CancellationToken cancellationToken)
    {
        if (!_isSuperseded && (cause.FilesChanged || cause.ReloadRequested) && output.Reload())
        {
            _isSuperseded = true;
            onProxyChanged();
        }

        // A new session, with that proxy's checker and proof, goes on with it; until this one has ended nothing changes.
        return _isSuperseded
            ? _last ?? new Application(Result(new DeployOutcome.Unchanged(), _hosts), [])
            : _last = await DeployAsync(snapshot, cause, cancellationToken);
    }

    private async Task<Application> DeployAsync(Snapshot snapshot, Cause cause, CancellationToken cancellationToken)
    {
        // What was refused because of a certificate file may pass without it, although the output itself is the same.
        if (cause.FilesChanged || cause.ReloadRequested)
        {
            deployer.ForgetFailure();
            _quarantine.ReleaseAll();
        }

        var proxy = output.Route(snapshot).Proxy;
        NoticeProxies(snapshot);
        _quarantine.Release(snapshot);
        var (refusals, blamed) = (new List<Finding>(), new List<Finding>());
        if (await deployer.CompareVersionsAsync(snapshot, proxy, cancellationToken) is { } difference)
            refusals.Add(difference);
        Search.Begin();
        for (var leftOut = 0; ; leftOut++)
        {
            var held = _quarantine.Apply(snapshot);
            var rendering = output.Render(held, cancellationToken);
            if (rendering?.File is not { } rendered)
                return new Application(Result(null, _hosts), Findings(held, rendering, refusals), null, rendering?.Routing.RecheckAt);
            // What was served before a restart is not known: then nothing waits.
            var file = rendered with { MayWait = _servedRouting is { } live && RoutingChange.OnlyAdds(live, rendering.Routing) };
            var deployed = _deployed = new DeployedFile(held, file, rendering.Routing, output.Edits);
            var outcome = await deployer.DeployAsync(file, cause.Text, cancellationToken);
            var isExhausted = outcome is DeployOutcome.Refused { IsByChecker: var isCheap } && leftOut == (isCheap ? MostLeftOutByCheck : MostLeftOutByReload);
            // Of a generation that the operator went back to, nobody who is there now is to blame.
            if (outcome is DeployOutcome.Refused refused && refused.Generation == file.Generation && !isExhausted && await BlameAsync(deployed, refused, cancellationToken) is { } finding)
            {
                blamed.Add(finding);
                refusals.AddRange(refused.Findings.Where(static finding => !Quarantine.IsRefusal(finding)));
                continue;
            }

            _hosts = OutputResults.Summaries(rendering.Routing);
            _excluded = OutputResults.Excluded(rendering.Routing);
            var result = Result(outcome, _hosts) with { OldWorkers = await deployer.CountOldWorkersAsync(cancellationToken) };
            Serve(deployed, outcome);
            if (IsServed(outcome))
                blamed.ForEach(finding => _quarantine.Complete(finding, Routed(rendering.Routing), outcome is not DeployOutcome.Delivered, result.Number));
            // Whoever frees a disk does not tell, nor does a checker that works again; and a look that has left out as many as it may
            // is followed by another.
            return new Application(
                result, Findings(held, rendering, refusals), rendering.Routing.Slots, Recheck(rendering.Routing),
                isExhausted ? GoOnAfter : Search.IsHindered || deployer.HasUnwritten || served.Problem is not null || result.IsUnwritable ? WriteRetry : null);
        }
    }

    private CulpritSearch Search => _search ??= new CulpritSearch((snapshot, cancellationToken) => output.Render(snapshot, cancellationToken)?.File, deployer, _quarantine, served);

    // Where the proxy itself judges, every trial would be a reload: the line that it names has to do.
    private async Task<Finding?> BlameAsync(DeployedFile file, DeployOutcome.Refused refused, CancellationToken cancellationToken) => refused.IsByChecker
        ? await Search.FindAsync(file, refused, IsEdited(file), cancellationToken)
        : _quarantine.Blame(file, refused, IsEdited(file));

    // Whoever frees a port does not tell.
    private DateTimeOffset? Recheck(RoutingResult routing) =>
        _quarantine.RetryAt is { } again && !(routing.RecheckAt < again) ? again : routing.RecheckAt;

    /// <summary>Writes a first file with no containers, if there is none.</summary>
    public async Task<Application> WriteFirstAsync(Snapshot empty, CancellationToken cancellationToken)
    {
        var rendering = output.Render(empty, cancellationToken);
        var outcome = rendering?.File is { } file ? await deployer.WriteFirstAsync(file, cancellationToken) : null;
        return new Application(Result(outcome, []), [.. Obstacle, .. output.Findings(rendering, LiveGeneration)]);
    }

    // Said at once, and not when the first change is lost.
    private Finding[] Obstacle => deployer.Obstacle is { } obstacle ? [obstacle] : [];

    /// <summary>The result of a debt that was settled between two looks.</summary>
    public OutputResult Settled(DeployOutcome outcome)
    {
        // The look that follows leaves the container out; that it is to blame is said at once, and not twice in different words.
        if (outcome is DeployOutcome.Refused { IsByChecker: false } refused && _deployed is { } deployed && deployed.File.Generation == refused.Generation)
            _quarantine.Blame(deployed, refused, IsEdited(deployed));
        if (_deployed is { } latest)
            Serve(latest, outcome);
        return Result(outcome with { Findings = [.. outcome.Findings.Select(_quarantine.InsteadOf).Distinct()] }, _hosts);
    }

    private OutputResult Result(DeployOutcome? outcome, ImmutableArray<HostSummary> hosts) =>
        OutputResults.Of(Plan.Definition.Path, deployer, outcome, hosts) with { LeftOut = _quarantine.LeftOut, Excluded = _excluded };

    private void Serve(DeployedFile deployed, DeployOutcome outcome)
    {
        if (IsServed(outcome, deployed.File.Generation) && deployer.Status.Current?.Generation == deployed.File.Generation)
        {
            _servedEdits = deployed.Edits;
            _servedRouting = deployed.Routing;
            served.Note(deployed.Present);
        }
        else if (deployer.Status.Current?.Generation != deployed.File.Generation)
        {
            // Something else is in place, which was put back or asked for.
            _servedRouting = null;
        }
    }

    private bool IsEdited(DeployedFile deployed) => deployed.Edits != _servedEdits;

    private static bool IsServed(DeployOutcome outcome) => outcome is DeployOutcome.Live or DeployOutcome.Unchanged or DeployOutcome.Delivered;

    // What is told late may be of the one before.
    private static bool IsServed(DeployOutcome outcome, string generation) => outcome switch
    {
        DeployOutcome.Live live => live.Generation == generation,
        DeployOutcome.Delivered delivered => delivered.Generation == generation,
        _ => IsServed(outcome),
    };

    private static int Routed(RoutingResult routing) => routing.Fates.Count(DeployedFile.IsRouted);

    private int? LiveGeneration => deployer.Status.Current is { IsLive: true, Number: > 0 } live ? live.Number : null;

    private ImmutableArray<Finding> Findings(Snapshot snapshot, OutputRendering? rendering, List<Finding> refusals)
    {
        var proxy = rendering?.Routing.Proxy ?? OutputRouting.Proxy(Plan, snapshot);
        return
        [
            .. deployer.Damage is { } damage ? [damage] : Array.Empty<Finding>(),
            .. Obstacle,
            .. ProxyPreflight.Examine(snapshot, proxy, Plan.Definition.Path),
            .. KeysCheck.Look(snapshot, proxy, Plan.Definition.Proxy.CertsDirectory),
            .. Unseen(snapshot, proxy, rendering),
            .. ProxyUnknown(snapshot, proxy),
            .. served.Problem is { } unkept ? [unkept] : Array.Empty<Finding>(),
            .. _quarantine.Findings, .. refusals,
            // Routing knows only that a container is left out, not which line was refused.
            .. output.Findings(rendering, LiveGeneration).Where(finding => finding.Reason != ReasonIds.Quarantined || !_quarantine.Says(finding.Container)),
        ];
    }

    // A template that asks for the proxy's view of a path says the same more exactly.
    private ImmutableArray<Finding> Unseen(Snapshot snapshot, ProxyContext proxy, OutputRendering? rendering)
    {
        var isSaid = rendering?.Findings.Any(static finding => finding.Reason == ReasonIds.PathNotShared) is true;
        // Nobody who is told nothing need see anything, and who fetches its configuration sees no file.
        return isSaid || Plan.Deployment.Reload is ReloadSpec.None or ReloadSpec.Push
            ? []
            : MountsCheck.Examine(snapshot, snapshot.Containers.Where(container => proxy.Containers.Contains(container.Id)), Plan.Definition.Path);
    }

    // Said only where containers may be out of reach: offline, and with a proxy that never was, there is nothing to narrow.
    private Finding[] ProxyUnknown(Snapshot snapshot, ProxyContext proxy) =>
        proxy.IsKnown || Plan.Definition.Kind == ProxyKind.Other || snapshot.Networks.IsEmpty
            ? []
            : [UnknownProxy.Describe(snapshot, proxy, Plan.Definition.Path, outputs, Plan.Deployment.Reload is ReloadSpec.Auto, Plan.Policy.LabelPrefix)];

    // A proxy that has appeared or was restarted since the last look may take what is owed, and one that has ended may have
    // ended on it.
    private void NoticeProxies(Snapshot snapshot)
    {
        // One that has ended counts beside others that go on: it may have refused what they have not been told yet.
        var proxies = OutputRouting.Proxies(Plan, snapshot).ToLookup(static container => container.State == ContainerState.Running, static container => $"{container.Id}@{container.Started:O}");
        var (running, ended) = (string.Join(' ', proxies[true]), string.Join(' ', proxies[false]));
        if (running.Length > 0 && running != _running)
            deployer.OnProxyStarted();
        if (ended.Length > 0 && ended != _ended)
            deployer.OnProxyEnded();
        (_running, _ended) = (running, ended);
    }
}
