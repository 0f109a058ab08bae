namespace Templater.Docker.Tests;

/// <summary>The promise of the README: what a client may do to an engine.</summary>
public sealed class AllowedCallsTests
{
    [Test]
    public void WatchingReadsAFewPaths() => Assert.That(Names(CallPurposes.Watch), Is.EqualTo(new[]
    {
        "GET /_ping", "GET /version", "GET /info", "GET /events",
        "GET /containers/json", "GET /containers/{id}/json", "GET /networks",
    }));

    [Test]
    public void ReadingOnceIsToldOfNoChanges() => Assert.That(Names(CallPurposes.Watch).Except(Names(CallPurposes.Read)), Is.EqualTo(new[] { "GET /events" }));

    [Test]
    public void OnlyWhoReadsServicesAsksTheSwarm() => Assert.That(Names(CallPurposes.Services), Is.EqualTo(new[] { "GET /services", "GET /tasks", "GET /nodes" }));

    [Test]
    public void SignallingAddsOnePost() => Assert.That(
        Names(CallPurposes.Watch | CallPurposes.Signal).Except(Names(CallPurposes.Watch)),
        Is.EqualTo(new[] { "POST /containers/{id}/kill" }));

    [Test]
    public void VerifyingOnlyReads() => Assert.That(Names(CallPurposes.Verify), Is.EqualTo(new[] { "GET /containers/{id}/top", "GET /containers/{id}/logs" }));

    [Test]
    public void ALogIsReadWithoutLookingAtProcesses() => Assert.That(Names(CallPurposes.Logs), Is.EqualTo(new[] { "GET /containers/{id}/logs" }));

    [Test]
    public void EveryPostHasAPurposeOfItsOwn()
    {
        Assert.That(Names(CallPurposes.Restart), Is.EqualTo(new[] { "POST /containers/{id}/restart" }));
        Assert.That(Names(CallPurposes.Exec), Is.EqualTo(new[] { "POST /containers/{id}/exec", "POST /exec/{id}/start", "GET /exec/{id}/json" }));
        Assert.That(Names(CallPurposes.None), Is.Empty);
    }

    [TestCase("POST", "/containers/json")]
    [TestCase("GET", "/containers/a/b/json")]
    [TestCase("GET", "/containers//json")]
    [TestCase("GET", "/containers/a/archive")]
    [TestCase("GET", "/containers/a/json/")]
    [TestCase("GET", "/containers/a/jsonx")]
    [TestCase("DELETE", "/containers/a")]
    [TestCase("GET", "/networks/a/b")]
    [TestCase("GET", "/v1.41/networks")]
    [TestCase("GET", "/secrets")]
    [TestCase("", "")]
    public void DeniesEverythingElse(string method, string path) =>
        Assert.That(() => AllowedCalls.For(CallPurposes.Watch | CallPurposes.Signal).Demand(method, path), Throws.InvalidOperationException);

    [TestCase("GET /networks", "choosing networks")]
    [TestCase("POST /containers/0123/kill", "signalling the proxy")]
    [TestCase("POST /exec/0123/start", "running a command in the proxy's container")]
    [TestCase("POST /networks", null)]
    [TestCase("/networks", null)]
    [TestCase("", null)]
    public void SaysWhatACallIsNeededFor(string call, string? expected) => Assert.That(AllowedCalls.NeedOf(call), Is.EqualTo(expected));

    private static IEnumerable<string> Names(CallPurposes purposes) => AllowedCalls.For(purposes).Calls.Select(call => call.ToString());
}
