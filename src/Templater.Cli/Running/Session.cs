using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;
using Templater.Cli.Options;
using Templater.Cli.Web;
using Templater.Docker;
using Templater.Pipeline;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Isolation;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Watching;
using Templater.Pipeline.Watching.Metrics;
using Templater.Pipeline.Web;

namespace Templater.Cli.Running;

/// <summary>Everything that runs under one set of settings, until the settings change or the program ends.</summary>
internal sealed class Session : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly TaskCompletionSource _proxyChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly Watcher _watcher;
    private readonly OutputPipeline _pipeline;
    private readonly ImmutableArray<OutputStage> _stages;
    private readonly SnapshotMemory _memory;
    private readonly RunMeter _meter;
    private readonly WebListener? _listener;
    private readonly KeptCertificates? _certificates;

    /// <summary>Puts it together; nothing happens yet.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="outputs">One for each output, in their order, with its template loaded.</param>
    /// <param name="from">A file that replaces the engine; null = the engine.</param>
    /// <param name="listeners">Where Centauri fetches its configuration; they outlive the session.</param>
    /// <param name="meter">Counts; it outlives the session, too.</param>
    /// <param name="surroundings">Clock and variables.</param>
    /// <param name="logger">The log.</param>
    /// <exception cref="StateDirectoryException">The state directory cannot be used.</exception>
    /// <exception cref="DeploymentSettingsException">The settings of an output contradict each other.</exception>
    /// <exception cref="DockerException"><see cref="DockerErrorReason.InvalidSettings"/>: the TLS files are unusable.</exception>
    public Session(Settings settings, ImmutableArray<LoadedOutput> outputs, string? from, CentauriListeners listeners, RunMeter meter, Surroundings surroundings, ILogger logger)
    {
        _time = surroundings.Time;
        _meter = meter;
        try
        {
            var directory = StateDirectory.Open(StateDirectories.Of(settings));
            ImmutableArray<string> names = [.. outputs.Select(static output => output.Plan.Definition.Name)];
            var memory = _memory = new SnapshotMemory(settings.Get(CertificateSettings.CertsDirectory), OutputSettings.FilesOf(settings), new SlotStore(directory), names, surroundings.Time);
            if (outputs.Any(static output => output.Plan.Definition.Kind == ProxyKind.HAProxy))
                memory.PrepareHAProxyFolder(settings.Get(CertificateSettings.CertsDirectory));
            var client = from is null ? Own(Engine.Connect(settings, Engine.WatchingOf(settings, outputs.Select(static output => output.Plan)), surroundings)) : null;
            var control = client is null ? null : new DockerContainerControl(client, settings.Get(EngineSettings.DockerHost).SocketPath is not null);
            var servedStore = new ServedStore(directory);
            var factory = new DeployerFactory(directory, control, surroundings.Time) { Listeners = listeners };
            _stages = [.. outputs.Select(output => Stage(output, names, factory, servedStore))];
            var source = Composition.Source(settings, from is null ? null : new SnapshotInput(from), client, memory.Assembler, surroundings, stays: true);
            if (settings.Get(ProcessSettings.Listen) is { IsSomewhere: true } address)
                _listener = Own(Listener(address, Answers(settings)));
            if (settings.Acme is { } plan)
            {
                _certificates = Own(new KeptCertificates(plan, directory, _stages, surroundings.Time, Own(new GatheredNudges(cause => _watcher!.Nudge(cause), surroundings.Time)).Nudge, logger));
                memory.Acme = () => _certificates.Answers;
            }

            _pipeline = new OutputPipeline(_stages, memory, surroundings.Time)
            {
                OnLook = snapshot => _certificates?.Look(snapshot) ?? [],
                Control = control,
                OnStart = engine => StartLine.Write(logger, source.Description, engine, _stages, _listener?.EndPoint),
                StateDirectory = CertificateSettings.AreWanted(settings) ? directory.Path : null,
                Meter = _meter,
                OnLate = (result, cause, againAfter) =>
                {
                    _watcher!.Report(result, cause, againAfter);
                    _certificates?.Proven();
                },
                AskForLook = () => _watcher!.Nudge(""),
            };
            _watcher = new Watcher(
                source, _pipeline, new FileChanges(() => WatchedFiles(settings), outputs.Select(static output => output.Read)), new StatusFile(directory.Path), Times(settings), surroundings.Time, logger, _meter)
            {
                Certificates = _certificates is { } kept ? () => kept.Status : null,
                KeyChanges = _certificates is { } keys ? () => keys.KeyChanges : null,
            };
        }
        catch
        {
            // Half of it must hold no lock that the next attempt needs.
            Dispose();
            throw;
        }
    }

    /// <summary>
    /// Ends when a template has come to be meant for another kind of proxy: the session was made for the former one, and waits
    /// with that output for its end.
    /// </summary>
    public Task ProxyChanged => _proxyChanged.Task;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await NoteVersionsAsync(cancellationToken);
        if (_certificates is not null)
            await _certificates.OpenAsync(stop.Token);
        var watching = _watcher.RunAsync(stop.Token);
        Task[] all = [watching, .. _listener is null ? Array.Empty<Task>() : [_listener.RunAsync(stop.Token)], .. _certificates is null ? Array.Empty<Task>() : [_certificates.RunAsync(stop.Token)], .. _stages.Select(stage => stage.Deployer.RunDebtAsync(stop.Token))];
        // None of them ends by itself unless something is wrong with it.
        var ended = await Task.WhenAny(all);
        await stop.CancelAsync();
        await Task.WhenAny(Task.WhenAll([.. all, _pipeline.IdleAsync()]), Task.Delay(Watcher.EndPatience, _time, CancellationToken.None));
        await ended;
        cancellationToken.ThrowIfCancellationRequested();
    }

    // Before the first file is written: a checker of another version than the default may know less, or more.
    private async Task NoteVersionsAsync(CancellationToken cancellationToken)
    {
        var versions = await Task.WhenAll(_stages.Select(stage => stage.VersionAsync(cancellationToken)));
        for (var i = 0; i < versions.Length; i++)
            _memory.Keep(_stages[i].Plan.Definition.Name, versions[i]);
    }

    /// <summary>Reads templates and containers again.</summary>
    public void Reload() => _watcher.RequestReload();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in Enumerable.Reverse(_owned))
            owned.Dispose();
        _owned.Clear();
    }

    private T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    private WebListener Listener(ListenAddress address, WebAnswers answers)
    {
        try
        {
            return new WebListener(new IPEndPoint(address.Address, address.Port), answers.Of, _time);
        }
        catch (ListenFailedException exception)
        {
            throw new CommandFailedException(ExitCode.Environment, ReasonIds.ListenFailed, $"{exception.Message} Choose another address by listen (TEMPLATER_LISTEN), or leave it out.");
        }
    }

    private WebAnswers Answers(Settings settings)
    {
        var (staleAfter, reloadAlarm) = (settings.Get(EngineSettings.StaleAfter), settings.Get(OutputSettings.ReloadAlarm));
        return new WebAnswers(new Gate(settings.Get(ProcessSettings.ListenToken)), Report, () => MetricsText.Of(Report(), _meter.Counts));

        StatusReport Report() => StatusReport.Of(
            _watcher.Status, [.. _stages.Select(static stage => new JournalReading(stage.Plan.Definition.Name, stage.Deployer.Status.AsJournal))], _time.GetUtcNow(), staleAfter, reloadAlarm);
    }

    private OutputStage Stage(LoadedOutput output, ImmutableArray<string> names, DeployerFactory factory, ServedStore servedStore)
    {
        OutputStage? stage = null;
        var deployer = Own(factory.Create(output.Plan.Definition, output.Plan.Deployment, outcome =>
        {
            if (stage is null)
                return;
            _watcher.Report(stage.Settled(outcome), "the reload that was owed");
            _certificates?.Proven();
            _meter.Note(stage.Plan.Definition.Name, stage.Deployer.Status);
            // What was refused late is to be blamed on somebody, who is then left out.
            if (outcome is DeployOutcome.Refused { Line: not null })
                _watcher.Nudge("a refused configuration");
        }));
        // What the journal holds already is of an earlier run.
        _meter.Note(output.Plan.Definition.Name, deployer.Status);
        output.Timer = new RenderTimer(_time, took => _meter.NoteRender(output.Plan.Definition.Name, took));
        return stage = new OutputStage(output, deployer, new ServedContainers(deployer.Output, servedStore), names, () => _proxyChanged.TrySetResult());
    }

    private WatchedFiles WatchedFiles(Settings settings) => new(
        [.. _stages.SelectMany(static stage => stage.Files), .. OutputSettings.FoldersOf(settings)],
        [.. _stages.Select(static stage => stage.Plan.Definition.Path)]);

    private static WatcherOptions Times(Settings settings) => new()
    {
        SettleDelay = settings.Get(EngineSettings.Settle),
        SettleDeadline = settings.Get(EngineSettings.SettleMax),
        Resync = settings.Get(EngineSettings.Resync),
    };
}
