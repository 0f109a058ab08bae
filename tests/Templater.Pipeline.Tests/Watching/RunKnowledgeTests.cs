using Templater.Pipeline.Inventory;
using Templater.Pipeline.Tests.Routing;
using Templater.Pipeline.Watching;

namespace Templater.Pipeline.Tests.Watching;

/// <summary>What a command beside a running program learns from its status.</summary>
public sealed class RunKnowledgeTests
{
    private static readonly TimeSpan StaleAfter = TimeSpan.FromMinutes(5);

    private static Snapshot Snapshot => Given.Snapshot(Given.Proxy(), Given.Hosted("shop", "shop.example.com"));

    private static string Id => Given.IdOf("shop");

    [TestCase("nginx", true)]
    [TestCase("other", false)]
    public void WhatAnOutputLeavesOutIsLeftOutThere(string output, bool isLeftOut) =>
        Assert.That(RunKnowledge.Add(Snapshot, Status(TimeSpan.Zero), output, StaleAfter).Quarantined.GetValueOrDefault(Id), Is.EqualTo(isLeftOut ? "line 3 was refused" : null));

    [Test]
    public void WhoWaitsOrEndsDoesSo()
    {
        var known = RunKnowledge.Add(Snapshot, Status(TimeSpan.Zero), "nginx", StaleAfter).Lifecycle!;
        Assert.That((known.Held[Id], known.Stopping["other"]), Is.EqualTo((new HoldDown(Given.Now.AddSeconds(8), 3), Given.Now.AddSeconds(10))));
    }

    [Test]
    public void OfAProgramThatEndedNothingIsKnown()
    {
        var snapshot = Snapshot;
        Assert.That(RunKnowledge.Add(snapshot, Status(StaleAfter + TimeSpan.FromSeconds(1)), "nginx", StaleAfter), Is.SameAs(snapshot));
        Assert.That(RunKnowledge.Add(snapshot, null, "nginx", StaleAfter), Is.SameAs(snapshot));
    }

    [Test]
    public void AStatusOfAnEarlierVersionTellsNothingMore()
    {
        var old = Status(TimeSpan.Zero) with { Held = null, Stopping = null, Outputs = [Output with { LeftOut = null }] };
        var known = RunKnowledge.Add(Snapshot, old, "nginx", StaleAfter);
        Assert.That((known.Quarantined.Count, known.Lifecycle), Is.EqualTo((0, (Lifecycle?)null)));
    }

    private static OutputStatus Output => new("nginx", "/config/nginx.conf", "", 1, "live", true, false, null, false, 1);

    private static WatcherStatus Status(TimeSpan age) => new()
    {
        Started = Given.Now - age,
        Written = Given.Now - age,
        Source = "unix:///x",
        Outputs = [Output with { LeftOut = [new LeftOutContainer(Id, "line 3 was refused")] }],
        Held = [new WaitingStatus(Id, Given.Now.AddSeconds(8), 3)],
        Stopping = [new WaitingStatus("other", Given.Now.AddSeconds(10), 0)],
    };
}
