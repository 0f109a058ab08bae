using Templater.Testing;

namespace Templater.Docker.Tests;

/// <summary>The tools that other tests stand on.</summary>
public sealed class TestToolsTests
{
    [Test]
    public async Task TheFakeClockFiresTimersInOrderAndOnTime()
    {
        var clock = new FakeTimeProvider();
        var start = clock.GetUtcNow();
        var fired = new List<string>();
        await using var late = clock.CreateTimer(_ => fired.Add($"late {(clock.GetUtcNow() - start).TotalSeconds}"), null, TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);
        await using var often = clock.CreateTimer(_ => fired.Add($"often {(clock.GetUtcNow() - start).TotalSeconds}"), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        var delay = Task.Delay(TimeSpan.FromSeconds(5), clock);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(4), clock);

        clock.Advance(TimeSpan.FromSeconds(4.5));

        Assert.That(fired, Is.EqualTo(new[] { "often 1", "late 3", "often 3" }));
        Assert.That(limit.IsCancellationRequested, Is.True);
        Assert.That(delay.IsCompleted, Is.False);
        clock.Advance(TimeSpan.FromSeconds(1));
        await delay;
        Assert.That(clock.GetElapsedTime(0, TimeSpan.TicksPerSecond), Is.EqualTo(TimeSpan.FromSeconds(1)));
        Assert.That(clock.GetUtcNow() - start, Is.EqualTo(TimeSpan.FromSeconds(5.5)));
    }

    [Test]
    public void ACancelledDelayLeavesNoTimer()
    {
        var clock = new FakeTimeProvider();
        using var stop = new CancellationTokenSource();
        var delay = Task.Delay(TimeSpan.FromSeconds(5), clock, stop.Token);
        Assert.That(clock.PendingTimers, Is.EqualTo(1));

        stop.Cancel();

        Assert.That(delay.IsCanceled, Is.True);
        Assert.That(clock.PendingTimers, Is.Zero);
    }

    [TestCase("a\nb\nc\n", "a\nB\nc\n", "First difference in line 2:\n    a\n  - b\n  + B")]
    [TestCase("a\n", "a\nb\n", "First difference in line 2:\n    a\n  - \n  + b")]
    [TestCase("a", "a\r", "First difference in line 1:\n  - a\n  + a\\r")]
    [TestCase("a\nb", "a", "First difference in line 2:\n    a\n  - b\n  + (end of text)")]
    public void AGoldenFileShowsTheFirstDifference(string expected, string actual, string message) =>
        Assert.That(Golden.Difference(expected, actual), Is.EqualTo(message));

    [Test]
    public async Task TheFakeEngineGivesTheSameBytesForTheSameSteps()
    {
        var first = await ListAsync();
        var second = await ListAsync();

        Assert.That(second, Is.EqualTo(first).And.Contain("172.20.0.2"));

        static async Task<string> ListAsync()
        {
            await using var engine = new FakeDockerEngine();
            engine.AddContainer("web", c => c.Network("front").Label("a", "b").Health("healthy"));
            engine.Restart("web");
            using var http = new HttpClient(new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellationToken) =>
                {
                    var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
                    await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(engine.Socket), cancellationToken);
                    return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
                },
            });
            return await http.GetStringAsync(new Uri("http://docker/v1.41/containers/json?all=1"))
                + await http.GetStringAsync(new Uri("http://docker/v1.41/containers/web/json"));
        }
    }
}
