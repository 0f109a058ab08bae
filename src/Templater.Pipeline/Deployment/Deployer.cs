using System.Collections.Immutable;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment;

/// <summary>
/// Brings one output to life: equal? skip; candidate, check, rename, reload, verify, journal; and puts the last good file
/// back when the proxy does not take the new one. A reload stays owed until it is delivered and, where that can be known,
/// proven: <see cref="RunDebtAsync"/> goes on with it for ever, also after a crash. Thread-safe; one step at a time.
/// </summary>
public sealed partial class Deployer : IDisposable
{
    private readonly DeployerParts _parts;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly WallClock _clock;
    private readonly SideFiles _sideFiles;
    private readonly IDisposable? _watch;

    // The generation that the inputs ask for. Once it has failed it is tried again ever more rarely, and at once when they ask
    // for another one or the operator asks. What is put back meanwhile is nobody's wish, and its failure says nothing about the wanted one.
    private string? _wanted;
    private volatile DeployOutcome? _failed;
    private volatile int _failedTrials;
    private long? _failedAt;

    // What the wanted one needs of pairs; of what is put back, or was owed before this run, nobody knows.
    private (string Generation, RuntimeCertificates Pairs)? _certificates;

    // Why the wanted one could not be put in place at the last attempt.
    private ImmutableArray<Finding> _stopped = [];

    private Asked? _checkerVersion;

    internal Deployer(DeployerParts parts)
    {
        _parts = parts;
        _clock = new WallClock(parts.Time);
        _sideFiles = new SideFiles(parts.Output, parts.File);
        parts.Reloads.Join(parts.Debt.Interval, LastReloadBefore());
        parts.Reloads.Hurried += GoAlong;
        parts.File.RemoveStaleCandidates();
        RecallSwap();
        parts.Reloader.GoOnWith(State.Unsettled);
        _wanted = State.Current?.Generation;
        _watch = parts.Reloader.Watch(OnReaderAppeared);
    }

    /// <summary>Name of the output.</summary>
    public string Output => _parts.Output;

    /// <summary>True when the settings say that nobody is told about a new file, so that nothing can be proven either.</summary>
    public bool TellsNobody => _parts.Reloader is NobodyReloader;

    /// <summary>Who judges configurations, for the start line.</summary>
    public string Validation => _parts.Checker?.Description ?? (_parts.Proof.CanProve ? "the proxy itself" : "nobody");

    /// <summary>Compares the program that checks with the proxy; the program is asked once.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="proxy">The proxy in it.</param>
    /// <param name="cancellationToken">Gives up; asked again the next time.</param>
    /// <returns>What is to be said; null when they are the same, or one of them is not known.</returns>
    public async Task<Finding?> CompareVersionsAsync(Snapshot snapshot, ProxyContext proxy, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(proxy);
        if (_parts.Checker is not { } checker || proxy.ImageVersion is null)
            return null;
        return await CheckerVersionAsync(cancellationToken) is { } version ? ProgramVersion.Difference(checker.Description, version, snapshot, proxy) : null;
    }

    /// <summary>The version of the program that checks, which is asked once; null when there is none, or it does not tell.</summary>
    /// <param name="cancellationToken">Gives up; asked again the next time.</param>
    public async Task<Version?> CheckerVersionAsync(CancellationToken cancellationToken) =>
        _parts.Checker is { } checker ? (_checkerVersion ??= new Asked(await checker.VersionAsync(cancellationToken))).Version : null;

    /// <summary>Why the next change could not be written; null when nothing is in its way. Asks the file system.</summary>
    public Finding? Obstacle => _parts.File.Obstacle();

    /// <summary>True when something was not written that would be now, whatever is wanted: <see cref="DeployAsync"/> tries again.</summary>
    public bool HasUnwritten => (_journalProblem ?? _keepProblem ?? _archiveProblem ?? _unsynced) is not null;

    /// <summary>Set when the journal on disk could not be read and was put aside.</summary>
    public Finding? Damage => _parts.Journal.Damage;

    /// <summary>The delivery state now.</summary>
    public DeliveryStatus Status
    {
        get
        {
            var state = _parts.Journal.State;
            var owedSince = state.Current is { IsOwed: true } owed ? owed.OwedAnew ?? owed.Swapped ?? owed.Desired : (DateTimeOffset?)null;
            return new DeliveryStatus(state.Current, state.LastGood, owedSince, owedSince is not null && _waitsForProxy, _parts.File.Exists(), state.History) { Pin = state.Pin, Waiting = state.Waiting };
        }
    }

    private JournalState State => _parts.Journal.State;

    private DateTimeOffset Now => _clock.Now;

    /// <summary>Deploys a file, or goes on with it if it is already in place and a reload is owed.</summary>
    /// <param name="file">The rendered file; its path is the output's.</param>
    /// <param name="cause">What made it necessary, for the journal and the log.</param>
    /// <param name="cancellationToken">Gives up between steps; what is owed then stays owed.</param>
    public async Task<DeployOutcome> DeployAsync(RenderedFile file, string cause, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);
        _clock.Look();
        if (await EnterAsync(file, cancellationToken) is { } proving)
            return proving;
        try
        {
            _latest = new Wish(file, cause);
            return await DeployLatestAsync(_latest, cancellationToken);
        }
        finally
        {
            Leave();
        }
    }

    private async Task<DeployOutcome> DeployLatestAsync(Wish? latest, CancellationToken cancellationToken)
    {
        TakeRequest();
        // What could not be written is true still, and what hindered it may be gone.
        if (_journalProblem is not null)
            Note(State);
        if (_unsynced is not null)
            _unsynced = _parts.File.Sync();
        KeepAgain();
        if (Choose(latest) is not { } chosen)
            return Said(State.Pin is null ? new DeployOutcome.Unchanged() : PinnedIsGone());
        var (file, cause) = (chosen.File, chosen.Cause);
        if (_wanted != file.Generation)
            ForgetFailure();
        _wanted = file.Generation;
        _mayWait = file.MayWait;
        _certificates = ReferenceEquals(file, latest?.File) ? (file.Generation, file.Certificates) : null;
        _stopped = [];
        if (_failed is { } failed && Since(_failedAt) < DebtPolicy.TrialDelay(_failedTrials))
            return StillFailed(failed);
        await LookForNewProxiesAsync(cancellationToken);
        if (Recall(file, cause) is not { } entry)
        {
            if (await SwapInAsync(file, cause, cancellationToken) is not { } stopped)
                return (await SettleAsync(ProofPatience, cancellationToken))!;
            _stopped = stopped.Findings;
            return Said(stopped with { Findings = stopped.Findings.AddRange(_standing) });
        }

        var missing = KeepSideFiles(file);
        if (entry.IsLive)
            ForgetFailure();
        if (!entry.IsOwed)
            return Said(new DeployOutcome.Unchanged { Findings = missing is null ? _standing : _standing.Add(missing) });
        return _unproven is null ? (await SettleAsync(ProofPatience, cancellationToken))! : Waiting(entry);
    }

    /// <summary>
    /// Writes the first file before the engine has answered, so that a proxy has something to start with. An existing file
    /// is never replaced. Nobody is told yet.
    /// </summary>
    /// <param name="file">The rendered file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<DeployOutcome> WriteFirstAsync(RenderedFile file, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);
        await EnterAsync(cancellationToken);
        try
        {
            if (_parts.File.Exists())
                return new DeployOutcome.Unchanged();
            if (Choose(new Wish(file, JournalEntry.FirstStart)) is not { } first)
                return Said(PinnedIsGone());
            if (await SwapInAsync(first.File, JournalEntry.FirstStart, cancellationToken) is { } stopped)
                return stopped;
            _waitsForProxy = true;
            return Said(new DeployOutcome.Owed(first.File.Generation, "nobody was looked for yet", WaitsForProxy: true));
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Delivers what is owed whenever it is due, until cancelled; every outcome goes to the callback given at creation.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunDebtAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await WaitUntilDueAsync(cancellationToken);
            if (await SettleDebtAsync(cancellationToken) is { } outcome)
                _parts.OnSettled?.Invoke(outcome);
        }
    }

    /// <summary>Makes one attempt to deliver what is owed and due; null when nothing is, and there is nothing new to say either.</summary>
    /// <param name="cancellationToken">Gives up; the debt stays.</param>
    public async Task<DeployOutcome?> SettleDebtAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _clock.Look();
            if (IsAsked)
                return await DeployLatestAsync(_latest, cancellationToken);
            await LookForNewProxiesAsync(cancellationToken);
            var isNews = await AskAgainAsync(cancellationToken);
            if (_unproven is not null || (State.Current is { IsOwed: true } && DueIn() <= TimeSpan.Zero))
                return await SettleAsync(Timeout.InfiniteTimeSpan, cancellationToken);
            return isNews ? StillSo() : null;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>
    /// A proxy of this output may have appeared: what is owed is tried at once instead of at the next retry, and one that was
    /// not there when the present generation was delivered is told now.
    /// </summary>
    public void OnProxyStarted()
    {
        _failures = 0;
        _looksForNewProxies = true;
        Wake();
    }

    /// <summary>
    /// A proxy of this output has ended: if it did so on a file that is still owed, that is found out now, and not at the next
    /// retry.
    /// </summary>
    public void OnProxyEnded()
    {
        _hasProxyEnded = true;
        Wake();
    }

    /// <summary>A look begins, in which this output may come to tell its proxy: others that want to tell it wait for that for a moment.</summary>
    public void BeginLook() => _parts.Reloads.BeginLook(Output);

    /// <summary>The look is over, whatever came of it.</summary>
    public void EndLook() => _parts.Reloads.EndLook(Output);

    /// <summary>Forgets that a generation failed, so that it is tried again although nothing has changed.</summary>
    public void ForgetFailure()
    {
        _failed = null;
        _failedTrials = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch?.Dispose();
        _parts.Journal.Dispose();
        _gate.Dispose();
    }

    private sealed record Asked(Version? Version);

    private T Fail<T>(T outcome, string generation)
        where T : DeployOutcome
    {
        if (generation == _wanted)
        {
            _failed = outcome;
            _failedTrials++;
            _failedAt = _parts.Time.GetTimestamp();
        }

        return outcome;
    }
}
