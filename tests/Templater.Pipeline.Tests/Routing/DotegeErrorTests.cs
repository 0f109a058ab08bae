using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Pages in the place of errors and logins, in the words of Dotege and centauri-docker-confd.</summary>
public sealed class DotegeErrorTests
{
    private const string Hash = "$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a";

    private static Container Labelled(params (string Key, string Value)[] labels) =>
        Given.Container("shop", [("com.chameth.vhost", "a.example.com"), .. labels.Select(label => ("com.chameth." + label.Key, label.Value))]);

    private static RoutingResult Routed(ProxyKind kind, params (string Key, string Value)[] labels) =>
        Given.Routed(Given.Snapshot(Given.Proxy(), Labelled(labels), Given.Container("pages")), kind: kind);

    private static string PagesOf(RoutingResult result) => string.Join(", ", result.Host("a.example.com").Routes.Single().ErrorPages);

    [TestCase("502", "pages:8080/502.html", "502 pages:8080/502.html")]
    [TestCase("404", " pages:8080/x?y=1 ", "404 pages:8080/x?y=1")]
    [TestCase("500", "pages/x", "500 pages:80/x")]
    [TestCase("500", "pages:8080", "500 pages:8080")]
    [TestCase("599", "pages", "599 pages:80")]
    [TestCase("599", "pages:8080/", "599 pages:8080")]
    public void CentauriIsToldThePage(string status, string value, string page)
    {
        var result = Routed(ProxyKind.Centauri, ("errors." + status, value));
        Assert.That((PagesOf(result), result.Findings.Length), Is.EqualTo((page, 0)));
    }

    [TestCase("302", "pages/x")]
    [TestCase("600", "pages/x")]
    [TestCase("5xx", "pages/x")]
    [TestCase("", "pages/x")]
    [TestCase("502", "")]
    [TestCase("502", "/x")]
    [TestCase("502", "http://pages/x")]
    [TestCase("502", "pages:0/x")]
    [TestCase("502", "pages:http/x")]
    [TestCase("502", "pages?x")]
    [TestCase("502", "pages/x y")]
    [TestCase("502", "pages/x\nfallback")]
    [TestCase("502", "pages/x#y")]
    public void ABadPageCostsOnlyItself(string status, string value)
    {
        var result = Routed(ProxyKind.Centauri, ("errors." + status, value), ("errors.404", "pages/good"));
        Assert.That((PagesOf(result), result.FateOf("shop").Reason), Is.EqualTo(("404 pages:80/good", (string?)null)));
        Assert.That(result.Findings.Select(finding => (finding.Reason, finding.Label)), Is.EqualTo(new[] { (ReasonIds.InvalidValue, "com.chameth.errors." + status) }));
    }

    [TestCase("pages/?x=1")]
    [TestCase("pages/x?")]
    public void WhatCentauriCannotReadIsNotWritten(string value)
    {
        var result = Routed(ProxyKind.Centauri, ("errors.502", value));
        Assert.That((PagesOf(result), result.Findings.Single().Reason), Is.EqualTo(("", ReasonIds.UnsupportedOption)));
    }

    [TestCase("2.7.1", "")]
    [TestCase("2.8.0", "502 pages:80/x")]
    [TestCase("2", "502 pages:80/x")]
    public void AnOldCentauriWouldEndAtThePage(string tag, string page)
    {
        var proxy = Given.Proxy("centauri") with { Image = new ImageReference("", "csmith/centauri", tag, "") };
        var snapshot = Given.Snapshot(proxy, Labelled(("errors.502", "pages/x")), Given.Container("pages"));
        Assert.That(PagesOf(Given.Routed(snapshot, kind: ProxyKind.Centauri)), Is.EqualTo(page));
    }

    [TestCase("pages:8080/x", "502 pages:8080/x", 0)]
    [TestCase("pages:8080", "", 1)]
    public void NginxShowsAPageWithAPath(string value, string page, int findings)
    {
        var result = Routed(ProxyKind.Nginx, ("errors.502", value));
        Assert.That((PagesOf(result), result.Messages(ReasonIds.UnsupportedOption).Count()), Is.EqualTo((page, findings)));
    }

    [Test]
    public void HAProxyHasNone()
    {
        var result = Routed(ProxyKind.HAProxy, ("errors.502", "pages/x"));
        Assert.That((PagesOf(result), result.Findings.Single().Reason), Is.EqualTo(("", ReasonIds.UnsupportedOption)));
    }

    [Test]
    public void APageOfNobodyIsSaidByTheLabelThatAskedForIt()
    {
        var result = Routed(ProxyKind.Centauri, ("errors.502", "nobody/x"));
        Assert.That((PagesOf(result), result.Findings.Single().Label), Is.EqualTo(("", "com.chameth.errors.502")));
        Assert.That(result.Messages().Single(), Does.Contain("com.chameth.errors.502 has no effect"));
    }

    [TestCase("", "bob chris")]
    [TestCase("admins", "chris")]
    [TestCase("staff, admins", "bob chris")]
    [TestCase("staff nobody", "bob chris")]
    public void ALoginIsForTheUsersOfTheGroups(string groups, string users)
    {
        foreach (var kind in new[] { ProxyKind.Nginx, ProxyKind.HAProxy })
        {
            var result = Given.Routed(Given.Snapshot(Given.Proxy(), Labelled(("auth", groups))), WithUsers, kind);
            Assert.That(result.Host("a.example.com").Routes.Single().Auth?.Users.Select(user => user.Name), Is.EqualTo(users.Split(' ')));
        }
    }

    [TestCase("nobody", ProxyKind.Nginx, ReasonIds.AuthUnusable)]
    [TestCase("Admins", ProxyKind.Nginx, ReasonIds.AuthUnusable)]
    [TestCase("\u0007", ProxyKind.Nginx, ReasonIds.AuthUnusable, TestName = "ALoginThatNobodyCanPassClosesTheHost(bell)")]
    [TestCase("admins", ProxyKind.Centauri, ReasonIds.UnsupportedOption)]
    public void ALoginThatNobodyCanPassClosesTheHost(string groups, ProxyKind kind, string reason)
    {
        var open = Given.Container("open", ("com.chameth.vhost", "a.example.com"));
        var result = Given.Routed(Given.Snapshot(Given.Proxy(), Labelled(("auth", groups)), open), WithUsers, kind);
        Assert.That(result.FateOf("shop").Reason, Is.EqualTo(reason));
        Assert.That(result.Host("a.example.com").Routes.Single().Upstream.Servers, Is.Empty);
    }

    [Test]
    public void NoMessageHoldsAHash()
    {
        var result = Given.Routed(Given.Snapshot(Given.Proxy(), Labelled(("auth", "nobody"))), WithUsers);
        Assert.That(result.Messages(), Has.None.Contains("$2y$"));
        Assert.That(WithUsers.DotegeUsers[0].ToString(), Is.EqualTo("bob"));
    }

    private static readonly RoutingPolicy WithUsers = new()
    {
        DotegeUsers = [new GroupedUser("bob", Hash, ["staff"]), new GroupedUser("chris", Hash, ["admins", "staff"])],
    };
}
