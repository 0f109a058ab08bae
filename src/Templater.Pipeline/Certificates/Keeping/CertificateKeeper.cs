using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>
/// Obtains and renews what is wanted, in the background. What to do is decided by <see cref="KeeperPlanner"/> alone; here it is done,
/// and what came of it remembered. Nothing here holds up who calls: a look tells what is wanted and goes on. Thread-safe.
/// </summary>
public sealed partial class CertificateKeeper
{
    // At the end there is no more time than this to remember what was done.
    private static readonly TimeSpan LastSave = TimeSpan.FromSeconds(5);

    // Until what is stored is read again after it could not be.
    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(30);

    private readonly KeeperParts _parts;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private Task<bool> _saving = Task.FromResult(true);
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly HashSet<Task> _jobs = [];
    private readonly HashSet<string> _opening = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asking = new(StringComparer.Ordinal);
    private readonly HashSet<string> _forced = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AuthorityFacts> _open = new(StringComparer.Ordinal);

    private ImmutableArray<WantedCertificate> _wanted = [];
    private bool _isTold;
    private bool _isWhole;
    private ImmutableDictionary<string, string> _live = ImmutableDictionary<string, string>.Empty;
    private KeeperMemory _memory;
    private KeeperMemory? _saved;
    private string? _unsaved;
    private string? _unread;
    private AcmeAnswers _answers;
    private ImmutableArray<CertificateStatus> _status = [];
    private readonly ImmutableArray<string> _ended;
    private bool _isThought;
    private ExceptionDispatchInfo? _bug;

    /// <summary>Remembers what an earlier process has kept. Nothing is done before <see cref="RunAsync"/>.</summary>
    /// <param name="parts">What it works with.</param>
    /// <param name="time">The clock.</param>
    public CertificateKeeper(KeeperParts parts, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(parts);
        _parts = parts;
        _time = time;
        var kept = parts.Memory.Load();
        _memory = kept.Started(time.GetUtcNow(), parts.Vault.HasPending, StoredAt);
        _ended = [.. kept.Ended(StoredAt)];
        _answers = AnswersNow();
    }

    /// <summary>What routing has to know: who will ask for which certificate. Changes are told by <see cref="KeeperParts.Changed"/>.</summary>
    public AcmeAnswers Answers
    {
        get
        {
            lock (_lock)
                return _answers;
        }
    }

    /// <summary>How it stands with what is wanted, as it was thought of last.</summary>
    public ImmutableArray<CertificateStatus> Status
    {
        get
        {
            lock (_lock)
                return _status;
        }
    }

    /// <summary>True from the first thought on about what is wanted: before, <see cref="Status"/> is empty because nothing is known.</summary>
    public bool IsStatusKnown
    {
        get
        {
            lock (_lock)
                return _isThought;
        }
    }

    /// <summary>Why nothing is ordered at all now, each as a clause; empty when nothing is in the way.</summary>
    public ImmutableArray<string> Obstacles =>
    [
        .. Volatile.Read(ref _unread) is { } unread ? [$"it cannot be read which are there: {unread}"] : Array.Empty<string>(),
        .. Volatile.Read(ref _unsaved) is { } unsaved ? [$"what becomes of an order cannot be remembered: {unsaved}"] : Array.Empty<string>(),
    ];

    /// <summary>Takes over what is wanted now. Returns at once; what is the same as before changes nothing.</summary>
    /// <param name="wanted">What is wanted, as far as that is known; no two of the same name.</param>
    /// <param name="live">
    /// By name of a certificate: the thumbprint that every proxy which serves its names is proven to answer http-01 with
    /// (<see cref="ProvenAnswers"/>), in whatever way it is answered. One that is missing is not ordered by http-01, nor by tls-alpn-01.
    /// </param>
    /// <param name="isWhole">
    /// False where more may be wanted, as by an output that has not been rendered yet: nothing is forgotten then, and no account gets another
    /// key, since nobody knows which proxies would have to answer with it.
    /// </param>
    public void Want(ImmutableArray<WantedCertificate> wanted, ImmutableDictionary<string, string> live, bool isWhole = true)
    {
        ArgumentNullException.ThrowIfNull(live);
        lock (_lock)
        {
            if (_isTold && _isWhole == isWhole && wanted.SequenceEqual(_wanted) && live.Count == _live.Count && live.All(pair => _live.GetValueOrDefault(pair.Key) == pair.Value))
                return;
            _wanted = wanted;
            _live = live;
            (_isTold, _isWhole) = (true, isWhole);
        }

        Signal();
    }

    /// <summary>Renews a certificate now, however long it lasts. Pauses after failures and the authority's limits hold nevertheless.</summary>
    /// <param name="name">Its name.</param>
    public void Renew(string name)
    {
        lock (_lock)
            _forced.Add(name);
        Signal();
    }

    /// <summary>Tries a certificate again now, without the pause after a failure. What its authority said to wait for holds nevertheless.</summary>
    /// <param name="name">Its name.</param>
    public void Hurry(string name)
    {
        lock (_lock)
        {
            if (_wanted.FirstOrDefault(one => one.Name == name) is not { } wanted)
                return;
            _memory = _memory with { Failures = _memory.Failures.Hurried(NameSet.Of(wanted.Names), wanted.Authorities) };
        }

        Signal();
    }

    /// <summary>Takes over that a certificate was revoked: it is replaced by one with another key, where it is wanted.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="id">The certificate (<see cref="Renewal.CertificateLife.Id"/>).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when that cannot be noted now; to be said again then.</returns>
    public async Task<bool> RevokedAsync(string name, string id, CancellationToken cancellationToken)
    {
        try
        {
            await _parts.Vault.NoteRevokedAsync(name, id, cancellationToken);
        }
        catch (Exception exception) when (IsOfTheDisk(exception))
        {
            return false;
        }

        Signal();
        return true;
    }

    /// <summary>Has all that was asked for on the disk, as far as it is remembered over restarts.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when that cannot be written now, which is among the <see cref="Obstacles"/>.</returns>
    public Task<bool> RememberAsync(CancellationToken cancellationToken) => SaveAsync(cancellationToken);

    /// <summary>Works until cancelled; then what is under way is broken off, so that the next process can go on with it.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            // Else the next renewal would go on with the order of what is there.
            foreach (var name in _ended)
                await ForgetPendingAsync(name, null, cancellationToken);
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _bug?.Throw();
                var wakeAt = await StepAsync(stop.Token);
                await SleepAsync(wakeAt, cancellationToken);
            }
        }
        finally
        {
            await stop.CancelAsync();
            Task[] jobs;
            lock (_lock)
                jobs = [.. _jobs];
            await Task.WhenAll(jobs);
            using var last = new CancellationTokenSource(LastSave, _time);
            await SaveAsync(last.Token);
        }
    }

    private async Task SleepAsync(DateTimeOffset wakeAt, CancellationToken cancellationToken)
    {
        var pause = wakeAt - _time.GetUtcNow();
        if (pause <= TimeSpan.Zero)
            return;
        // The clock may have been put back since that was planned, by years.
        if (pause > KeeperPlanner.LongestSleep)
            pause = KeeperPlanner.LongestSleep;
        using var timeout = new CancellationTokenSource(pause, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await _signals.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Time to think again.
        }
    }

    // Where that cannot be seen, its order counts as failed, and is tried again soon.
    private DateTimeOffset? StoredAt(string name)
    {
        try
        {
            return _parts.Vault.Held.GetValueOrDefault(name)?.StoredAt;
        }
        catch (Exception exception) when (IsOfTheDisk(exception))
        {
            return null;
        }
    }

    private void Signal() => _signals.Writer.TryWrite(true);

    private async Task<DateTimeOffset> StepAsync(CancellationToken cancellationToken)
    {
        KeeperPlan plan;
        string? news;
        // A look that tells what is wanted waits for no disk: what is stored is read without the lock. An order that ends meanwhile
        // counts as under way still, as it may not be seen yet what it has stored.
        var begun = MemoryNow().Begun;
        if (HeldNow() is not { } held)
            return _time.GetUtcNow() + ReadAgain;
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            _memory = MemoryAt(now, held);
            plan = KeeperPlanner.Plan(SituationAt(now, held, _memory with { Begun = _memory.Begun.SetItems(begun) }));
            Turn(plan.Turns);
            foreach (var order in plan.Orders)
                _memory = _memory with { Begun = _memory.Begun.SetItem(order.Wanted.Name, new(now, NameSet.Of(order.Wanted.Names), order.Authority)) };
            var isKeyChange = NoteKeyChanges(plan.KeyChanges);
            // That it is known from now on is told, too: the next look may be a minute away.
            news = News(_status, plan.Status) ?? (isKeyChange || _isThought != _isTold ? "" : null);
            _status = plan.Status;
            _isThought = _isTold;
        }

        if (news is not null)
            _parts.Changed(news);

        // What is not remembered is not begun: else a restart would begin it again and again.
        if (await SaveAsync(cancellationToken))
        {
            await SwitchAsync(plan.Switches, cancellationToken);
            Announce();
            foreach (var order in plan.Orders)
                Start(() => OrderAsync(order, cancellationToken), cancellationToken);
        }
        else
        {
            lock (_lock)
                _memory = _memory with { Begun = _memory.Begun.RemoveRange(plan.Orders.Select(order => order.Wanted.Name)) };
        }

        Start(plan.Opens, _opening, authority => OpenAsync(authority, cancellationToken), cancellationToken);
        Start(plan.Changes, _changing, authority => ChangeAsync(authority, cancellationToken), cancellationToken);
        foreach (var ask in plan.Asks)
            Start([ask.Wanted], _asking, name => AskAsync(name, ask.Held, cancellationToken), cancellationToken);
        return plan.WakeAt;
    }

    // What failed, failed once more, or does so no more, is told by a look.
    private static string? News(ImmutableArray<CertificateStatus> before, ImmutableArray<CertificateStatus> now)
    {
        var known = before.ToDictionary(static status => status.Name, static status => (status.LastError, status.Failed), StringComparer.Ordinal);
        return now.FirstOrDefault(status => known.GetValueOrDefault(status.Name) != (status.LastError, status.Failed)) is { } changed ? $"the certificate for {changed.Name}" : null;
    }

    // Null when it cannot be read: who orders then may order what is there. What proxies have is not touched by that.
    private ImmutableDictionary<string, HeldCertificate>? HeldNow()
    {
        try
        {
            var held = _parts.Vault.Held;
            Hindered(ref _unread, null);
            return held;
        }
        catch (Exception exception) when (IsOfTheDisk(exception))
        {
            Hindered(ref _unread, exception.Message);
            return null;
        }
    }

    // Who routes has to know only what is remembered already.
    private void Announce()
    {
        lock (_lock)
        {
            var answers = AnswersNow();
            if (Same(answers.Thumbprints, _answers.Thumbprints) && Same(answers.Turned, _answers.Turned))
                return;
            _answers = answers;
        }

        _parts.Changed("the account that certificates are ordered by");
    }

    private static bool Same(ImmutableSortedDictionary<string, string> one, ImmutableSortedDictionary<string, string> other) => one.SequenceEqual(other);

    private KeeperMemory MemoryNow()
    {
        lock (_lock)
            return _memory;
    }

    private KeeperSituation SituationAt(DateTimeOffset now, ImmutableDictionary<string, HeldCertificate> held, KeeperMemory memory) => new()
    {
        Now = now,
        Wanted = _wanted,
        Held = held,
        IsWhole = _isWhole,
        Memory = memory,
        Thumbprints = _parts.Authorities.Thumbprints,
        Live = _live,
        Limits = _parts.Limits,
        Open = _open.Keys.ToHashSet(StringComparer.Ordinal),
        Opening = _opening,
        Asking = _asking,
        Forced = _forced,
        Switched = _parts.Authorities.Switched,
        IsStateless = _parts.IsStateless,
        Renewal = _parts.Renewal,
    };

    // The same object as long as nothing changes in it: it is not written anew then.
    private KeeperMemory MemoryAt(DateTimeOffset now, ImmutableDictionary<string, HeldCertificate> held)
    {
        var memory = _memory.AsOf(now);
        if (!_isWhole)
            return memory;
        var wanted = _wanted.Select(one => one.Name).ToHashSet(StringComparer.Ordinal);
        _forced.IntersectWith(wanted);
        return memory.About(name => wanted.Contains(name) || held.ContainsKey(name));
    }

    private AcmeAnswers AnswersNow() => new() { Thumbprints = _parts.Authorities.Thumbprints, Turned = _memory.Turned };

    private void Turn(ImmutableArray<KeyValuePair<string, string>> turns)
    {
        foreach (var (name, authority) in turns)
        {
            var isFirst = _wanted.Any(wanted => wanted.Name == name && wanted.Authorities[0] == authority);
            _memory = _memory with { Turned = isFirst ? _memory.Turned.Remove(name) : _memory.Turned.SetItem(name, authority) };
        }
    }

    private Task<bool> SaveAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return _saving = SaveAfterAsync(_saving, cancellationToken);
    }

    // One after the other: else what is older might be written over what is newer.
    private async Task<bool> SaveAfterAsync(Task before, CancellationToken cancellationToken)
    {
        // Not within the lock of who began it: a look waits for no disk.
        await Task.Yield();
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var memory = MemoryNow();
        if (ReferenceEquals(_saved, memory))
            return true;
        try
        {
            await _parts.Memory.SaveAsync(memory, cancellationToken);
            _saved = memory;
            Hindered(ref _unsaved, null);
            return true;
        }
        catch (Exception exception) when (IsOfTheDisk(exception))
        {
            Hindered(ref _unsaved, exception.Message);
            return false;
        }
    }

    // A look tells that it begins, and that it is over.
    private void Hindered(ref string? place, string? why)
    {
        if (Interlocked.Exchange(ref place, why) != why)
            _parts.Changed("");
    }

    private void Notice(string line) => _parts.Notice(line);

    private static bool IsOfTheDisk(Exception exception) => exception is IOException or UnauthorizedAccessException;
}
