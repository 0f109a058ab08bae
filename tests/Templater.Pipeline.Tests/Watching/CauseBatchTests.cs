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
