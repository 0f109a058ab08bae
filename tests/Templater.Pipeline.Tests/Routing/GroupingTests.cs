using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

public sealed class GroupingTests
{
    private static readonly TimeSpan Old = TimeSpan.FromDays(3);

    [Test]
    public void NamesOfOneContainerAreAliasesInLabelOrder()
    {
        var host = Given.Routed(Given.Hosted("shop", "b.example.com, a.example.com, *.c.example.com")).VirtualHosts.Single();
        Assert.That((host.Name, string.Join(' ', host.Aliases)), Is.EqualTo(("b.example.com", "a.example.com *.c.example.com")));
    }

    [Test]
    public void ReplicasShareAnUpstream()
    {
        var result = Given.Routed([.. Enumerable.Range(1, 3).Select(number => Given.Hosted($"api-{number}", "api.example.com").In("shop", "api", number))]);
        Assert.That(result.Host("api.example.com").Routes.Single().Upstream.Servers.Select(server => server.Container?.Value), Is.EqualTo(
            new[] { "id-of-api-1", "id-of-api-2", "id-of-api-3" }));
    }

    [Test]
    public void BlueAndGreenOfOneProjectShareAnUpstream()
    {
        var result = Given.Routed(
            Given.Hosted("web-blue", "shop.example.com").In("shop", "web-blue") with { Image = new("", "my/shop", "1", "") },
            Given.Hosted("web-green", "shop.example.com").In("shop", "web-green") with { Image = new("", "my/shop", "2", "") });
        Assert.That((result.Host("shop.example.com").Routes.Single().Upstream.Servers.Length, result.Findings.Length), Is.EqualTo((2, 0)));
    }

    [Test]
    public void AGroupMakesOneApplicationOfTwoProjects()
    {
        var result = Given.Routed(
            Given.Hosted("web1", "shop.example.com", ("templater.upstream.group", "shop")).In("blue", "web"),
            Given.Hosted("web2", "shop.example.com", ("templater.upstream.group", "shop")).In("green", "web"));
        Assert.That((result.Host("shop.example.com").Routes.Single().Upstream.Servers.Length, result.Findings.Length), Is.EqualTo((2, 0)));
    }

    [Test]
    public void ConflictLostGoesToTheNewcomer()
    {
        var result = Given.Routed(
            Given.Hosted("new", "shop.example.com").In("new", "web"),
            Given.Hosted("old", "shop.example.com").In("old", "web").Since(Old));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.FateOf("new").Reason, Is.EqualTo(ReasonIds.ConflictLost));
            Assert.That(result.FateOf("old").Reason, Is.Null);
            Assert.That(result.Host("shop.example.com").Routes.Single().Upstream.Servers.Single().Container?.Value, Is.EqualTo("id-of-old"));
        }
    }

    [Test]
    public void PriorityBeatsAge()
    {
        var result = Given.Routed(
            Given.Hosted("new", "shop.example.com", ("templater.priority", "10")).In("new", "web"),
            Given.Hosted("old", "shop.example.com").In("old", "web").Since(Old));
        Assert.That(result.FateOf("old").Reason, Is.EqualTo(ReasonIds.ConflictLost));
        Assert.That(result.Messages().Single(), Does.Contain("The one with the higher priority keeps it."));
    }

    [Test]
    public void AStoppedOwnerGivesUpTheHostAndAnUnhealthyOneDoesNot()
    {
        var newcomer = Given.Hosted("new", "shop.example.com").In("new", "web");
        var owner = Given.Hosted("old", "shop.example.com").In("old", "web").Since(Old);
        Assert.That(Given.Routed(newcomer, owner with { State = ContainerState.Exited }).FateOf("new").Reason, Is.Null);
        Assert.That(Given.Routed(newcomer, owner with { Health = HealthStatus.Unhealthy }).FateOf("new").Reason, Is.EqualTo(ReasonIds.ConflictLost));
    }

    [Test]
    public void AnOwnerThatThisProxyCannotReachGivesUpTheHost()
    {
        var newcomer = Given.Hosted("new", "shop.example.com").In("new", "web");
        var owner = Given.Hosted("old", "shop.example.com").In("old", "web").Since(Old) with { Endpoints = [Given.On("back", 9)] };
        var result = Given.Routed(newcomer, owner);
        Assert.That((result.FateOf("new").Reason, result.FateOf("old").Reason), Is.EqualTo(((string?)null, ReasonIds.NoSharedNetwork)));
        Assert.That(result.Host("shop.example.com").Routes.Single().Upstream.Servers, Has.Length.EqualTo(1));
    }

    [Test]
    public void AnOwnerWithoutAnAddressYetKeepsTheHost()
    {
        var owner = Given.Hosted("old", "shop.example.com").In("old", "web").Since(Old) with { Endpoints = [Given.On("front", 9) with { IPv4 = "" }] };
        Assert.That(Given.Routed(Given.Hosted("new", "shop.example.com").In("new", "web"), owner).FateOf("new").Reason, Is.EqualTo(ReasonIds.ConflictLost));
    }

    [Test]
    public void ADeadReplicaDoesNotGovernTheHostOfALivingOne()
    {
        var result = Given.Routed(
            Given.Hosted("api1", "api.example.com"),
            Given.Hosted("api2", "api.example.com", ("templater.https", "off"), ("templater.hsts", "1"), ("templater.redirect.from", "www.example.com")).Since(Old) with { State = ContainerState.Exited });
        var host = result.Host("api.example.com");
        Assert.That((host.Https.Mode, host.Https.Hsts, host.RedirectFrom.Length), Is.EqualTo((HttpsMode.Redirect, (string?)null, 0)));
    }

    [Test]
    public void AHostOfDeadReplicasAloneKeepsItsSettings()
    {
        var host = Given.Routed(Given.Hosted("api", "api.example.com", ("templater.https", "off"), ("templater.redirect.from", "www.example.com")) with { State = ContainerState.Exited }).Host("api.example.com");
        Assert.That((host.Https.Mode, host.RedirectFrom.Length), Is.EqualTo((HttpsMode.Off, 1)));
    }

    [Test]
    public void MergeBalancesOverBoth()
    {
        var result = Given.Routed(
            new RoutingPolicy { Conflict = ConflictRule.Merge },
            Given.Hosted("new", "shop.example.com").In("new", "web"),
            Given.Hosted("old", "shop.example.com").In("old", "web"));
        Assert.That(result.Host("shop.example.com").Routes.Single().Upstream.Servers, Has.Length.EqualTo(2));
    }

    [Test]
    public void DifferentPathsOfOneHostDoNotConflict()
    {
        var result = Given.Routed(
            Given.Hosted("web", "shop.example.com").In("shop", "web"),
            Given.Hosted("api", "shop.example.com", ("templater.path", "/api")).In("api", "web"));
        Assert.That((result.Host("shop.example.com").Routes.Length, result.Findings.Length), Is.EqualTo((2, 0)));
    }

    [Test]
    public void ConflictValueIsDecidedByTheOlder()
    {
        var result = Given.Routed(
            Given.Hosted("api1", "api.example.com", ("templater.https", "off")),
            Given.Hosted("api2", "api.example.com", ("templater.https", "only")).Since(Old));
        Assert.That(result.Host("api.example.com").Https.Mode, Is.EqualTo(HttpsMode.Only));
        Assert.That(result.Messages(), Is.EqualTo(new[]
        {
            "warning conflict-value: api.example.com: templater.https differs: only (\"api2\", used) and off (\"api1\"). Give both containers the same value.",
        }));
    }

    [Test]
    public void ConflictValueIsReportedForRouteKeysToo()
    {
        var result = Given.Routed(
            Given.Hosted("api1", "api.example.com", ("templater.balance", "random")),
            Given.Hosted("api2", "api.example.com").Since(Old));
        Assert.That(result.Messages(), Is.EqualTo(new[]
        {
            "warning conflict-value: api.example.com: templater.balance differs: roundrobin (\"api2\", used) and random (\"api1\"). Give both containers the same value.",
        }));
    }

    [TestCase("check", "/healthz", "off", "/healthz")]
    [TestCase("check", "tcp", "off", "tcp")]
    [TestCase("timeout.server", "90s", "1m", "90s")]
    [TestCase("timeout.connect", "1500ms", "5s", "1500ms")]
    [TestCase("max-body", "10m", "0", "10485760")]
    public void DifferencesAreSaidInTheWordsOfLabels(string key, string value, string used, string ignored)
    {
        var result = Given.Routed(
            Given.Snapshot(Given.Proxy(), Given.Hosted("api1", "api.example.com", ("templater." + key, value)), Given.Hosted("api2", "api.example.com").Since(Old)),
            kind: ProxyKind.HAProxy);
        Assert.That(result.Messages(), Is.EqualTo(new[]
        {
            $"warning conflict-value: api.example.com: templater.{key} differs: {used} (\"api2\", used) and {ignored} (\"api1\"). Give both containers the same value.",
        }));
    }

    [TestCase("redirect.to", "https://b.example.com/x", "none", "https://b.example.com/x")]
    [TestCase("redirect.to", "https://b.example.com/x!", "none", "https://b.example.com/x!")]
    [TestCase("protocol", "grpc", "http", "grpc")]
    [TestCase("allow", "10.0.0.1", "10.0.0.9", "10.0.0.1")]
    public void WhoGetsNoRequestsBecauseOfADifferenceIsNotSaidToBeRouted(string key, string value, string used, string ignored)
    {
        var result = Given.Routed(
            Given.Hosted("api1", "api.example.com", ("templater." + key, value)),
            Given.Hosted("api2", "api.example.com", key == "allow" ? [("templater.allow", used)] : []).Since(Old) with { Image = new Templater.Pipeline.Inventory.ImageReference("", "my/other", "1", "") });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.FateOf("api1").Reason, Is.EqualTo(ReasonIds.ConflictValue));
            Assert.That(result.FateOf("api1").Detail, Is.EqualTo($"its templater.{key} is {ignored}, and that of \"api2\", which has api.example.com, is {used}."));
            Assert.That(result.FateOf("api2").Reason, Is.Null);
            Assert.That(result.Messages().First(message => message.Contains($"templater.{key} differs", StringComparison.Ordinal)), Does.EndWith("The other gets no requests; give both the same value."));
            Assert.That(result.Messages().Any(message => message.Contains("Both get requests", StringComparison.Ordinal)), Is.EqualTo(key == "allow"));
        }
    }

    [Test]
    public void ARedirectBelongsToWhoAskedForIt()
    {
        var result = Given.Routed(
            Given.Hosted("old", "api.example.com", ("templater.redirect.to", "https://b.example.com/")).Since(Old),
            Given.Hosted("new", "api.example.com"));
        Assert.That(result.Host("api.example.com").Routes.Single().Containers, Is.EqualTo(new[] { new Templater.Pipeline.Inventory.ContainerId(Given.IdOf("old")) }));
    }

    [Test]
    public void APathWithBordersAndOneWithoutAreTwoRoutes()
    {
        var result = Given.Routed(
            Given.Hosted("one", "api.example.com", ("templater.path", "/app")),
            Given.Container("two").WithEnv(("VIRTUAL_HOST", "api.example.com"), ("VIRTUAL_PATH", "/app")));
        Assert.That(result.Host("api.example.com").Routes.Select(route => route.Key).Distinct().Count(), Is.EqualTo(2));
    }

    [Test]
    public void WhatIsClosedWithItsFellowsIsClosedForWhoeverSharesItsPlace()
    {
        // The host of "bad" is closed for its application, of which "fellow" is one; "other" shares the place of "fellow".
        var result = Given.Routed(
            Given.Hosted("bad", "api.example.com", ("templater.tls.certificate", "../x")),
            Given.Container("fellow").WithEnv(("VIRTUAL_HOST", "api.example.com"), ("VIRTUAL_PATH", "/app")),
            Given.Container("other").In("other", "web").WithEnv(("VIRTUAL_HOST", "api.example.com"), ("VIRTUAL_PATH", "/app")));
        Assert.That(result.VirtualHosts.SelectMany(host => host.Routes).Where(route => route.IsClosed).SelectMany(route => route.Upstream.Servers), Is.Empty);
        Assert.That(result.FateOf("other").Reason, Is.EqualTo(ReasonIds.InvalidValue));
    }

    [Test]
    public void EachPartOfACheckIsComparedByItself()
    {
        var result = Given.Routed(
            Given.Snapshot(
                Given.Proxy(),
                Given.Hosted("api1", "api.example.com", ("templater.check", "/healthz"), ("templater.check.rise", "5")),
                Given.Hosted("api2", "api.example.com", ("templater.check", "/healthz")).Since(Old)),
            kind: ProxyKind.HAProxy);
        Assert.That(result.Messages().Single(), Does.Contain("templater.check.rise differs: 2 (\"api2\", used) and 5 (\"api1\")"));
    }

    [Test]
    public void ARestrictionOfOneReplicaHoldsForTheRoute()
    {
        var result = Given.Routed(
            Given.Hosted("api1", "api.example.com", ("templater.allow", "10.0.0.0/8")),
            Given.Hosted("api2", "api.example.com").Since(Old));
        Assert.That(result.Host("api.example.com").Routes.Single().Allow, Is.EqualTo(new[] { "10.0.0.0/8" }));
    }

    [Test]
    public void AStrangerCannotChangeAHostItDoesNotOwn()
    {
        var result = Given.Routed(
            Given.Hosted("web", "shop.example.com").In("shop", "web").Since(Old),
            Given.Hosted("api", "shop.example.com", ("templater.path", "/api"), ("templater.https", "off")).In("api", "web"));
        Assert.That(result.Host("shop.example.com").Https.Mode, Is.EqualTo(HttpsMode.Redirect));
    }

    [TestCase("templater.https", "off", "templater.https differs: redirect holds, because the host belongs to \"web\", and off (\"api\"). Give both containers the same value.")]
    [TestCase("templater.hsts", "31536000", "templater.hsts differs: off holds, because the host belongs to \"web\", and max-age=31536000 (\"api\"). Give both containers the same value.")]
    public void WhatASecondApplicationAsksOfTheHostInVainIsReported(string label, string value, string message)
    {
        var result = Given.Routed(
            Given.Hosted("web", "shop.example.com").In("shop", "web").Since(Old),
            Given.Hosted("api", "shop.example.com", ("templater.path", "/api"), (label, value)).In("api", "web"));
        Assert.That(result.Messages(), Is.EqualTo(new[] { $"warning conflict-value: shop.example.com: {message}" }));
        Assert.That(result.FateOf("api").Reason, Is.Null);
    }

    [TestCase("templater.https", "only", "redirect")]
    [TestCase("templater.tls.certificate", "internal", "none")]
    public void WhatASecondApplicationClosesInVainIsNotServed(string label, string value, string outcome)
    {
        var result = Given.Routed(
            Given.Hosted("web", "shop.example.com").In("shop", "web").Since(Old),
            Given.Hosted("api", "shop.example.com", ("templater.path", "/api"), (label, value)).In("api", "web"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Host("shop.example.com").Routes.Select(route => (route.Path.Text, route.Upstream.Servers.Length)), Is.EqualTo(new[] { ("/api", 0), ("/", 1) }));
            Assert.That((result.FateOf("web").Reason, result.FateOf("api").Reason), Is.EqualTo(((string?)null, ReasonIds.ConflictValue)));
            Assert.That(result.Messages().Single(), Does.EndWith($"{label} differs: {outcome} holds, because the host belongs to \"web\", and {value} (\"api\"). The other is not routed, because that would open what it closes; give both the same value."));
        }
    }

    [Test]
    public void TwoNamesOfCertificatesOnOneHostAreReported()
    {
        var snapshot = Given.Snapshot(
            Given.Proxy(),
            Given.Hosted("api1", "api.example.com", ("templater.tls.certificate", "a")),
            Given.Hosted("api2", "api.example.com", ("templater.tls.certificate", "b")).Since(Old));
        var result = Given.Routed(snapshot with { Certificates = [Given.Pair("a", "api.example.com"), Given.Pair("b", "api.example.com")] });
        Assert.That(result.Messages(), Is.EqualTo(new[]
        {
            "warning conflict-value: api.example.com: templater.tls.certificate differs: b (\"api2\", used) and a (\"api1\"). Give both containers the same value.",
        }));
    }

    [Test]
    public void ServersOfAnotherProtocolGetNoRequests()
    {
        var result = Given.Routed(
            Given.Hosted("api1", "api.example.com", ("templater.protocol", "https")),
            Given.Hosted("api2", "api.example.com").Since(Old));
        Assert.That(result.Host("api.example.com").Routes.Single().Upstream.Servers.Single().Container?.Value, Is.EqualTo("id-of-api2"));
    }

    [Test]
    public void TwoRoutesOfOneContainerAtOnePlaceAreReported()
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", ("templater.routes.a.port", "1"), ("templater.routes.b.port", "2")));
        Assert.That(result.Messages(ReasonIds.ConflictValue).Single(), Does.Contain("\"a\" is used"));
        Assert.That(result.Host("shop.example.com").Routes.Single().Upstream.Servers.Single().Port, Is.EqualTo(1));
    }

    [Test]
    public void ARealHostBeatsARedirect()
    {
        var result = Given.Routed(
            Given.Hosted("shop", "shop.example.com", ("templater.redirect.from", "www.example.com old.example.com")),
            Given.Hosted("www", "www.example.com").In("www", "web"));
        Assert.That(result.Host("shop.example.com").RedirectFrom.Single().Text, Is.EqualTo("old.example.com"));
        Assert.That(result.Messages(ReasonIds.ConflictLost).Single(), Does.StartWith("warning conflict-lost: www.example.com does not redirect to shop.example.com"));
    }

    [TestCase("*.example.com")]
    [TestCase("~^v[0-9]+$")]
    [TestCase("*")]
    public void NamesCannotBeRedirectedToAHostThatStandsForMany(string host)
    {
        var result = Given.Routed(
            Given.Hosted("shop", host, ("templater.redirect.from", "www.example.org")).Since(Old),
            Given.Hosted("b", "b.example.com", ("templater.redirect.from", "www.example.org")));
        Assert.That(result.Messages(), Is.EqualTo(new[]
        {
            $"warning unsupported-option: container \"shop\": templater.redirect.from has no effect: "
                + $"names cannot be redirected to {host}, which stands for many. Name a plain host first in templater.host.",
        }));
        Assert.That(result.Host("b.example.com").RedirectFrom, Has.Length.EqualTo(1), "nobody else has the name");
    }

    [Test]
    public void OfTwoRedirectsTheOlderWins()
    {
        var result = Given.Routed(
            Given.Hosted("a", "a.example.com", ("templater.redirect.from", "www.example.com")),
            Given.Hosted("b", "b.example.com", ("templater.redirect.from", "www.example.com")).Since(Old));
        Assert.That(result.Host("a.example.com").RedirectFrom, Is.Empty);
        Assert.That(result.Host("b.example.com").RedirectFrom, Has.Length.EqualTo(1));
    }

    [Test]
    public void TriesExactThenRegularExpressionsThenLongPrefixes()
    {
        string[] paths = ["/", "/api", "/api/v1", "=/", "~^/b", "~^/a"];
        var labels = paths.SelectMany((path, index) => new[] { ($"templater.routes.r{index}.path", path) })
            .Append(("templater.routes.r4.priority", "5")).ToArray();
        var routes = Given.Routed(Given.Hosted("shop", "shop.example.com", labels)).Host("shop.example.com").Routes;
        Assert.That(routes.Select(route => route.Path.Text), Is.EqualTo(new[] { "/", "^/b", "^/a", "/api/v1", "/api", "/" }));
    }

    [Test]
    public void NamesOfUpstreamsAreUniqueAndSafe()
    {
        string[] paths = ["/", "/api", "/a/b", "/a-b", "/A-b", "=/api", "~^/api", "/ü", "/" + new string('x', 300), "/" + new string('x', 301)];
        var labels = paths.Select((path, index) => ($"templater.routes.r{index}.path", path)).ToArray();
        var result = Given.Routed(
            Given.Hosted("shop", "shop.example.com", labels),
            Given.Hosted("other", "shop.example.com-api"),
            Given.Hosted("all", "*"),
            Given.Hosted("literal", "default"),
            Given.Hosted("wild", "*.example.com"),
            Given.Hosted("six", "[2001:db8::1]"),
            Given.Hosted("regex", "~^a{1,3}$"));
        var names = result.VirtualHosts.SelectMany(host => host.Routes).Select(route => route.Upstream.Name).ToArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(names, Is.Unique);
            Assert.That(names, Has.All.Matches("^[a-z0-9._-]{1,100}$"));
            Assert.That(result.VirtualHosts.Select(host => host.Name), Is.Unique);
            Assert.That(result.VirtualHosts.SelectMany(host => host.Routes).Select(route => route.Key), Is.Unique);
            Assert.That(result.Host("shop.example.com").Routes.Single(route => route.Path == PathPattern.Root).Upstream.Name, Is.EqualTo("shop.example.com"));
        }
    }

    [Test]
    public void ARedirectNeedsNoServer()
    {
        var result = Given.Routed(Given.Hosted("old", "old.example.com", ("templater.redirect.to", "https://new.example.com")).Exposing(1, 2) with { Endpoints = [] });
        Assert.That((result.FateOf("old").Reason, result.Host("old.example.com").Routes.Single().RedirectTo?.Url), Is.EqualTo(((string?)null, "https://new.example.com")));
    }
}
