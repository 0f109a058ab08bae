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
/// <param name="plan">What the operator decided.</param>
/// <param name="directory">The state directory.</param>
/// <param name="stages">The outputs.</param>
/// <param name="time">The clock.</param>
/// <param name="nudge">Asks for a look.</param>
/// <param name="logger">The log.</param>
internal sealed partial class KeptCertificates(AcmePlan plan, StateDirectory directory, ImmutableArray<OutputStage> stages, TimeProvider time, Action<string> nudge, ILogger logger) : IDisposable
{
    /// <summary>Most findings about files that are kept to be shown.</summary>
    private const int MaxNotices = 100;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RequestPoll = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<Finding> _notices = new();
    private readonly Lock _lock = new();
    private ImmutableArray<WantedCertificate> _wanted = [];
    private CertificateStore? _store;
    private volatile CertificateKeeping? _keeping;
    private volatile Finding? _failure;

    /// <summary>Who orders which certificate next; null while nobody does.</summary>
    public AcmeAnswers? Answers => _keeping?.Keeper.Answers;

    /// <summary>How it stands with what is wanted; empty while nobody works on it.</summary>
    public ImmutableArray<CertificateStatus> Status => _keeping?.Keeper.Status ?? [];

    /// <summary>Begins; false where that cannot be, which is among the findings then.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<bool> TryOpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            _store = new CertificateStore(plan.Store, time, Note);
            await _store.RepairAsync(cancellationToken);
            _keeping = await CertificateKeeping.OpenAsync(
                plan,
                new KeepingSurroundings(new AcmeState(directory, time, Note), _store, time, $"templater/{CommandLine.Version}", ResolvConf(), nudge, line => Said(logger, line)),
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

    /// <summary>Works until cancelled.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (_keeping is null)
        {
            await Task.Delay(RetryInterval, time, cancellationToken);
            if (await TryOpenAsync(cancellationToken))
                nudge("certificates are obtained from now on");
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] both = [_keeping.RunAsync(stop.Token), ListenAsync(_keeping.Keeper, stop.Token)];
        await Task.WhenAny(both);
        await stop.CancelAsync();
        await Task.WhenAll(both);
    }

    // What the operator asks for.
    private async Task ListenAsync(CertificateKeeper keeper, CancellationToken cancellationToken)
    {
        var requests = new RenewalRequests(directory.Path);
        while (true)
        {
            await Task.Delay(RequestPoll, time, cancellationToken);
            foreach (var name in requests.Take())
                keeper.Renew(name);
        }
    }

    /// <summary>After a look: tells the keeper what it found.</summary>
    /// <param name="snapshot">What was looked at.</param>
    /// <returns>What the operator should know about certificates now.</returns>
    public IEnumerable<Finding> Look(Snapshot snapshot)
    {
        if (_keeping is not { } keeping || _store is not { } store)
            return _failure is { } failure ? [.. _notices, failure] : _notices;
        var routings = stages.Select(static stage => (Output: stage.Plan.Definition.Name, stage.Routing)).Where(static output => output.Routing is not null).Select(static output => (output.Output, output.Routing!));
        var wanted = WantedCertificates.Of(routings, [.. snapshot.Certificates.Where(pair => !store.Owns(pair))], plan, snapshot.TakenAt);
        lock (_lock)
            _wanted = wanted.Certificates;
        Proven();
        return [.. _notices, .. wanted.Findings, .. CertificateFindings.Of(keeping.Keeper.Status, time.GetUtcNow())];
    }

    /// <summary>Tells the keeper what proxies are proven to answer; to be called when that has changed.</summary>
    public void Proven()
    {
        if (_keeping is not { } keeping)
            return;
        var served = new Dictionary<string, RoutingResult>(StringComparer.Ordinal);
        foreach (var stage in stages)
            if (stage.ServedRouting is { } routing)
                served[stage.Plan.Definition.Name] = routing;
        lock (_lock)
            keeping.Keeper.Want(_wanted, ProvenAnswers.Of(_wanted, served));
    }

    /// <inheritdoc/>
    public void Dispose() => _keeping?.Dispose();

    private static Finding Failure(string reason, string message) => new(FindingSeverity.Error, reason, $"no certificates are obtained: {message.TrimEnd('.')}. It is tried again every minute; what is there is served.");

    private static string ResolvConf()
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

    private void Note(Finding finding)
    {
        if (_notices.Count < MaxNotices && !_notices.Contains(finding))
            _notices.Enqueue(finding);
    }

    [LoggerMessage(Level = LogLevel.Information, EventName = "certificate", Message = "{Line}")]
    private static partial void Said(ILogger logger, string line);
}
