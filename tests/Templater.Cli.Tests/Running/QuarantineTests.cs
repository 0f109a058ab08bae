using Templater.Pipeline;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Isolation;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>How long a container whose line was refused is left out.</summary>
[CancelAfter(30_000)]
public sealed class QuarantineTests : IAsyncDisposable
{
    private const string Hosts = "{{ for host in virtual_hosts }}{{ host.name }}\n{{ end }}";
    private const string Refused = "error config-refused: ";
    private static readonly Finding Refusal = new(FindingSeverity.Error, ReasonIds.ConfigRefused, "edge refused generation 2.");
    private readonly RunBench _bench = new();
    private readonly FakeDockerEngine _engine = new();

    [Test]
    public async Task ARestartIsNoReasonToTryItAgain(CancellationToken cancellationToken)
    {
        await Begin(cancellationToken);
        var checks = Checks();
        for (var i = 0; i < 3; i++)
        {
            _engine.Restart("bad");
            await Add($"later{i}", cancellationToken);
        }

        Assert.That(Checks() - checks, Is.EqualTo(3), "one check for each new container");
        Assert.That(_bench.Log.Split(Refused), Has.Length.EqualTo(2));
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task ATemplateThatNoLongerWritesTheLineBringsItBack(CancellationToken cancellationToken)
    {
        await Begin(cancellationToken);
        _bench.Template("{{ for host in virtual_hosts }}{{ host.name | string.replace 'bad' 'mended' }}\n{{ end }}");
        await _bench.Output("mended.example.com\ngood.example.com\n", cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task AnEditedTemplateThatGoesWrongForASiteTakesItNotDown(CancellationToken cancellationToken)
    {
        Start();
        foreach (var name in new[] { "good", "other" })
            await Add(name, cancellationToken);
        _bench.Template("{{ for host in virtual_hosts }}{{ host.name | string.replace 'good' 'bad' }}\n{{ end }}");
        await _bench.Says(Refused, cancellationToken);
        // A newcomer waits as long, rather than that a site is lost.
        var checks = Checks();
        _engine.AddContainer("later", container => container.Label("templater.host", "later.example.com").Expose(80).Network("front"));
        await _bench.Until(() => Checks() > checks, cancellationToken);
        Assert.That(_bench.Directory.Read("out.txt"), Is.EqualTo("good.example.com\nother.example.com\n"));
        Assert.That(_bench.Log, Does.Not.Contain("left out"));
        _bench.Template(Hosts);
        await _bench.Output("good.example.com\nlater.example.com\nother.example.com\n", cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task AllReplicasWithTheLineAreLeftOut(CancellationToken cancellationToken)
    {
        Start();
        foreach (var name in new[] { "bad-1", "bad-2", "good" })
            _engine.AddContainer(name, container => container.Label("templater.host", name[..^2] == "bad" ? "bad.example.com" : "good.example.com").Expose(80).Network("front"));
        await _bench.Output("good.example.com\n", cancellationToken);
        await _bench.Says("The line comes from containers \"bad-1\", \"bad-2\". They are left out until they change", cancellationToken);
        Assert.That(_bench.Log, Does.Not.Contain("quarantined"));
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task OfThoseBehindTheLineTheNewcomerIsBlamed(CancellationToken cancellationToken)
    {
        Start("{{ for host in virtual_hosts }}{{ host.name }}{{ for container in containers }}{{ container.labels['note'] }}{{ end }}\n{{ end }}");
        _engine.AddContainer("old", container => container.Label("templater.host", "site.example.com").Expose(80).Network("front"));
        await _bench.Output("site.example.com\n", cancellationToken);
        _engine.AddContainer("new", container => container.Label("templater.host", "site.example.com").Label("note", "bad.example.com").Expose(80).Network("front"));
        await _bench.Says("The line comes from container \"new\". \"new\" is left out until it changes", cancellationToken);
        await Add("later", cancellationToken);
        Assert.That(_bench.Directory.Read("out.txt"), Is.EqualTo("later.example.com\nsite.example.com\n"));
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task ACommandBesideItExplainsWhoIsLeftOut(CancellationToken cancellationToken)
    {
        await Begin(cancellationToken);
        var run = await ExplainAsync("bad");
        while (run.ExitCode == 0)
        {
            // The status is written a moment later.
            await Task.Delay(50, cancellationToken);
            run = await ExplainAsync("bad");
        }

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((1, run.Output)));
        Assert.That(run.Output, Does.Contain("NOT ROUTED   quarantined").And.Contain("line 1 of ").And.Contain("was refused"));
        Assert.That((await ExplainAsync("good")).ExitCode, Is.Zero);
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public void ARefusalIsSaidInOneWayHoweverOftenItComes()
    {
        var shop = new Container { Id = new ContainerId("1"), Name = "shop", Image = new ImageReference("", "shop", "1", ""), State = ContainerState.Running };
        var snapshot = new Snapshot { TakenAt = DateTimeOffset.UnixEpoch, Containers = [shop] };
        var file = new RenderedFile { Output = "nginx", Path = "/out", Content = new byte[] { 10 }, Generation = "2", Provenance = [new LineOwner(1, 1, [shop.Id])] };
        var routing = new RoutingResult { Proxy = new ProxyContext { Output = "nginx", Kind = ProxyKind.Other } };
        var quarantine = new Quarantine(new ServedContainers("nginx", store: null));

        var blamed = quarantine.Blame(new DeployedFile(snapshot, file, routing, Edits: 0), new DeployOutcome.Refused("2", "no", 1, Restored: true) { Findings = [Refusal] }, isEdited: false)!;
        quarantine.Complete(blamed, 3, isLive: true, 3);

        var other = Refusal with { Message = "edge refused generation 4." };
        Assert.That((quarantine.InsteadOf(Refusal), quarantine.InsteadOf(other)), Is.EqualTo((quarantine.Findings.Single(), other)));
        Assert.That(quarantine.Findings.Single().Message, Is.EqualTo(
            "edge refused generation 2. The line comes from container \"shop\". \"shop\" is left out until it changes; the 3 others are live as generation 3."));
    }

    [TestCase("nginx: [emerg] bind() to 0.0.0.0:7000 failed (98: Address already in use)", 1, false, true)]
    [TestCase("[ALERT] (7) : Binding [/out:1] for proxy db: cannot bind socket (Address already in use) for [0.0.0.0:7000]", 0, false, true)]
    [TestCase("nginx: [emerg] bind() to 0.0.0.0:7000 failed (98: Address already in use)", 1, true, false)]
    [TestCase("no such directive", 0, false, false)]
    public void WhoeverAskedForAPortInUseIsTriedAgainLaterAndLater(string output, int lines, bool hasEnded, bool isTried)
    {
        var shop = new Container { Id = new ContainerId("1"), Name = "shop", Image = new ImageReference("", "shop", "1", ""), State = ContainerState.Running };
        var file = new RenderedFile { Output = "nginx", Path = "/out", Content = new byte[] { 10 }, Generation = "2", Provenance = [new LineOwner(1, 1, [shop.Id])] };
        var routing = new RoutingResult { Proxy = new ProxyContext { Output = "nginx", Kind = ProxyKind.Other } };
        var refused = new DeployOutcome.Refused("2", output, 1, Restored: true) { Findings = [Refusal], Lines = [.. Enumerable.Range(1, lines)], HasEnded = hasEnded };
        var quarantine = new Quarantine(new ServedContainers("nginx", store: null));

        var now = DateTimeOffset.UnixEpoch;
        foreach (var wait in new[] { 90, 180, 360 })
        {
            var snapshot = new Snapshot { TakenAt = now, Containers = [shop] };
            quarantine.Blame(new DeployedFile(snapshot, file, routing, Edits: 0), refused, isEdited: false);
            Assert.That(quarantine.RetryAt, Is.EqualTo(isTried ? now.AddSeconds(wait) : null));
            quarantine.Release(snapshot with { TakenAt = now.AddSeconds(wait - 1) });
            Assert.That(quarantine.Apply(snapshot).Quarantined, Has.Count.EqualTo(1));
            now = now.AddSeconds(wait);
            quarantine.Release(snapshot with { TakenAt = now });
            Assert.That(quarantine.Apply(snapshot).Quarantined, Has.Count.EqualTo(isTried ? 0 : 1));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _bench.Dispose();
        await _engine.DisposeAsync();
    }

    // A checker that refuses one name, and counts how often it is asked.
    private void Start(string template = Hosts)
    {
        var checker = _bench.Directory.Write("check.sh", $$"""
            echo . >> {{_bench.Directory["checks"]}}
            line=$(grep -n bad.example.com "$1" | cut -d: -f1)
            [ -z "$line" ] || { echo "$1:$line: I do not like this name"; exit 1; }
            """);
        _bench.Settings(_bench.State, _bench.Template(template), $"docker_host: {_engine.Host}", $"validate: command:/bin/sh {checker}", "reload: none");
        _bench.Start();
    }

    private async Task Begin(CancellationToken cancellationToken)
    {
        Start();
        _engine.AddContainer("good", container => container.Label("templater.host", "good.example.com").Expose(80).Network("front"));
        await _bench.Output("good.example.com\n", cancellationToken);
        _engine.AddContainer("bad", container => container.Label("templater.host", "bad.example.com").Expose(80).Network("front"));
        await _bench.Says(Refused, cancellationToken);
    }

    private async Task Add(string name, CancellationToken cancellationToken)
    {
        _engine.AddContainer(name, container => container.Label("templater.host", name + ".example.com").Expose(80).Network("front"));
        await _bench.Until(() => File.Exists(_bench.Directory["out.txt"]) && _bench.Directory.Read("out.txt").Contains(name, StringComparison.Ordinal), cancellationToken);
    }

    private async Task<CommandRun> ExplainAsync(string name)
    {
        using var signals = new ProcessSignals();
        return await CommandRun.Daemon(signals, new StringWriter(), "explain", "--config", _bench.Directory["t.yaml"], name);
    }

    private int Checks() => File.ReadAllLines(_bench.Directory["checks"]).Length;
}
