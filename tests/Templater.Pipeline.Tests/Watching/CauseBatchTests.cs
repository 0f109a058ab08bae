using Templater.Pipeline.Inventory;
using Templater.Pipeline.Tests.Inventory;
using Templater.Pipeline.Watching;

namespace Templater.Pipeline.Tests.Watching;

public sealed class CauseBatchTests
{
    [Test]
    public void TheStoryOfAContainerIsItsLastWordButNotAStep()
    {
        var batch = Batch(
            Event(1, "web created"), Event(1, "web joined front") with { IsStep = true },
            Event(1, "web started"), Event(1, "web joined back") with { IsStep = true });
        Assert.That(batch.ToCause("x").Text, Is.EqualTo("web started"));
    }

    [Test]
    public void BatchesThatArePutTogetherStayBounded()
    {
        var batch = new CauseBatch();
        for (var part = 0; part < 5; part++)
        {
            batch.Add(Batch([.. Enumerable.Range(part * 400, 400).Select(static i => Event(i, $"web-{i} ended") with { ExplainsRemoval = true })]));
        }

        Assert.That(batch.Explanation.Containers, Has.Count.EqualTo(1000));
        Assert.That(batch.Explanation.Everything, Is.True);
    }

    [Test]
    public void ManyStoriesAreCounted()
    {
        var batch = Batch([.. Enumerable.Range(0, 20).Select(static i => Event(i, $"web-{i} started"))]);
        var cause = batch.ToCause("x");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(cause.Text, Is.EqualTo("web-0 started, web-1 started, web-2 started and 17 more"));
            Assert.That(cause.Containers, Has.Length.EqualTo(20));
        }
    }

    [Test]
    public void TextAndNumberAreBounded()
    {
        var batch = Batch([.. Enumerable.Range(0, 5000).Select(static i => Event(i, new string('x', 200)))]);
        var cause = batch.ToCause("x");
        Assert.That(cause.Text, Has.Length.LessThanOrEqualTo(Cause.MaxTextLength));
        Assert.That(cause.Containers, Has.Length.LessThanOrEqualTo(1000));
    }

    [Test]
    public void NothingInParticularHasTheGivenText() =>
        Assert.That(new CauseBatch().ToCause("re-sync"), Is.EqualTo(new Cause("re-sync", [])).Using<Cause>(static (a, b) => a.Text == b.Text && a.Containers.Length == b.Containers.Length));

    [Test]
    public void ALaterBatchIsAddedWithEverythingInIt()
    {
        var later = new CauseBatch();
        later.Add(Event(2, "db ended (exit 0)") with { ExplainsRemoval = true }, TimeSpan.FromHours(12), isReload: true);
        var batch = Batch(Event(1, "web started"));
        batch.Add(later);
        var cause = batch.ToCause("x");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(cause.Text, Is.EqualTo("web started, db ended (exit 0)"));
            Assert.That(cause.ReloadRequested, Is.True);
            Assert.That(batch.Explanation.Containers, Is.EquivalentTo(new[] { Snapshots.Id(2) }));
            Assert.That(batch.Explanation.Everything, Is.False);
        }
    }

    [Test]
    public void WhatCameDuringAReadIsKeptButNotDoneTwice()
    {
        var late = new CauseBatch();
        late.Add(Event(1, "web ended (exit 0)") with { ExplainsRemoval = true }, TimeSpan.FromHours(1), isFile: true, isReload: true);
        late.Add(new SourceChange(SourceChangeKind.Event, null, "", "containers.json changed", ExplainsRemoval: true), TimeSpan.FromHours(2));
        var batch = Batch(Event(2, "db started"));
        batch.Add(late);
        var rest = batch.Remainder(late, new HashSet<ContainerId>(), NothingIsMissed);
        var cause = rest.ToCause("x");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((cause.Text, cause.FilesChanged, cause.ReloadRequested, rest.Since), Is.EqualTo(("web ended (exit 0), containers.json changed", false, false, TimeSpan.FromHours(1))));
            Assert.That((rest.Explanation.Everything, rest.Explanation.Containers.Single(), rest.AwaitsList), Is.EqualTo((true, Snapshots.Id(1), false)));
        }
    }

    [Test]
    public void AContainerThatWasNotSeenToGoIsLookedForOnceMore()
    {
        var batch = Batch(Event(1, "web ended (exit 0)") with { ExplainsRemoval = true }, Event(2, "db ended (exit 0)") with { ExplainsRemoval = true });
        HashSet<ContainerId> routed = [Snapshots.Id(1)];
        var second = batch.Remainder(new CauseBatch(), routed, NothingIsMissed);
        var third = second.Remainder(new CauseBatch(), routed, NothingIsMissed);
        Assert.That((second.ToCause("x").Text, second.AwaitsList, second.Since), Is.EqualTo(("web ended (exit 0)", true, (TimeSpan?)null)));
        Assert.That((third.HasStories, third.AwaitsList, third.Explanation.Containers.Count), Is.EqualTo((false, false, 0)));
        second.Add(Event(1, "web ended (exit 1)") with { ExplainsRemoval = true }, TimeSpan.FromHours(13));
        Assert.That(second.Remainder(new CauseBatch(), routed, NothingIsMissed).ToCause("x").Text, Is.EqualTo("web ended (exit 1)"));
    }

    [Test]
    public void ANetworkThatAContainerWasNotSeenToJoinIsLookedForOnceMore()
    {
        var batch = Batch(Event(1, "web joined front") with { Expects = new(Snapshots.Id(1), "n-front"), IsStep = true }, Event(2, "db joined front") with { Expects = new(Snapshots.Id(2), "n-front"), IsStep = true });
        var second = batch.Remainder(new CauseBatch(), new HashSet<ContainerId>(), IsMissed);
        var third = second.Remainder(new CauseBatch(), new HashSet<ContainerId>(), IsMissed);
        Assert.That((second.ToCause("x").Text, second.AwaitsList), Is.EqualTo(("web joined front", true)));
        Assert.That((third.HasStories, third.AwaitsList), Is.EqualTo((false, false)));
        second.Add(Event(1, "web joined front") with { Expects = new(Snapshots.Id(1), "n-front") }, TimeSpan.FromHours(13));
        Assert.That(second.Remainder(new CauseBatch(), new HashSet<ContainerId>(), IsMissed).AwaitsList, Is.True, "it joined it again");

        static bool IsMissed(ListExpectation expectation) => expectation.Container == Snapshots.Id(1);
    }

    [TestCase(ContainerState.Running, "n-front", "n-front", false)]
    [TestCase(ContainerState.Running, "n-back", "n-front", true)]
    [TestCase(ContainerState.Created, "", "n-front", false)]
    [TestCase(ContainerState.Paused, "n-front", null, true)]
    [TestCase(ContainerState.Running, "n-front", null, false)]
    public void AListIsOlderThanAReportWhereItShowsTheContrary(ContainerState state, string listed, string? network, bool isMissed)
    {
        var container = Snapshots.Shop("web-1") with { State = state, Endpoints = [new Endpoint { NetworkName = "some", NetworkId = listed }] };
        Assert.That(new ListExpectation(container.Id, network).IsMissedIn([container]), Is.EqualTo(isMissed));
        Assert.That(new ListExpectation(Snapshots.Id(2), network).IsMissedIn([container]), Is.False, "it is gone");
    }

    private static bool NothingIsMissed(ListExpectation expectation) => false;

    private static CauseBatch Batch(params SourceChange[] changes)
    {
        var batch = new CauseBatch();
        foreach (var change in changes)
            batch.Add(change, TimeSpan.FromHours(12));
        return batch;
    }

    private static SourceChange Event(int container, string text) =>
        new(SourceChangeKind.Event, Snapshots.Id(container), "web", text, ExplainsRemoval: false);
}
