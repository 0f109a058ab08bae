using System.Collections.Immutable;
using Templater.Docker;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Inventory;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

public sealed class ContainerReloaderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    private FakeDockerEngine _engine = null!;
    private DockerClient _client = null!;
    private DockerContainerControl _control = null!;
    private readonly List<(string Name, string Signal)> _signals = [];

    [SetUp]
    public void StartEngine()
    {
        _signals.Clear();
        _engine = new FakeDockerEngine { SignalReceived = (container, signal) => _signals.Add((container.Name, signal)) };
        _client = new DockerClient(new EngineOptions
        {
            Address = EngineAddress.Parse(_engine.Host),
            AllowedCalls = AllowedCalls.For(CallPurposes.Watch | CallPurposes.Signal | CallPurposes.Verify | CallPurposes.Exec),
        });
        _control = new DockerContainerControl(_client, sharesClock: true);
    }

    [TearDown]
    public async Task StopEngine()
    {
        _client.Dispose();
        await _engine.DisposeAsync();
    }

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

        Assert.That(string.Join(',', _signals.Select(signal => $"{signal.Name}:{signal.Signal}")), Is.EqualTo(expected));
    }

    [Test]
    public async Task AContainerThatEndedMeanwhileIsGoneAndNotAnError()
    {
        Take(Make("edge"));
        var target = (await Reloader("docker:edge").FindAsync(CancellationToken.None)).Targets.Single();

        _engine.Stop("edge");
        Assert.That(await target.ReloadAsync(CancellationToken.None), Is.InstanceOf<ReloadAnswer.Gone>());
        _engine.Remove("edge");
        Assert.That(await target.ReloadAsync(CancellationToken.None), Is.InstanceOf<ReloadAnswer.Gone>());
    }

    [Test]
    public async Task AnEngineThatRefusesLeavesTheReloadOwed()
    {
        Take(Make("edge"));
        _engine.Faults.Fail("/containers/*", 403, "forbidden by the socket proxy");

        var target = (await Reloader("docker:edge").FindAsync(CancellationToken.None)).Targets.Single();

        var answer = (ReloadAnswer.Failed)await target.ReloadAsync(CancellationToken.None);
        Assert.That(DeployFindings.ReloadFailed(answer).ToString(), Is.EqualTo(
            $"error call-forbidden: the engine at {_engine.Host} refused POST /containers/edge/kill (403): forbidden by the socket proxy. Needed for: signalling the proxy. The reload stays owed and is tried again. Allow it there; the README lists every call that is needed."));
    }

    [Test]
    public async Task AnEngineThatFailsNamesTheContainerToo()
    {
        Take(Make("edge"));
        _engine.Faults.Fail("/containers/*", 500, "broken");
        var target = (await Reloader("docker:edge").FindAsync(CancellationToken.None)).Targets.Single();

        var answer = (ReloadAnswer.Failed)await target.ReloadAsync(CancellationToken.None);

        Assert.That(DeployFindings.ReloadFailed(answer).ToString(), Is.EqualTo(
            $"error reload-failed: the engine at {_engine.Host} failed POST /containers/edge/kill (500): broken. The reload stays owed and is tried again."));
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
        Assert.That(() => _control.KillAsync(new ContainerId("x"), default, CancellationToken.None), Throws.InstanceOf<ArgumentException>());

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

        var search = await ContainerReloader.Automatic(_control, "nginx").FindAsync(CancellationToken.None);

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
        Assert.That((await ContainerReloader.Automatic(_control, "nginx").FindAsync(CancellationToken.None)).QuietAttempts, Is.Positive);
    }

    [Test]
    public async Task TheProxyOfAnotherStackIsNotSignalled()
    {
        Take(
            Make("shop-nginx-1", compose: ("shop", "nginx"), labels: ("templater.proxy", "nginx")),
            Make("blog-nginx-1", compose: ("blog", "nginx"), labels: ("templater.proxy", "nginx")),
            Make("self", compose: ("shop", "templater")));

        var search = await ContainerReloader.Automatic(_control, "nginx").FindAsync(CancellationToken.None);

        Assert.That(search.Targets.Select(target => target.Name), Is.EqualTo(new[] { "shop-nginx-1" }));
    }

    [Test]
    public async Task AnOwnLabelPrefixHoldsForTheProxyToo()
    {
        Take(Make("edge", labels: ("edge.example.proxy", "nginx")), Make("other", labels: ("templater.proxy", "nginx")));

        var search = await ContainerReloader.Automatic(_control, "nginx", "edge.example").FindAsync(CancellationToken.None);
        var missing = await ContainerReloader.Automatic(_control, "web", "edge.example").FindAsync(CancellationToken.None);

        Assert.That(search.Targets.Select(target => target.Name), Is.EqualTo(new[] { "edge" }));
        Assert.That(missing.Findings.Single().Message, Does.StartWith("nothing matches label:edge.example.proxy=web; running proxies: \"edge\".").And.Contain("Label the proxy edge.example.proxy=web"));
    }

    [TestCase("", "edge-1,edge-2")]
    [TestCase("other", "edge-1,edge-2")]
    [TestCase("nginx", "web")]
    public async Task AForeignMarkCountsWhereNoLabelOfOursDoes(string label, string expected)
    {
        Take(Make("edge-1", labels: ("mark", "")), Make("edge-2", labels: ("mark", "x")), Make("web", labels: ("templater.proxy", label)));

        var search = await ContainerReloader.Automatic(_control, "nginx", mark: "mark").FindAsync(CancellationToken.None);

        Assert.That(string.Join(',', search.Targets.Select(static target => target.Name)), Is.EqualTo(expected));
    }

    [Test]
    public async Task AForeignMarkIsMissedByItsName()
    {
        Take(Make("web"));

        var missing = await ContainerReloader.Automatic(_control, "nginx", mark: "mark").FindAsync(CancellationToken.None);

        Assert.That(missing.Findings.Single().Message, Does.StartWith("nothing matches label:mark;"));
    }

    [Test]
    public async Task BeforeTheEngineHasAnsweredNobodyIsMissing()
    {
        var search = await Reloader("docker:edge").FindAsync(CancellationToken.None);

        Assert.That(search.Findings, Is.Empty);
        Assert.That(search.WaitsForProxy, Is.False);
    }

    [TestCase("new", "", typeof(ProofResult.Proven))]
    [TestCase("old", "", typeof(ProofResult.NotSeen))]
    [TestCase("old", "2026/03/04 12:00:01 [emerg] 1#1: unknown directive \"x\" in /config/nginx.conf:12", typeof(ProofResult.Refused))]
    [TestCase("new", "10.0.0.9 - - [04/Mar/2026] \"GET /2026/03/04 12:00:01 [emerg] 1#1: x\" 200", typeof(ProofResult.Proven))]
    public async Task NewWorkersAndAQuietLogProveAReload(string workers, string log, Type expected)
    {
        Take(Make("edge"));
        var worker = 20;
        _engine.Processes = _ => [(10, 1, "nginx: master process nginx"), (worker, 10, "nginx: worker process"), (30, 10, "nginx: worker process is shutting down")];
        var target = (await Reloader("docker:edge").FindAsync(CancellationToken.None)).Targets.Single();
        var proof = new WorkersProof(WorkerTitles.Nginx, TimeSpan.FromMilliseconds(300), TimeProvider.System);

        var baseline = await proof.CaptureAsync(target, CancellationToken.None);
        worker = workers == "new" ? 21 : 20;
        if (log.Length > 0)
            _engine.Alter("edge", container => container.Log(log + "\n", isError: true));
        var result = await proof.ProveAsync(Request(target, baseline), CancellationToken.None);

        Assert.That(result, Is.InstanceOf(expected), result.ToString());
    }

    [TestCase("new", "[ALERT]    (21) : backend 'b' has no server available!", typeof(ProofResult.Proven))]
    [TestCase("old", "[ALERT]    (20) : backend 'b' has no server available!", typeof(ProofResult.NotSeen), TestName = "An old worker's alert says nothing about the file")]
    [TestCase("old", "[ALERT]    (10) : config : parsing [/config/haproxy.cfg:3] : unknown keyword 'x'\n[WARNING]  (10) : Loading failure!", typeof(ProofResult.Refused))]
    [TestCase("new", "[NOTICE]   (10) : Initializing new worker (21)", typeof(ProofResult.NotSeen), TestName = "A worker that reads its configuration may still end on it")]
    public async Task HAProxyHasRefusedAFileWhenItsMasterSaysSo(string workers, string log, Type expected)
    {
        Take(Make("edge"));
        var worker = 20;
        _engine.Processes = _ => [(10, 1, "haproxy -W -db -f /config/haproxy.cfg"), (worker, 10, "haproxy -W -db -f /config/haproxy.cfg")];
        var target = (await Reloader("docker:edge").FindAsync(CancellationToken.None)).Targets.Single();
        var proof = new WorkersProof(WorkerTitles.HAProxy, TimeSpan.FromMilliseconds(300), TimeProvider.System);

        var baseline = await proof.CaptureAsync(target, CancellationToken.None);
        worker = workers == "new" ? 21 : 20;
        _engine.Alter("edge", container => container.Log(log + "\n", isError: true));
        var result = await proof.ProveAsync(Request(target, baseline), CancellationToken.None);

        Assert.That(result, Is.InstanceOf(expected), result.ToString());
    }

    [Test]
    public void OnlyChildrenOfHAProxyThatAreHAProxyAreItsWorkers()
    {
        ImmutableArray<ProxyProcess> all =
        [
            new(10, 1, "/sbin/docker-init -- haproxy -W"), new(11, 10, "haproxy -W -db -f /config/haproxy.cfg"),
            new(12, 11, "/usr/sbin/haproxy -W -db -f /config/haproxy.cfg"), new(20, 1, "sh -c haproxy -c"), new(21, 20, "haproxy -c"), new(22, 11, "logger"),
        ];

        Assert.That(all.Where(process => WorkerTitles.HAProxy.IsWorker(process, all)).Select(static process => process.Pid), Is.EqualTo(new[] { 12 }));
    }

    [TestCase(true, typeof(ProofResult.Proven))]
    [TestCase(false, typeof(ProofResult.NotSeen))]
    public async Task AHealthCheckThatEndsDoesNotMeanThatTheProxyEnded(bool runs, Type expected)
    {
        Take(Make("edge"));
        _engine.Processes = _ => [(10, 1, "centauri"), (30, 1, "wget -q localhost")];
        var target = (await Reloader("docker:edge").FindAsync(CancellationToken.None)).Targets.Single();
        var time = new FakeTimeProvider();
        var proof = new StillRunningProof(time);
        var baseline = await proof.CaptureAsync(target, CancellationToken.None);
        _engine.Processes = _ => runs ? [(10, 1, "centauri")] : [(40, 1, "centauri")];

        var told = time.GetTimestamp();
        time.Advance(TimeSpan.FromSeconds(2));
        var result = await proof.ProveAsync(new ProofRequest(target, new JournalEntry { Generation = "1", Content = "", Phase = DeliveryPhase.Swapped }, baseline, told), CancellationToken.None);

        Assert.That(result, Is.InstanceOf(expected), result.ToString());
    }

    [Test]
    public async Task ABusyAccessLogDoesNotHideARefusal()
    {
        Take(Make("edge"));
        _engine.Alter("edge", static container =>
        {
            for (var i = 0; i < 3000; i++)
                container.Log($"10.0.0.9 - - \"GET /{new string('x', 200)} HTTP/1.1\" 200\n");
            container.Log("[emerg] here\n", isError: true);
            for (var i = 0; i < 3000; i++)
                container.Log($"10.0.0.9 - - \"GET /{new string('x', 200)} HTTP/1.1\" 200\n");
        });

        var log = await _control.LogsAsync(_control.Latest!.Containers.Single().Id, DateTimeOffset.UnixEpoch, CancellationToken.None);
        Assert.That(log!.Text, Is.EqualTo("[emerg] here\n"));
    }

    [TestCase(false)]
    [TestCase(true, TestName = "The same in the one stream of a terminal")]
    public async Task ABusyErrorLogDoesNotHideARefusal(bool hasTerminal)
    {
        Take(Make("edge"));
        _engine.Processes = _ => [(10, 1, "nginx: master process nginx"), (20, 10, "nginx: worker process")];
        if (hasTerminal)
            _engine.Alter("edge", static container => container.Terminal());
        var target = (await Reloader("docker:edge").FindAsync(CancellationToken.None)).Targets.Single();
        var proof = new WorkersProof(WorkerTitles.Nginx, TimeSpan.FromMilliseconds(300), TimeProvider.System);

        var baseline = await proof.CaptureAsync(target, CancellationToken.None);
        _engine.Alter("edge", static container => Fail(container, 5000).Log("2026/03/04 12:00:01 [emerg] 1#1: unknown directive \"x\" in /config/nginx.conf:12\n", isError: true));
        var result = await proof.ProveAsync(Request(target, baseline), CancellationToken.None);

        Assert.That(result, Is.EqualTo(new ProofResult.Refused("2026/03/04 12:00:01 [emerg] 1#1: unknown directive \"x\" in /config/nginx.conf:12")));
    }

    [TestCase(5000, false, true, TestName = "A refusal may be in what was too much to keep")]
    [TestCase(5, false, false, TestName = "All was read, and nothing in it refuses the file")]
    [TestCase(0, true, false, TestName = "A busy access log is not what is read")]
    public async Task WithoutALookAtProcessesALogThatIsCutOffTellsNothing(int errors, bool isBusy, bool isBlind)
    {
        Take(Make("edge"));
        _engine.Faults.Fail($"/containers/{_control.Latest!.Containers.Single().Id}/top", 403);
        var target = (await Reloader("docker:edge").FindAsync(CancellationToken.None)).Targets.Single();
        var proof = new WorkersProof(WorkerTitles.Nginx, TimeSpan.FromMilliseconds(100), TimeProvider.System);

        var baseline = await proof.CaptureAsync(target, CancellationToken.None);
        _engine.Alter("edge", container => Fail(container, errors));
        for (var i = 0; i < 5000 && isBusy; i++)
            _engine.Container("edge").Log($"10.0.0.9 - - \"GET /{new string('x', 300)} HTTP/1.1\" 200\n");
        var result = await proof.ProveAsync(Request(target, baseline), CancellationToken.None);

        Assert.That(result, Is.EqualTo(new ProofResult.Impossible(isBlind)));
    }

    [TestCase(true, 2)]
    [TestCase(false, 60)]
    public async Task TheLogIsReadFromTheReloadOnAsFarAsClocksAgree(bool sharesClock, int seconds)
    {
        Take(Make("edge"));
        var control = new DockerContainerControl(_client, sharesClock) { Latest = _control.Latest };
        var search = await ContainerReloader.Named(control, (ReloadSpec.Docker)ReloadSpec.Parse("docker:edge"), "nginx").FindAsync(CancellationToken.None);

        await new WorkersProof(WorkerTitles.Nginx, TimeSpan.FromSeconds(1), new FakeTimeProvider(Noon)).CaptureAsync(search.Targets.Single(), CancellationToken.None);

        Assert.That(_engine.Requests.Where(static request => request.Path.EndsWith("/logs", StringComparison.Ordinal)).Select(static request => request["since"]).Distinct(),
            Is.EqualTo(new[] { $"{Noon.AddSeconds(-seconds).ToUnixTimeSeconds()}.000000000" }));
    }

    [TestCase(0, "edge has no new workers after 3 s")]
    [TestCase(2_000_000, "edge has no new workers after 5 s")]
    public async Task NginxIsGivenThreeSecondsAndTheTimeToLoad(long size, string expected)
    {
        Take(Make("edge"));
        _engine.Processes = _ => [(10, 1, "nginx: master process nginx"), (20, 10, "nginx: worker process")];
        var target = (await Reloader("docker:edge").FindAsync(CancellationToken.None)).Targets.Single();
        var time = new FakeTimeProvider(Noon);
        var proof = new WorkersProof(WorkerTitles.Nginx, WorkersProof.NginxDeadline, time);
        var entry = new JournalEntry { Generation = "1", Content = "", Phase = DeliveryPhase.Swapped };

        var request = new ProofRequest(target, entry, await proof.CaptureAsync(target, CancellationToken.None), time.GetTimestamp()) { Size = size };
        var proving = proof.ProveAsync(request, CancellationToken.None);
        while (!proving.IsCompleted)
        {
            await Task.Delay(2);
            time.Advance(TimeSpan.FromMilliseconds(250));
        }

        Assert.That(await proving, Is.EqualTo(new ProofResult.NotSeen(expected)));
    }

    private static FakeContainer Fail(FakeContainer container, int times)
    {
        for (var i = 0; i < times; i++)
            container.Log($"2026/03/04 12:00:01 [error] 7#7: *{i} connect() failed (111: Connection refused) while connecting to upstream, {new string('x', 300)}\n", isError: true);
        return container;
    }

    private static ProofRequest Request(IReloadTarget target, ProofBaseline baseline) =>
        new(target, new JournalEntry { Generation = "1", Content = "", Phase = DeliveryPhase.Swapped }, baseline, TimeProvider.System.GetTimestamp());

    private ContainerReloader Reloader(string spec) => ReloadSpec.Parse(spec) switch
    {
        ReloadSpec.Docker docker => ContainerReloader.Named(_control, docker, "nginx"),
        ReloadSpec.Label label => ContainerReloader.Labelled(_control, label, "nginx"),
        var other => throw new ArgumentException(other.ToString()),
    };

    private void Take(params Container[] containers)
    {
        foreach (var container in containers)
            _engine.AddContainer(container.Name, fake => fake.WithId(container.Id.Value).State(container.State == ContainerState.Running ? "running" : "exited"));
        var self = containers.FirstOrDefault(container => container.Name == "self");
        _control.Latest = new Snapshot { TakenAt = Noon, Containers = [.. containers.OrderBy(container => container.Name, StringComparer.Ordinal)], Self = self?.Id };
    }

    private static Container Make(string name, ContainerState state = ContainerState.Running, (string Project, string Service)? compose = null, params (string Key, string Value)[] labels) => new()
    {
        Id = new ContainerId(ContentHash.Of(System.Text.Encoding.UTF8.GetBytes(name))),
        Name = name,
        Image = new ImageReference("", "my/image", "1", ""),
        State = state,
        Started = Noon,
        Compose = compose is { } identity ? new ComposeIdentity(identity.Project, identity.Service, 1) : null,
        Labels = labels.ToImmutableSortedDictionary(label => label.Key, label => label.Value, StringComparer.Ordinal),
    };
}
