using Templater.Pipeline.Deployment.Isolation;

namespace Templater.Pipeline.Tests.Deployment.Isolation;

public sealed class PrefixSearchTests
{
    [Test]
    public void TheLastOfTheShortestRefusedPrefixIsGuilty([Values(1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65, 200)] int suspects)
    {
        for (var guilty = 0; guilty < suspects; guilty++)
        {
            var search = new PrefixSearch(suspects);
            var trials = Run(search, length => length <= guilty);
            Assert.That(search.Guilty, Is.EqualTo(guilty));
            Assert.That(trials, Is.LessThanOrEqualTo(MostTrials(suspects)));
        }
    }

    [Test]
    public void NobodyIsGuiltyWhenTheRestIsRefusedToo([Values(0, 1, 2, 200)] int suspects)
    {
        var search = new PrefixSearch(suspects);
        Assert.That(Run(search, static _ => false), Is.LessThanOrEqualTo(1));
        Assert.That((search.Guilty, search.Accepted), Is.EqualTo(((int?)null, (int?)null)));
    }

    [Test]
    public void WhatIsKnownIsNotTriedAgain()
    {
        var search = new PrefixSearch(100, accepted: 60);
        var tried = new List<int>();
        Run(search, length =>
        {
            tried.Add(length);
            return length <= 77;
        });
        Assert.That(search.Guilty, Is.EqualTo(77));
        Assert.That(search.Accepted, Is.EqualTo(77));
        Assert.That(tried, Has.All.InRange(61, 99));
        Assert.That(tried, Has.Count.LessThanOrEqualTo(6));
    }

    // Seven among two hundred, each found in turn, the prefix before it kept: the bound of all trials together.
    [Test]
    public void ManyGuiltyOnesAreFoundWithinTheBound([Values(1, 7, 50)] int guilty, [Values(1, 2, 3)] int seed)
    {
        const int Suspects = 200;
        var random = new Random(seed);
        var bad = Enumerable.Range(0, Suspects).OrderBy(_ => random.Next()).Take(guilty).ToHashSet();
        var left = Enumerable.Range(0, Suspects).ToList();
        var found = new HashSet<int>();
        var runs = 1;
        int? accepted = null;
        while (left.Exists(bad.Contains))
        {
            var search = new PrefixSearch(left.Count, accepted);
            runs += Run(search, length => !left.Take(length).Any(bad.Contains)) + 1;
            found.Add(left[search.Guilty!.Value]);
            left.RemoveAt(search.Guilty!.Value);
            accepted = search.Accepted;
        }

        Assert.That(found, Is.EquivalentTo(bad));
        Assert.That(runs, Is.LessThanOrEqualTo((guilty * MostTrials(Suspects)) + 2));
    }

    [Test]
    public void ASearchThatIsOverTakesNothingMore()
    {
        var search = new PrefixSearch(1, accepted: 0);
        Assert.That(search.IsOver, Is.True);
        Assert.That(() => search.Note(true), Throws.InvalidOperationException);
        Assert.That(() => new PrefixSearch(3, accepted: 3), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new PrefixSearch(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static int MostTrials(int suspects) => (int)Math.Ceiling(Math.Log2(suspects)) + 1;

    private static int Run(PrefixSearch search, Func<int, bool> isAccepted)
    {
        var trials = 0;
        for (; !search.IsOver; trials++)
            search.Note(isAccepted(search.Trial));
        return trials;
    }
}
