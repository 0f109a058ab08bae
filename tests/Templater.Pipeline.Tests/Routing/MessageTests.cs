using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>The messages whose words are part of the interface, each produced by the mistake itself.</summary>
public sealed class MessageTests
{
    [Test]
    public void PortAmbiguousNamesThePorts() => AssertMessage(
        "warning port-ambiguous: container \"admin\" is not routed for admin.example.com: it exposes 3000, 9090 and no port was chosen. Add the label templater.port=3000 (or 9090).",
        Given.Hosted("admin", "admin.example.com").Exposing(9090, 3000));

    [Test]
    public void NoSharedNetworkNamesBothSides() => AssertMessage(
        "warning no-shared-network: container \"shop\" is not routed for shop.example.com: it is on [shop_default], the proxy \"edge-nginx-1\" is on [front]. Attach one of them: docker network connect front shop, or networks: [front] in compose.",
        Given.Hosted("shop", "shop.example.com") with { Endpoints = [Given.On("shop_default", 7)] });

    [Test]
    public void UnknownLabelNamesTheNearest() => AssertMessage(
        "warning unknown-label: container \"shop\": templater.hosts is not known; did you mean templater.host? It has no effect.",
        Given.Container("shop", ("templater.hosts", "shop.example.com")));

    [TestCase("templater.frobnicate", "templater.frobnicate is not known. It has no effect.")]
    [TestCase("templater.Host", "templater.Host is not known; did you mean templater.host? It has no effect.")]
    [TestCase("templater.routes.web.prot", "templater.routes.web.prot is not known; did you mean templater.routes.web.port? It has no effect.")]
    [TestCase("templater.streams.db.lisen", "templater.streams.db.lisen is not known; did you mean templater.streams.db.listen? It has no effect.")]
    [TestCase("templater.timeout.sever", "templater.timeout.sever is not known; did you mean templater.timeout.server? It has no effect.")]
    public void UnknownLabelIsNeverSilent(string label, string message) =>
        Assert.That(
            Given.Routed(Given.Container("shop", (label, "x"))).Messages(),
            Is.EqualTo(new[] { $"warning unknown-label: container \"shop\": {message}" }));

    [Test]
    public void LabelOnTaskIsSaidOnceForAllTasksOfAService() => AssertMessage(
        "warning label-on-task: service \"shop\" carries templater.host on its containers; in a Swarm put it under deploy.labels. It is served meanwhile, because services are not read from this engine.",
        Task(Given.Hosted("shop.1", "shop.example.com"), "shop"),
        Task(Given.Hosted("shop.2", "shop.example.com"), "shop"),
        Task(Given.Container("db.1"), "db"));

    [Test]
    public void LabelOnTaskNamesTheLabelOfARoute() =>
        Assert.That(
            Given.Routed(Task(Given.Container("shop.1", ("templater.routes.web.host", "shop.example.com")), "shop")).Messages(ReasonIds.LabelOnTask),
            Has.Exactly(1).Contains("carries templater.routes.web.host on its containers"));

    [Test]
    public void ATaskThatHasEndedOrIsNotOursIsNotComplainedAbout()
    {
        var ended = Task(Given.Hosted("shop.1", "shop.example.com"), "shop") with { State = ContainerState.Exited };
        var disabled = Task(Given.Hosted("api.1", "api.example.com", ("templater.enable", "false")), "api");
        Assert.That(Given.Routed(ended, disabled).Messages(ReasonIds.LabelOnTask), Is.Empty);
    }

    [Test]
    public void InvalidHostSaysWhatWasExpected() => AssertMessage(
        "warning invalid-host: container \"blog\": templater.host=\"https://blog.example.com/\": a host name was expected, without scheme and path. Write blog.example.com. The container's other names are served.",
        Given.Hosted("blog", "https://blog.example.com/, www.blog.example.com"));

    [Test]
    public void InvalidHostSaysWhenNothingIsLeft() => AssertMessage(
        "warning invalid-host: container \"blog\": templater.host=\"a;b\": a host name was expected: letters, digits, - and _, joined by dots. The container is not routed by it.",
        Given.Hosted("blog", "a;b"));

    [Test]
    public void ConflictLostNamesBothSides() => AssertMessage(
        "warning conflict-lost: shop.example.com/ is claimed by \"shop-old-web-1\" (project old, since 3 days) and \"shop-web-1\" (project shop, since 2 min) with different applications. The older one keeps it. Raise templater.priority, change the host, or stop one.",
        Given.Hosted("shop-old-web-1", "shop.example.com").In("old", "web").Since(TimeSpan.FromDays(3.2)),
        Given.Hosted("shop-web-1", "shop.example.com").In("shop", "web").Since(TimeSpan.FromSeconds(150)));

    [Test]
    public void ConflictLostIsTheSameMatterHoweverOldItGrows()
    {
        string?[] matters =
        [
            .. new[] { 2, 60, 3000 }.Select(static minutes => Given.Routed(
                Given.Hosted("old", "shop.example.com").In("old", "web").Since(TimeSpan.FromDays(9)),
                Given.Hosted("new", "shop.example.com").In("new", "web").Since(TimeSpan.FromMinutes(minutes))).Findings.Single().Matter),
        ];
        Assert.That(matters.Distinct(), Is.EqualTo(new[]
        {
            "shop.example.com/ is claimed by \"old\" and \"new\" with different applications. The older one keeps it. Raise templater.priority, change the host, or stop one.",
        }));
    }

    [Test]
    public void UnhealthySaysTheWayOut() => AssertMessage(
        "warning unhealthy: container \"api\" is not routed for api.example.com: its health check fails. Fix the check, or set templater.health=any.",
        Given.Hosted("api", "api.example.com") with { Health = HealthStatus.Unhealthy });

    [TestCase(5, 127, "curl: not found", "has failed 5 times (last: \"curl: not found\", exit 127)")]
    [TestCase(1, 1, "", "has failed once (last: no output, exit 1)")]
    [TestCase(3, -1, "a\r\nerror forged: \u001b[31mx\n", "has failed 3 times (last: \"a??error forged: ?[31mx\", exit -1)", TestName = "UnhealthySaysWhatTheCheckSaidLast(escape)")]
    public void UnhealthySaysWhatTheCheckSaidLast(int streak, int exit, string output, string said) => AssertMessage(
        $"warning unhealthy: container \"api\" is not routed for api.example.com: its health check {said}. Fix the check, or set templater.health=any.",
        Given.Hosted("api", "api.example.com") with { Health = HealthStatus.Unhealthy, HealthFailure = new HealthFailure(streak, exit, output) });

    [Test]
    public void UnhealthySaysNoMoreThanALine() =>
        Assert.That(
            Given.Routed(Given.Hosted("api", "api.example.com") with { Health = HealthStatus.Unhealthy, HealthFailure = new HealthFailure(9, 1, new string('x', 4000)) }).Messages(ReasonIds.Unhealthy).Single(),
            Has.Length.LessThan(450));

    [Test]
    public void ProxyHasSocketNamesTheMount()
    {
        var proxy = Given.Proxy("nginx") with { Mounts = [new Mount("bind", "", "/var/run/docker.sock", "/tmp/docker.sock", false)] };
        Assert.That(Examine(proxy), Is.EqualTo(new[]
        {
            "warning proxy-has-socket: the proxy \"nginx\" mounts /var/run/docker.sock. It does not need it; remove that mount.",
        }));
    }

    [Test]
    public void SingleFileMountNamesTheFile()
    {
        var proxy = Given.Proxy("nginx") with { Mounts = [new Mount("bind", "", "/srv/nginx.conf", "/etc/nginx/nginx.conf", false)] };
        Assert.That(Examine(proxy), Is.EqualTo(new[]
        {
            "warning single-file-mount: the proxy \"nginx\" mounts the single file /etc/nginx/nginx.conf; it will never see a replaced file. Mount the directory instead.",
        }));
    }

    [Test]
    public void SingleFileMountIsSeenThroughTemplatersOwnMounts()
    {
        var proxy = Given.Proxy("nginx") with { Mounts = [new Mount("bind", "", "/srv/config/nginx.conf", "/usr/nginx.conf", false)] };
        var self = Given.Container("templater") with { Mounts = [new Mount("bind", "", "/srv/config", "/etc/nginx", true)] };
        Assert.That(Examine(proxy, self), Has.Exactly(1).StartsWith("warning single-file-mount: the proxy \"nginx\" mounts the single file /usr/nginx.conf"));
    }

    [Test]
    public void SingleFileMountIsSeenBesideTheContainers() =>
        Assert.That(
            Examine(Given.Proxy("nginx") with { Mounts = [new Mount("bind", "", "/etc/nginx/nginx.conf", "/usr/nginx.conf", false)] }),
            Has.Exactly(1).StartsWith("warning single-file-mount: the proxy \"nginx\" mounts the single file /usr/nginx.conf"));

    [Test]
    public void SingleFileMountIsSeenOnTemplatersSide()
    {
        var self = Given.Container("templater") with { Mounts = [new Mount("bind", "", "/srv/nginx.conf", "/etc/nginx/nginx.conf", true)] };
        string[] expected = ["warning single-file-mount: /etc/nginx/nginx.conf is mounted as a single file, so it is written in place: a crash in that moment leaves half a file. Mount the directory instead."];
        Assert.That(Examine(Given.Proxy("nginx"), self), Is.EqualTo(expected));
        Assert.That(Examine(Given.Container("db"), self), Is.EqualTo(expected), "before there is a proxy it is looked for in Templater's own container");
    }

    [Test]
    public void AProxyWithDirectoriesIsInOrder()
    {
        var proxy = Given.Proxy("nginx") with { Mounts = [new Mount("volume", "config", "/var/lib/docker/volumes/config/_data", "/etc/nginx", false)] };
        var self = Given.Container("templater") with
        {
            Mounts = [new Mount("volume", "config", "/var/lib/docker/volumes/config/_data", "/etc/nginx", true), new Mount("bind", "", "/var/run/docker.sock", "/var/run/docker.sock", false)],
        };
        Assert.That(Examine(proxy, self), Is.Empty);
    }

    [Test]
    public void TwoImagesOfOneHostAreShownWithTheWayOut() => AssertMessage(
        "warning conflict-value: shop.example.com: the image differs: my/old (\"old\") and my/new (\"new\"). Both get requests. If they are different applications, give them different hosts, or give one a templater.upstream.group of its own: then the one with the higher templater.priority, else the older one, gets them all.",
        Given.Hosted("old", "shop.example.com").Since(TimeSpan.FromDays(2)), Given.Hosted("new", "shop.example.com"));

    [Test]
    public void TheWayOutOfTwoImagesIsOne()
    {
        var result = Given.Routed(
            Given.Hosted("old", "shop.example.com").Since(TimeSpan.FromDays(2)), Given.Hosted("new", "shop.example.com", ("templater.upstream.group", "new"), ("templater.priority", "1")));
        Assert.That((result.FateOf("old").Reason, result.FateOf("new").Reason), Is.EqualTo(((string?)ReasonIds.ConflictLost, (string?)null)));
    }

    [Test]
    public void WhereAllAreMergedOnlyAnotherHostIsAWayOut() =>
        Assert.That(
            Given.Routed(new RoutingPolicy { Conflict = ConflictRule.Merge }, Given.Hosted("a", "shop.example.com"), Given.Hosted("b", "shop.example.com")).Messages().Single(),
            Does.EndWith(" Both get requests. If they are different applications, give them different hosts."));

    [Test]
    public void AChosenPortThatIsNotExposedIsServedAndDoubted() => AssertMessage(
        "info no-port: container \"shop\": port 1234 was chosen, and it exposes 8080, 9090. That works if something listens on 1234; else requests fail, so check the port.",
        Given.Hosted("shop", "shop.example.com", ("templater.port", "1234")).Exposing(9090, 8080));

    [Test]
    public void AChosenPortIsNotDoubtedWhereNothingOrJustThatIsExposed() =>
        Assert.That(
            Given.Routed(
                Given.Hosted("a", "a.example.com", ("templater.port", "1234")).Exposing(),
                Given.Hosted("b", "b.example.com", ("templater.port", "9090")).Exposing(8080, 9090),
                Given.Hosted("c", "c.example.com", ("templater.port", "1234"), ("templater.redirect.to", "https://d.example.com"))).Messages(),
            Is.Empty);

    [TestCase("Templater.Host", "templater.host")]
    [TestCase("TEMPLATER.routes.web.host", "templater.routes.web.host")]
    [TestCase("templater.Routes.web.Host", "templater.routes.web.host")]
    [TestCase("templater.Upstream.group", "templater.upstream.group")]
    [TestCase("Templater.Hots", "templater.host")]
    [TestCase("Templater.data.colour", "templater.data.colour")]
    public void ALabelInTheWrongCaseIsShownWithTheRightOne(string label, string right) => AssertMessage(
        $"warning unknown-label: container \"shop\": {label} is not known; did you mean {right}? It has no effect.",
        Given.Container("shop", (label, "shop.example.com")));

    [Test]
    public void ReloadTargetMissingNamesWhatIsSimilar()
    {
        var snapshot = Given.Snapshot(Given.Container("shop-nginx-1").In("shop", "nginx"), Given.Container("db"));
        Assert.That(ReloadTargets.Missing(snapshot, "docker:nginx", "nginx", "nginx").ToString(), Is.EqualTo(
            "warning reload-target-missing: nothing matches docker:nginx; running proxies: none; similar: container \"shop-nginx-1\" (compose service \"nginx\", project \"shop\"). The new configuration is written, the reload is owed and will be sent when it appears. Label the proxy templater.proxy=nginx, or use docker:shop-nginx-1."));
    }

    [Test]
    public void ReloadTargetMissingWithoutAnythingSimilar()
    {
        var snapshot = Given.Snapshot(Given.Container("db"), Given.Proxy("edge"));
        Assert.That(ReloadTargets.Missing(snapshot, "docker:zebra", "zebra", "main").ToString(), Is.EqualTo(
            "warning reload-target-missing: nothing matches docker:zebra; running proxies: \"edge\". The new configuration is written, the reload is owed and will be sent when it appears. Label the proxy templater.proxy=main."));
    }

    private static Container Task(Container container, string service) =>
        container with { Swarm = new SwarmIdentity(service, null, container.Name + "0") };

    private static void AssertMessage(string message, params Container[] containers) =>
        Assert.That(Given.Routed(containers).Messages(), Is.EqualTo(new[] { message }));

    private static IEnumerable<string> Examine(Container proxy, Container? self = null)
    {
        var snapshot = Given.Snapshot(self is null ? [proxy] : [proxy, self]) with { Self = self?.Id };
        var located = ProxyLocator.Locate(snapshot, "nginx", ProxyKind.Nginx, new ProxyHint.None());
        return ProxyPreflight.Examine(snapshot, located, "/etc/nginx/nginx.conf").Select(finding => finding.ToString());
    }
}
