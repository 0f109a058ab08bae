using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

public sealed class UnknownProxyTests
{
    private const string ByLabel = "proxy-unknown: output \"nginx\": no container is labelled templater.proxy=nginx, so nobody is reloaded and all networks count as reachable. Label the proxy.";
    private const string OtherWay = "proxy-unknown: output \"nginx\": the proxy is not known, so all networks count as reachable. Label it templater.proxy=nginx to narrow that.";

    [Test]
    public void AMisspeltValueIsShown() =>
        Assert.That(Said(Labelled("edge", "templater.proxy", "ngnix")), Is.EqualTo($"warning {ByLabel} (\"edge\" carries templater.proxy=ngnix; did you mean nginx?)"));

    [Test]
    public void TheWrongCaseOfAValueIsShown() =>
        Assert.That(Said(Labelled("edge", "templater.proxy", "Nginx")), Does.EndWith("(\"edge\" carries templater.proxy=Nginx; did you mean nginx?)"));

    [TestCase("templater.porxy")]
    [TestCase("Templater.Proxy")]
    [TestCase("templater.Proxy")]
    public void AMisspeltKeyIsShown(string key) =>
        Assert.That(Said(Labelled("edge", key, "nginx")), Is.EqualTo($"warning {ByLabel} (\"edge\" carries {key}; did you mean templater.proxy=nginx?)"));

    [TestCase("nginx")]
    [TestCase("my/nginx-edge")]
    [TestCase("library/openresty-nginx")]
    public void AContainerOfTheProxysImageIsShown(string repository) =>
        Assert.That(Said(Given.Container("edge") with { Image = new ImageReference("", repository, "1", "") }),
            Is.EqualTo($"warning {ByLabel} (\"edge\" runs {repository}:1)"));

    [TestCase("edge", false, "info", TestName = "An image of that name in another project is another's")]
    [TestCase("shop", false, "warning", TestName = "In our own project it is ours")]
    [TestCase("edge", true, "warning", TestName = "In another project it is ours when it mounts the folder of the output")]
    public void AContainerOfTheProxysImageIsOursWhenItsProjectOrItsMountsSayIt(string project, bool mounts, string severity)
    {
        var folder = new Mount("volume", "config", "/var/lib/docker/volumes/config/_data", "/config", true);
        var self = Given.Container("templater").In("shop", "templater") with
        {
            Mounts = [folder, new Mount("volume", "certs", "/var/lib/docker/volumes/certs/_data", "/certs", true)],
        };
        var edge = Given.Container("edge").In(project, "nginx") with
        {
            Image = new ImageReference("", "nginx", "1", ""),
            Mounts = [mounts ? folder with { ReadWrite = false } : new Mount("volume", "certs", "/var/lib/docker/volumes/certs/_data", "/certs", false)],
        };
        Assert.That(Said(true, Given.Snapshot(self, edge) with { Self = self.Id }), Does.StartWith(severity));
    }

    [Test]
    public void WithoutAProjectOfOurOwnAnImageInOneIsAnothers() =>
        Assert.That(Said(Given.Container("edge").In("edge", "nginx") with { Image = new ImageReference("", "nginx", "1", "") }), Is.EqualTo("info " + ByLabel));

    [Test]
    public void AValueThatResemblesNothingIsShownOnTheProxysImage() =>
        Assert.That(Said(Labelled("edge", "templater.proxy", "public") with { Image = new ImageReference("", "nginx", "1", "") }),
            Does.EndWith("(\"edge\" carries templater.proxy=public; did you mean nginx?)"));

    [Test]
    public void NothingIsGuessedBeforeTheProxyIsCreated() =>
        Assert.That(Said(Given.Hosted("shop", "shop.example.com"), Given.Container("db")), Is.EqualTo("info " + ByLabel));

    [Test]
    public void AWebServerBehindTheProxyIsNotTakenForIt()
    {
        var image = new ImageReference("", "nginx", "1", "");
        Assert.That(
            Said(
                Given.Hosted("a", "a.example.com") with { Image = image },
                Given.Container("b", ("com.chameth.vhost", "b.example.com")) with { Image = image },
                Given.Container("c").WithEnv(("VIRTUAL_HOST", "c.example.com")) with { Image = image },
                Given.Container("d") with { Image = image, State = ContainerState.Exited },
                Given.Container("e") with { Image = new ImageReference("", "nginx/unit", "1", "") }),
            Is.EqualTo("info " + ByLabel));
    }

    [Test]
    public void TheProxyOfAnotherOutputIsNotThisOnes() =>
        Assert.That(Said(Labelled("edge", "templater.proxy", "nginx2") with { Image = new ImageReference("", "nginx", "1", "") }), Is.EqualTo("info " + ByLabel));

    [Test]
    public void WhereTheReloadTakesAnotherWayOnlyAMistakeIsAWarning()
    {
        var unlabelled = Given.Container("edge") with { Image = new ImageReference("", "nginx", "1", "") };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Said(isToldByLabel: false, unlabelled), Is.EqualTo("info " + OtherWay));
            Assert.That(Said(isToldByLabel: false, Labelled("edge", "templater.proxy", "ngnix")), Is.EqualTo($"warning {OtherWay} (\"edge\" carries templater.proxy=ngnix; did you mean nginx?)"));
        }
    }

    [Test]
    public void OurOwnContainerIsNobodysProxy()
    {
        var self = Labelled("templater", "templater.proxy", "ngnix");
        Assert.That(Said(true, Given.Snapshot(self) with { Self = self.Id }), Is.EqualTo("info " + ByLabel));
    }

    [Test]
    public void AFewAreNamedAndTheRestCounted() =>
        Assert.That(Said([.. Enumerable.Range(1, 5).Select(static i => Labelled($"edge-{i}", "templater.proxy", "ngnix\n"))]),
            Does.EndWith("(\"edge-1\" carries templater.proxy=ngnix; did you mean nginx?; \"edge-2\" carries templater.proxy=ngnix; did you mean nginx?; \"edge-3\" carries templater.proxy=ngnix; did you mean nginx?; and 2 more)"));

    [Test]
    public void NothingIsWrittenAboutThoseThatNobodySuspects()
    {
        var snapshot = Given.Snapshot([.. Enumerable.Range(1, 1000).Select(static i => Given.Container($"app-{i}", ("com.example.a", "1"), ("com.example.b", "2")))]);
        Said(isToldByLabel: true, snapshot);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Said(isToldByLabel: true, snapshot);
        // Asked at every look: less than a text for each.
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1000 * 32));
    }

    private static Container Labelled(string name, string key, string value) => Given.Container(name, (key, value));

    private static string Said(params Container[] containers) => Said(isToldByLabel: true, containers);

    private static string Said(bool isToldByLabel, params Container[] containers) => Said(isToldByLabel, Given.Snapshot(containers));

    private static string Said(bool isToldByLabel, Snapshot snapshot)
    {
        var proxy = ProxyLocator.Locate(snapshot, "nginx", ProxyKind.Nginx, new ProxyHint.None());
        Assert.That(proxy.IsKnown, Is.False);
        return UnknownProxy.Describe(snapshot, proxy, "/config/nginx.conf", ["nginx", "nginx2"], isToldByLabel).ToString();
    }
}
