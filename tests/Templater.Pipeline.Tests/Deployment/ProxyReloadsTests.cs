using System.Collections.Immutable;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Two outputs that one proxy reads, by a clock that stands still: nothing here hangs on how fast anything is.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(30_000)]
public sealed class ProxyReloadsTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly CountedTarget _target = new();
    private readonly ProxyReloads _reloads;

    public ProxyReloadsTests()
    {
        _reloads = new ProxyReloads(_time);
        _reloads.Join(Interval, null);
        _reloads.Join(TimeSpan.Zero, null);
    }

    [Test]
    public async Task OutputsOfOneLookAreToldByOneReload(CancellationToken cancellationToken)
    {
        _reloads.BeginLook("map");
        _reloads.BeginLook("config");
        var first = TellAsync("map", cancellationToken);
        Assert.That((first.IsCompleted, _target.Reloads), Is.EqualTo((false, 0)), "the other may still come");

        Assert.That(await TellAsync("config", cancellationToken), Is.InstanceOf<ReloadAnswer.Delivered>());
        Assert.That(await first, Is.InstanceOf<ReloadAnswer.Delivered>());
        Assert.That(_target.Reloads, Is.EqualTo(1));
    }

    [Test]
    public async Task OutputsThatTheIntervalHeldBackAreToldByOneReload(CancellationToken cancellationToken)
    {
        _reloads.Hold("map", isHeld: true);
        _reloads.Hold("config", isHeld: true);

        await Task.WhenAll(TellAsync("map", cancellationToken), TellAsync("config", cancellationToken));

        Assert.That(_target.Reloads, Is.EqualTo(1));
    }

    [Test]
    public async Task WhoHasNothingToTellIsNotWaitedFor(CancellationToken cancellationToken)
    {
        _reloads.BeginLook("map");
        _reloads.Hold("other", isHeld: true);
        var told = TellAsync("config", cancellationToken);
        _reloads.EndLook("map");
        Assert.That(told.IsCompleted, Is.False);
        _reloads.Hold("other", isHeld: false);

        Assert.That(await told, Is.InstanceOf<ReloadAnswer.Delivered>());
    }

    [Test]
    public async Task WhoTakesLongIsWaitedForOnlySoLong(CancellationToken cancellationToken)
    {
        _reloads.BeginLook("map");
        var told = TellAsync("config", cancellationToken);
        await _time.AdvanceWhenWaitingAsync(ProxyReloads.Patience, cancellationToken: cancellationToken);

        Assert.That(await told, Is.InstanceOf<ReloadAnswer.Delivered>());
    }

    [Test]
    public async Task WhoTakesLongIsWaitedForOnceAndNotForEachProxy(CancellationToken cancellationToken)
    {
        _reloads.BeginTelling("config");
        _reloads.BeginLook("map");
        var first = TellAsync("config", cancellationToken);
        await _time.AdvanceWhenWaitingAsync(ProxyReloads.Patience, cancellationToken: cancellationToken);
        await first;

        var second = _reloads.ReloadAsync("config", new CountedTarget { Key = "second" }, Interval, cancellationToken);

        Assert.That(await second.WaitAsync(TimeSpan.FromSeconds(5), cancellationToken), Is.InstanceOf<ReloadAnswer.Delivered>());
    }

    [Test]
    public async Task TheIntervalIsThatOfTheProxyAndTheLongestThatAnyoneWants(CancellationToken cancellationToken)
    {
        Assert.That(await TellAsync("config", cancellationToken), Is.InstanceOf<ReloadAnswer.Delivered>());
        Assert.That(await TellAsync("map", cancellationToken), Is.InstanceOf<ReloadAnswer.TooSoon>());
        Assert.That((_target.Reloads, _reloads.SinceLast, _reloads.Debt.Interval), Is.EqualTo((1, TimeSpan.Zero, Interval)));

        _time.Advance(Interval);
        Assert.That(await TellAsync("map", cancellationToken), Is.InstanceOf<ReloadAnswer.Delivered>());
        Assert.That(_target.Reloads, Is.EqualTo(2));
    }

    [Test]
    public async Task WhoMayNotWaitKeepsOnlyTheOwnInterval(CancellationToken cancellationToken)
    {
        await TellAsync("config", cancellationToken);

        Assert.That(await TellAsync("config", cancellationToken, TimeSpan.Zero), Is.InstanceOf<ReloadAnswer.Delivered>());
    }

    [Test]
    public async Task AReloadOfBeforeTheStartCountsToo(CancellationToken cancellationToken)
    {
        _reloads.Join(Interval, _time.GetTimestamp());

        Assert.That(_reloads.SinceLast, Is.EqualTo(TimeSpan.Zero));
        Assert.That(await TellAsync("config", cancellationToken), Is.InstanceOf<ReloadAnswer.Delivered>(), "whether it was this very proxy nobody knows");
    }

    [Test]
    public async Task AProxyThatIsGoneWasNotTold(CancellationToken cancellationToken)
    {
        _target.Answer = new ReloadAnswer.Gone();
        await TellAsync("config", cancellationToken);
        _target.Answer = new ReloadAnswer.Delivered();

        Assert.That(_reloads.SinceLast, Is.Null);
        Assert.That(await TellAsync("map", cancellationToken), Is.InstanceOf<ReloadAnswer.Delivered>());
    }

    [Test]
    public async Task NobodyIsToldTwiceAtOnce(CancellationToken cancellationToken)
    {
        _target.Answering = new TaskCompletionSource();
        var first = TellAsync("config", cancellationToken);
        await _target.Begun.WaitAsync(cancellationToken);
        Assert.That(_reloads.Told, Is.Null, "it may be down");
        _time.Advance(2 * Interval);
        var second = TellAsync("map", cancellationToken);
        _target.Answering.SetResult();

        Assert.That(await first, Is.InstanceOf<ReloadAnswer.Delivered>());
        Assert.That(await second, Is.InstanceOf<ReloadAnswer.TooSoon>(), "it has to look at the proxy anew");
        Assert.That((_target.Reloads, _reloads.Told), Is.EqualTo((1, (int?)1)));
    }

    [Test]
    public async Task WhoGivesUpTakesTheReloadFromNobody(CancellationToken cancellationToken)
    {
        _reloads.BeginLook("map");
        _reloads.BeginLook("config");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var first = TellAsync("map", end.Token);
        await end.CancelAsync();
        await Assert.ThatAsync(() => first, Throws.InstanceOf<OperationCanceledException>());

        Assert.That(await TellAsync("config", cancellationToken), Is.InstanceOf<ReloadAnswer.Delivered>());
        Assert.That(_target.Reloads, Is.EqualTo(1));
    }

    private async Task<ReloadAnswer> TellAsync(string output, CancellationToken cancellationToken, TimeSpan? interval = null)
    {
        _reloads.BeginTelling(output);
        try
        {
            return await _reloads.ReloadAsync(output, _target, interval ?? Interval, cancellationToken);
        }
        finally
        {
            _reloads.EndTelling(output);
        }
    }

    private sealed class CountedTarget : IReloadTarget
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _reloads;

        public int Reloads => _reloads;

        public ReloadAnswer Answer { get; set; } = new ReloadAnswer.Delivered();

        /// <summary>Set: it answers only when this is over.</summary>
        public TaskCompletionSource? Answering { get; set; }

        public Task Begun => _begun.Task;

        public string Key { get; init; } = "edge@1";

        public string Name => "edge";

        public DateTimeOffset? Started => null;

        public async Task<ReloadAnswer> ReloadAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _reloads);
            _begun.TrySetResult();
            if (Answering is { } answering)
                await answering.Task.WaitAsync(cancellationToken);
            return Answer;
        }

        public Task<ImmutableArray<ProxyProcess>?> ProcessesAsync(CancellationToken cancellationToken) => Task.FromResult<ImmutableArray<ProxyProcess>?>(null);

        public Task<ContainerLog?> LogsSinceAsync(DateTimeOffset since, CancellationToken cancellationToken) => Task.FromResult<ContainerLog?>(null);
    }
}
