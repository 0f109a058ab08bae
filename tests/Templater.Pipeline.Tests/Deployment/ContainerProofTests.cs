using System.Collections.Immutable;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>What processes and logs of a proxy's container prove about a reload.</summary>
public sealed class ContainerProofTests : ContainerControlFixture
{
    [TestCase("new", "", typeof(ProofResult.Proven))]
    [TestCase("old", "", typeof(ProofResult.NotSeen))]
    [TestCase("old", "2026/03/04 12:00:01 [emerg] 1#1: unknown directive \"x\" in /config/nginx.conf:12", typeof(ProofResult.Refused))]
    [TestCase("new", "10.0.0.9 - - [04/Mar/2026] \"GET /2026/03/04 12:00:01 [emerg] 1#1: x\" 200", typeof(ProofResult.Proven))]
    public async Task NewWorkersAndAQuietLogProveAReload(string workers, string log, Type expected)
    {
        Take(Make("edge"));
        var worker = 20;
        Engine.Processes = _ => [(10, 1, "nginx: master process nginx"), (worker, 10, "nginx: worker process"), (30, 10, "nginx: worker process is shutting down")];
        var target = (await Reloader("docker:edge").FindAsync(CancellationToken.None)).Targets.Single();
        var proof = new WorkersProof(WorkerTitles.Nginx, TimeSpan.FromMilliseconds(300), TimeProvider.System);

        var baseline = await proof.CaptureAsync(target, CancellationToken.None);
        worker = workers == "new" ? 21 : 20;
        if (log.Length > 0)
            Engine.Alter("edge", container => container.Log(log + "\n", isError: true));
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
        Engine.Processes = _ => [(10, 1, "haproxy -W -db -f /config/haproxy.cfg"), (worker, 10, "haproxy -W -db -f /config/haproxy.cfg")];
        var target = (await Reloader("docker:edge").FindAsync(CancellationToken.None)).Targets.Single();
        var proof = new WorkersProof(WorkerTitles.HAProxy, TimeSpan.FromMilliseconds(300), TimeProvider.System);

        var baseline = await proof.CaptureAsync(target, CancellationToken.None);
        worker = workers == "new" ? 21 : 20;
        Engine.Alter("edge", container => container.Log(log + "\n", isError: true));
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
        Engine.Processes = _ => [(10, 1, "centauri"), (30, 1, "wget -q localhost")];

        var result = await ProveThatItStillRunsAsync(() => Engine.Processes = _ => runs ? [(10, 1, "centauri")] : [(40, 1, "centauri")]);

        Assert.That(result, Is.InstanceOf(expected), result.ToString());
    }

    [Test]
    public async Task OneThatIsPausedHasNotReadItsFile([Values] bool hasStartedWithIt)
    {
        Take(Make("edge"));
        Engine.Processes = _ => [(10, 1, "centauri")];

        var result = await ProveThatItStillRunsAsync(() => Engine.Pause("edge"), hasStartedWithIt);

        if (hasStartedWithIt)
        {
            Assert.That(result, Is.InstanceOf<ProofResult.Proven>(), "it has read it before");
            return;
        }

        Assert.That(result, Is.InstanceOf<ProofResult.NotYet>().With.Property("Why").EqualTo("edge is paused, so it has not read the file"));
        Assert.That(((ProofResult.NotYet)result).Note!.Message, Is.EqualTo(
            "edge is paused, so it has not read the new configuration. The reload stays owed. Let it go on (kill -CONT, docker unpause), or restart it."));
    }

    [TestCase("top")]
    [TestCase("json")]
    public async Task AnEngineThatDoesNotAnswerDoesNotMeanThatTheProxyEnded(string call)
    {
        Take(Make("edge"));
        Engine.Processes = _ => [(10, 1, "centauri")];

        var result = await ProveThatItStillRunsAsync(() => Engine.Faults.Fail($"/containers/{Control.Latest!.Containers.Single().Id}/{call}", 500, "not now"));

        Assert.That(result, Is.InstanceOf<ProofResult.NotYet>().With.Property("Note").Null.And.Property("Why").Matches("^whether edge still runs cannot be seen: .*not now"));
    }

    [Test]
    public async Task ABusyAccessLogDoesNotHideARefusal()
    {
        Take(Make("edge"));
        Engine.Alter("edge", static container =>
        {
            for (var i = 0; i < 3000; i++)
                container.Log($"10.0.0.9 - - \"GET /{new string('x', 200)} HTTP/1.1\" 200\n");
            container.Log("[emerg] here\n", isError: true);
            for (var i = 0; i < 3000; i++)
                container.Log($"10.0.0.9 - - \"GET /{new string('x', 200)} HTTP/1.1\" 200\n");
        });

        var log = await Control.LogsAsync(Control.Latest!.Containers.Single().Id, DateTimeOffset.UnixEpoch, CancellationToken.None);
        Assert.That(log!.Text, Is.EqualTo("[emerg] here\n"));
    }

    [TestCase(false)]
    [TestCase(true, TestName = "The same in the one stream of a terminal")]
    public async Task ABusyErrorLogDoesNotHideARefusal(bool hasTerminal)
    {
        Take(Make("edge"));
        Engine.Processes = _ => [(10, 1, "nginx: master process nginx"), (20, 10, "nginx: worker process")];
        if (hasTerminal)
            Engine.Alter("edge", static container => container.Terminal());
        var target = (await Reloader("docker:edge").FindAsync(CancellationToken.None)).Targets.Single();
        var proof = new WorkersProof(WorkerTitles.Nginx, TimeSpan.FromMilliseconds(300), TimeProvider.System);

        var baseline = await proof.CaptureAsync(target, CancellationToken.None);
        Engine.Alter("edge", static container => Fail(container, 5000).Log("2026/03/04 12:00:01 [emerg] 1#1: unknown directive \"x\" in /config/nginx.conf:12\n", isError: true));
        var result = await proof.ProveAsync(Request(target, baseline), CancellationToken.None);

        Assert.That(result, Is.EqualTo(new ProofResult.Refused("2026/03/04 12:00:01 [emerg] 1#1: unknown directive \"x\" in /config/nginx.conf:12")));
    }

    [TestCase(5000, false, true, TestName = "A refusal may be in what was too much to keep")]
    [TestCase(5, false, false, TestName = "All was read, and nothing in it refuses the file")]
    [TestCase(0, true, false, TestName = "A busy access log is not what is read")]
    public async Task WithoutALookAtProcessesALogThatIsCutOffTellsNothing(int errors, bool isBusy, bool isBlind)
    {
        Take(Make("edge"));
        Engine.Faults.Fail($"/containers/{Control.Latest!.Containers.Single().Id}/top", 403);
        var target = (await Reloader("docker:edge").FindAsync(CancellationToken.None)).Targets.Single();
        var proof = new WorkersProof(WorkerTitles.Nginx, TimeSpan.FromMilliseconds(100), TimeProvider.System);

        var baseline = await proof.CaptureAsync(target, CancellationToken.None);
        Engine.Alter("edge", container => Fail(container, errors));
        for (var i = 0; i < 5000 && isBusy; i++)
            Engine.Container("edge").Log($"10.0.0.9 - - \"GET /{new string('x', 300)} HTTP/1.1\" 200\n");
        var result = await proof.ProveAsync(Request(target, baseline), CancellationToken.None);

        Assert.That(result, Is.EqualTo(new ProofResult.Impossible(isBlind)));
    }

    [TestCase(true, 2)]
    [TestCase(false, 60)]
    public async Task TheLogIsReadFromTheReloadOnAsFarAsClocksAgree(bool sharesClock, int seconds)
    {
        Take(Make("edge"));
        var control = new DockerContainerControl(Client, sharesClock) { Latest = Control.Latest };
        var search = await ContainerReloader.Named(control, (ReloadSpec.Docker)ReloadSpec.Parse("docker:edge"), "nginx").FindAsync(CancellationToken.None);

        await new WorkersProof(WorkerTitles.Nginx, TimeSpan.FromSeconds(1), new FakeTimeProvider(Noon)).CaptureAsync(search.Targets.Single(), CancellationToken.None);

        Assert.That(Engine.Requests.Where(static request => request.Path.EndsWith("/logs", StringComparison.Ordinal)).Select(static request => request["since"]).Distinct(),
            Is.EqualTo(new[] { $"{Noon.AddSeconds(-seconds).ToUnixTimeSeconds()}.000000000" }));
    }

    [TestCase(0, "edge has no new workers after 3 s")]
    [TestCase(2_000_000, "edge has no new workers after 5 s")]
    public async Task NginxIsGivenThreeSecondsAndTheTimeToLoad(long size, string expected)
    {
        Take(Make("edge"));
        Engine.Processes = _ => [(10, 1, "nginx: master process nginx"), (20, 10, "nginx: worker process")];
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

    private async Task<ProofResult> ProveThatItStillRunsAsync(Action meanwhile, bool hasStartedWithIt = false)
    {
        var target = (await Reloader("docker:edge").FindAsync(CancellationToken.None)).Targets.Single();
        var time = new FakeTimeProvider();
        var proof = new StillRunningProof(time);
        var baseline = await proof.CaptureAsync(target, CancellationToken.None);
        var told = time.GetTimestamp();
        meanwhile();
        time.Advance(TimeSpan.FromSeconds(2));
        var entry = new JournalEntry { Generation = "1", Content = "", Phase = DeliveryPhase.Swapped };
        return await proof.ProveAsync(new ProofRequest(target, entry, baseline, told) { HasStartedWithIt = hasStartedWithIt }, CancellationToken.None);
    }

    private static FakeContainer Fail(FakeContainer container, int times)
    {
        for (var i = 0; i < times; i++)
            container.Log($"2026/03/04 12:00:01 [error] 7#7: *{i} connect() failed (111: Connection refused) while connecting to upstream, {new string('x', 300)}\n", isError: true);
        return container;
    }

    private static ProofRequest Request(IReloadTarget target, ProofBaseline baseline) =>
        new(target, new JournalEntry { Generation = "1", Content = "", Phase = DeliveryPhase.Swapped }, baseline, TimeProvider.System.GetTimestamp());
}
