using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Fates that are decided before any server is looked for. Others are in the tests of their rule.</summary>
public sealed class FateTests
{
    [Test]
    public void NoHostIsNobodysBusiness()
    {
        var result = Given.Routed(Given.Container("db"));
        Assert.That((result.FateOf("db").Reason, result.Findings.Length, result.VirtualHosts.Length), Is.EqualTo((ReasonIds.NoHost, 0, 0)));
    }

    [Test]
    public void IsProxyUnlessItNamesAHost()
    {
        Assert.That(Given.Routed().FateOf("edge-nginx-1").Reason, Is.EqualTo(ReasonIds.IsProxy));
        var status = Given.Hosted("edge", "status.example.com", ("templater.proxy", "nginx"));
        Assert.That(Given.Routed(Given.Snapshot(status)).FateOf("edge").Reason, Is.Null);
    }

    [TestCase("templater.host")]
    [TestCase("com.chameth.vhost")]
    public void DisabledWinsInEveryDialect(string label)
    {
        var result = Given.Routed(Given.Container("shop", (label, "shop.example.com"), ("templater.enable", "false")));
        Assert.That((result.FateOf("shop").Reason, result.VirtualHosts.Length), Is.EqualTo((ReasonIds.Disabled, 0)));
    }

    [TestCase("templater.network", "")]
    [TestCase("templater.auth.basic", "x")]
    public void ADisabledContainerIsNoKnownHostWhateverElseItSays(string label, string value)
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", ("templater.enable", "false"), (label, value)));
        Assert.That((result.FateOf("shop").Reason, result.VirtualHosts.Length, result.Findings.Length), Is.EqualTo((ReasonIds.Disabled, 0, 0)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void AnUnreadableEnableIsRefusedAndSaid(bool byDefault)
    {
        var result = Given.Routed(new RoutingPolicy { EnableDefault = byDefault }, Given.Hosted("shop", "shop.example.com", ("templater.enable", "ture")));
        Assert.That((result.FateOf("shop").Reason, result.Findings.Length), Is.EqualTo((ReasonIds.InvalidValue, 1)));
    }

    [Test]
    public void DisabledByTheOperatorsDefault()
    {
        var policy = new RoutingPolicy { EnableDefault = false };
        var result = Given.Routed(policy, Given.Hosted("a", "a.example.com"), Given.Hosted("b", "b.example.com", ("templater.enable", "true")));
        Assert.That(result.VirtualHosts.Select(host => host.Name), Is.EqualTo(new[] { "b.example.com" }));
    }

    [TestCase("", null, null)]
    [TestCase("", "blue", ReasonIds.OtherInstance)]
    [TestCase("blue", null, ReasonIds.OtherInstance)]
    [TestCase("blue", "green blue", null)]
    [TestCase("blue", "green", ReasonIds.OtherInstance)]
    [TestCase("*", "green", null)]
    [TestCase("*", null, null)]
    public void OtherInstanceLeavesTheContainerAlone(string mine, string? theirs, string? reason)
    {
        var shop = theirs is null
            ? Given.Hosted("shop", "shop.example.com")
            : Given.Hosted("shop", "shop.example.com", ("templater.instance", theirs));
        Assert.That(Given.Routed(new RoutingPolicy { Instance = mine }, shop).FateOf("shop").Reason, Is.EqualTo(reason));
    }

    [Test]
    public void AThousandUnknownLabelsAreNotAThousandMessages()
    {
        var labels = Enumerable.Range(0, 900).Select(number => ($"templater.hots{number:d3}", "x")).ToArray();
        var messages = Given.Routed(Given.Hosted("shop", "shop.example.com", labels)).Messages(ReasonIds.UnknownLabel).ToArray();
        Assert.That(messages, Has.Length.EqualTo(21).And.One.EqualTo("warning unknown-label: container \"shop\": 880 more labels under templater are not known. They have no effect."));
    }

    [Test]
    public void ManyHostsWithManyPairsAndRedirectsTakeNoQuadraticTime()
    {
        var containers = Enumerable.Range(0, 8000)
            .Select(number => Given.Hosted($"c{number}", $"h{number}.example.com", ("templater.redirect.from", $"www.h{number}.example.com")).In($"p{number}", "web"));
        var pairs = Enumerable.Range(0, 8000).Select(number => Given.Pair($"c{number}", $"h{number}.example.com", $"www.h{number}.example.com"));
        var snapshot = Given.Snapshot([Given.Proxy(), .. containers]) with { Certificates = [.. pairs] };
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var result = Given.Routed(snapshot);
        Assert.That(result.VirtualHosts.Count(host => host.Https.RedirectsNow && host.RedirectFrom.Length == 1), Is.EqualTo(8000));
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(6)));
    }

    [Test]
    public void QuarantinedIsLeftOut()
    {
        var shop = Given.Hosted("shop", "shop.example.com");
        var snapshot = Given.Snapshot(Given.Proxy(), shop);
        snapshot = snapshot with { Quarantined = snapshot.Quarantined.Add(shop.Id.Value, "line 7 was refused") };
        var result = Given.Routed(snapshot);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((result.FateOf("shop").Reason, result.VirtualHosts.Length), Is.EqualTo((ReasonIds.Quarantined, 0)));
            Assert.That(result.Messages(), Is.EqualTo(new[] { "warning quarantined: container \"shop\" is left out until it changes: line 7 was refused" }));
        }
    }

    [Test]
    public void InvalidPathHoldsNoPlace()
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", ("templater.path", "api")));
        Assert.That((result.FateOf("shop").Reason, result.VirtualHosts.Length), Is.EqualTo((ReasonIds.InvalidPath, 0)));
    }

    [Test]
    public void InvalidHostRemembersWhatWasAsked()
    {
        var fate = Given.Routed(Given.Hosted("shop", "a;b")).FateOf("shop");
        Assert.That((fate.Reason, string.Join(' ', fate.Hosts)), Is.EqualTo((ReasonIds.InvalidHost, "a;b")));
    }

    [Test]
    public void TheFirstDialectThatNamesAHostIsRead()
    {
        var shop = Given.Container("shop", ("templater.host", "native.example.com"), ("com.chameth.vhost", "dotege.example.com"))
            .WithEnv(("VIRTUAL_HOST", "nginx.example.com"));
        Assert.That(Given.Routed(shop).VirtualHosts.Single().Name, Is.EqualTo("native.example.com"));
        var policy = new RoutingPolicy { Dialects = [Dialect.NginxProxy, Dialect.Templater] };
        Assert.That(Given.Routed(policy, shop).VirtualHosts.Single().Name, Is.EqualTo("nginx.example.com"));
    }

    [Test]
    public void AnotherPrefixIsObeyed()
    {
        var policy = new RoutingPolicy { LabelPrefix = "proxy.example" };
        var result = Given.Routed(policy, Given.Container("shop", ("proxy.example.host", "shop.example.com")), Given.Hosted("old", "old.example.com"));
        Assert.That(result.VirtualHosts.Select(host => host.Name), Is.EqualTo(new[] { "shop.example.com" }));
    }
}
