using Templater.Pipeline.Watching;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Watching;

/// <summary>Who runs with a state directory, seen from outside.</summary>
[CancelAfter(10_000)]
public sealed class RunLockTests
{
    private TempDirectory _directory = null!;

    [SetUp]
    public void CreateDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public async Task ItIsHeldUntilTheLastOfThoseThatRunHasEnded(CancellationToken cancellationToken)
    {
        var first = await RunLock.TakeAsync(_directory.Path, TimeProvider.System, cancellationToken);
        var second = await RunLock.TakeAsync(_directory.Path, TimeProvider.System, cancellationToken);
        Assert.That(RunLock.IsHeld(_directory.Path), Is.True);
        first!.Dispose();
        Assert.That(RunLock.IsHeld(_directory.Path), Is.True);
        second!.Dispose();
        Assert.That(RunLock.IsHeld(_directory.Path), Is.False);
    }

    [Test]
    public async Task WhoeverLooksIsWaitedFor(CancellationToken cancellationToken)
    {
        Task<RunLock?> taking;
        using (new FileStream(_directory[RunLock.FileName], FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            taking = RunLock.TakeAsync(_directory.Path, TimeProvider.System, cancellationToken);
            Assert.That(taking.IsCompleted, Is.False);
        }

        using var taken = await taking;
        Assert.That(taken, Is.Not.Null);
    }

    [TestCase("nothing")]
    [TestCase("a directory")]
    public void WhatIsNoLockSaysNothing(string kind)
    {
        if (kind == "a directory")
            Directory.CreateDirectory(_directory[RunLock.FileName]);
        Assert.That(RunLock.IsHeld(_directory.Path), Is.Null);
    }

    [TestCase(null, true)]
    [TestCase(true, true)]
    [TestCase(false, false)]
    public void AFreeLockEndsWhatAStatusSays(bool? isLocked, bool expected)
    {
        var now = new DateTimeOffset(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);
        var told = new WatcherStatus { Started = now, Written = now, Source = "x" };
        var report = StatusReport.Of(told, [], now, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5), isLocked);
        Assert.That(report.IsRunning, Is.EqualTo(expected));
    }
}
