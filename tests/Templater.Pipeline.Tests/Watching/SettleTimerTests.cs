using Templater.Pipeline.Watching;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Watching;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(20_000)]
public sealed class SettleTimerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SettleTimer _settle;

    public SettleTimerTests() => _settle = new SettleTimer(_time, Ms(25), Ms(500));

    [TestCase(0, 25)]
    [TestCase(10, 35)]
    [TestCase(474, 499)]
    [TestCase(475, 500)]
    [TestCase(490, 500)]
    [TestCase(5000, 500)]
    public void AWaitEndsAfterTheQuietTimeOrAtTheDeadline(int last, int due)
    {
        var first = TimeSpan.FromHours(1);
        Assert.That(SettleTimer.DueAt(first, first + Ms(last), Ms(25), Ms(500)), Is.EqualTo(first + Ms(due)));
    }

    [Test]
    public async Task OneTouchIsWaitedOutForTheQuietTime(CancellationToken cancellationToken)
    {
        var wait = _settle.WaitAsync(null, cancellationToken);
        _settle.Touch();
        await _time.AdvanceWhenWaitingAsync(Ms(24), cancellationToken: cancellationToken);
        Assert.That(wait.IsCompleted, Is.False);
        await _time.AdvanceWhenWaitingAsync(Ms(1), cancellationToken: cancellationToken);
        Assert.That(await wait, Is.True);
    }

    [Test]
    public async Task DotegeW7ASteadyStreamOfEventsStarvesNobody(CancellationToken cancellationToken)
    {
        var ended = 0;
        var wait = _settle.WaitAsync(null, cancellationToken);
        for (var i = 0; i < 300; i++)
        {
            _settle.Touch();
            await _time.AdvanceWhenWaitingAsync(Ms(10), cancellationToken: cancellationToken);
            await Task.WhenAny(wait, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken));
            if (!wait.IsCompleted)
                continue;
            ended++;
            wait = _settle.WaitAsync(null, cancellationToken);
        }

        // Events every 10 ms for 3 s: a deadline of 500 ms ends at least five waits.
        Assert.That(ended, Is.InRange(5, 6));
    }

    [Test]
    public async Task TouchesBeforeTheWaitCount(CancellationToken cancellationToken)
    {
        _settle.Touch();
        _time.Advance(Ms(30));
        Assert.That(await _settle.WaitAsync(null, cancellationToken), Is.True);
    }

    [Test]
    public async Task AnUrgentTouchEndsTheWaitAtOnce(CancellationToken cancellationToken)
    {
        var wait = _settle.WaitAsync(null, cancellationToken);
        _settle.Touch();
        _settle.TouchAtOnce();
        Assert.That(await wait, Is.True);
    }

    [Test]
    public async Task WithoutTouchItGivesUpInTime(CancellationToken cancellationToken)
    {
        var wait = _settle.WaitAsync(Ms(100), cancellationToken);
        await _time.AdvanceWhenWaitingAsync(Ms(100), cancellationToken: cancellationToken);
        Assert.That(await wait, Is.False);
    }

    [Test]
    public async Task WhatIsForgottenEndsNoWait(CancellationToken cancellationToken)
    {
        _settle.TouchAtOnce();
        _settle.Forget();
        Assert.That(await _settle.WaitAsync(TimeSpan.Zero, cancellationToken), Is.False);
    }

    [TestCase(-3600)]
    [TestCase(3600)]
    public async Task AClockThatIsSetNeitherHoldsAWaitUpNorEndsIt(int seconds, CancellationToken cancellationToken)
    {
        var clock = new SettableClock(_time);
        var settle = new SettleTimer(clock, Ms(25), Ms(500));
        settle.Touch();
        clock.Offset = TimeSpan.FromSeconds(seconds);

        var wait = settle.WaitAsync(null, cancellationToken);
        await _time.AdvanceWhenWaitingAsync(Ms(24), cancellationToken: cancellationToken);
        Assert.That(wait.IsCompleted, Is.False);
        await _time.AdvanceWhenWaitingAsync(Ms(1), cancellationToken: cancellationToken);
        Assert.That(await wait, Is.True);
    }

    [Test]
    public async Task AWaitCanBeCancelled()
    {
        using var stop = new CancellationTokenSource();
        var wait = _settle.WaitAsync(null, stop.Token);
        await stop.CancelAsync();
        await Assert.ThatAsync(() => wait, Throws.InstanceOf<OperationCanceledException>());
    }

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>A clock whose time of day somebody sets, while spans go on as ever.</summary>
    private sealed class SettableClock(TimeProvider inner) : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Offset;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            inner.CreateTimer(callback, state, dueTime, period);
    }
}
