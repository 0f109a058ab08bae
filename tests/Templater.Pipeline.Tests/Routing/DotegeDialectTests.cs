using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>The labels of Dotege, and its known weaknesses (W1, W2, …) that must not come back.</summary>
public sealed class DotegeDialectTests
{
    private static Container Labelled(string name, string host, params (string Key, string Value)[] labels) =>
        Given.Container(name, [("com.chameth.vhost", host), .. labels]);

    [TestCase("a.example.com b.example.com")]
    [TestCase("a.example.com, b.example.com")]
    [TestCase("a.example.com,b.example.com,")]
    public void SplitsItsHostList(string value)
    {
        var host = Given.Routed(Labelled("shop", value)).Host("a.example.com");
        Assert.That(host.Aliases.Single().Text, Is.EqualTo("b.example.com"));
    }

    [Test]
    public void KeepsItsOwnDefaults()
    {
        var host = Given.Routed(Labelled("shop", "a.example.com")).Host("a.example.com");
        Assert.That((host.Https.Mode, host.Https.RedirectCode, host.Https.Hsts), Is.EqualTo((HttpsMode.Redirect, 301, "max-age=15768000")));
    }

    [Test]
    public void TakesItsPort()
    {
        var route = Given.Routed(Labelled("shop", "a.example.com", ("com.chameth.proxy", "9000"))).Host("a.example.com").Routes.Single();
        Assert.That(route.Upstream.Servers.Single().Port, Is.EqualTo(9000));
    }

    [TestCase("http")]
    [TestCase("0")]
    [TestCase("")]
    public void InvalidPortDoesNotFallBackToAnother(string port) =>
        Assert.That(Given.Routed(Labelled("shop", "a.example.com", ("com.chameth.proxy", port))).FateOf("shop").Reason, Is.EqualTo(ReasonIds.InvalidPort));

    [TestCase("X-Y: v", "v")]
    [TestCase("X-Y v", "v")]
    [TestCase("X-Y:v", "v")]
    [TestCase("X-Y\tv", "v")]
    [TestCase("X-Y : v", "v")]
    [TestCase("X-Y:: a b", "a b")]
    [TestCase("X-Y: https://a", "https://a")]
    public void ReadsAHeader(string text, string value)
    {
        var route = Given.Routed(Labelled("shop", "a.example.com", ("com.chameth.headers.1", text))).Host("a.example.com").Routes.Single();
        Assert.That(route.ResponseHeaders.Single(), Is.EqualTo(new HeaderChange(HeaderOperation.Set, "X-Y", value)));
    }

    [TestCase("X-Y")]
    [TestCase(": v")]
    [TestCase("X-Y: a\r\nX-Z: b")]
    [TestCase("")]
    public void RefusesABadHeaderAlone(string text)
    {
        var result = Given.Routed(Labelled("shop", "a.example.com", ("com.chameth.headers", text)));
        Assert.That((result.FateOf("shop").Reason, result.Findings.Single().Reason), Is.EqualTo(((string?)null, ReasonIds.InvalidValue)));
    }

    [TestCase("", "blue", ReasonIds.OtherInstance)]
    [TestCase("blue", "blue", null)]
    [TestCase("blue", "green", ReasonIds.OtherInstance)]
    public void ProxyTagIsTheInstance(string mine, string tag, string? reason) =>
        Assert.That(
            Given.Routed(new RoutingPolicy { Instance = mine }, Labelled("shop", "a.example.com", ("com.chameth.proxytag", tag))).FateOf("shop").Reason,
            Is.EqualTo(reason));

    [Test]
    public void ALoginThatCannotBeAskedForRefusesTheHost() =>
        Assert.That(Given.Routed(Labelled("shop", "a.example.com", ("com.chameth.auth", "staff"))).FateOf("shop").Reason, Is.EqualTo(ReasonIds.UnsupportedOption));

    [Test]
    public void W1AnExposedPortAloneIsEnough()
    {
        var route = Given.Routed(Labelled("shop", "a.example.com").Exposing(3000)).Host("a.example.com").Routes.Single();
        Assert.That(route.Upstream.Servers.Single().Port, Is.EqualTo(3000));
    }

    [TestCase("")]
    [TestCase(",")]
    [TestCase(" , ")]
    public void W2AnEmptyHostLabelIsOneFinding(string value)
    {
        var result = Given.Routed(Labelled("bad", value), Labelled("good", "good.example.com"));
        Assert.That(result.Messages(), Is.EqualTo(
            new[] { "warning invalid-host: container \"bad\": com.chameth.vhost is empty: a host name was expected. The container is not routed by it." }));
        Assert.That(result.VirtualHosts.Select(host => host.Name), Is.EqualTo(new[] { "good.example.com" }));
    }

    [Test]
    public void W5AStoppedContainerGetsNoRequests()
    {
        var result = Given.Routed(Labelled("a1", "a.example.com"), Labelled("a2", "a.example.com") with { State = ContainerState.Exited });
        Assert.That(result.Host("a.example.com").Routes.Single().Upstream.Servers.Single().Container?.Value, Does.EndWith("a1"));
    }

    [Test]
    public void W9TwoReplicasOnOneHostGetDistinctServers()
    {
        var upstream = Given.Routed(Labelled("a1", "a.example.com"), Labelled("a2", "a.example.com")).Host("a.example.com").Routes.Single().Upstream;
        Assert.That(upstream.Servers.Select(server => server.Slot), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public void W9DotsAndUnderscoresGetDistinctUpstreams()
    {
        var result = Given.Routed(Labelled("a1", "a.b"), Labelled("a2", "a_b"));
        Assert.That(result.VirtualHosts.Select(host => host.Routes.Single().Upstream.Name), Is.Unique);
    }

    [Test]
    public void W10APercentSignInAHeaderIsKept()
    {
        var result = Given.Routed(Labelled("shop", "a.example.com", ("com.chameth.headers", "X-Sale: 50% off")));
        Assert.That(result.Host("a.example.com").Routes.Single().ResponseHeaders.Single().Value, Is.EqualTo("50% off"));
    }

    [Test]
    public void W11ATrailingDotIsTheSameHost()
    {
        var result = Given.Routed(Labelled("a1", "a.example.com."), Labelled("a2", "A.example.com"));
        Assert.That(result.VirtualHosts.Select(host => host.Name), Is.EqualTo(new[] { "a.example.com" }));
    }

    [TestCase("a.com;b.com")]
    [TestCase("a.com{")]
    [TestCase("x\u0000y.com")]
    [TestCase("https://a.com")]
    public void W12ABadNameCostsOnlyItself(string bad)
    {
        var result = Given.Routed(Labelled("bad", bad), Labelled("good", "good.example.com"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.VirtualHosts.Select(host => host.Name), Is.EqualTo(new[] { "good.example.com" }));
            Assert.That(result.Findings.Select(finding => (finding.Reason, finding.Container)), Is.EqualTo(new[] { (ReasonIds.InvalidHost, "bad") }));
        }
    }

    [Test]
    public void W12ANewlineSeparatesAndIsNoPartOfAName() =>
        Assert.That(Given.Routed(Labelled("shop", "a.com\nb.com")).Host("a.com").Aliases.Single().Text, Is.EqualTo("b.com"));

    [Test]
    public void W16ANameThatSomebodyElseAlsoClaimsIsItsOwnHost()
    {
        var result = Given.Routed(Labelled("one", "a.example.com b.example.com"), Labelled("two", "b.example.com"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Host("a.example.com").Routes.Single().Upstream.Servers, Has.Length.EqualTo(1));
            Assert.That(result.Host("b.example.com").Routes.Single().Upstream.Servers, Has.Length.EqualTo(2));
            Assert.That(result.Messages(ReasonIds.ConflictValue).Single(), Does.Contain("my/one").And.Contain("my/two"));
        }
    }

    [Test]
    public void W17AContainerWithoutANameIsNoAccident()
    {
        var nameless = Labelled("x", "a.example.com") with { Name = "" };
        Assert.That(Given.Routed(nameless).Host("a.example.com").Routes.Single().Upstream.Servers, Has.Length.EqualTo(1));
    }
}
