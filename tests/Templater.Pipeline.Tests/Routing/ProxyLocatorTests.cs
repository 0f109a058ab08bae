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
        Assert.That(Found(WithSelf(Given.Container("edge", ("templater.proxy", "haproxy")))), Is.Empty);

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
    public void ThenTheMarkOfAnotherProgram()
    {
        var marked = Given.Container("edge", ("mark", ""));
        Assert.That(Found(WithSelf(marked, Given.Container("db")), new ProxyHint.Marked("mark")), Is.EqualTo("edge"));
        Assert.That(Found(WithSelf(marked, Given.Proxy("ours")), new ProxyHint.Marked("mark")), Is.EqualTo("ours"));
    }

    [Test]
    public void ThenOurOwnContainerWhenTheReloadReachesItsProcesses() =>
        Assert.That(Found(WithSelf(Given.Container("db")), new ProxyHint.Own()), Is.EqualTo("templater"));

    [Test]
    public void OurOwnContainerIsNotTheProxyWhenNothingSaysSo() => Assert.That(Found(WithSelf(Given.Container("db"))), Is.Empty);

    [Test]
    public void OurOwnContainerIsNotTheProxyWhenTheSettingNamesOneThatIsNotThere() =>
        Assert.That(Found(WithSelf(Given.Container("db")), new ProxyHint.Named("edge")), Is.Empty);

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
    public void ADeadProxyIsStillOneToLookAt()
    {
        var snapshot = Given.Snapshot(Given.Proxy("a") with { State = ContainerState.Exited }, Given.Proxy("b"), Given.Container("c") with { State = ContainerState.Exited });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ProxyLocator.Candidates(snapshot, "nginx", new ProxyHint.Named("c")).Select(container => container.Name), Is.EqualTo(new[] { "a", "b" }));
            Assert.That(ProxyLocator.Candidates(snapshot, "haproxy", new ProxyHint.Named("c")).Select(container => container.Name), Is.EqualTo(new[] { "c" }));
        }
    }

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
                "warning no-shared-network: the proxies of the output nginx are on different networks: \"a-nginx-1\" is not on front. The networks of the oldest, \"b-nginx-1\", count, and what is only there is out of reach for the others. Attach all of them to the same networks, remove the label from what is no proxy, or give each stack a Templater of its own compose project.",
            }));
        }
    }

    [Test]
    public void AProxyLabelOnAContainerThatIsNoneTakesNoNetworkAway()
    {
        var proxy = Given.Proxy().Since(TimeSpan.FromDays(2)) with { Endpoints = [Given.On("back", 2), Given.On("front", 2)] };
        var wrong = Given.Container("a-database", ("templater.proxy", "nginx"));
        var shop = Given.Hosted("shop", "shop.example.com") with { Endpoints = [Given.On("back", 9)] };
        var result = Given.Routed(Given.Snapshot(proxy, wrong, shop));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.FateOf("shop").Reason, Is.Null);
            Assert.That(result.Messages().Single(), Does.StartWith("warning no-shared-network: the proxies of the output nginx are on different networks: \"a-database\" is not on back."));
        }
    }

    [Test]
    public void CopiesOfOneProxyOnTheSameNetworksAreNothingToSay()
    {
        var first = Given.Proxy("edge-nginx-1") with { Endpoints = [Given.On("back", 2), Given.On("front", 2)] };
        var second = Given.Proxy("edge-nginx-2") with { Endpoints = [Given.On("front", 3), Given.On("back", 3)], Created = Given.Now };
        Assert.That(Given.Routed(Given.Snapshot(first, second, Given.Hosted("shop", "shop.example.com"))).Findings, Is.Empty);
    }

    [Test]
    public void ANewcomerOnTheHostsNetworkDoesNotMakeTheProxyReachTheHost()
    {
        var newcomer = Given.Container("zz", ("templater.proxy", "nginx")) with { NetworkMode = "host", Endpoints = [], Created = Given.Now };
        var shop = Given.Hosted("shop", "shop.example.com", ("templater.port", "8080")) with { NetworkMode = "host", Endpoints = [] };
        var result = Given.Routed(Given.Snapshot(Given.Proxy(), newcomer, shop));
        Assert.That(result.Host("shop.example.com").Routes.Single().Servers(), Is.EqualTo(new[] { "172.20.0.1:8080" }), "by the gateway, and not by a loopback address");
    }

    [TestCase("templater.host", "")]
    [TestCase("templater.routes.web.host", "")]
    [TestCase("com.chameth.vhost", "")]
    [TestCase("", "VIRTUAL_HOST")]
    public void AnApplicationThatCarriesTheLabelByMistakeIsNoProxy(string label, string variable)
    {
        var older = Given.Container("app", [("templater.proxy", "nginx"), .. label.Length > 0 ? new[] { (label, "app.example.com") } : []]).Since(TimeSpan.FromDays(9));
        older = variable.Length > 0 ? older.WithEnv((variable, "app.example.com")) : older;
        var proxy = Given.Proxy() with { Endpoints = [Given.On("back", 2), Given.On("front", 2)] };
        var snapshot = Given.Snapshot(older, proxy, Given.Hosted("shop", "shop.example.com") with { Endpoints = [Given.On("back", 9)] });
        var result = Given.Routed(snapshot);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Found(snapshot), Is.EqualTo("edge-nginx-1"));
            Assert.That((result.FateOf("shop").Reason, result.FateOf("app").Reason), Is.EqualTo(((string?)null, (string?)null)));
            Assert.That(result.Messages(), Is.EqualTo(new[]
            {
                "warning is-proxy: container \"app\": templater.proxy=nginx has no effect, because the container asks for a host itself and mounts no folder that Templater writes to, and \"edge-nginx-1\" does not ask for one. It is neither reloaded nor do its networks count. Remove the label.",
            }));
        }
    }

    [TestCase(ContainerState.Exited, "edge")]
    [TestCase(ContainerState.Created, "other")]
    [TestCase(ContainerState.Running, "other")]
    public void AProxyThatHasAHostOfItsOwnOnlyYieldsToOneThatMayLive(ContainerState state, string expected) =>
        Assert.That(
            Found(Given.Snapshot(Given.Container("edge", ("templater.proxy", "nginx"), ("templater.host", "status.example.com")), Given.Proxy("other") with { State = state })),
            Is.EqualTo(expected));

    [TestCase("volume", "config", "/var/lib/docker/volumes/config/_data", "edge other")]
    [TestCase("bind", "", "/srv/config/nginx", "edge other", TestName = "A part of the folder is enough")]
    [TestCase("bind", "", "/srv", "other", TestName = "Who mounts more of the host is no proxy for that")]
    [TestCase("volume", "data", "/var/lib/docker/volumes/data/_data", "other")]
    [TestCase("bind", "", "/var/run/docker.sock", "other")]
    public void AProxyThatHasAHostOfItsOwnIsOneWhenItReadsWhatTemplaterWrites(string type, string name, string source, string expected)
    {
        var self = Given.Container("templater") with
        {
            Mounts =
            [
                new Mount("volume", "config", "/var/lib/docker/volumes/config/_data", "/certs", true),
                new Mount("bind", "", "/srv/config", "/config", true),
                new Mount("bind", "", "/var/run/docker.sock", "/var/run/docker.sock", true),
            ],
        };
        var edge = Given.Container("edge", ("templater.proxy", "nginx"), ("templater.host", "status.example.com")) with { Mounts = [new Mount(type, name, source, "/x", false)] };
        var snapshot = Given.Snapshot(self, edge, Given.Proxy("other")) with { Self = self.Id };
        Assert.That(Found(snapshot), Is.EqualTo(expected));
        Assert.That(Given.Routed(snapshot).Messages(ReasonIds.IsProxy).Count(), Is.EqualTo(expected == "other" ? 1 : 0));
    }

    [Test]
    public void TheVersionIsTheOldestProxys()
    {
        var older = Given.Proxy("b").Since(TimeSpan.FromDays(1)) with { Image = new ImageReference("", "nginx", "1.22", "") };
        Assert.That(ProxyLocator.Locate(Given.Snapshot(Given.Proxy("a"), older), "nginx", ProxyKind.Nginx, new ProxyHint.None()).Version, Is.EqualTo(new Version(1, 22)));
    }
}
