using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>What somebody closed is never open to more clients because something else about it was not understood.</summary>
public sealed class ClosedStaysClosedTests
{
    private static int Servers(RoutingResult result) =>
        result.VirtualHosts.SelectMany(host => host.Routes).Sum(route => route.Upstream.Servers.Length);

    private static void IsRefused(RoutingResult result, string reason, string? label = null)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That((result.FateOf("shop").Reason, Servers(result)), Is.EqualTo((reason, 0)));
            Assert.That(result.Findings.Where(finding => finding.Message.Contains("is not routed", StringComparison.Ordinal)).Select(finding => (finding.Reason, finding.Label)), Has.Some.EqualTo((reason, label)));
        }
    }

    [TestCase("templater.allow", "private")]
    [TestCase("templater.https", "only")]
    [TestCase("templater.auth.basic", "x")]
    [TestCase("templater.routes.web.deny", "10.0.0.1")]
    [TestCase("templater.port", "81")]
    public void ANativeRestrictionOnAHostOfAnotherDialectRefusesTheContainer(string label, string value)
    {
        IsRefused(Given.Routed(Given.Container("shop", (label, value)).WithEnv(("VIRTUAL_HOST", "shop.example.com"))), ReasonIds.UnsupportedOption, label);
        IsRefused(Given.Routed(Given.Container("shop", (label, value), ("com.chameth.vhost", "shop.example.com"))), ReasonIds.UnsupportedOption, label);
    }

    [TestCase("templater.tls.client-auth", "off")]
    [TestCase("templater.weight", "2")]
    [TestCase("templater.network", "front")]
    [TestCase("templater.health", "any")]
    public void ANativeLabelThatClosesNothingRefusesNoHostOfAnotherDialect(string label, string value) =>
        Assert.That(Given.Routed(Given.Container("shop", (label, value)).WithEnv(("VIRTUAL_HOST", "shop.example.com"))).FateOf("shop").Reason, Is.Null);

    [TestCase("office", "203.0.113.7 198.51.100.0/24")]
    [TestCase("office, 10.0.0.1", "203.0.113.7 198.51.100.0/24 10.0.0.1")]
    [TestCase("Office", null)]
    [TestCase("home", null)]
    [TestCase("office, home", null)]
    public void AListOfTheOperatorIsKnownByItsNameAndAnyOtherNameClosesTheRoute(string value, string? allowed)
    {
        var lists = System.Collections.Immutable.ImmutableSortedDictionary<string, System.Collections.Immutable.ImmutableArray<string>>.Empty.Add("office", ["203.0.113.7", "198.51.100.0/24"]);
        foreach (var key in new[] { "templater.allow", "templater.deny" })
        {
            var result = Given.Routed(new RoutingPolicy { AccessLists = lists }, Given.Hosted("shop", "shop.example.com", (key, value)));
            var route = result.Host("shop.example.com").Routes.Single();
            using (Assert.EnterMultipleScope())
            {
                Assert.That((result.FateOf("shop").Reason, Servers(result)), Is.EqualTo(allowed is null ? (ReasonIds.InvalidValue, 0) : ((string?)null, 1)));
                Assert.That(string.Join(' ', key == "templater.allow" ? route.Allow : route.Deny), Is.EqualTo(allowed ?? ""));
                Assert.That(result.Messages().Any(message => message.Contains("access lists of the settings (office)", StringComparison.Ordinal)), Is.EqualTo(allowed is null));
            }
        }
    }

    [TestCase("NETWORK_ACCESS", 0)]
    [TestCase("HTTPS_METHOD", 0)]
    [TestCase("ENABLE_HTTP_ON_MISSING_CERT", 0)]
    [TestCase("VIRTUAL_ROOT", 1)]
    public void WhatClosesAndIsTooLongToBeReadClosesTheReplicasToo(string variable, int served)
    {
        var result = Given.Routed(
            Given.Container("shop").WithEnv(("VIRTUAL_HOST", "shop.example.com"), (variable, new string('x', 5000))),
            Given.Container("other").WithEnv(("VIRTUAL_HOST", "shop.example.com")));
        Assert.That((result.FateOf("shop").Reason, Servers(result)), Is.EqualTo((ReasonIds.InvalidValue, served)));
    }

    [TestCase("internal")]
    [TestCase("intern")]
    public void InternalAccessBesideANativeHostRefusesTheContainer(string access) =>
        IsRefused(Given.Routed(Given.Hosted("shop", "shop.example.com").WithEnv(("NETWORK_ACCESS", access))), ReasonIds.UnsupportedOption, "NETWORK_ACCESS");

    [Test]
    public void ALoginOfAnotherDialectBesideANativeHostRefusesTheContainer() =>
        IsRefused(Given.Routed(Given.Hosted("shop", "shop.example.com", ("com.chameth.auth", "staff"))), ReasonIds.UnsupportedOption, "com.chameth.auth");

    [Test]
    public void ADialectThatIsNotReadRestrictsNothing()
    {
        var policy = new RoutingPolicy { Dialects = [Dialect.Templater] };
        Assert.That(Given.Routed(policy, Given.Hosted("shop", "shop.example.com", ("com.chameth.auth", "staff"))).FateOf("shop").Reason, Is.Null);
    }

    [TestCase("path", "admin", ReasonIds.InvalidPath)]
    [TestCase("path", "/a%64min", ReasonIds.InvalidPath)]
    [TestCase("path", "/x/../admin", ReasonIds.InvalidPath)]
    [TestCase("path", "//admin", ReasonIds.InvalidPath)]
    [TestCase("path", "=/./admin", ReasonIds.InvalidPath)]
    [TestCase("host", "https://shop.example.com", ReasonIds.InvalidPath)]
    public void ARestrictedRouteWithoutAPlaceIsNotAnsweredByAnother(string key, string value, string reason) =>
        IsRefused(
            Given.Routed(Given.Hosted("shop", "shop.example.com",
                ("templater.routes.web.port", "80"), ("templater.routes.admin.allow", "private"), ($"templater.routes.admin.{key}", value))),
            reason);

    [TestCase("Admin")]
    [TestCase("admin_area")]
    public void ARestrictedRouteWithABadNameIsNotAnsweredByAnother(string name) =>
        IsRefused(
            Given.Routed(Given.Hosted("shop", "shop.example.com",
                ("templater.routes.web.port", "80"), ($"templater.routes.{name}.path", "/admin"), ($"templater.routes.{name}.allow", "private"))),
            ReasonIds.UnknownLabel,
            $"templater.routes.{name}.allow");

    [TestCase("Templater.Allow", "templater.allow")]
    [TestCase("templater.ALLOW", "templater.allow")]
    [TestCase("TEMPLATER.deny", "templater.deny")]
    [TestCase("templater.alow", "templater.allow")]
    [TestCase("templater.dney", "templater.deny")]
    [TestCase("templater.routes.web.alllow", "templater.routes.web.allow")]
    [TestCase("Templater.Routes.Web.Allow", "templater.routes.web.allow")]
    [TestCase("templater.Auth.Basic", "templater.auth.basic")]
    [TestCase("templater.auth.basci", "templater.auth.basic")]
    [TestCase("templater.auth.digest", null)]
    [TestCase("templater.basic-auth", null)]
    [TestCase("templater.allow_from", null)]
    [TestCase("templater.tls.client-auht", "templater.tls.client-auth")]
    [TestCase("templater.htps", "templater.https")]
    [TestCase("templater.instanec", "templater.instance")]
    [TestCase("templater.redirect.too", "templater.redirect.to")]
    public void AMisspeltRestrictionRefusesTheContainer(string label, string? right)
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", (label, "10.0.0.1")));
        IsRefused(result, ReasonIds.UnknownLabel, label);
        Assert.That(result.Messages(), Has.Exactly(1).StartsWith(
            $"warning unknown-label: container \"shop\" is not routed: {label} is not known{(right is null ? "" : $"; did you mean {right}?")}").And.Exactly(1).EndsWith(
            " Serving the routes without it could open what it was meant to close."));
    }

    [TestCase("templater.enabel", "false", true)]
    [TestCase("templater.enabled", "true", false)]
    [TestCase("Templater.Enable", "no", true)]
    [TestCase("templater.routes.web.enable", "false", true)]
    [TestCase("templater.tls.client-auht", "off", false)]
    [TestCase("templater.delay", "5s", false)]
    [TestCase("templater.all", "x", false)]
    [TestCase("templater.hots", "b.example.com", false)]
    [TestCase("templater.netwrk", "front", false)]
    [TestCase("Templater.Weight", "2", false)]
    public void AMisspeltLabelRefusesTheContainerOnlyWhenItClosesSomething(string label, string value, bool isRefused) =>
        Assert.That(Given.Routed(Given.Hosted("shop", "shop.example.com", (label, value))).FateOf("shop").Reason, Is.EqualTo(isRefused ? ReasonIds.UnknownLabel : null));

    [TestCase(" templater.allow", "templater.allow")]
    [TestCase("templater. deny", "templater.deny")]
    [TestCase("templater_allow", "templater.allow")]
    [TestCase("templater-deny", "templater.deny")]
    [TestCase("TEMPLATER_TLS_CLIENT_AUTH", "templater.tls.client-auth")]
    [TestCase("templater_instance", "templater.instance")]
    [TestCase("templater_routes_web_allow", "templater.routes.web.allow")]
    public void ARestrictionUnderAMisspeltPrefixRefusesTheContainer(string label, string right)
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", (label, "10.0.0.1")));
        IsRefused(result, ReasonIds.UnknownLabel, label);
        var shown = label.Contains(' ', StringComparison.Ordinal) ? $"\"{label}\"" : label;
        Assert.That(result.Messages(), Has.Exactly(1).StartsWith($"warning unknown-label: container \"shop\" is not routed: {shown} is not known; did you mean {right}?"));
    }

    [TestCase("templater_weight", "3")]
    [TestCase(" templater.health", "any")]
    [TestCase("templater_enable", "true")]
    public void AnotherLabelUnderAMisspeltPrefixIsReported(string label, string value)
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", (label, value)));
        Assert.That(result.Messages(ReasonIds.UnknownLabel).Single(), Does.Contain(" is not known; did you mean templater.").And.EndsWith("It has no effect."));
        Assert.That(Servers(result), Is.EqualTo(1));
    }

    [TestCase("templates.allow")]
    [TestCase("templater-ui.allow")]
    [TestCase("template")]
    [TestCase("templater")]
    [TestCase("org.example.templater.allow")]
    [TestCase("traefik.enable")]
    public void LabelsOfOthersAreNobodysSlip(string label) =>
        Assert.That(Given.Routed(Given.Hosted("shop", "shop.example.com", (label, "private"))).Findings, Is.Empty);

    [TestCase("templater.alow", "private", 0)]
    [TestCase("templater.enabel", "false", 1)]
    [TestCase("templater_instance", "other", 1)]
    public void AMisspeltRestrictionClosesItsPlaceForTheReplicasUnlessItIsAboutTheContainer(string label, string value, int servers) =>
        Assert.That(Servers(Given.Routed(Given.Hosted("shop", "shop.example.com", (label, value)), Given.Hosted("shop2", "shop.example.com"))), Is.EqualTo(servers));

    [Test]
    public void AMisspeltRestrictionCountsBesideAHostOfAnotherDialect() =>
        IsRefused(Given.Routed(Given.Container("shop", ("Templater.Allow", "private")).WithEnv(("VIRTUAL_HOST", "shop.example.com"))), ReasonIds.UnknownLabel, "Templater.Allow");

    [Test]
    public void AMisspeltRestrictionCountsAmongAnyNumberOfUnknownLabels()
    {
        var labels = Enumerable.Range(0, 50).Select(number => ($"templater.a{number}", "x")).Append(("templater.zz.allow", "private")).ToArray();
        IsRefused(Given.Routed(Given.Hosted("shop", "shop.example.com", labels)), ReasonIds.UnknownLabel, "templater.zz.allow");
    }

    [Test]
    public void ARouteWithoutAPlaceThatClosesNothingCostsOnlyItself()
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", ("templater.routes.web.port", "80"), ("templater.routes.api.path", "api")));
        Assert.That((result.FateOf("shop").Reason, Servers(result)), Is.EqualTo(((string?)null, 1)));
    }

    [Test]
    public void RoutesBeyondTheLimitAreNotSilentlyOpen()
    {
        var labels = Enumerable.Range(0, 101).Select(number => ($"templater.routes.r{number}.path", $"/{number}")).ToArray();
        IsRefused(Given.Routed(Given.Hosted("shop", "shop.example.com", labels)), ReasonIds.UnsupportedOption);
    }

    [Test]
    public void AReplicaThatAdmitsFewerClientsIsNotOpenedByAnother()
    {
        var result = Given.Routed(
            Given.Hosted("api1", "api.example.com", ("templater.allow", "10.0.0.1")),
            Given.Hosted("api2", "api.example.com", ("templater.allow", "10.0.0.0/8")).Since(TimeSpan.FromDays(3)),
            Given.Hosted("api3", "api.example.com"));
        var route = result.Host("api.example.com").Routes.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(route.Allow, Is.EqualTo(new[] { "10.0.0.0/8" }));
            Assert.That(route.Upstream.Servers.Select(server => server.Container?.Value), Is.EqualTo(new[] { "id-of-api2", "id-of-api3" }));
            Assert.That(result.Messages(), Is.EqualTo(new[]
            {
                "warning conflict-value: api.example.com: templater.allow differs: 10.0.0.0/8 (\"api2\", used) and 10.0.0.1 (\"api1\"). The other gets no requests; give both the same value.",
                "warning conflict-value: api.example.com: templater.allow differs: 10.0.0.0/8 (\"api2\", used) and everyone (\"api3\"). Give both containers the same value.",
            }));
        }
    }

    [Test]
    public void TheOrderOfAnAccessListDoesNotMatter()
    {
        var result = Given.Routed(
            Given.Hosted("api1", "api.example.com", ("templater.allow", "10.0.0.1 10.0.0.2")),
            Given.Hosted("api2", "api.example.com", ("templater.allow", "10.0.0.2 10.0.0.1")));
        Assert.That((Servers(result), result.Findings.Length), Is.EqualTo((2, 0)));
    }

    [TestCase("templater.routes.zz.allow", "10.0.0.1")]
    [TestCase("templater.routes.zz.deny", "10.0.0.1")]
    [TestCase("templater.routes.zz.https", "only")]
    public void ARestrictedRouteWhosePathWasForgottenIsNotAnsweredByAnother(string label, string value)
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", ("templater.routes.web.port", "80"), (label, value)));
        IsRefused(result, ReasonIds.ConflictValue);
        Assert.That(result.Messages(ReasonIds.ConflictValue).Single(), Does.EndWith(
            "container \"shop\" is not routed for shop.example.com/: its routes \"web\" and \"zz\" both claim shop.example.com/, "
                + "and \"web\" would open what \"zz\" closes. Give them different paths."));
    }

    [Test]
    public void ARouteWhoseRestrictionIsBadIsNotAnsweredByAnother() =>
        Assert.That(Servers(Given.Routed(Given.Hosted("shop", "shop.example.com", ("templater.routes.web.port", "80"), ("templater.routes.zz.allow", "bogus")))), Is.Zero);

    [TestCase("templater.allow", "10.0.0.1")]
    [TestCase("templater.routes.web.allow", "10.0.0.1")]
    [TestCase("templater.routes.zz.weight", "2")]
    public void TwoRoutesAtOnePlaceOfWhichTheDroppedClosesNothingMoreAreServed(string label, string value)
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", ("templater.routes.web.port", "80"), ("templater.routes.zz.port", "81"), (label, value)));
        Assert.That((result.FateOf("shop").Reason, Servers(result)), Is.EqualTo(((string?)null, 1)));
    }

    private static readonly (string Key, string Value)[][] BadRestrictions =
    [
        [("templater.allow", "bogus")], [("templater.deny", "")], [("templater.auth.basic", "ops:x")], [("templater.https", "onyl")], [("templater.tls.client-auth", "required")],
        [("templater.port", "x"), ("templater.allow", "bogus")], [("NETWORK_ACCESS", "internal")], [("com.chameth.auth", "staff")],
    ];

    /// <summary>A good value on one of two replicas restricts both, so a bad one must not open what it closes through the other.</summary>
    [TestCaseSource(nameof(BadRestrictions))]
    public void ARestrictionThatCannotBeHonouredClosesThePlaceForTheReplicas(params (string Key, string Value)[] labels)
    {
        var bad = Given.Hosted("shop", "shop.example.com", [.. labels.Where(label => label.Key != "NETWORK_ACCESS")])
            .WithEnv([.. labels.Where(label => label.Key == "NETWORK_ACCESS")]);
        var result = Given.Routed(bad, Given.Hosted("shop2", "shop.example.com").Since(TimeSpan.FromDays(3)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((Servers(result), result.Host("shop.example.com").Routes.Length), Is.EqualTo((0, 1)));
            Assert.That(result.FateOf("shop2").Reason, Is.EqualTo(result.FateOf("shop").Reason).And.Not.Null);
            Assert.That(result.Messages(), Has.Some.Contains(
                "container \"shop2\" is not routed for shop.example.com/: its fellow \"shop\" wants it closed in a way that cannot be honoured ("));
        }
    }

    [Test]
    public void ARestrictionThatCannotBeHonouredHereClosesThePlaceForTheReplicasToo()
    {
        var result = Given.Routed(
            Given.Snapshot(Given.Proxy(), Given.Hosted("shop", "shop.example.com", ("templater.allow", "private")), Given.Hosted("shop2", "shop.example.com")),
            kind: ProxyKind.Centauri);
        Assert.That(Servers(result), Is.Zero);
    }

    [Test]
    public void ABadRestrictionOfTheHostClosesAllPathsOfItsApplicationThere()
    {
        var result = Given.Routed(
            Given.Hosted("shop", "shop.example.com", ("templater.https", "onyl")).In("shop", "web"),
            Given.Hosted("api", "shop.example.com", ("templater.path", "/api")).In("shop", "api"),
            Given.Hosted("other", "shop.example.com", ("templater.path", "/other")).In("other", "web"));
        Assert.That(
            result.Host("shop.example.com").Routes.Select(route => (route.Path.Text, route.Upstream.Servers.Length)),
            Is.EqualTo(new[] { ("/other", 1), ("/api", 0), ("/", 0) }));
    }

    [TestCase("templater.port", "x")]
    [TestCase("templater.weight", "x")]
    [TestCase("templater.network", "")]
    public void AMistakeThatOpensNothingCostsTheReplicasNothing(string label, string value)
    {
        var result = Given.Routed(Given.Hosted("shop", "shop.example.com", (label, value)), Given.Hosted("shop2", "shop.example.com"));
        Assert.That((result.FateOf("shop2").Reason, Servers(result) > 0), Is.EqualTo(((string?)null, true)));
    }

    [Test]
    public void ABadRestrictionElsewhereOrOfTheDeadCostsNothing()
    {
        var result = Given.Routed(
            Given.Hosted("dead", "shop.example.com", ("templater.allow", "bogus")) with { State = Templater.Pipeline.Inventory.ContainerState.Exited },
            Given.Hosted("admin", "shop.example.com", ("templater.path", "/admin"), ("templater.allow", "bogus")),
            Given.Hosted("shop", "shop.example.com"));
        Assert.That(result.Host("shop.example.com").Routes.Select(route => (route.Path.Text, route.Upstream.Servers.Length)), Is.EqualTo(new[] { ("/admin", 0), ("/", 1) }));
    }

    [Test]
    public void ARedirectIsClosedWithItsPlace()
    {
        var result = Given.Routed(
            Given.Hosted("shop", "shop.example.com", ("templater.allow", "bogus")),
            Given.Hosted("moved", "shop.example.com", ("templater.redirect.to", "https://new.example.com")).Since(TimeSpan.FromDays(3)));
        Assert.That(result.Host("shop.example.com").Routes.Single().RedirectTo, Is.Null);
    }

    [TestCase("")]
    [TestCase(" , ")]
    public void AnEmptyInstanceIsNobodysAndRefusedEverywhere(string value)
    {
        foreach (var instance in new[] { "", "edge", "*" })
        {
            var result = Given.Routed(new RoutingPolicy { Instance = instance }, Given.Hosted("shop", "shop.example.com", ("templater.instance", value)));
            Assert.That((result.FateOf("shop").Reason, Servers(result)), Is.EqualTo((ReasonIds.InvalidValue, 0)));
            Assert.That(result.Messages().Single(), Does.EndWith("a list of instances was expected. The container is not routed."));
        }
    }
}
