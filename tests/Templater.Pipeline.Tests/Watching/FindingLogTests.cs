using Templater.Pipeline.Watching;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Watching;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class FindingLogTests
{
    private static readonly Finding Denied = new(FindingSeverity.Error, ReasonIds.SocketDenied, "cannot open the socket.");
    private static readonly Finding Port = new(FindingSeverity.Warning, ReasonIds.PortAmbiguous, "several ports.") { Container = "admin", Host = "admin.example.com" };

    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger _logger = new();
    private readonly FindingLog _log;

    public FindingLogTests() => _log = new FindingLog(_logger, _time);

    [Test]
    public void AFindingIsWrittenOnceAndOnceMoreWhenItIsResolved()
    {
        _log.Update([Denied]);
        _log.Update([Denied]);
        _log.Update([]);
        _log.Update([]);
        Assert.That(_logger.Lines, Is.EqualTo(new[]
        {
            "error socket-denied: cannot open the socket.", "information socket-denied: resolved: cannot open the socket",
        }));
    }

    [Test]
    public void AChangedFindingIsWrittenAgain()
    {
        _log.Update([Port]);
        _log.Update([Port with { Message = "still several ports." }]);
        Assert.That(_logger.Lines, Is.EqualTo(new[] { "warning port-ambiguous: several ports.", "warning port-ambiguous: still several ports." }));
    }

    [Test]
    public void WordsThatOnlyFollowTheClockAreNotSaidAgain()
    {
        var conflict = Port with { Message = "claimed since 2 min by b.", Matter = "claimed by b." };
        _log.Update([conflict]);
        _time.Advance(FindingLog.FlapInterval);
        _log.Update([conflict with { Message = "claimed since 1 hour by b." }]);
        _log.Update([conflict with { Message = "claimed since 1 hour by c.", Matter = "claimed by c." }]);
        Assert.That(_logger.Lines, Is.EqualTo(new[] { "warning port-ambiguous: claimed since 2 min by b.", "warning port-ambiguous: claimed since 1 hour by c." }));
    }

    [Test]
    public void WordsThatOnlyFollowTheClockDoNotTellTwoFindingsApart()
    {
        var odd = Denied with { Message = "denied since 2 min.", Matter = "denied." };
        _log.Update([odd]);
        _log.Update([odd with { Message = "denied since 1 hour." }]);
        Assert.That(_logger.Lines, Has.Count.EqualTo(1));
    }

    [Test]
    public void ATextThatGivesWayToAnotherOfItsReasonIsNotCalledResolved()
    {
        _log.Update([Template("a.scriban:1:1")]);
        _log.Update([Template("a.scriban:2:2")]);
        _log.Update([]);
        Assert.That(_logger.Lines, Is.EqualTo(new[]
        {
            "error template-error: a.scriban:1:1", "error template-error: a.scriban:2:2", "information template-error: resolved: a.scriban:2:2",
        }));
    }

    [Test]
    public void TwoFindingsOfOneReasonAreToldApart()
    {
        _log.Update([Template("a"), Template("b")]);
        _log.Update([Template("b")]);
        Assert.That(_logger.Lines[^1], Is.EqualTo("information template-error: resolved: a"));
    }

    [Test]
    public void TheFieldsOfAFindingAreStructured()
    {
        _log.Update([Port with { Label = "templater.port", Value = "x", Hint = "set it." }]);
        Assert.That(_logger.LastFields, Is.EqualTo(new Dictionary<string, object?>
        {
            ["reason"] = "port-ambiguous",
            ["container"] = "admin",
            ["host"] = "admin.example.com",
            ["label"] = "templater.port",
            ["value"] = "x",
            ["hint"] = "set it.",
        }));
    }

    [Test]
    public void ACrashLoopGivesAtMostOneLineAMinute()
    {
        for (var second = 0; second < 600; second++)
        {
            _log.Update(second % 3 == 0 ? [Port] : []);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(_logger.Lines, Has.Count.InRange(5, 10));
    }

    [Test]
    public void AContainerThatIsMendedIsCalledResolvedWithinAMinute()
    {
        _log.Update([Port]);
        _time.Advance(FindingLog.FlapInterval);
        _log.Update([]);
        Assert.That(_logger.Lines[^1], Is.EqualTo("information port-ambiguous: resolved: container \"admin\", host admin.example.com"));
    }

    [TestCase("cannot write /config/nginx.conf: the directory belongs to 0:0. The proxy keeps its present configuration.", "cannot write /config/nginx.conf")]
    [TestCase("nothing matches docker:nginx; running proxies: none. The new configuration is written.", "nothing matches docker:nginx")]
    [TestCase("site.scriban:14:22: \"lables\" is not a member of container; did you mean \"labels\"? Generation 13 stays live.", "site.scriban:14:22")]
    [TestCase("there is no file a.scriban. What is live stays live.", "there is no file a.scriban")]
    [TestCase(": odd.", ": odd")]
    public void ResolvedSaysWhatItWasAboutAndNotAgainWhy(string message, string subject)
    {
        _log.Update([Template(message)]);
        _log.Update([]);
        Assert.That(_logger.Lines[^1], Is.EqualTo("information template-error: resolved: " + subject));
    }

    [Test]
    public void ResolvedNamesContainerHostAndLabel()
    {
        _log.Update([Denied with { Host = "a.example.com", Label = "templater.host" }]);
        _log.Update([]);
        Assert.That(_logger.Lines[^1], Is.EqualTo("information socket-denied: resolved: host a.example.com, label templater.host"));
    }

    [Test]
    public void NewsAreNeverResolved()
    {
        _log.Update([new Finding(FindingSeverity.Info, ReasonIds.ProxyUnknown, "the proxy is not known.")]);
        _log.Update([]);
        Assert.That(_logger.Lines, Has.Count.EqualTo(1));
    }

    private static Finding Template(string message) => new(FindingSeverity.Error, ReasonIds.TemplateError, message);
}
