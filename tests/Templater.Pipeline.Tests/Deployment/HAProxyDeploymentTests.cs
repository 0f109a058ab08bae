using System.Net.Sockets;
using System.Text;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Real HAProxy, reloaded and asked over its master socket.</summary>
[Platform("Linux")]
public sealed class HAProxyDeploymentTests
{
    private readonly int _port = RealProxy.FreePort();
    private TempDirectory _directory = null!;
    private Deployer _deployer = null!;

    [SetUp]
    public void CreateDeployer()
    {
        RealProxy.Require("haproxy");
        _directory = new TempDirectory("tpl-");
        _deployer = Create(new ValidateSpec.Auto());
    }

    [TearDown]
    public void RemoveDeployer()
    {
        _deployer.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task AFirstFileWaitsForTheProxyAndItsStartIsEnough()
    {
        var outcome = await DeployAsync(Config("0000000000000001", "first"));
        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>().With.Property("WaitsForProxy").True);

        using var proxy = await StartAsync();
        for (var i = 0; i < 100 && outcome is DeployOutcome.Owed; i++)
        {
            await Task.Delay(50);
            _deployer.OnProxyStarted();
            outcome = await _deployer.SettleDebtAsync(CancellationToken.None) ?? outcome;
        }

        // Its start is seen by reading the generation back; no reload was needed.
        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_deployer.Status.Current!.Delivered, Is.Null);
    }

    [Test]
    public async Task AReloadIsProvenByReadingTheGenerationBack()
    {
        await DeployAsync(Config("0000000000000001", "first"));
        using var proxy = await StartAsync();

        var outcome = await DeployAsync(Config("0000000000000002", "second"));

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>(), outcome.ToString());
        Assert.That(await RealProxy.GetAsync(_port), Is.EqualTo("second"));
    }

    [Test]
    public async Task TheCheckerRefusesWithTheLineAndNothingIsTouched()
    {
        await DeployAsync(Config("0000000000000001", "first"));
        using var proxy = await StartAsync();

        var outcome = await DeployAsync(Config("0000000000000002", "second", "no_such_keyword"));

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").False.And.Property("Line").EqualTo(4), outcome.ToString());
        Assert.That(((DeployOutcome.Refused)outcome).Output, Does.Contain("no_such_keyword").And.Contain(_directory["haproxy.cfg:4"]));
        Assert.That(_directory.Read("haproxy.cfg"), Does.Contain("first"));
        Assert.That(await RealProxy.GetAsync(_port), Is.EqualTo("first"));
    }

    [Test]
    public async Task WithoutACheckerARefusedFileIsPutBackAndTheProxyServesOn()
    {
        _deployer.Dispose();
        _deployer = Create(new ValidateSpec.None());
        await DeployAsync(Config("0000000000000001", "first"));
        using var proxy = await StartAsync();
        await BecomesLiveAsync(Config("0000000000000001", "first"));

        var outcome = await DeployAsync(Config("0000000000000002", "second", "no_such_keyword"));

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True, outcome.ToString());
        Assert.That(_directory.Read("haproxy.cfg"), Does.Contain("first"));
        Assert.That(await RealProxy.GetAsync(_port), Is.EqualTo("first"));
        Assert.That(await _deployer.SettleDebtAsync(CancellationToken.None), Is.Null, "the old worker was never replaced");
        Assert.That(await DeployAsync(Config("0000000000000003", "third")), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(await RealProxy.GetAsync(_port), Is.EqualTo("third"));
    }

    [Test]
    public async Task WithoutACheckerTheContainersLogTellsTheLineThatWasRefused()
    {
        _deployer.Dispose();
        var engine = new LogReader("haproxy");
        _deployer = Create(new ValidateSpec.None(), engine);
        await DeployAsync(Config("0000000000000001", "first"));
        using var proxy = await StartAsync();
        engine.Log = () => proxy.Errors;
        await BecomesLiveAsync(Config("0000000000000001", "first"));

        // The second time the same lines stand in the log already.
        for (var time = 1; time <= 2; time++)
        {
            var outcome = await DeployAsync(Config($"000000000000001{time}", "second", "no_such_keyword"));

            Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Line").EqualTo(4), outcome.ToString());
            Assert.That(outcome.Findings.Single().Message, Does.StartWith("haproxy refused ").And.Contain(": line 4 \"unknown keyword 'no_such_keyword' in 'global' section\". "));
        }
    }

    [Test]
    public async Task ALogThatMayNotBeReadIsNoReasonToWait()
    {
        _deployer.Dispose();
        _deployer = Create(new ValidateSpec.None(), new LogReader("haproxy") { Log = static () => null });
        await DeployAsync(Config("0000000000000001", "first"));
        using var proxy = await StartAsync();
        await DeployAsync(Config("0000000000000001", "first"));

        var outcome = await DeployAsync(Config("0000000000000002", "second", "no_such_keyword"));

        // A newer HAProxy tells the reason to who asked for the reload.
        if (ProxyPrograms.Newer("haproxy") is not null)
        {
            Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Line").EqualTo(4), outcome.ToString());
            return;
        }

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Line").Null, outcome.ToString());
        Assert.That(outcome.Findings.Single().Message, Does.Contain("HAProxy's own log does").And.Contain("GET /containers/*/logs"));
    }

    [TestCase("", "Delivered")]
    [TestCase("\n", "Delivered")]
    [TestCase("Success=1\n--\n[NOTICE] loading\n", "Delivered")]
    [TestCase("Success=0\n--\n[ALERT] (1) : bad\n", "Refused")]
    [TestCase("Success=0\n", "Refused")]
    [TestCase("Permission denied\n", "Failed")]
    [TestCase("Unknown command: 'reload'\n", "Failed")]
    public void AnswersOfAllVersionsAreUnderstood(string answer, string expected) =>
        Assert.That(HAProxyReloader.Read(answer).GetType().Name, Is.EqualTo(expected));

    [Test]
    public async Task AMasterThatSaysSuccessIsBelievedOnlyWhenItsWorkerHasTheGeneration()
    {
        using var master = new SayingMaster(_directory["m.sock"]);
        _deployer.Dispose();
        _deployer = Create(new ValidateSpec.None(), deadline: TimeSpan.FromMilliseconds(300));
        master.Generation = "0000000000000001";
        await BecomesLiveAsync(Config("0000000000000001", "first"));

        Assert.That(await DeployAsync(Config("0000000000000002", "second")), Is.InstanceOf<DeployOutcome.Failed>().Or.InstanceOf<DeployOutcome.Owed>());
        Assert.That(master.Reloads, Is.GreaterThan(0));

        master.GenerationAfterReload = "0000000000000003";
        Assert.That(await DeployAsync(Config("0000000000000003", "third")), Is.InstanceOf<DeployOutcome.Live>());
    }

    [Test, CancelAfter(30_000)]
    public async Task AMasterThatTakesAReloadAndNeverAnswersIsLeftToTheProof(CancellationToken cancellationToken)
    {
        using var master = new SayingMaster(_directory["m.sock"]) { HangsOnReload = true };
        var time = new FakeTimeProvider();

        var reload = new HAProxyReloader(new HAProxyMaster(_directory["m.sock"], time)).ReloadAsync(cancellationToken);
        while (master.Reloads == 0)
            await Task.Delay(1, cancellationToken);
        time.Advance(TimeSpan.FromSeconds(60));

        Assert.That(await reload.WaitAsync(cancellationToken), Is.InstanceOf<ReloadAnswer.Delivered>());
    }

    [Test]
    public async Task ASecondMasterThatNoReloadReachesIsReportedUntilItIsGone()
    {
        await DeployAsync(Config("0000000000000001", "first"));
        var reloader = new HAProxyReloader(new HAProxyMaster(_directory["m.sock"], TimeProvider.System));
        var former = await StartAsync();
        var pid = former.Pid;
        using var newcomer = await StartAsync();
        using (former)
        {
            // Who was started last takes the socket.
            for (var i = 0; i < 400 && !(await reloader.FindAsync(CancellationToken.None)).Notes.Any(IsAboutIt); i++)
                await Task.Delay(25);

            var outcome = await BecomesLiveAsync(Config("0000000000000002", "second"));

            Assert.That(outcome.Findings.Count(IsAboutIt), Is.EqualTo(1), string.Join('\n', outcome.Findings));
            var answers = new HashSet<string>(StringComparer.Ordinal);
            for (var i = 0; i < 400 && answers.Count < 2; i++)
                answers.Add(await RealProxy.GetAsync(_port));
            Assert.That(answers, Is.EquivalentTo(new[] { "first", "second" }), "the kernel gives both a share");
        }

        Assert.That((await BecomesLiveAsync(Config("0000000000000003", "third"))).Findings.Any(IsAboutIt), Is.False);

        bool IsAboutIt(Finding note) =>
            note.Message.Contains($"End it with kill {pid},", StringComparison.Ordinal) && note.Message.Contains(_directory["m.sock"], StringComparison.Ordinal);
    }

    [TestCase("1 master 0 [failed: 0] x", false)]
    [TestCase("1 master 2 [failed: 2] x", true)]
    [TestCase("1 master 0 x", false)]
    [TestCase("1 master 0 [failed: ", false)]
    [TestCase("", false)]
    public void TheMasterSaysThatItsLastReloadFailed(string answer, bool expected) =>
        Assert.That(HAProxyMaster.ParseFailed(answer), Is.EqualTo(expected));

    [Test]
    public void CurrentWorkersAreToldFromOldOnes() => Assert.That(
        HAProxyMaster.ParseWorkers("#<PID> <type> <reloads>\n162  master 0 [failed: 0]\n# workers\n163\tworker 0\n# old workers\n160 worker 1\n# programs\n9 x\n").Select(worker => $"{worker.Pid} {worker.Title}"),
        Is.EqualTo(new[] { "163 haproxy worker", "160 old haproxy worker" }));

    [Test]
    public async Task AMasterThatBreaksTheConnectionOffDoesNotEndTheProgram()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_directory["broken.sock"]));
        listener.Listen();
        var master = new HAProxyMaster(_directory["broken.sock"], TimeProvider.System);

        // More than the socket's buffer holds, so that the connection certainly ends in the middle.
        var sending = master.SendAsync(new string('x', 4_000_000), TimeSpan.FromSeconds(10), CancellationToken.None);
        (await listener.AcceptAsync()).Close();

        await Assert.ThatAsync(() => sending, Throws.TypeOf<HAProxySocketException>().With.Property("IsAbsent").False);
    }

    [TestCase("#<PID>          <type>          <reloads>       <uptime>        <version>      \n162             master          1 [failed: 0]   2d01h00m11s     2.6.12-1+deb12u4\n# workers\n18644           worker          0               0d00h00m03s     2.6.12-1+deb12u4\n", "2.01:00:11")]
    [TestCase("1 master 0 [failed: 0] x\n# workers\n100 worker 0 0d00h00m03s\n", null)]
    [TestCase("", null)]
    public void TheMasterSaysHowLongItRuns(string answer, string? expected) =>
        Assert.That(HAProxyMaster.ParseUptime(answer)?.ToString(), Is.EqualTo(expected));

    private Deployer Create(ValidateSpec validate, IContainerControl? engine = null, TimeSpan? deadline = null) => new DeployerFactory(StateDirectory.Open(_directory["state"]), engine, TimeProvider.System).Create(
        new OutputDefinition { Name = "haproxy", Kind = ProxyKind.HAProxy, Template = "haproxy", Path = _directory["haproxy.cfg"] },
        new DeploymentSettings
        {
            Reload = ReloadSpec.Parse($"haproxy:{_directory["m.sock"]}"),
            Validate = validate,
            ReloadInterval = TimeSpan.Zero,
            ReloadTimeout = deadline,
        });

    private async Task<RealProxy> StartAsync()
    {
        var proxy = RealProxy.Start("haproxy", "-W", "-db", "-S", $"{_directory["m.sock"]},level,operator", "-f", _directory["haproxy.cfg"]);
        await RealProxy.WaitForAsync(_port);
        // The master listens a moment later than its worker.
        var reloader = new HAProxyReloader(new HAProxyMaster(_directory["m.sock"], TimeProvider.System));
        for (var i = 0; i < 800 && (await reloader.FindAsync(CancellationToken.None)).Targets.IsEmpty; i++)
            await Task.Delay(25);
        return proxy;
    }

    // On a busy machine a proxy that has just started may not be ready to be asked.
    private async Task<DeployOutcome> BecomesLiveAsync(RenderedFile file)
    {
        var outcome = await DeployAsync(file);
        for (var i = 0; i < 100 && outcome is DeployOutcome.Owed; i++)
        {
            await Task.Delay(50);
            outcome = await DeployAsync(file);
        }

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>(), outcome.ToString());
        return outcome;
    }

    private Task<DeployOutcome> DeployAsync(RenderedFile file)
    {
        _deployer.OnProxyStarted();
        return _deployer.DeployAsync(file, "test", CancellationToken.None);
    }

    private RenderedFile Config(string generation, string body, string extra = "") => new()
    {
        Output = "haproxy",
        Path = _directory["haproxy.cfg"],
        Generation = generation,
        PrintsGeneration = true,
        Content = Encoding.UTF8.GetBytes(
            $"""
            global
              set-var proc.templater_generation str({generation})
              maxconn 100
              {extra}
            defaults
              mode http
              timeout client 5s
              timeout server 5s
              timeout connect 5s
            frontend f
              bind 127.0.0.1:{_port}
              http-request return status 200 content-type text/plain string {body}

            """),
    };
}
