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

    public void Dispose() => _nudges.Dispose();
}
