using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment;

/// <summary>
/// The reloads of whatever is told in one way, for all outputs that it reads: they go live by one reload, and are as far apart as
/// the most patient of the outputs wants, unless one may not wait: then only its own interval holds, and the others go along. Whoever wants to tell waits for those that are about to, whose files are in place when
/// they come; each proves its own generation. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class ProxyReloads(TimeProvider time)
{
    /// <summary>How long others are waited for while all are told: who waits for one whose checker takes longer tells alone from then on.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Proxy> _proxies = new(StringComparer.Ordinal);

    // Outputs of which a look has just begun, which wait for nothing but the interval, and which are telling somebody.
    private readonly HashSet<string> _looking = new(StringComparer.Ordinal);
    private readonly HashSet<string> _held = new(StringComparer.Ordinal);
    private readonly HashSet<string> _telling = new(StringComparer.Ordinal);

    // Outputs that have come as far as they can without the others.
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);

    // How long who is telling somebody has waited for others.
    private readonly Dictionary<string, TimeSpan> _waited = new(StringComparer.Ordinal);
    // Outputs that tell somebody sooner than the others would.
    private readonly HashSet<string> _hurrying = new(StringComparer.Ordinal);
    private long? _last;
    private int _underWay;
    private int _told;

    /// <summary>When what is owed is delivered.</summary>
    public DebtPolicy Debt { get; private set; } = new(TimeSpan.Zero);

    /// <summary>How long ago somebody was told anything; null for never.</summary>
    public TimeSpan? SinceLast
    {
        get
        {
            lock (_lock)
                return _last is { } last ? time.GetElapsedTime(last) : null;
        }
    }

    /// <summary>True while an output that may not wait tells somebody: whoever owes something can go along.</summary>
    public bool IsHurried
    {
        get
        {
            lock (_lock)
                return _hurrying.Count > 0;
        }
    }

    /// <summary>Raised when <see cref="IsHurried"/> comes to hold, on the thread of the output that may not wait.</summary>
    public event Action? Hurried;

    /// <summary>How often somebody was told; null while somebody is being told, and may be down because of that.</summary>
    public int? Told
    {
        get
        {
            lock (_lock)
                return _underWay > 0 ? null : _told;
        }
    }

    /// <summary>Adds an output.</summary>
    /// <param name="interval">The shortest time between two reloads that it wants.</param>
    /// <param name="last">Timestamp of its last reload before this run of Templater; null when that was long ago.</param>
    public void Join(TimeSpan interval, long? last)
    {
        lock (_lock)
        {
            if (interval > Debt.Interval)
                Debt = new DebtPolicy(interval);
            _last = last > _last || _last is null ? last : _last;
        }
    }

    /// <summary>A look at an output begins, which may tell somebody in a moment.</summary>
    public void BeginLook(string output)
    {
        lock (_lock)
            _looking.Add(output);
    }

    /// <summary>A look at an output is over.</summary>
    public void EndLook(string output) => NoLongerIn(_looking, output);

    /// <summary>Notes whether an output tells somebody as soon as the interval is over.</summary>
    public void Hold(string output, bool isHeld)
    {
        if (!isHeld)
        {
            NoLongerIn(_held, output);
            return;
        }

        lock (_lock)
            _held.Add(output);
    }

    /// <summary>An output begins to tell all that have to be told.</summary>
    /// <param name="output">The output.</param>
    /// <param name="mayWait">False when only its own interval holds for it.</param>
    public void BeginTelling(string output, bool mayWait = true)
    {
        var isFirst = false;
        lock (_lock)
        {
            _looking.Remove(output);
            _held.Remove(output);
            _telling.Add(output);
            _waited.Remove(output);
            if (!mayWait)
                isFirst = _hurrying.Add(output) && _hurrying.Count == 1;
        }

        if (isFirst)
            Hurried?.Invoke();
    }

    /// <summary>An output has told all that had to be told, or has failed to.</summary>
    public void EndTelling(string output)
    {
        lock (_lock)
            _hurrying.Remove(output);
        NoLongerIn(_telling, output);
    }

    /// <summary>Tells a proxy, together with the other outputs that are about to.</summary>
    /// <param name="output">Who wants to.</param>
    /// <param name="target">The proxy.</param>
    /// <param name="interval">The shortest time since the last reload of this proxy that it keeps.</param>
    /// <param name="cancellationToken">Gives up waiting; the reload is given up when all have.</param>
    public async Task<ReloadAnswer> ReloadAsync(string output, IReloadTarget target, TimeSpan interval, CancellationToken cancellationToken)
    {
        Gathering gathering;
        lock (_lock)
        {
            gathering = GatheringFor(target);
            gathering.Outputs.Add(output);
            if (interval < gathering.Interval)
                gathering.Interval = interval;
            _waiting.Add(output);
            GoOnIfAllAreHere();
        }

        try
        {
            return await gathering.Answer.WaitAsync(cancellationToken);
        }
        finally
        {
            Leave(gathering, output);
        }
    }

    private Gathering GatheringFor(IReloadTarget target)
    {
        Forget();
        if (!_proxies.TryGetValue(target.Key, out var proxy))
            _proxies[target.Key] = proxy = new Proxy();
        if (proxy.Open is { } open)
            return open;
        var gathering = proxy.Open = new Gathering();
        var former = proxy.Latest is { Answer.IsCompleted: false } ? proxy.Latest : null;
        proxy.Latest = gathering;
        gathering.Answer = Task.Run(() => SendAsync(proxy, gathering, former, target));
        return gathering;
    }

    // A restarted container is another one each time.
    private void Forget()
    {
        foreach (var (key, proxy) in _proxies)
            if (proxy.Open is null && proxy.Latest is { Answer.IsCompleted: true } && !IsTooSoon(proxy, Debt.Interval))
                _proxies.Remove(key);
    }

    // The former one is what is under way to the same proxy.
    private async Task<ReloadAnswer> SendAsync(Proxy proxy, Gathering gathering, Gathering? former, IReloadTarget target)
    {
        if (former is not null)
            await Task.WhenAny(former.Answer);
        else if (!gathering.AllAreHere.Task.IsCompleted)
            await GatherAsync(gathering);
        lock (_lock)
        {
            // Whoever comes now may have swapped after the proxy has read.
            Close(proxy, gathering);
            gathering.Abandoned.Token.ThrowIfCancellationRequested();
            // How it was before it is told has to be seen again after another reload. One that all gave up waiting for was none.
            gathering.IsSent = former is { IsSent: true };
            if (gathering.IsSent || IsTooSoon(proxy, gathering.Interval))
                return new ReloadAnswer.TooSoon();
            gathering.IsSent = true;
            _underWay++;
        }

        var begin = time.GetTimestamp();
        try
        {
            var answer = await target.ReloadAsync(gathering.Abandoned.Token);
            if (answer is not ReloadAnswer.Gone)
                Note(proxy, begin);
            return answer;
        }
        finally
        {
            lock (_lock)
            {
                _underWay--;
                _told++;
            }
        }
    }

    private async Task GatherAsync(Gathering gathering)
    {
        var rest = Patience - Waited(gathering);
        if (rest <= TimeSpan.Zero)
            return;
        var begin = time.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(gathering.Abandoned.Token);
        await Task.WhenAny(gathering.AllAreHere.Task, Task.Delay(rest, time, stop.Token));
        await stop.CancelAsync();
        lock (_lock)
        {
            foreach (var output in gathering.Outputs.Where(_telling.Contains))
                _waited[output] = _waited.GetValueOrDefault(output) + time.GetElapsedTime(begin);
        }
    }

    private TimeSpan Waited(Gathering gathering)
    {
        lock (_lock)
            return gathering.Outputs.Select(output => _waited.GetValueOrDefault(output)).DefaultIfEmpty().Max();
    }

    private void Note(Proxy proxy, long begin)
    {
        lock (_lock)
            _last = proxy.Last = begin;
    }

    private bool IsTooSoon(Proxy proxy, TimeSpan interval) => proxy.Last is { } last && time.GetElapsedTime(last) < interval;

    private void Close(Proxy proxy, Gathering gathering)
    {
        if (proxy.Open == gathering)
            proxy.Open = null;
        _waiting.ExceptWith(gathering.Outputs);
    }

    private void Leave(Gathering gathering, string output)
    {
        bool isAbandoned;
        lock (_lock)
        {
            _waiting.Remove(output);
            gathering.Outputs.Remove(output);
            isAbandoned = gathering.Outputs.Count == 0;
            if (isAbandoned && _proxies.Values.FirstOrDefault(proxy => proxy.Open == gathering) is { } proxy)
                proxy.Open = null;
        }

        if (isAbandoned)
            gathering.Abandoned.Cancel();
    }

    private void NoLongerIn(HashSet<string> outputs, string output)
    {
        lock (_lock)
        {
            if (outputs.Remove(output))
                GoOnIfAllAreHere();
        }
    }

    // To be called while the lock is held.
    private void GoOnIfAllAreHere()
    {
        if (!_looking.Concat(_held).Concat(_telling).All(_waiting.Contains))
            return;
        foreach (var proxy in _proxies.Values)
            proxy.Open?.AllAreHere.TrySetResult();
    }

    private sealed class Proxy
    {
        /// <summary>Where others can still take part.</summary>
        public Gathering? Open { get; set; }

        /// <summary>What was sent last, or is about to be.</summary>
        public Gathering? Latest { get; set; }

        /// <summary>Timestamp of the last time it was told; null for never.</summary>
        public long? Last { get; set; }
    }

    private sealed class Gathering
    {
        public HashSet<string> Outputs { get; } = new(StringComparer.Ordinal);

        /// <summary>The shortest that any of them keeps.</summary>
        public TimeSpan Interval { get; set; } = TimeSpan.MaxValue;

        public TaskCompletionSource AllAreHere { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationTokenSource Abandoned { get; } = new();

        /// <summary>Whether the proxy was told since it began, whatever came of that.</summary>
        public bool IsSent { get; set; }

        public Task<ReloadAnswer> Answer { get; set; } = null!;
    }
}
