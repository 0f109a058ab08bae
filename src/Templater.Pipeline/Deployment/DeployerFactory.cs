using System.Net;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Proving.Nginx;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment;

/// <summary>Puts the deployer of an output together from its settings.</summary>
/// <param name="state">The state directory.</param>
/// <param name="containers">The engine; null when there is none (a file source), so that only local reloads are possible.</param>
/// <param name="time">The clock.</param>
public sealed class DeployerFactory(StateDirectory state, IContainerControl? containers, TimeProvider time)
{
    private static readonly TimeSpan OtherDeadline = TimeSpan.FromSeconds(10);

    private readonly Dictionary<IPEndPoint, string> _pushes = [];
    private readonly Dictionary<string, ProxyReloads> _reloads = new(StringComparer.Ordinal);

    /// <summary>The places where Centauri fetches its configuration; null where nobody would keep them open.</summary>
    public CentauriListeners? Listeners { get; init; }

    /// <summary>Creates a deployer, which holds the output's lock until it is disposed of.</summary>
    /// <param name="output">The output.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="onSettled">Told about outcomes of the debt loop, on its thread.</param>
    /// <exception cref="DeploymentSettingsException">The settings contradict each other.</exception>
    /// <exception cref="StateDirectoryException">The journal cannot be used, or somebody else holds the output.</exception>
    /// <exception cref="CentauriListenerException">The address that Centauri is to connect to cannot be had.</exception>
    public Deployer Create(OutputDefinition output, DeploymentSettings settings, Action<DeployOutcome>? onSettled = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(settings);
        var runner = new CommandRunner(time);
        var listener = settings.Reload is ReloadSpec.Push push ? Listener(output, push) : null;
        var reloader = listener is null ? Reloader(output, settings, runner) : null;
        ProvenFiles? files = null;
        var proof = Proof(output, settings, runner, () => files!);
        var checker = Checker(output, settings, runner);
        RequireJudge(output, settings, checker, proof);
        var journal = Journal.Open(state, output.Name);
        var file = new OutputFile(output.Path, settings.File, journal.ScratchDirectory, output.Name);
        files = new ProvenFiles(file, journal);
        return new Deployer(new DeployerParts
        {
            Output = output.Name,
            File = file,
            Journal = journal,
            Failed = new FailedSets(state, output.Name, output.Path),
            Archive = new GenerationArchive(state, output.Name),
            Requests = new RollbackRequests(state.Path, output.Name),
            Checker = checker,
            Reloader = reloader ?? new CentauriReloader(listener!, file, journal),
            Proof = proof,
            ReliesOnProxy = ReliesOnProxy(settings, proof),
            Crashes = Crashes(output, settings),
            Debt = new DebtPolicy(settings.ReloadInterval),
            Budget = new ReloadBudget(settings.ReloadMaxDraining),
            Workers = settings.SeesWorkers ? TitlesOf(output.Kind) : null,
            Reloads = reloader is null ? new ProxyReloads(time) : ReloadsOf(reloader),
            Time = time,
            OnSettled = onSettled,
        });
    }

    // Outputs of one proxy are told by one reload.
    private ProxyReloads ReloadsOf(IReloader reloader)
    {
        if (!_reloads.TryGetValue(reloader.Way, out var reloads))
            _reloads[reloader.Way] = reloads = new ProxyReloads(time);
        return reloads;
    }

    /// <summary>Makes sure that somebody judges a configuration, before or after.</summary>
    /// <exception cref="DeploymentSettingsException">Nobody does.</exception>
    internal void Judges(OutputDefinition output, DeploymentSettings settings, CommandRunner runner) =>
        RequireJudge(output, settings, Checker(output, settings, runner), Proof(output, settings, runner, NothingProven));

    /// <summary>Whether a file is put in place that the checker could not judge, because the proxy judges it.</summary>
    internal bool ReliesOnProxy(OutputDefinition output, DeploymentSettings settings, CommandRunner runner) =>
        ReliesOnProxy(settings, Proof(output, settings, runner, NothingProven));

    // A program that is restarted has ended before it could refuse anything.
    private static bool ReliesOnProxy(DeploymentSettings settings, IProof proof) => proof.CanProve && !settings.Reload.Restarts;

    private static ProvenFiles NothingProven() => throw new System.Diagnostics.UnreachableException("nothing is proven here");

    // Nobody before, nobody after: a bad file would take the site down and nothing would notice.
    private static void RequireJudge(OutputDefinition output, DeploymentSettings settings, IConfigChecker? checker, IProof proof)
    {
        if (checker is null && settings.Reload.Restarts && settings.Validate is not ValidateSpec.None)
        {
            throw new DeploymentSettingsException(
                $"output \"{output.Name}\": a proxy that is restarted keeps no old configuration, and nothing checks the new one before: a bad one would take it down. Name a checker (validate: command:…), reload it by a signal, or set validate to none to do without.");
        }

        if (checker is null && !proof.CanProve && settings.Reload is not ReloadSpec.None && settings.Validate is not ValidateSpec.None)
        {
            throw new DeploymentSettingsException(
                $"output \"{output.Name}\": nothing checks its configuration and nothing could prove that it is live, so a bad one would stay unnoticed. Name a checker (validate: command:…) or a proof (verify), or set validate to none to do without.");
        }
    }

    private CentauriListener Listener(OutputDefinition output, ReloadSpec.Push push)
    {
        if (output.Kind != ProxyKind.Centauri)
            throw new DeploymentSettingsException($"output \"{output.Name}\": push: is the way of Centauri alone, and this template is not meant for it. Use another reload.");
        if (Listeners is null)
            throw new DeploymentSettingsException($"output \"{output.Name}\": push: needs a program that stays.");
        if (!_pushes.TryAdd(push.Address, output.Name))
            throw new DeploymentSettingsException($"outputs \"{_pushes[push.Address]}\" and \"{output.Name}\" push at the same address {push.Address}. Give each a port of its own.");
        return Listeners.Open(push.Address);
    }

    /// <summary>Who tells the proxy; not for <c>push:</c>.</summary>
    internal IReloader Reloader(OutputDefinition output, DeploymentSettings settings, CommandRunner runner) => settings.Reload switch
    {
        ReloadSpec.None => new NobodyReloader(),
        ReloadSpec.Auto when containers is null => new NobodyReloader(),
        ReloadSpec.Auto => ContainerReloader.Automatic(containers, output.Name, settings.LabelPrefix, output.Path, settings.ProxyMark),
        ReloadSpec.Docker spec => ContainerReloader.Named(Engine(output, "docker:"), spec, output.Name, settings.LabelPrefix, output.Path),
        ReloadSpec.Label spec => ContainerReloader.Labelled(Engine(output, "label:"), spec, output.Name, settings.LabelPrefix, output.Path),
        ReloadSpec.Exec spec => ContainerReloader.Commanded(Engine(output, "exec:"), spec, output.Name, settings.LabelPrefix, output.Path),
        ReloadSpec.HAProxy spec => new HAProxyReloader(new HAProxyMaster(spec.Socket, time), Log(output, settings))
        {
            SilenceLimit = settings.ReloadTimeout ?? HAProxyVariableProof.DefaultDeadline,
        },
        ReloadSpec.PidFile spec => new PidFileReloader(spec, output.Kind, Log(output, settings)),
        ReloadSpec.Process spec => new ProcessReloader(spec, Log(output, settings)),
        ReloadSpec.Command spec => new CommandReloader(spec.Words, runner),
        ReloadSpec.Http spec => new HttpReloader(spec.Url, time),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private ProxyLog? Log(OutputDefinition output, DeploymentSettings settings) =>
        containers is null ? null : new ProxyLog(containers, output.Name, settings.LabelPrefix);

    // Reloads that go past the engine say nothing about the container: it is known by its label.
    private CrashWatch? Crashes(OutputDefinition output, DeploymentSettings settings) => containers is null || !settings.WatchesProxies
        ? null
        : new CrashWatch(
            containers,
            settings.Reload switch
            {
                ReloadSpec.Docker spec => snapshot => ContainerSelection.ByName(snapshot, spec.Name),
                ReloadSpec.Exec spec => snapshot => ContainerSelection.ByName(snapshot, spec.Name),
                ReloadSpec.Label spec => snapshot => ContainerSelection.ByLabel(snapshot, spec.Key, spec.Value),
                _ => snapshot => ContainerSelection.Proxies(snapshot, output.Name, settings.LabelPrefix, settings.ProxyMark),
            },
            output.Path,
            TitlesOf(output.Kind));

    private static WorkerTitles? TitlesOf(ProxyKind kind) => kind switch
    {
        ProxyKind.Nginx => WorkerTitles.Nginx,
        ProxyKind.HAProxy => WorkerTitles.HAProxy,
        _ => null,
    };

    private IProof Proof(OutputDefinition output, DeploymentSettings settings, CommandRunner runner, Func<ProvenFiles> files) => settings.Verify switch
    {
        VerifySpec.None => new NoProof(),
        VerifySpec.Http spec => new HttpProof(spec.Url, settings.ReloadTimeout ?? OtherDeadline, time),
        VerifySpec.Command spec => new CommandProof(spec.Words, settings.ReloadTimeout ?? OtherDeadline, runner, time),
        _ => AutomaticProof(output, settings, files),
    };

    private IProof AutomaticProof(OutputDefinition output, DeploymentSettings settings, Func<ProvenFiles> files) => (settings.Reload, output.Kind) switch
    {
        (ReloadSpec.None, _) => new NoProof(),
        (ReloadSpec.Auto, _) when containers is null => new NoProof(),
        (ReloadSpec.HAProxy spec, _) => new HAProxyVariableProof(
            new HAProxyMaster(spec.Socket, time), settings.ReloadTimeout ?? HAProxyVariableProof.DefaultDeadline, time),
        (ReloadSpec.Push, _) => new KeptConnectionProof(Listeners?.Times ?? new CentauriTimes(), time),
        (ReloadSpec.Command or ReloadSpec.Http, _) => new NoProof(),
        (_, ProxyKind.Nginx) => new NginxProof(files, settings.ReloadTimeout ?? WorkersProof.NginxDeadline, time),
        (_, ProxyKind.HAProxy) => new WorkersProof(WorkerTitles.HAProxy, settings.ReloadTimeout ?? HAProxyVariableProof.DefaultDeadline, time),
        (_, ProxyKind.Centauri) => new StillRunningProof(time),
        ({ Restarts: true }, _) => new RestartProof(),
        _ => new NoProof(),
    };

    /// <summary>Who checks before; null when nobody does.</summary>
    internal IConfigChecker? Checker(OutputDefinition output, DeploymentSettings settings, CommandRunner runner) => settings.Validate switch
    {
        ValidateSpec.None => ProxyCheckers.WithOwnRules(output, null),
        ValidateSpec.Command spec => ProxyCheckers.WithOwnRules(output, new CommandChecker(spec.Words, runner)),
        ValidateSpec.Exec spec => ProxyCheckers.WithOwnRules(output, new ContainerChecker(Engine(output, "exec:"), spec)),
        _ => BuiltInChecker(output, settings, state["scratch"], runner),
    };

    /// <summary>The checker of an output whose settings name none.</summary>
    /// <param name="output">The output.</param>
    /// <param name="settings">How it goes live.</param>
    /// <param name="scratch">A writable directory for what a check leaves behind.</param>
    /// <param name="runner">Runs programs.</param>
    internal static IConfigChecker? BuiltInChecker(OutputDefinition output, DeploymentSettings settings, string scratch, CommandRunner runner) =>
        settings.IncludedBy.Length > 0 ? output.Kind == ProxyKind.Nginx
            ? ProxyCheckers.FindPart(output, settings.IncludedBy, scratch, runner)
            : throw new DeploymentSettingsException($"output \"{output.Name}\": included_by is for nginx, whose files include one another. Remove it.")
        // A fragment alone is no configuration that a program could judge.
        : settings.IsFragment && output.Kind != ProxyKind.Centauri ? null : ProxyCheckers.Find(output, scratch, runner);

    private IContainerControl Engine(OutputDefinition output, string spec) => containers
        ?? throw new DeploymentSettingsException($"output \"{output.Name}\": {spec} needs the Docker engine, and there is none here.");
}
