using System.Text;
using Templater.Docker;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>A program that reads its file when it starts: it is restarted for a new one, once, and its next run is the proof. The engine's clock is not ours.</summary>
[CancelAfter(30_000)]
public sealed class RestartTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Noon);
    private TempDirectory _directory = null!;
    private FakeDockerEngine _engine = null!;
    private DockerClient _client = null!;
    private DockerContainerControl _control = null!;
    private CountedCalls _calls = null!;
    private Deployer _deployer = null!;

    [SetUp]
    public void Begin()
    {
        _directory = new TempDirectory("tpl-");
        _engine = new FakeDockerEngine();
        _engine.AddContainer("edge");
        _client = new DockerClient(new EngineOptions { Address = EngineAddress.Parse(_engine.Host), AllowedCalls = AllowedCalls.For(CallPurposes.Watch | Settings().EngineCalls) });
        _control = new DockerContainerControl(_client, sharesClock: false);
        _deployer = Create(Settings());
        Look();
    }

    [TearDown]
    public async Task End()
    {
        _deployer.Dispose();
        _client.Dispose();
        await _engine.DisposeAsync();
        _directory.Dispose();
    }

    [Test]
    public async Task ItIsRestartedOnceForAFileAndAgainForTheNext()
    {
        var first = await SettledAsync("1");
        Look();
        _deployer.OnProxyStarted();
        var again = await DeployAsync("1");

        Assert.That(first, Is.EqualTo(new DeployOutcome.Live("1", "edge was restarted with it") { Findings = first.Findings }));
        Assert.That(first.Findings, Is.Empty);
        Assert.That(again, Is.Not.InstanceOf<DeployOutcome.Owed>(), again.ToString());
        Assert.That(Restarts, Is.EqualTo(new[] { "10" }), "the seconds that it has to stop");

        Assert.That(await SettledAsync("2"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(Restarts, Has.Length.EqualTo(2));
    }

    [Test]
    public async Task ALaterRunOfTheSameContainerIsNotRestartedForWhatItHasRead()
    {
        await SettledAsync("1");
        _engine.Restart("edge");
        Look();
        _deployer.OnProxyStarted();

        Assert.That(await SettledAsync("1"), Is.InstanceOf<DeployOutcome.Live>().Or.InstanceOf<DeployOutcome.Unchanged>());
        Assert.That(Restarts, Has.Length.EqualTo(1));
    }

    [Test]
    public async Task OneThatWasStartedAfterTheFileIsNotRestartedAndThatItStaysUpIsTheProof()
    {
        _deployer.Dispose();
        _control = new DockerContainerControl(_client, sharesClock: true);
        _deployer = Create(Settings());
        _engine.Remove("edge");
        Assert.That(await DeployAsync("1"), Is.InstanceOf<DeployOutcome.Owed>());
        _time.Advance(TimeSpan.FromSeconds(5));
        _engine.AddContainer("edge", edge => edge.Started(_time.GetUtcNow()));
        Look();
        _deployer.OnProxyStarted();

        var outcome = await SettledAsync("1");

        Assert.That(outcome, Is.EqualTo(new DeployOutcome.Live("1", "edge started with it") { Findings = outcome.Findings }));
        Assert.That(Restarts, Is.Empty);
    }

    [Test]
    public async Task OneThatEndsOnItGetsTheFormerFileAndIsStartedAgain()
    {
        await SettledAsync("1");
        Look();
        EndOnTheSecond(1);

        var outcome = await SettledAsync("2");
        Look();

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True, outcome.ToString());
        Assert.That(((DeployOutcome.Refused)outcome).Output, Is.EqualTo("no such option"));
        await SettleUntilItRunsAsync();
        Assert.That(await File.ReadAllTextAsync(Path), Is.EqualTo("# 1\n"));
        Assert.That(Restarts, Has.Length.EqualTo(3), "1, 2, and 1 again");
    }

    [TestCase(0)]
    [TestCase(127)]
    [TestCase(137)]
    public async Task HoweverItEndsOnItItGetsTheFormerFileAndIsStartedAgain(int exitCode)
    {
        await SettledAsync("1");
        Look();
        EndOnTheSecond(exitCode);

        var outcome = await SettledAsync("2");
        Look();

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True, outcome.ToString());
        await SettleUntilItRunsAsync();
        Assert.That(await File.ReadAllTextAsync(Path), Is.EqualTo("# 1\n"));
    }

    [Test]
    public async Task AnotherRunOfTemplaterGoesOnWithARestartThatWasBegun([Values(false, true)] bool isSeen)
    {
        await SettledAsync("1");
        Look();
        EndOnTheSecond(0);
        var inspection = $"/containers/{_engine.Container("edge").Id}/json";
        // What comes after the restart is not seen by the run of Templater that began it.
        _engine.RestartReceived += _ => _engine.Faults.Fail(inspection, 500, "not now");
        Assert.That(await DeployAsync("2"), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(Runs, Is.False);
        _deployer.Dispose();
        EndOnTheSecond(0);
        _engine.Faults.Clear();
        if (isSeen)
            Look();
        _deployer = Create(Settings());

        await SettleUntilItRunsAsync();

        Assert.That(await File.ReadAllTextAsync(Path), Is.EqualTo("# 1\n"));
        Assert.That(Restarts, Has.Length.EqualTo(3), "1, 2, and 1 again");
    }

    [Test]
    public async Task AnotherRunOfTemplaterStartsWhatEndedWithTheFileThatWasPutBack()
    {
        await SettledAsync("1");
        Look();
        EndOnTheSecond(1);
        Assert.That(await SettledAsync("2"), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);
        Assert.That(Runs, Is.False);
        _deployer.Dispose();
        Look();
        _deployer = Create(Settings());

        await SettleUntilItRunsAsync();

        Assert.That(await File.ReadAllTextAsync(Path), Is.EqualTo("# 1\n"));
    }

    [Test]
    public async Task WhatCannotBeSeenAfterTheRestartIsLookedAtAgainAndNotRestartedAgain()
    {
        var inspection = $"/containers/{_engine.Container("edge").Id}/json";
        _engine.RestartReceived = _ => _engine.Faults.Fail(inspection, 500, "busy", times: 3);

        Assert.That(await DeployAsync("1"), Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(await SettledAsync("1"), Is.InstanceOf<DeployOutcome.Live>());

        Assert.That(Restarts, Has.Length.EqualTo(1));
    }

    [Test]
    public async Task WhereTheEngineForbidsItNobodyElsesStopIsUndone()
    {
        var id = _engine.Container("edge").Id;
        _engine.Faults.Fail($"/containers/{id}/restart", 403, "forbidden by the socket proxy");
        await DeployAsync("1");
        _engine.Stop("edge");
        Look();
        _engine.Faults.Clear();

        Assert.That(await DeployAsync("2"), Is.InstanceOf<DeployOutcome.Owed>().With.Property("Reason").EqualTo("edge is not running"));
        Assert.That(Runs, Is.False);
    }

    [Test]
    public async Task OneThatWasStoppedAndCouldNotBeStartedIsStartedWhenThatIsPossible()
    {
        _engine.Faults.Fail($"/containers/{_engine.Container("edge").Id}/restart", 500, "port is already allocated");
        var outcome = await DeployAsync("1");
        _engine.Stop("edge");
        Look();

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>(), outcome.ToString());
        Assert.That(outcome.Findings.Single().ToString(), Is.EqualTo(
            $"error reload-failed: the engine at {_engine.Host} failed POST /containers/edge/restart (500): port is already allocated. The reload stays owed and is tried again."));
        _engine.Faults.Clear();
        await SettleUntilItRunsAsync();
    }

    [Test]
    public async Task OneThatSomebodyElseStoppedStaysStopped()
    {
        await SettledAsync("1");
        _engine.Stop("edge");
        Look();

        var outcome = await DeployAsync("2");

        Assert.That(outcome, Is.EqualTo(new DeployOutcome.Owed("2", "edge is not running", WaitsForProxy: true) { Findings = outcome.Findings }));
        Assert.That(Runs, Is.False);
    }

    [Test]
    public async Task AnEngineThatRefusesIsNamedWithTheCall()
    {
        _engine.Faults.Fail($"/containers/{_engine.Container("edge").Id}/restart", 403, "forbidden by the socket proxy");

        Assert.That((await DeployAsync("1")).Findings.Single().ToString(), Is.EqualTo(
            $"error call-forbidden: the engine at {_engine.Host} refused POST /containers/edge/restart (403): forbidden by the socket proxy. Needed for: restarting the proxy. The reload stays owed and is tried again. Allow it there; \"templater doctor\" prints the rules."));
    }

    [Test]
    public async Task OneThatIsGoneIsWaitedFor()
    {
        _engine.Remove("edge");

        var outcome = await DeployAsync("1");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>().With.Property("WaitsForProxy").True, outcome.ToString());
    }

    [Test]
    public async Task WhereNobodyWantsAProofItWasToldAndNoMore()
    {
        _deployer.Dispose();
        _deployer = Create(Settings() with { Verify = new VerifySpec.None() });

        var outcome = await SettledAsync("1");

        Assert.That(outcome, Is.EqualTo(new DeployOutcome.Delivered("1", "edge was restarted with it") { Findings = outcome.Findings }));
    }

    [Test]
    public async Task WhereTheCheckerIsOutOfOrderNothingIsReplacedAndNobodyRestarted()
    {
        await SettledAsync("1");
        _deployer.Dispose();
        _deployer = Create(Settings() with { Validate = ValidateSpec.Parse("command:/no/such/checker {file}") });

        var outcome = await DeployAsync("2");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Failed>(), outcome.ToString());
        Assert.That(outcome.Findings.Single().ToString(), Does.StartWith("error checker-failed: ").And.Contains("the live configuration was not touched"));
        Assert.That(await File.ReadAllTextAsync(Path), Is.EqualTo("# 1\n"));
        Assert.That(Restarts, Has.Length.EqualTo(1));
    }

    [Test]
    public void WithoutACheckerItIsRefusedUnlessThatIsWanted()
    {
        _deployer.Dispose();

        Assert.That(() => Create(Settings() with { Validate = new ValidateSpec.Auto() }), Throws.TypeOf<DeploymentSettingsException>().With.Message.EqualTo(
            "output \"edge\": a proxy that is restarted keeps no old configuration, and nothing checks the new one before: a bad one would take it down. Name a checker (validate: command:…), reload it by a signal, or set validate to none to do without."));
    }

    private string Path => _directory["edge.conf"];

    private string[] Restarts =>
        [.. _engine.Requests.Where(static request => request.Method == "POST" && request.Path.EndsWith("/restart", StringComparison.Ordinal)).Select(static request => request["t"])];

    private bool Runs => _engine.Container("edge").Status == "running";

    private static DeploymentSettings Settings() => new()
    {
        Reload = ReloadSpec.Parse("docker:edge:restart"),
        Validate = new ValidateSpec.None(),
        ReloadInterval = TimeSpan.Zero,
    };

    private Deployer Create(DeploymentSettings settings) =>
        new DeployerFactory(StateDirectory.Open(_directory["state"]), _calls = new CountedCalls(_control), _time).Create(
            new OutputDefinition { Name = "edge", Kind = ProxyKind.Other, Template = "edge", Path = Path }, settings);

    private void Look()
    {
        var edge = _engine.Container("edge");
        _control.Latest = new Snapshot
        {
            TakenAt = Noon,
            Containers =
            [
                new Container
                {
                    Id = new ContainerId(edge.Id),
                    Name = edge.Name,
                    Image = new ImageReference("", "edge", "1", ""),
                    State = Runs ? ContainerState.Running : ContainerState.Exited,
                    Started = edge.StartedAt,
                },
            ],
        };
    }

    private void EndOnTheSecond(int exitCode) => _engine.RestartReceived = edge =>
    {
        if (!File.ReadAllText(Path).Contains('2', StringComparison.Ordinal))
            return;
        _engine.Alter("edge", static container => container.Log("no such option\n", isError: true));
        _engine.Die("edge", exitCode);
    };

    private async Task SettleUntilItRunsAsync()
    {
        while (!Runs)
        {
            var settling = _deployer.SettleDebtAsync(TestContext.CurrentContext.CancellationToken);
            await AdvanceUntilAsync(() => settling.IsCompleted);
            await settling;
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private async Task<DeployOutcome> SettledAsync(string generation)
    {
        var outcome = await DeployAsync(generation);
        while (outcome is DeployOutcome.Owed)
        {
            TestContext.CurrentContext.CancellationToken.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromSeconds(1));
            Look();
            outcome = await DeployAsync(generation);
        }

        return outcome;
    }

    private async Task<DeployOutcome> DeployAsync(string generation)
    {
        var file = new RenderedFile { Output = "edge", Path = Path, Generation = generation, Content = Encoding.UTF8.GetBytes($"# {generation}\n") };
        var deploying = _deployer.DeployAsync(file, "test", CancellationToken.None);
        await AdvanceUntilAsync(() => deploying.IsCompleted);
        return await deploying;
    }

    private async Task AdvanceUntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            // The engine answers in real time: while it is asked, no time passes, so that no limit of a call ends before its answer comes.
            await Task.Delay(4, TestContext.CurrentContext.CancellationToken);
            if (_calls.Pending == 0)
                _time.Advance(TimeSpan.FromMilliseconds(100));
        }
    }
}
