using Templater.Cli.Running;
using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>Looks that are asked for: the first at once, the others together.</summary>
public sealed class GatheredNudgesTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _asked = [];
    private readonly GatheredNudges _nudges;

    public GatheredNudgesTests() => _nudges = new GatheredNudges(_asked.Add, _time);

    [Test]
    public void TheFirstIsAskedForAtOnceAndTheOthersTogether()
    {
        for (var i = 0; i < 100; i++)
            _nudges.Nudge($"certificate {i}");
        _nudges.Nudge("");
        Assert.That(_asked, Is.EqualTo(new[] { "certificate 0" }));

        _time.Advance(GatheredNudges.Interval);
        Assert.That(_asked, Is.EqualTo(new[] { "certificate 0", "certificate 99" }));
    }

    [Test]
    public void AfterSomeTimeWithoutOneTheNextIsAskedForAtOnceAgain()
    {
        _nudges.Nudge("one");
        _time.Advance(GatheredNudges.Interval);
        _nudges.Nudge("two");
        Assert.That(_asked, Is.EqualTo(new[] { "one", "two" }));

        _nudges.Nudge("three");
        _time.Advance(GatheredNudges.Interval / 2);
        Assert.That(_asked, Has.Count.EqualTo(2));
        _time.Advance(GatheredNudges.Interval / 2);
        Assert.That(_asked, Has.Count.EqualTo(3));
    }

    [Test]
    public void WhatSaysNothingIsAskedForNevertheless()
    {
        _nudges.Nudge("one");
        _nudges.Nudge("");
        _time.Advance(GatheredNudges.Interval);
        Assert.That(_asked, Is.EqualTo(new[] { "one", "" }));
    }

    [Test]
    public void AStreamIsAskedForMoreAndMoreSeldomUntilItEnds()
    {
        var seconds = new List<int>();
        for (var second = 0; second < 36; second++)
        {
            var before = _asked.Count;
            _nudges.Nudge("more");
            if (_asked.Count > before)
                seconds.Add(second);
            _time.Advance(TimeSpan.FromSeconds(1));
            if (_asked.Count > before && !seconds.Contains(second))
                seconds.Add(second + 1);
        }

        Assert.That(seconds, Is.EqualTo(new[] { 0, 2, 6, 14, 24, 34 }));
        _time.Advance(2 * GatheredNudges.LongestInterval);
        var count = _asked.Count;
        _nudges.Nudge("later");
        _nudges.Nudge("and more");
        _time.Advance(GatheredNudges.Interval);
        Assert.That(_asked.Skip(count), Is.EqualTo(new[] { "later", "and more" }));
    }

    public void Dispose() => _nudges.Dispose();
}
