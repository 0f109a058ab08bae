using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Who is told to reload, and what is said when nobody is there.</summary>
public sealed class ContainerReloaderTests : ContainerControlFixture
{
    [TestCase("docker:edge", "edge:SIGHUP")]
    [TestCase("docker:edge:USR2", "edge:SIGUSR2")]
    [TestCase("docker:nginx", "shop-nginx-1:SIGHUP,shop-nginx-2:SIGHUP")]
    [TestCase("label:role=proxy", "edge:SIGHUP,shop-nginx-1:SIGHUP")]
    public async Task SendsANamedSignalToEveryRunningMatch(string spec, string expected)
    {
        Take(
            Make("edge", labels: ("role", "proxy")),
            Make("shop-nginx-1", compose: ("shop", "nginx"), labels: ("role", "proxy")),
            Make("shop-nginx-2", compose: ("shop", "nginx")),
            Make("other-nginx-1", compose: ("other", "nginx")),
            Make("stopped", ContainerState.Exited, labels: ("role", "proxy")),
            Make("self", compose: ("shop", "templater")));

        foreach (var target in (await Reloader(spec).FindAsync(CancellationToken.None)).Targets)
            Assert.That(await target.ReloadAsync(CancellationToken.None), Is.InstanceOf<ReloadAnswer.Delivered>());

        Assert.That(string.Join(',', Signals.Select(signal => $"{signal.Name}:{signal.Signal}")), Is.EqualTo(expected));
    }

    [Test]
    public async Task AContainerThatEndedMeanwhileIsGoneAndNotAnError()
    {
        Take(Make("edge"));
        var target = (await Reloader("docker:edge").FindAsync(CancellationToken.None)).Targets.Single();

        Engine.Stop("edge");
        Assert.That(await target.ReloadAsync(CancellationToken.None), Is.InstanceOf<ReloadAnswer.Gone>());
        Engine.Remove("edge");
        Assert.That(await target.ReloadAsync(CancellationToken.None), Is.InstanceOf<ReloadAnswer.Gone>());
    }

    [Test]
    public async Task AnEngineThatRefusesLeavesTheReloadOwed()
    {
        Take(Make("edge"));
        Engine.Faults.Fail("/containers/*", 403, "forbidden by the socket proxy");

        var target = (await Reloader("docker:edge").FindAsync(CancellationToken.None)).Targets.Single();

        var answer = (ReloadAnswer.Failed)await target.ReloadAsync(CancellationToken.None);
        Assert.That(DeployFindings.ReloadFailed(answer).ToString(), Is.EqualTo(
            $"error call-forbidden: the engine at {Engine.Host} refused POST /containers/edge/kill (403): forbidden by the socket proxy. Needed for: signalling the proxy. The reload stays owed and is tried again. Allow it there; \"templater doctor\" prints the rules."));
    }

    [Test]
    public async Task AnEngineThatFailsNamesTheContainerToo()
    {
        Take(Make("edge"));
        Engine.Faults.Fail("/containers/*", 500, "broken");
        var target = (await Reloader("docker:edge").FindAsync(CancellationToken.None)).Targets.Single();

        var answer = (ReloadAnswer.Failed)await target.ReloadAsync(CancellationToken.None);

        Assert.That(DeployFindings.ReloadFailed(answer).ToString(), Is.EqualTo(
            $"error reload-failed: the engine at {Engine.Host} failed POST /containers/edge/kill (500): broken. The reload stays owed and is tried again."));
    }

    [TestCase("docker:nginx", "info reload-targets: docker:nginx matches 2 running containers: \"shop-nginx-1\", \"shop-nginx-2\". Each of them is told to reload.")]
    [TestCase("label:role=proxy", "info reload-targets: label:role=proxy matches 2 running containers: \"edge\", \"shop-nginx-1\". Each of them is told to reload.")]
    [TestCase("docker:edge", "")]
    public async Task MoreThanOneMatchIsSaid(string spec, string expected)
    {
        Take(
            Make("edge", labels: ("role", "proxy")),
            Make("shop-nginx-1", compose: ("shop", "nginx"), labels: ("role", "proxy")),
            Make("shop-nginx-2", compose: ("shop", "nginx")),
            Make("shop-nginx-3", ContainerState.Exited, compose: ("shop", "nginx")),
            Make("self", compose: ("shop", "templater")));

        Assert.That(string.Join('|', (await Reloader(spec).FindAsync(CancellationToken.None)).Notes), Is.EqualTo(expected));
    }

    [Test]
    public async Task AFewDigitsAreTheNameOfAServiceAndNoId()
    {
        var other = Make("other");
        var service = other.Id.Value[..4];
        Take(other, Make("shop-1", compose: ("shop", service)), Make("self", compose: ("shop", "templater")));

        var search = await Reloader("docker:" + service).FindAsync(CancellationToken.None);

        Assert.That(search.Targets.Select(target => target.Name), Is.EqualTo(new[] { "shop-1" }));
        Assert.That((await Reloader("docker:" + other.Id.ShortId).FindAsync(CancellationToken.None)).Targets.Select(target => target.Name), Is.EqualTo(new[] { "other" }));
    }

    [Test]
    public async Task ANameBeatsAnIdThatBeginsLikeIt()
    {
        var other = Make("other");
        Take(other, Make(other.Id.ShortId));

        var search = await Reloader("docker:" + other.Id.ShortId).FindAsync(CancellationToken.None);

        Assert.That(search.Targets.Select(target => target.Name), Is.EqualTo(new[] { other.Id.ShortId }));
    }

    [Test]
    public void ASignalIsNeverOmitted() =>
        Assert.That(() => Control.KillAsync(new ContainerId("x"), default, CancellationToken.None), Throws.InstanceOf<ArgumentException>());

    [Test]
    public async Task AMissingTargetIsDescribedWithWhatMayHaveBeenMeant()
    {
        Take(Make("shop-nginx-1", compose: ("shop", "nginx")), Make("web"));

        var search = await Reloader("docker:nginx").FindAsync(CancellationToken.None);

        Assert.That(search.Targets, Is.Empty);
        Assert.That(search.WaitsForProxy, Is.True);
        Assert.That(search.Findings.Single().ToString(), Is.EqualTo(
            "warning reload-target-missing: nothing matches docker:nginx; running proxies: none; similar: container \"shop-nginx-1\" (compose service \"nginx\", project \"shop\"). The new configuration is written, the reload is owed and will be sent when it appears. Label the proxy templater.proxy=nginx, or use docker:shop-nginx-1."));
    }

    [Test]
    public async Task ACreatedProxyIsWaitedForQuietlyAtFirst()
    {
        Take(Make("edge", ContainerState.Created, labels: ("templater.proxy", "nginx")));

        var search = await ContainerReloader.Automatic(Control, "nginx").FindAsync(CancellationToken.None);

        Assert.That(search.Targets, Is.Empty);
        Assert.That(search.QuietAttempts, Is.Positive);
        Assert.That(search.Waiting, Is.EqualTo("edge is not running"));
    }

    [Test]
    public async Task AStoppedProxyIsNotForgotten()
    {
        Take(Make("edge", ContainerState.Exited));

        var search = await Reloader("docker:edge").FindAsync(CancellationToken.None);

        Assert.That(search.Findings.Single().ToString(), Is.EqualTo(
            "warning reload-target-missing: no container that docker:edge matches is running: \"edge\". The new configuration is written; a proxy that starts reads it, and one that goes on is told. Start it."));
    }

    [Test]
    public async Task ANameIsMissedAtOnceAndALabelIsWaitedFor()
    {
        Take(Make("web"));

        Assert.That((await Reloader("docker:edge").FindAsync(CancellationToken.None)).QuietAttempts, Is.Zero);
        Assert.That((await ContainerReloader.Automatic(Control, "nginx").FindAsync(CancellationToken.None)).QuietAttempts, Is.Positive);
    }

    [Test]
    public async Task TheProxyOfAnotherStackIsNotSignalled()
    {
        Take(
            Make("shop-nginx-1", compose: ("shop", "nginx"), labels: ("templater.proxy", "nginx")),
            Make("blog-nginx-1", compose: ("blog", "nginx"), labels: ("templater.proxy", "nginx")),
            Make("self", compose: ("shop", "templater")));

        var search = await ContainerReloader.Automatic(Control, "nginx").FindAsync(CancellationToken.None);

        Assert.That(search.Targets.Select(target => target.Name), Is.EqualTo(new[] { "shop-nginx-1" }));
    }

    [Test]
    public async Task AnOwnLabelPrefixHoldsForTheProxyToo()
    {
        Take(Make("edge", labels: ("edge.example.proxy", "nginx")), Make("other", labels: ("templater.proxy", "nginx")));

        var search = await ContainerReloader.Automatic(Control, "nginx", "edge.example").FindAsync(CancellationToken.None);
        var missing = await ContainerReloader.Automatic(Control, "web", "edge.example").FindAsync(CancellationToken.None);

        Assert.That(search.Targets.Select(target => target.Name), Is.EqualTo(new[] { "edge" }));
        Assert.That(missing.Findings.Single().Message, Does.StartWith("nothing matches label:edge.example.proxy=web; running proxies: \"edge\".").And.Contain("Label the proxy edge.example.proxy=web"));
    }

    [TestCase("", "edge-1,edge-2")]
    [TestCase("other", "edge-1,edge-2")]
    [TestCase("nginx", "web")]
    public async Task AForeignMarkCountsWhereNoLabelOfOursDoes(string label, string expected)
    {
        Take(Make("edge-1", labels: ("mark", "")), Make("edge-2", labels: ("mark", "x")), Make("web", labels: ("templater.proxy", label)));

        var search = await ContainerReloader.Automatic(Control, "nginx", mark: "mark").FindAsync(CancellationToken.None);

        Assert.That(string.Join(',', search.Targets.Select(static target => target.Name)), Is.EqualTo(expected));
    }

    [Test]
    public async Task AForeignMarkIsMissedByItsName()
    {
        Take(Make("web"));

        var missing = await ContainerReloader.Automatic(Control, "nginx", mark: "mark").FindAsync(CancellationToken.None);

        Assert.That(missing.Findings.Single().Message, Does.StartWith("nothing matches label:mark;"));
    }

    [Test]
    public async Task BeforeTheEngineHasAnsweredNobodyIsMissing()
    {
        var search = await Reloader("docker:edge").FindAsync(CancellationToken.None);

        Assert.That(search.Findings, Is.Empty);
        Assert.That(search.WaitsForProxy, Is.False);
    }
}
