using System.Collections.Concurrent;
using System.Collections.Immutable;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>
/// Keeps a store of certificates in order beside whoever orders them: mends it until that is done, and removes what nobody wants any
/// more, each certificate after its grace time and never while a configuration mentions it that may be live. Thread-safe.
/// </summary>
/// <param name="options">The store.</param>
/// <param name="time">The clock.</param>
public sealed class StoreUpkeep(StoreOptions options, TimeProvider time)
{
    /// <summary>Time between two looks for what nobody wants.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Time from the beginning to the first of them: there is more to do after a start.</summary>
    public static readonly TimeSpan FirstAfter = TimeSpan.FromMinutes(5);

    /// <summary>Time until what failed is tried again.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<Finding> _said = new();
    private volatile IReadOnlyList<Finding> _unmended = [];
    private volatile IReadOnlyList<Finding> _uncollected = [];
    private volatile ImmutableHashSet<string>? _wanted;
    private CertificateStore? _store;

    /// <summary>The store.</summary>
    public CertificateStore Store => LazyInitializer.EnsureInitialized(ref _store, () => new CertificateStore(options, time, _said.Enqueue));

    /// <summary>Orders that were under way, which are forgotten when nobody goes on with them; null = they are left alone.</summary>
    public OrderStore? Orders { get; init; }

    /// <summary>Reads the configurations that may be live; only asked where something is not wanted.</summary>
    public required Func<CertificateReferences> References { get; init; }

    /// <summary>Is told the names of what was removed; returns at once.</summary>
    public required Action<ImmutableArray<string>> Removed { get; init; }

    /// <summary>Is told that <see cref="Findings"/> are others; returns at once.</summary>
    public Action Changed { get; init; } = static () => { };

    /// <summary>What is wrong with the store, as it was seen last.</summary>
    public ImmutableArray<Finding> Findings => [.. _unmended, .. _uncollected];

    /// <summary>Takes over what is wanted. Nothing is removed before, nor while it is not known of all outputs.</summary>
    /// <param name="wanted">All certificates that are wanted; null while an output is not known to want none.</param>
    public void Want(ImmutableArray<WantedCertificate>? wanted) =>
        _wanted = wanted?.Select(static one => one.Name).ToImmutableHashSet(StringComparer.Ordinal);

    /// <summary>Mends what a crash, or a hand, left behind (<see cref="CertificateStore.RepairAsync"/>).</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The store cannot be read, or somebody else holds it.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public async Task MendAsync(CancellationToken cancellationToken)
    {
        _said.Clear();
        await Store.RepairAsync(cancellationToken);
        var before = _unmended;
        _unmended = [.. _said.Distinct()];
        Tell(before, _unmended);
    }

    /// <summary>Works until cancelled.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var (since, pause) = (time.GetTimestamp(), FirstAfter);
        while (true)
        {
            await Task.Delay(RetryInterval, time, cancellationToken);
            if (_unmended.Count > 0 || Store.HasUnshown)
                await MendAgainAsync(cancellationToken);
            if (time.GetElapsedTime(since) < pause && _uncollected.Count == 0)
                continue;
            (since, pause) = (time.GetTimestamp(), Interval);
            await CollectAsync(cancellationToken);
        }
    }

    /// <summary>Looks once for what nobody wants any more.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task CollectAsync(CancellationToken cancellationToken)
    {
        if (_wanted is not { } wanted)
            return;
        _said.Clear();
        try
        {
            if (Orders is not null)
                await Orders.ForgetOldAsync(cancellationToken);
            var isAllWanted = Store.All.All(one => wanted.Contains(one.Name));
            var gone = await Store.CollectAsync(wanted, isAllWanted ? CertificateReferences.In() : References(), cancellationToken);
            if (!gone.IsEmpty)
                Removed(gone);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _said.Enqueue(new Finding(FindingSeverity.Warning, ReasonIds.OutputFailed, $"certificates that nobody wants are not removed: {exception.Message.TrimEnd('.')}. It is tried again every minute."));
        }

        var before = _uncollected;
        _uncollected = [.. _said.Distinct()];
        Tell(before, _uncollected);
    }

    // What was found before holds until it can be looked again.
    private async Task MendAgainAsync(CancellationToken cancellationToken)
    {
        var hadUnshown = Store.HasUnshown;
        try
        {
            await MendAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is tried again.
        }

        // There is a pair to be read now.
        if (hadUnshown && !Store.HasUnshown)
            Changed();
    }

    private void Tell(IReadOnlyList<Finding> before, IReadOnlyList<Finding> now)
    {
        if (!before.SequenceEqual(now))
            Changed();
    }
}
