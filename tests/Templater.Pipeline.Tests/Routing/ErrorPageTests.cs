using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Pages in the place of errors: what labels may ask for, and whom they may name.</summary>
public sealed class ErrorPageTests
{
    [TestCase("503", "/sorry", "503 /sorry")]
    [TestCase("5xx", " /a;b/(c)?x=1&y=2 ", "5xx /a;b/(c)?x=1&y=2")]
    [TestCase("400", "pages:8080/x", "400 pages:8080/x")]
    [TestCase("4xx", "pages:1/", "4xx pages:1/")]
    public void ReadsAPage(string status, string value, string page) =>
        Assert.That(PagesOf(Given.Routed(Shop(($"errors.{status}", value)), Pages())), Is.EqualTo(new[] { page }));

    [TestCase("503", "")]
    [TestCase("503", "sorry")]
    [TestCase("503", "https://example.com/x")]
    [TestCase("503", "pages/x")]
    [TestCase("503", "pages:/x")]
    [TestCase("503", ":80/x")]
    [TestCase("503", "pages:0/x")]
    [TestCase("503", "pages:65536/x")]
    [TestCase("503", "-p:80/x")]
    [TestCase("503", "[::1]:80/x")]
    [TestCase("503", "/a b")]
    [TestCase("503", "/a$b")]
    [TestCase("503", "/a%20b")]
    [TestCase("503", "/a\"b")]
    [TestCase("503", "/a{b}")]
    [TestCase("503", "/a\nb")]
    [TestCase("503", "/ü")]
    [TestCase("503", "/a#b")]
    [TestCase("503", "/a?b?c")]
    [TestCase("200", "/x")]
    [TestCase("499", "/x")]
    [TestCase("600", "/x")]
    [TestCase("3xx", "/x")]
    [TestCase("50x", "/x")]
    [TestCase("5XX", "/x")]
    [TestCase("5050", "/x")]
    [TestCase("error", "/x")]
    public void AnythingElseIsSaidAndIgnored(string status, string value)
    {
        var result = Given.Routed(Shop(($"errors.{status}", value)), Pages());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(PagesOf(result), Is.Empty);
            Assert.That(result.FateOf("shop").Reason, Is.Null);
            Assert.That(result.Findings.Single().ToString(), Does.StartWith($"warning invalid-value: container \"shop\": templater.errors.{status}=").And.EndsWith("It has no effect."));
        }
    }

    [Test]
    public void SinglePagesComeBeforeClassesAndThoseOfTheRouteWin() => Assert.That(
        PagesOf(Given.Routed(Shop(("errors.5xx", "/a"), ("errors.503", "/b"), ("errors.404", "/c"), ("errors.4xx", "/d"), ("routes.web.errors.503", "/e")))),
        Is.EqualTo(new[] { "404 /c", "503 /e", "4xx /d", "5xx /a" }));

    [Test]
    public void AComposeServiceOfTheProjectIsFoundByItsName()
    {
        var result = Given.Routed(
            Shop(("errors.503", "sorry:8080/x")).In("a", "shop"),
            Given.Container("b-sorry-1").In("b", "sorry"),
            Given.Container("a-sorry-2").In("a", "sorry", 2),
            Given.Container("a-sorry-1").In("a", "sorry") with { State = ContainerState.Exited });
        var page = result.Host("shop.example.com").Routes.Single().ErrorPages.Single();
        Assert.That(page.Address, Is.EqualTo(Given.Container("a-sorry-2").Endpoints[0].IPv4));
    }

    [Test]
    public void AContainerOfAnotherProjectDoesNotTakeAPageByItsName()
    {
        var result = Given.Routed(
            Shop(("errors.503", "sorry:8080/x")).In("a", "shop"), Given.Container("sorry").In("b", "evil"), Given.Container("a-sorry-1").In("a", "sorry"));
        Assert.That(result.Host("shop.example.com").Routes.Single().ErrorPages.Single().Address, Is.EqualTo(Given.Container("a-sorry-1").Endpoints[0].IPv4));
    }

    [TestCase("nobody", "there is no such container")]
    [TestCase("back", "the two containers are on no network together")]
    [TestCase("stopped", "it does not run")]
    public void AContainerThatCannotShowItIsSaid(string name, string problem)
    {
        var result = Given.Routed(
            Shop(("errors.503", $"{name}:8080/x")),
            Given.Container("back") with { Endpoints = [Given.On("back", 9)] },
            Given.Container("stopped") with { State = ContainerState.Exited });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(PagesOf(result), Is.Empty);
            Assert.That(result.Host("shop.example.com").Routes.Single().Servers(), Is.Not.Empty);
            Assert.That(result.Messages(), Is.EqualTo(new[] { $"warning invalid-value: shop.example.com: templater.errors.503 has no effect, because \"{name}\" cannot be reached: {problem}." }));
        }
    }

    [Test]
    public void APageIsForgottenWhenItsContainerGoes()
    {
        var (shop, memory, proxy) = (Shop(("errors.503", "pages:8080/x")), new OutcomeMemory(), Given.Proxy());
        RoutingResult Route(params Container[] containers)
        {
            var snapshot = Given.Snapshot([proxy, shop, .. containers]);
            return Router.Route(snapshot, ProxyLocator.Locate(snapshot, "nginx", ProxyKind.Nginx, new ProxyHint.None()), new RoutingPolicy(), memory);
        }

        Assert.That((PagesOf(Route(Pages())).Length, PagesOf(Route()).Length, PagesOf(Route(Pages())).Length), Is.EqualTo((1, 0, 1)));
    }

    [Test]
    public void HAProxyShowsNone()
    {
        var result = Given.Routed(Given.Snapshot(Given.Proxy(), Shop(("errors.503", "/x"))), kind: ProxyKind.HAProxy);
        Assert.That((PagesOf(result).Length, result.Messages().Single()), Is.EqualTo((0, "warning unsupported-option: container \"shop\": errors.* is not available in HAProxy; it is ignored.")));
    }

    [Test]
    public void AnApplicationThatSpeaksNoHttpShowsNoneItself() => Assert.That(
        PagesOf(Given.Routed(Shop(("protocol", "fastcgi"), ("errors.503", "/x"), ("errors.500", "pages:8080/y")), Pages())), Is.EqualTo(new[] { "500 pages:8080/y" }));

    [TestCase("fastcgi.root", "/srv/app/", "/srv/app", null)]
    [TestCase("fastcgi.root", "/", "/", null)]
    [TestCase("fastcgi.root", "srv", null, null)]
    [TestCase("fastcgi.root", "/srv/../etc", null, null)]
    [TestCase("fastcgi.root", "/a b", null, null)]
    [TestCase("fastcgi.index", "app.php", null, "app.php")]
    [TestCase("fastcgi.index", "a/b.php", null, null)]
    [TestCase("fastcgi.index", "..", null, null)]
    [TestCase("fastcgi.index", "", null, null)]
    public void AFastCgiApplicationMayHaveItsOwnPlaces(string key, string value, string? root, string? index)
    {
        var result = Given.Routed(Shop(("protocol", "fastcgi"), (key, value)));
        var route = result.Host("shop.example.com").Routes.Single();
        Assert.That((route.FastCgiRoot, route.FastCgiIndex, result.Findings.Length), Is.EqualTo((root, index, root is null && index is null ? 1 : 0)));
    }

    [Test]
    public void WhatIsNoFastCgiApplicationIsTold()
    {
        var result = Given.Routed(Shop(("fastcgi.root", "/srv")));
        Assert.That((result.Host("shop.example.com").Routes.Single().FastCgiRoot, result.Findings.Single().Reason), Is.EqualTo(((string?)null, ReasonIds.UnsupportedOption)));
    }

    private static Container Shop(params (string Key, string Value)[] labels) =>
        Given.Hosted("shop", "shop.example.com", [.. labels.Select(label => ("templater." + label.Key, label.Value))]);

    private static Container Pages() => Given.Container("pages");

    private static string[] PagesOf(RoutingResult result) =>
        [.. result.Host("shop.example.com").Routes.Single().ErrorPages.Select(page => page.ToString())];
}
