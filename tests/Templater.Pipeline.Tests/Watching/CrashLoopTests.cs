using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Watching;

namespace Templater.Pipeline.Tests.Watching;

/// <summary>A container that starts and ends again and again costs its neighbours next to nothing.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(60_000)]
public sealed class CrashLoopTests : WatcherFixture
{
    private const int Rounds = 100;

    [Test]
    public async Task AHundredStartsAndEndsASecondApartAreFewReloads(CancellationToken cancellationToken)
    {
        var pipeline = new RoutingPipeline();
        Engine.Run(1);
        Engine.Run(2);
        Start(pipeline);
        await UntilAsync(() => pipeline.Reloads == 1, cancellationToken);
        for (var round = 0; round < Rounds; round++)
        {
            Engine.Stop(2);
            Engine.Say("die", 2, ("exitCode", "1"));
            await LaterAsync(TimeSpan.FromMilliseconds(500), cancellationToken);
            Engine.Run(2);
            Engine.Say("start", 2);
            await LaterAsync(TimeSpan.FromMilliseconds(500), cancellationToken);
        }

        Assert.That(pipeline.Reloads, Is.LessThanOrEqualTo(10));
        Assert.That(pipeline.Last, Does.StartWith("h1.example.com=1 ").And.Not.Contains("h2.example.com=1"));
        Assert.That(pipeline.WithoutNeighbour, Is.Zero);
        // The loop is said when it is noticed, and again at most once a minute.
        Assert.That(Logger.Lines.Count(static line => line.Contains("held-down", StringComparison.Ordinal)), Is.InRange(1, 2));
        Assert.That(Logger.Lines.Count(static line => line.Contains("web-2\" is not routed", StringComparison.Ordinal)), Is.LessThanOrEqualTo(3));

        // Once it stays it comes back by itself.
        await UntilAsync(() => pipeline.Last.Contains("h2.example.com=1", StringComparison.Ordinal), cancellationToken, TimeSpan.FromMilliseconds(200));
    }

    private async Task LaterAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        var until = Time.GetUtcNow() + time;
        await UntilAsync(() => Time.GetUtcNow() >= until, cancellationToken, TimeSpan.FromMilliseconds(25));
    }

    // Routes for real; a changed set of servers stands for a reload.
    private sealed class RoutingPipeline : IOutputPipeline
    {
        private static readonly ProxyContext Proxy = new() { Output = "nginx", Kind = ProxyKind.Nginx, Containers = [], IsKnown = false };

        private readonly OutcomeMemory _memory = new();

        public int Reloads { get; private set; }

        public int WithoutNeighbour { get; private set; }

        public string Last { get; private set; } = "";

        public ImmutableArray<RouteClaim> RoutesOf(Snapshot snapshot) =>
            [.. Route(snapshot).VirtualHosts.SelectMany(static host => host.Routes
                .Where(static route => route.Upstream.Servers.Length > 0)
                .Select(route => new RouteClaim(host.Pattern.ToString(), "/", route.Containers)))];

        public Task<OutputReport> ApplyAsync(Snapshot snapshot, Cause cause, CancellationToken cancellationToken)
        {
            var routing = Route(snapshot);
            var now = string.Join(' ', routing.VirtualHosts.Select(static host => string.Create(
                CultureInfo.InvariantCulture, $"{host.Pattern}={host.Routes.Sum(static route => route.Upstream.Servers.Length)}")));
            if (!now.Contains("h1.example.com=1", StringComparison.Ordinal))
                WithoutNeighbour++;
            if (now != Last)
                Reloads++;
            Last = now;
            TimeSpan? again = routing.RecheckAt is { } at ? at - snapshot.TakenAt : null;
            return Task.FromResult(new OutputReport([], routing.Findings, again));
        }

        public Task<OutputReport> FirstBootAsync(CancellationToken cancellationToken) => Task.FromResult(new OutputReport([], []));

        private RoutingResult Route(Snapshot snapshot) => Router.Route(snapshot, Proxy, new RoutingPolicy(), _memory);
    }
}
