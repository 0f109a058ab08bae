using System.Collections.Immutable;
using Templater.Pipeline.Tests.Inventory;
using Templater.Pipeline.Watching;

namespace Templater.Pipeline.Tests.Watching;

public sealed class ShrinkGuardTests
{
    private static readonly TimeSpan Now = TimeSpan.FromHours(12);

    [TestCase(1, 0, true)]
    [TestCase(1, 1, false)]
    [TestCase(2, 1, false)]
    [TestCase(3, 1, false)]
    [TestCase(3, 0, true)]
    [TestCase(4, 2, false)]
    [TestCase(4, 1, true)]
    [TestCase(5, 2, true)]
    [TestCase(100, 50, false)]
    [TestCase(100, 49, true)]
    [TestCase(0, 0, false)]
    [TestCase(0, 9, false)]
    public void DoubtsTheLossOfEverythingOrOfMoreThanHalfOfAtLeastFour(int before, int after, bool isDoubted) =>
        Assert.That(ShrinkGuard.Judge(Routes(before), Routes(after), Explanation.None, null, Now) is not null, Is.EqualTo(isDoubted));

    [Test]
    public void ARealShutdownIsNeverDoubted()
    {
        var explanation = new Explanation(false, [.. Enumerable.Range(0, 6).Select(Snapshots.Id)]);
        Assert.That(ShrinkGuard.Judge(Routes(6), [], explanation, null, Now), Is.Null);
    }

    [Test]
    public void AChangedFileExplainsEverything() =>
        Assert.That(ShrinkGuard.Judge(Routes(6), [], new Explanation(true, []), null, Now), Is.Null);

    [Test]
    public void AnEventOfOneContainerDoesNotExplainTheLossOfTheOthers()
    {
        var explanation = new Explanation(false, [Snapshots.Id(0)]);
        Assert.That(ShrinkGuard.Judge(Routes(6), [], explanation, null, Now), Is.Not.Null);
    }

    [TestCase(0, false)]
    [TestCase(1999, false)]
    [TestCase(2000, true)]
    [TestCase(5000, true)]
    public void ASecondListAfterTwoSecondsConfirms(int later, bool isConfirmed)
    {
        var doubt = ShrinkGuard.Judge(Routes(6), Routes(1), Explanation.None, null, Now);
        var then = ShrinkGuard.Judge(Routes(6), Routes(1), Explanation.None, doubt, Now + TimeSpan.FromMilliseconds(later));
        Assert.That(then is null, Is.EqualTo(isConfirmed));
    }

    [Test]
    public void AListThatIsCompleteAgainEndsTheDoubt()
    {
        var doubt = ShrinkGuard.Judge(Routes(6), [], Explanation.None, null, Now);
        Assert.That(ShrinkGuard.Judge(Routes(6), Routes(6), Explanation.None, doubt, Now + TimeSpan.FromSeconds(1)), Is.Null);
    }

    [Test]
    public void ListsThatKeepChangingAreDoubtedForTenSecondsAtMost()
    {
        var now = Now;
        var doubt = ShrinkGuard.Judge(Routes(100), Routes(0), Explanation.None, null, now);
        var after = 1;
        while (doubt is not null)
        {
            Assert.That(now - Now, Is.LessThan(ShrinkGuard.LongestDoubt));
            var wait = ShrinkGuard.WaitFor(doubt, now);
            Assert.That(wait, Is.GreaterThan(TimeSpan.Zero).And.LessThanOrEqualTo(ShrinkGuard.ConfirmAfter));
            now += wait;
            doubt = ShrinkGuard.Judge(Routes(100), Routes(after++), Explanation.None, doubt, now);
        }

        Assert.That(now - Now, Is.EqualTo(ShrinkGuard.LongestDoubt));
    }

    private static ImmutableArray<RouteClaim> Routes(int count) =>
        [.. Enumerable.Range(0, count).Select(static i => new RouteClaim($"h{i}.example.com", "/", [Snapshots.Id(i)]))];
}
