using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Templater.Cli.Options;
using Templater.Cli.Running;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Isolation;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Watching;
using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>Two outputs, one of which is told by a command that hangs: both files hold how many containers there are.</summary>
[CancelAfter(30_000)]
[Platform("Linux")]
public sealed class OutputPipelineTests : IDisposable
{
    private const int Slow = 0;
    private const int Fast = 1;

    private readonly RunBench _bench = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentQueue<OutputResult> _late = [];
    private readonly ConcurrentQueue<TimeSpan?> _again = [];
    private readonly SemaphoreSlim _asked = new(0);
    private ImmutableArray<OutputStage> _stages;
    private OutputPipeline _pipeline = null!;

    public OutputPipelineTests()
    {
        _bench.Directory.Write("slow.sh", $"echo told >> {_bench.Directory["slow.log"]}\nuntil [ -e {_bench.Directory["go"]} ]; do sleep 0.02; done\n");
        Open("0", "true");
    }

    private void Open(string interval, string fast, string validate = "none", string template = "{{ containers.size }}")
    {
        var directory = _bench.Directory;
        directory.Write("count.scriban", "{{# format: plain #}}" + template);
        var path = directory.Write("t.yaml", string.Join('\n',
            $"state_dir: {directory["state"]}", $"certs_dir: {directory["certs"]}", $"validate: \"{validate}\"", $"reload_interval: {interval}", "outputs:",
            $"  slow: {{ template: {directory["count.scriban"]}, output: {directory["slow.txt"]}, reload: \"command:sh {directory["slow.sh"]}\" }}",
            $"  fast: {{ template: {directory["count.scriban"]}, output: {directory["fast.txt"]}, reload: \"command:{fast}\" }}",
            ""));
        var factory = new DeployerFactory(StateDirectory.Open(directory["state"]), null, _time);
        _stages =
        [
            .. new SettingsReader(new FlagLayer { ConfigPath = path }, new Dictionary<string, string>()).Read().Outputs.Select(static output => OutputPlan.Of(output)).Select(plan => new OutputStage(
                new LoadedOutput(plan), factory.Create(plan.Definition, plan.Deployment), new ServedContainers(plan.Definition.Name, store: null), ["slow", "fast"], static () => { })),
        ];
        var memory = new SnapshotMemory(directory["certs"], new OperatorFileReader(directory["auth"], directory["certs"], "templater"), null, ["slow", "fast"], _time);
        _pipeline = new OutputPipeline(_stages, memory, _time) { OnLate = Late, AskForLook = () => _asked.Release() };
    }

    [Test]
    public async Task WhatIsToldSlowlyHoldsUpNobodyElseAndEndsWithTheLatest(CancellationToken cancellationToken)
    {
        var first = LookAsync(1, cancellationToken);
        await UntilAsync(() => Told == 1 && _stages[Fast].Deployer.Status.Current?.Phase == DeliveryPhase.Unproven, cancellationToken);
        // The limit of the command that hangs, and the look.
        await _time.AdvanceWhenWaitingAsync(OutputPipeline.LookPatience, count: 2, cancellationToken);
        var begun = await first;
        Assert.That(begun.Outputs[Slow].Step, Is.EqualTo(GenerationStep.Written));
        // What was as good as over when time passed is told of a moment later.
        if (begun.Outputs[Fast].Step != GenerationStep.Delivered)
            await UntilAsync(() => _late.Any(static result => result.Output == "fast"), cancellationToken);

        foreach (var containers in (int[])[2, 3])
        {
            var report = await LookAsync(containers, cancellationToken);
            Assert.That(report.Outputs.Select(static output => output.Step), Is.EqualTo(new[] { GenerationStep.Written, GenerationStep.Delivered }));
            Assert.That((Text("slow"), Text("fast")), Is.EqualTo(("1", containers.ToString(CultureInfo.InvariantCulture))));
        }

        _bench.Directory.Write("go", "");
        await UntilAsync(() => _late.Any(static result => result.Output == "slow"), cancellationToken);
        await _asked.WaitAsync(cancellationToken);
        var last = await LookAsync(3, cancellationToken, Cause.NothingInParticular);

        Assert.That(last.Outputs.Select(static output => output.Step), Is.EqualTo(new[] { GenerationStep.Delivered, GenerationStep.Unchanged }));
        Assert.That((Text("slow"), Told), Is.EqualTo(("3", 2)), "the one between is told to nobody");
        Assert.That(_late.Where(static result => result.Output == "slow").Select(static result => (result.Number, result.Step)), Is.EqualTo(new[] { (1, GenerationStep.Delivered) }));
        Assert.That(_stages[Slow].Deployer.Status.Current!.Cause, Is.EqualTo("look 2, look 3"));
    }

    [Test]
    public async Task WhatIsFoundLateIsToldByItselfAndNotLookedAtAgainAtOnce(CancellationToken cancellationToken)
    {
        Close();
        Open("0", "true", $"command:sh {_bench.Directory.Write("check.sh", $"echo checked >> {_bench.Directory["checks.log"]}\nsleep 60\n")}");
        var look = LookAsync(1, cancellationToken);
        await UntilAsync(() => Checks == 2, cancellationToken);
        await _time.AdvanceWhenWaitingAsync(OutputPipeline.LookPatience, count: 3, cancellationToken);
        Assert.That((await look).Outputs.Select(static output => (output.Step, output.IsInterim)), Is.All.EqualTo((GenerationStep.Unchanged, true)));
        _time.Advance(TimeSpan.FromSeconds(60));
        await UntilAsync(() => _late.Count == 2, cancellationToken);
        await _pipeline.IdleAsync();

        Assert.That(_late.Select(static result => result.Step), Is.All.EqualTo(GenerationStep.Rejected));
        Assert.That(_late.Select(static result => result.Findings.Single().Message), Is.All.Contains("30"));
        Assert.That(_late.Select(static result => result.LookFindings), Is.All.Not.Null);
        Assert.That((_asked.CurrentCount, Checks), Is.EqualTo((0, 2)));
        Assert.That(_again, Is.All.Null, "the re-sync does");
    }

    [Test]
    public async Task WhoWasBusyWhenRoutesWereAskedForMissesTheLook(CancellationToken cancellationToken)
    {
        var first = LookAsync(1, cancellationToken);
        await UntilAsync(() => Told == 1 && _stages[Fast].Deployer.Status.Current?.Phase == DeliveryPhase.Unproven, cancellationToken);
        await _time.AdvanceWhenWaitingAsync(OutputPipeline.LookPatience, count: 2, cancellationToken);
        await first;
        _pipeline.RoutesOf(Snapshot(2));
        _bench.Directory.Write("go", "");
        await _pipeline.IdleAsync();
        Assert.That(_asked.CurrentCount, Is.Zero, "none is missed yet");

        var second = await LookAsync(2, cancellationToken);
        Assert.That((Text("slow"), second.Outputs[Slow].IsInterim), Is.EqualTo(("1", true)));
        // The look that ended may see only now that one was missed, and ask once more.
        Assert.That(_asked.CurrentCount, Is.InRange(1, 2));

        await LookAsync(2, cancellationToken);
        Assert.That(Text("slow"), Is.EqualTo("2"));
    }

    [Test]
    public async Task ASnapshotFromBeforeTheEndOfALateLookMovesNobodyToAnotherSlot(CancellationToken cancellationToken)
    {
        Close();
        Open("0", "true", template: "{{ for host in virtual_hosts }}{{ for route in host.routes }}{{ for server in route.upstream.servers }}{{ server.slot }}:{{ server.address }} {{ end }}{{ end }}{{ end }}");
        var first = _pipeline.ApplyAsync(Routed(1), Cause.Start, cancellationToken);
        await UntilAsync(() => Told == 1 && _stages[Fast].Deployer.Status.Current?.Phase == DeliveryPhase.Unproven, cancellationToken);
        await _time.AdvanceWhenWaitingAsync(OutputPipeline.LookPatience, count: 2, cancellationToken);
        await first;
        // Read now: whatever comes of the look that goes on is kept later.
        var second = Routed(0, 1);
        _bench.Directory.Write("go", "");
        await _pipeline.IdleAsync();

        await _pipeline.ApplyAsync(second, new Cause("another", []), cancellationToken);

        Assert.That(Text("slow"), Is.EqualTo("1:172.20.0.11 2:172.20.0.10 "));
    }

    [Test]
    public async Task OutputsOfOneProxyAreToldTogetherAndAsOftenAsOne(CancellationToken cancellationToken)
    {
        Close();
        Open("10s", $"sh {_bench.Directory["slow.sh"]}");
        _bench.Directory.Write("go", "");
        await LookAsync(1, cancellationToken);
        Assert.That(Told, Is.EqualTo(1));

        _time.Advance(TimeSpan.FromSeconds(1));
        var report = await LookAsync(2, cancellationToken);
        Assert.That(report.Outputs.Select(static output => output.Step), Is.All.EqualTo(GenerationStep.Written));
        Assert.That((Text("slow"), Text("fast"), Told), Is.EqualTo(("2", "2", 1)), "writing does not wait");

        _time.Advance(TimeSpan.FromSeconds(9));
        await Task.WhenAll(_stages.Select(stage => stage.Deployer.SettleDebtAsync(cancellationToken)));
        Assert.That(_stages.Select(static stage => stage.Deployer.Status.Current!.Phase), Is.All.EqualTo(DeliveryPhase.Unproven));
        Assert.That(Told, Is.EqualTo(2));
    }

    [Test]
    public async Task WhatIsToldBetweenTwoLooksHoldsUpNoLook(CancellationToken cancellationToken)
    {
        await _pipeline.FirstBootAsync(cancellationToken);
        var debt = _stages[Slow].Deployer.SettleDebtAsync(cancellationToken);
        await UntilAsync(() => Told == 1, cancellationToken);

        await LookAsync(1, cancellationToken);
        await LookAsync(2, cancellationToken);
        Assert.That((Text("slow"), Text("fast")), Is.EqualTo(("0", "2")));

        _bench.Directory.Write("go", "");
        await _asked.WaitAsync(cancellationToken);
        await debt;
        await LookAsync(2, cancellationToken);
        Assert.That((Text("slow"), Told), Is.EqualTo(("2", 2)));
    }

    public void Dispose()
    {
        Close();
        _asked.Dispose();
        _bench.Dispose();
    }

    private void Close()
    {
        foreach (var stage in _stages)
            stage.Deployer.Dispose();
    }

    private static async Task UntilAsync(Func<bool> holds, CancellationToken cancellationToken)
    {
        while (!holds())
            await Task.Delay(1, cancellationToken);
    }

    private void Late(OutputResult result, string cause, TimeSpan? againAfter)
    {
        _again.Enqueue(againAfter);
        _late.Enqueue(result);
    }

    private int Checks => Lines("checks.log");

    private int Told => Lines("slow.log");

    private int Lines(string file) => File.Exists(_bench.Directory[file]) ? File.ReadAllLines(_bench.Directory[file]).Length : 0;

    private string Text(string output) => _bench.Directory.Read($"{output}.txt");

    private Task<OutputReport> LookAsync(int containers, CancellationToken cancellationToken, string? cause = null) => _pipeline.ApplyAsync(
        Snapshot(containers),
        new Cause(cause ?? $"look {containers}", []),
        cancellationToken);

    private Snapshot Snapshot(int containers) => new() { TakenAt = _time.GetUtcNow(), Containers = [.. Enumerable.Range(0, containers).Select(Container)] };

    private Snapshot Routed(params int[] containers) => new()
    {
        TakenAt = _time.GetUtcNow(),
        Networks = [new Network("n", "front", "bridge", "local", false, false, ["172.20.0.0/16"])],
        Containers =
        [
            .. containers.Select(static number => Container(number) with
            {
                Labels = ImmutableSortedDictionary<string, string>.Empty.Add("templater.host", "shop.example.com"),
                Endpoints = [new Endpoint { NetworkName = "front", NetworkId = "n", IPv4 = $"172.20.0.1{number}" }],
                Ports = [new ContainerPort(8080, "tcp")],
                NetworkMode = "front",
            }),
        ],
    };

    private static Container Container(int number) => new()
    {
        Id = new ContainerId(new string((char)('a' + number), 64)),
        Name = $"web{number}",
        Image = new ImageReference("", "web", "1", ""),
        State = ContainerState.Running,
    };
}
