using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Templater.Acme.Dns;
using Templater.Pipeline;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Web;

namespace Templater.Cli.Running;

/// <summary>
/// Tells the keeper of certificates after each look what is wanted and what is proven, and the look what the keeper knows. Where the keeper
/// cannot begin, looks go on without it, and it is tried again.
/// </summary>
internal sealed partial class KeptCertificates : IDisposable
{
    /// <summary>How long the first look waits for the keeper to begin: somebody else may hold what it shares.</summary>
    public static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);

    private readonly AcmePlan _plan;
    private readonly ImmutableArray<OutputStage> _stages;
    private readonly TimeProvider _time;
    private readonly Action<string> _nudge;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, Finding> _aside = new(StringComparer.Ordinal);
    private readonly AcmeState _state;
    private readonly StoreUpkeep _upkeep;
    private readonly ShownPlaceholders? _placeholders;
    private readonly OperatorRequests _requests;
    private readonly Lock _lock = new();
    private (ImmutableArray<WantedCertificate> All, bool IsWhole)? _wanted;
    private AcmeAnswers? _before;
    private Task<bool> _opening = Task.FromResult(false);
    private volatile CertificateKeeping? _keeping;
    private volatile Finding? _failure;

    /// <summary>Puts it together; nothing happens yet.</summary>
    /// <param name="plan">What the operator decided.</param>
    /// <param name="directory">The state directory.</param>
    /// <param name="stages">The outputs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="nudge">Asks for a look.</param>
    /// <param name="logger">The log.</param>
    public KeptCertificates(AcmePlan plan, StateDirectory directory, ImmutableArray<OutputStage> stages, TimeProvider time, Action<string> nudge, ILogger logger)
    {
        (_plan, _stages, _time, _nudge, _logger) = (plan, stages, time, nudge, logger);
        _state = new AcmeState(directory, time, aside => _aside[aside.Path] = aside.Finding);
        _placeholders = plan.HasPlaceholder ? new ShownPlaceholders(new PlaceholderPairs(plan.Store, time), time, nudge) : null;
        _requests = new OperatorRequests(directory, time);
        _upkeep = new StoreUpkeep(plan.Store, time)
        {
            Orders = _state.Orders,
            References = () => CertificateReferences.Read(directory, stages.Select(static stage => stage.Plan.Definition.Path)),
            Removed = Removed,
            Changed = () => nudge(""),
        };
    }

    /// <summary>Who orders which certificate next; null while nobody does.</summary>
    public AcmeAnswers? Answers => (_keeping is { } keeping ? keeping.Keeper.Answers : Volatile.Read(ref _before)) is { } answers
        ? answers with { Placeholders = _placeholders?.Pairs ?? [] } : null;

    /// <summary>How it stands with what is wanted; the default while that is not known yet.</summary>
    public ImmutableArray<CertificateStatus> Status => _keeping is not { Keeper: { IsStatusKnown: true } keeper } ? default
        : _placeholders is { } shown ? shown.In(keeper.Status)
        : keeper.Status;

    /// <summary>Accounts that are given another key.</summary>
    public ImmutableArray<KeyChange> KeyChanges => _keeping is { } keeping ? keeping.Keeper.KeyChanges : [];

    /// <summary>
    /// Begins, and waits for that, but not for long: the first file is to have the answers to challenges already, and is not to come late
    /// because of a lock. Until then they are those of the run before.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _before, AnswersBefore());
        _opening = TryOpenAsync(cancellationToken);
        await Task.WhenAny(_opening, Task.Delay(FirstPatience, _time, cancellationToken));
    }

    /// <summary>Works until cancelled.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var isLate = !_opening.IsCompleted;
        for (var isOpen = await _opening; !isOpen; isOpen = await TryOpenAsync(cancellationToken))
        {
            isLate = true;
            _nudge("");
            await Task.Delay(RetryInterval, _time, cancellationToken);
        }

        if (isLate)
            _nudge("certificates are obtained from now on");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] all = [_keeping!.RunAsync(stop.Token), _requests.RunAsync(_keeping.Keeper, stop.Token), _upkeep.RunAsync(stop.Token), .. _placeholders is { } shown ? [shown.RunAsync(stop.Token)] : Array.Empty<Task>()];
        await Task.WhenAny(all);
        await stop.CancelAsync();
        await Task.WhenAll(all);
    }

    // False where it cannot be, which is among the findings then.
    private async Task<bool> TryOpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _upkeep.MendAsync(cancellationToken);
            _keeping = await CertificateKeeping.OpenAsync(
                _plan,
                new KeepingSurroundings(_state, _upkeep.Store, _time, $"templater/{CommandLine.Version}", ResolvConf(), _nudge, line => Said(_logger, line)),
                cancellationToken);
            _failure = null;
            return true;
        }
        catch (OutputFileException exception)
        {
            _failure = exception.Finding;
        }
        catch (ListenFailedException exception)
        {
            _failure = Failure(ReasonIds.ListenFailed, $"{exception.Message} Choose another address by acme.listen (TEMPLATER_ACME_LISTEN), or leave it out.");
        }
        catch (ArgumentException exception)
        {
            _failure = Failure(ReasonIds.InvalidSetting, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _failure = Failure(ReasonIds.AcmeFailed, exception.Message);
        }

        return false;
    }

    /// <summary>After a look: tells the keeper what it found.</summary>
    /// <param name="snapshot">What was looked at.</param>
    /// <returns>What the operator should know about certificates now.</returns>
    public IEnumerable<Finding> Look(Snapshot snapshot)
    {
        if (_keeping is not { } keeping)
            return _failure is { } failure ? [.. Kept(), failure] : Kept();
        var routings = _stages.Select(static stage => (Output: stage.Plan.Definition.Name, stage.Routing)).Where(static output => output.Routing is not null).Select(static output => (output.Output, output.Routing!));
        var wanted = WantedCertificates.Of(routings, [.. snapshot.Certificates.Where(pair => !_upkeep.Store.Owns(pair))], _plan, snapshot.TakenAt);
        // An output that was never rendered may want what nobody else does.
        var isWhole = _stages.All(static stage => stage.Routing is not null);
        lock (_lock)
            _wanted = (wanted.Certificates, isWhole);
        _upkeep.Want(isWhole ? wanted.Certificates : null);
        if (_placeholders is not null)
            _placeholders.Missing = [.. wanted.Certificates.Where(one => !one.Names.All(name => snapshot.Certificates.Any(pair => CertificateSelection.Covers(pair, name))))];
        Proven();
        return [.. Kept(), .. keeping.Keeper.Obstacles.Select(Hindered), .. wanted.Findings, .. Status is { IsDefault: false } known ? CertificateFindings.Of(known, _time.GetUtcNow()) : []];
    }

    /// <summary>Tells the keeper what proxies are proven to answer; to be called when that has changed.</summary>
    public void Proven()
    {
        if (_keeping is not { } keeping)
            return;
        var (served, written) = (RoutingsBy(static stage => stage.ServedRouting), RoutingsBy(static stage => stage.Routing));
        lock (_lock)
        {
            // Before the first look with the keeper nothing is known, which is not that nothing is wanted.
            if (_wanted is var (all, isWhole))
                keeping.Keeper.Want(all, ProvenAnswers.Of(all, served, written, _plan.Policy.IsStateless), isWhole);
        }
    }

    private Dictionary<string, RoutingResult> RoutingsBy(Func<OutputStage, RoutingResult?> select) => _stages
        .Select(stage => (stage.Plan.Definition.Name, Routing: select(stage))).Where(static one => one.Routing is not null)
        .ToDictionary(static one => one.Name, static one => one.Routing!, StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Dispose() => _keeping?.Dispose();

    private static Finding Failure(string reason, string message) => new(FindingSeverity.Error, reason, $"no certificates are obtained: {message.TrimEnd('.')}. It is tried again every minute; what is there is served.");

    private static Finding Hindered(string why) => new(FindingSeverity.Error, ReasonIds.AcmeFailed, $"no certificate is ordered: {why.TrimEnd('.')}. It is tried again; what is there is served.");

    // What is about files, as long as it is so: who has looked at a file that was put aside removes it.
    private IEnumerable<Finding> Kept() => [.. _aside.Where(static aside => File.Exists(aside.Key)).OrderBy(static aside => aside.Key, StringComparer.Ordinal).Select(static aside => aside.Value), .. _upkeep.Findings, .. _placeholders?.Failure is { } unplaced ? [unplaced] : Array.Empty<Finding>()];

    private AcmeAnswers? AnswersBefore()
    {
        try
        {
            return _state.PeekAnswers(_plan.Authorities.ToDictionary(static authority => authority.Key, static authority => authority.Value.Directory)) is { Thumbprints.IsEmpty: false } known ? known : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is said when the keeper cannot begin.
            return null;
        }
    }

    private void Removed(ImmutableArray<string> names)
    {
        foreach (var line in names.Select(name => $"the certificate for {name} is removed: nobody has wanted it for {_plan.Store.Keep.TotalDays:0.##} days, and no configuration that may be live names it"))
            Said(_logger, line);
        _nudge("certificates that nobody wanted were removed");
    }

    /// <summary>What this machine says of name servers; empty where it says nothing.</summary>
    public static string ResolvConf()
    {
        try
        {
            return File.ReadAllText(DnsClientOptions.SystemFile);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // resolv.conf(5): then the resolver is on this machine.
            return "";
        }
    }

    [LoggerMessage(Level = LogLevel.Information, EventName = "certificate", Message = "{Line}")]
    private static partial void Said(ILogger logger, string line);
}
