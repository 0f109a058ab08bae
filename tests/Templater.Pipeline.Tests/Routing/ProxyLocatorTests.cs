using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

public sealed class ProxyLocatorTests
{
    private static string Found(Snapshot snapshot, ProxyHint? hint = null) =>
        string.Join(' ', ProxyLocator.Locate(snapshot, "nginx", ProxyKind.Nginx, hint ?? new ProxyHint.None()).Containers.Select(id => id.Value["id-of-".Length..]));

    private static Snapshot WithSelf(params Container[] containers)
    {
        var self = Given.Container("templater").In("shop", "templater");
        return Given.Snapshot([self, .. containers]) with { Self = self.Id };
    }

    [Test]
    public void TheLabelComesFirst() =>
        Assert.That(Found(WithSelf(Given.Proxy("edge"), Given.Container("nginx")), new ProxyHint.Named("nginx")), Is.EqualTo("edge"));

    [Test]
    public void ALabelOfAnotherOutputDoesNotCount() =>
        Assert.That(Found(WithSelf(Given.Container("edge", ("templater.proxy", "haproxy")))), Is.EqualTo("templater"));

    [Test]
    public void ThenTheNameOfTheSetting() =>
        Assert.That(Found(WithSelf(Given.Container("nginx"), Given.Container("shop-nginx-1").In("shop", "nginx")), new ProxyHint.Named("nginx")), Is.EqualTo("nginx"));

    [Test]
    public void ThenTheComposeServiceInOurOwnProject() =>
        Assert.That(
            Found(WithSelf(Given.Container("shop-nginx-1").In("shop", "nginx"), Given.Container("blog-nginx-1").In("blog", "nginx")), new ProxyHint.Named("nginx")),
            Is.EqualTo("shop-nginx-1"));

    [Test]
    public void ThenTheLabelOfTheSetting() =>
        Assert.That(Found(WithSelf(Given.Container("edge", ("role", "edge"))), new ProxyHint.Labelled("role", "edge")), Is.EqualTo("edge"));

    [Test]
    public void ThenOurOwnContainer() => Assert.That(Found(WithSelf(Given.Container("db"))), Is.EqualTo("templater"));

    [Test]
    public void ElseNobody()
    {
        var context = ProxyLocator.Locate(Given.Snapshot(Given.Container("db")), "nginx", ProxyKind.Nginx, new ProxyHint.None());
        Assert.That((context.IsKnown, context.Containers.Length), Is.EqualTo((false, 0)));
    }

    [Test]
    public void ALivingProxyHidesADeadOne() =>
        Assert.That(Found(Given.Snapshot(Given.Proxy("a") with { State = ContainerState.Exited }, Given.Proxy("b"))), Is.EqualTo("b"));

    [Test]
    public void AProxyIsKnownBeforeItRuns() =>
        Assert.That(Found(WithSelf(Given.Proxy("a") with { State = ContainerState.Created })), Is.EqualTo("a"));

    [Test]
    public void OfTwoStacksThatLabelTheirProxyAlikeOnlyTheOwnOneCounts() =>
        Assert.That(Found(WithSelf(Given.Proxy("blog-nginx-1").In("blog", "nginx"), Given.Proxy("shop-nginx-1").In("shop", "nginx"))), Is.EqualTo("shop-nginx-1"));

    [Test]
    public void TheProxyOfTheOwnStackCountsBeforeItRuns() =>
        Assert.That(
            Found(WithSelf(Given.Proxy("blog-nginx-1").In("blog", "nginx"), Given.Proxy("shop-nginx-1").In("shop", "nginx") with { State = ContainerState.Created })),
            Is.EqualTo("shop-nginx-1"));

    [Test]
    public void AProxyOfAnotherStackCountsWhenTheOwnOneHasNone() =>
        Assert.That(Found(WithSelf(Given.Proxy("edge-nginx-1").In("edge", "nginx"))), Is.EqualTo("edge-nginx-1"));

    [Test]
    public void TwoProxiesThatShareNoNetworkDoNotTakeEachOtherDown()
    {
        var older = Given.Proxy("b-nginx-1").Since(TimeSpan.FromDays(2));
        var newer = Given.Proxy("a-nginx-1") with { Endpoints = [Given.On("back", 2)] };
        var result = Given.Routed(Given.Snapshot(older, newer, Given.Hosted("shop", "shop.example.com")));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.FateOf("shop").Reason, Is.Null);
            Assert.That(result.Messages(), Is.EqualTo(new[]
            {
                "warning no-shared-network: the proxies of the output nginx, \"a-nginx-1\", \"b-nginx-1\", share no network. Only containers on a network of the oldest, \"b-nginx-1\", are routed. Attach the proxies to one network, or give each stack a Templater of its own compose project.",
            }));
        }
    }

    [TestCase("1.30", "", "nginx", "1.30")]
    [TestCase("1.30.1-alpine", "", "nginx", "1.30.1")]
    [TestCase("1", "", "library/nginx", null)]
    [TestCase("latest", "1.29.4", "nginx", "1.29.4")]
    [TestCase("latest", "", "nginx", null)]
    [TestCase("2.6", "", "my/edge", null)]
    [TestCase("1.2.3.4.5", "", "nginx", null)]
    [TestCase("99999999999.1", "", "nginx", null)]
    public void TellsTheVersion(string tag, string variable, string repository, string? version)
    {
        var proxy = Given.Proxy().WithEnv(("NGINX_VERSION", variable)) with { Image = new ImageReference("", repository, tag, "") };
        Assert.That(ProxyLocator.Locate(Given.Snapshot(proxy), "nginx", ProxyKind.Nginx, new ProxyHint.None()).Version?.ToString(), Is.EqualTo(version));
    }
}
