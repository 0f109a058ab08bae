using System.Text;
using Mono.Unix.Native;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Real nginx, reloaded by a signal to its master process.</summary>
[Platform("Linux")]
public sealed class NginxDeploymentTests
{
    private readonly int _port = RealProxy.FreePort();
    private readonly int _generationPort = RealProxy.FreePort();
    private TempDirectory _directory = null!;

    private string ProgramName => $"nginx{_port}";

    [SetUp]
    public void CreateDirectory()
    {
        RealProxy.Require("nginx");
        _directory = new TempDirectory();
    }

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [TestCase("pidfile:{0}/nginx.pid")]
    [TestCase("process:{1}")]
    public async Task AReloadIsProvenByTheEndpointThatTheFileHas(string reload)
    {
        using var deployer = Create(string.Format(reload, _directory.Path, ProgramName));
        await DeployAsync(deployer, Config("0000000000000001", "first"));
        using var proxy = await StartAsync();
        Assert.That(await DeployAsync(deployer, Config("0000000000000001", "first")), Is.InstanceOf<DeployOutcome.Live>().With.Property("Proof").EndsWith("runs it already"));

        var outcome = await DeployAsync(deployer, Config("0000000000000002", "second"));

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>().With.Property("Proof").EqualTo("generation endpoint"), outcome.ToString());
        Assert.That(outcome.Findings, Is.Empty);
        Assert.That(await RealProxy.GetAsync(_port), Is.EqualTo("second\n"));
    }

    [TestCase("pidfile:{0}/nginx.pid")]
    [TestCase("process:{1}")]
    public async Task AReloadIsProvenByNewWorkers(string reload)
    {
        using var deployer = Create(string.Format(reload, _directory.Path, ProgramName));
        await DeployAsync(deployer, Config("0000000000000001", "first", endpoint: ""));
        using var proxy = await StartAsync();
        await DeployAsync(deployer, Config("0000000000000001", "first", endpoint: ""));

        var outcome = await DeployAsync(deployer, Config("0000000000000002", "second", endpoint: ""));

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>().With.Property("Proof").EqualTo("new workers, nothing refused in the log"), outcome.ToString());
        Assert.That(await RealProxy.GetAsync(_port), Is.EqualTo("second\n"));
    }

    [Test]
    public async Task AGenerationEndpointProvesIt()
    {
        using var deployer = Create($"pidfile:{_directory["nginx.pid"]}", verify: VerifySpec.Parse($"http:http://127.0.0.1:{_generationPort}/"));
        await DeployAsync(deployer, Config("0000000000000001", "first"));
        using var proxy = await StartAsync();

        var outcome = await DeployAsync(deployer, Config("0000000000000002", "second"));

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>().With.Property("Proof").EqualTo("generation endpoint"), outcome.ToString());
    }

    [Test]
    public async Task TheCheckerRefusesWithTheLineAndNothingIsTouched()
    {
        using var deployer = Create($"pidfile:{_directory["nginx.pid"]}");

        var outcome = await DeployAsync(deployer, Config("0000000000000002", "second", "no_such_directive on;"));

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Line").EqualTo(3), outcome.ToString());
        Assert.That(((DeployOutcome.Refused)outcome).Output, Does.Contain("no_such_directive").And.Contain(_directory["nginx.conf:3"]));
        Assert.That(File.Exists(_directory["nginx.conf"]), Is.False);
    }

    [Test]
    public async Task TheCheckerLeavesNoPidFileBehind()
    {
        using var deployer = Create("none");

        Assert.That(await DeployAsync(deployer, Config("0000000000000002", "second")), Is.InstanceOf<DeployOutcome.Delivered>());
        Assert.That(File.Exists(_directory["nginx.pid"]), Is.False);
    }

    [Test]
    public async Task WithoutACheckerARefusedFileIsPutBackAfterOneMoreTry()
    {
        using var deployer = Create($"pidfile:{_directory["nginx.pid"]}", ValidateSpec.Parse("none"), timeout: TimeSpan.FromSeconds(1));
        await DeployAsync(deployer, Config("0000000000000001", "first"));
        using var proxy = await StartAsync();
        await DeployAsync(deployer, Config("0000000000000001", "first"));
        await DeployAsync(deployer, Config("0000000000000002", "second"));

        var first = await DeployAsync(deployer, Config("0000000000000003", "third", "no_such_directive on;"));
        var second = await deployer.SettleDebtAsync(CancellationToken.None);

        Assert.That(first, Is.InstanceOf<DeployOutcome.Owed>());
        Assert.That(second, Is.InstanceOf<DeployOutcome.Failed>().With.Property("Restored").True, second?.ToString());
        Assert.That(_directory.Read("nginx.conf"), Does.Contain("second"));
        Assert.That(await RealProxy.GetAsync(_port), Is.EqualTo("second\n"));
        Assert.That(await deployer.SettleDebtAsync(CancellationToken.None), Is.InstanceOf<DeployOutcome.Live>());
    }

    [TestCase("pidfile:{0}/nginx.pid")]
    [TestCase("process:{1}")]
    public async Task TheLogOfItsContainerTellsWhyAProcessRefused(string reload)
    {
        var engine = new LogReader("nginx");
        using var deployer = Create(string.Format(reload, _directory.Path, ProgramName), ValidateSpec.Parse("none"), engine: engine);
        await DeployAsync(deployer, Config("0000000000000001", "first"));
        using var proxy = await StartAsync();
        engine.Log = () => proxy.Errors;
        await DeployAsync(deployer, Config("0000000000000001", "first"));

        var outcome = await DeployAsync(deployer, Config("0000000000000002", "second", "no_such_directive on;"));

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Line").EqualTo(3), outcome.ToString());
        Assert.That(outcome.Findings.Single().Message, Does.Contain("refused generation 2: line 3 \"unknown directive \"no_such_directive\" in "));
    }

    [Test]
    public async Task WhereTheLogCannotBeReadItIsSaidWhereTheReasonStands()
    {
        using var deployer = Create($"pidfile:{_directory["nginx.pid"]}", ValidateSpec.Parse("none"), timeout: TimeSpan.FromSeconds(1));
        await DeployAsync(deployer, Config("0000000000000001", "first"));
        using var proxy = await StartAsync();
        await DeployAsync(deployer, Config("0000000000000001", "first"));

        var outcome = await DeployAsync(deployer, Config("0000000000000002", "second", "no_such_directive on;"));

        Assert.That(outcome.Findings.Single().Message, Does.EndWith(
            "still answers with generation 1 and its workers are the former ones. Why stands in its own log. Where its container is labelled templater.proxy=OUTPUT, and GET /containers/*/logs is allowed, the reason is read there. The proxy is told once more."));
    }

    [TestCase("pidfile:{0}/nginx.pid", false)]
    [TestCase("process:{1}", false)]
    [TestCase("process:{1}", true)]
    public async Task APortInUseIsSaidAndTheFormerFilePutBack(string reload, bool hasLog)
    {
        var engine = hasLog ? new LogReader("nginx") : null;
        using var deployer = Create(string.Format(reload, _directory.Path, ProgramName), timeout: hasLog ? null : TimeSpan.FromSeconds(1), engine: engine);
        await DeployAsync(deployer, Config("0000000000000001", "first"));
        using var proxy = await StartAsync();
        if (engine is not null)
            engine.Log = () => proxy.Errors;
        await DeployAsync(deployer, Config("0000000000000001", "first"));
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;

        var outcome = await DeployAsync(deployer, Config("0000000000000002", "second", listen: $"listen 127.0.0.1:{port};"));
        if (!hasLog)
        {
            Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>(), outcome.ToString());
            outcome = await deployer.SettleDebtAsync(CancellationToken.None);
        }

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Line").EqualTo(ListenLine).And.Property("Restored").True, outcome?.ToString());
        Assert.That(outcome!.Findings.Single().Message, hasLog
            ? Does.Contain($"refused generation 2: line {ListenLine} \"bind() to 127.0.0.1:{port} failed (98: ")
            : Does.Contain("was told and nothing changed: after ").And.Contain("still answers with generation 1 and its workers are the former ones. ")
                .And.Contain($"port {port} is new in this file, and something else uses it"));
        Assert.That(_directory.Read("nginx.conf"), Does.Contain("first"));
        Assert.That(await RealProxy.GetAsync(_port), Is.EqualTo("first\n"));
        Assert.That(await deployer.SettleDebtAsync(CancellationToken.None), hasLog ? Is.Null : Is.InstanceOf<DeployOutcome.Live>().With.Property("Proof").EndsWith("runs it already"));
    }

    [Test]
    public async Task AProxyThatRestartsByItselfIsAskedWhatItCameUpWith()
    {
        using var deployer = Create($"process:{ProgramName}", timeout: TimeSpan.FromSeconds(1));
        var (first, second) = (Config("0000000000000001", "first"), Config("0000000000000002", "second"));
        await DeployAsync(deployer, first);
        using (await StartAsync())
            Assert.That(await DeployAsync(deployer, second), Is.InstanceOf<DeployOutcome.Live>());

        using (await StartAsync())
        {
            Assert.That(await DeployAsync(deployer, second), Is.InstanceOf<DeployOutcome.Live>().With.Property("Proof").EndsWith("runs it already"));
            Assert.That(deployer.Status.Current, Has.Property("Result").EndsWith("runs it already").And.Property("OwedAnew").Not.Null, "noted in the journal");
        }

        // Now with what somebody else gives it, which a reload does not change.
        _directory.Write("other.conf", System.Text.Encoding.UTF8.GetString(first.Content.Span));
        using var other = await StartAsync("other.conf");
        var outcome = await DeployAsync(deployer, second);
        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>().With.Property("Reason").Contains("still answers with generation 1"), outcome.ToString());
        Assert.That(deployer.Status.OwedSince, Is.Not.Null);
        Assert.That(_directory.Read("nginx.conf"), Does.Contain("second"), "what was live once is not taken back");
    }

    [Test]
    public async Task AReloadWaitsForOldWorkersUnlessItTakesSomethingAway()
    {
        using var deployer = Create($"process:{ProgramName}", maxDraining: 1);
        await DeployAsync(deployer, Config("0000000000000001", "first"));
        using var proxy = await StartAsync();
        await DeployAsync(deployer, Config("0000000000000001", "first"));
        // Like a web socket: a connection that goes on pins the worker that has it.
        using var pinned = new System.Net.Sockets.TcpClient("127.0.0.1", _port);
        await pinned.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n"u8.ToArray());
        await Task.Delay(100);
        Assert.That(await DeployAsync(deployer, Config("0000000000000002", "second") with { MayWait = true }), Is.InstanceOf<DeployOutcome.Live>(), "nothing is old yet");

        var held = await DeployAsync(deployer, Config("0000000000000003", "third") with { MayWait = true });
        Assert.That(held, Is.InstanceOf<DeployOutcome.Owed>().With.Property("Reason").EqualTo(
            $"nginx{_port} (process {proxy.Pid}) still has 1 set of old workers that finish their connections, and nothing that is gone is served"), held.ToString());
        Assert.That(held.Findings, Is.Empty);
        Assert.That(await RealProxy.GetAsync(_port), Is.EqualTo("second\n"));
        Assert.That(await deployer.CountOldWorkersAsync(CancellationToken.None), Is.EqualTo(1));

        Assert.That(await DeployAsync(deployer, Config("0000000000000004", "fourth") with { MayWait = false }), Is.InstanceOf<DeployOutcome.Live>(), "something is gone");
        Assert.That(await DeployAsync(deployer, Config("0000000000000005", "fifth") with { MayWait = true }), Is.InstanceOf<DeployOutcome.Owed>());
        pinned.Close();
        DeployOutcome? freed = null;
        for (var i = 0; i < 100 && freed is not DeployOutcome.Live; i++)
        {
            await Task.Delay(100);
            freed = await deployer.SettleDebtAsync(CancellationToken.None);
        }

        Assert.That(freed, Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(await RealProxy.GetAsync(_port), Is.EqualTo("fifth\n"));
        Assert.That(async () => await deployer.CountOldWorkersAsync(CancellationToken.None), Is.Zero.After(5000, 50), "asked again while there are some");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task AnotherNginxThatAnswersIsReported(bool hasLog)
    {
        var engine = new LogReader("nginx");
        using var deployer = Create($"process:{ProgramName}", timeout: TimeSpan.FromSeconds(1), engine: engine);
        string Shared(string generation) => $"server {{ listen {_generationPort} reuseport; location / {{ return 200 {generation}; }} }}";
        await DeployAsync(deployer, Config("0000000000000001", "first", endpoint: Shared("0000000000000001")));
        using var proxy = await StartAsync();
        engine.Log = () => hasLog ? proxy.Errors : null;
        await DeployAsync(deployer, Config("0000000000000001", "first", endpoint: Shared("0000000000000001")));
        // The kernel lets both listen, and gives all connections to the more exact address.
        _directory.Write("stray.conf", $"events {{}} pid {_directory["stray.pid"]}; http {{ access_log off; server {{ listen 127.0.0.1:{_generationPort} reuseport; return 200 \"{new string('e', 16)}\\n\"; }} }}");
        using var stray = RealProxy.Start("nginx", "-p", _directory.Path, "-e", "stderr", "-c", _directory["stray.conf"], "-g", "daemon off;");
        for (var i = 0; i < 200 && !(await RealProxy.GetAsync(_generationPort)).StartsWith('e'); i++)
            await Task.Delay(25);

        var outcome = await DeployAsync(deployer, Config("0000000000000002", "second", endpoint: Shared("0000000000000002")));

        Assert.That(outcome, hasLog ? Is.InstanceOf<DeployOutcome.Live>().With.Property("Proof").EqualTo("new workers, nothing refused in the log") : Is.InstanceOf<DeployOutcome.Owed>(), outcome.ToString());
        Assert.That(outcome.Findings.Single().Message, hasLog
            ? Is.EqualTo($"nginx{_port} (process {proxy.Pid}) has new workers and refused nothing, but 127.0.0.1:{_generationPort} answers with eeeeeeeeeeeeeeee, which is no generation of this output that is known: another nginx listens there and takes a share of the connections, or all of them. End it, or give one of them another port.")
            : Does.Contain("still answers with eeeeeeeeeeeeeeee, which is no generation of this output that is known although its workers are new. "));
    }

    [TestCase("")]
    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("nonsense")]
    [TestCase("4194304999")]
    public async Task APidFileWithoutAProcessIdSignalsNobody(string content)
    {
        using var deployer = Create($"pidfile:{_directory["nginx.pid"]}");
        _directory.Write("nginx.pid", content);

        var outcome = await DeployAsync(deployer, Config("0000000000000001", "first"));

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>().With.Property("Reason").Contains("nginx.pid"));
    }

    [Test]
    public async Task APipeInPlaceOfThePidFileIsNotWaitedFor()
    {
        using var deployer = Create($"pidfile:{_directory["nginx.pid"]}");
        Assert.That(Syscall.mkfifo(_directory["nginx.pid"], FilePermissions.DEFFILEMODE), Is.Zero);

        var outcome = await DeployAsync(deployer, Config("0000000000000001", "first")).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>().With.Property("Reason").EqualTo(
            $"cannot read {_directory["nginx.pid"]} as {UnixFile.OwnIdentity}: it is a pipe; a file was expected"));
    }

    [TestCase("self", "which is Templater itself")]
    [TestCase("other", "and not nginx")]
    [TestCase("later", "which started after the file was written")]
    public async Task APidFileThatNamesAWrongProcessSignalsNobody(string whose, string expected)
    {
        using var deployer = Create($"pidfile:{_directory["nginx.pid"]}");
        using var sleeper = RealProxy.Start("/usr/bin/sleep", "60");
        _directory.Write("nginx.pid", $"{(whose == "self" ? Environment.ProcessId : sleeper.Pid)}\n");
        if (whose == "later")
            File.SetLastWriteTimeUtc(_directory["nginx.pid"], DateTime.UtcNow.AddHours(-1));

        var outcome = await DeployAsync(deployer, Config("0000000000000001", "first"));

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>().With.Property("Reason").Contains(expected), outcome.ToString());
        Assert.That(sleeper.HasExited, Is.False);
    }

    private Deployer Create(string reload, ValidateSpec? validate = null, VerifySpec? verify = null, TimeSpan? timeout = null, IContainerControl? engine = null, int maxDraining = 10) =>
        new DeployerFactory(StateDirectory.Open(_directory["state"]), engine, TimeProvider.System).Create(
            new OutputDefinition { Name = "nginx", Kind = ProxyKind.Nginx, Template = "nginx", Path = _directory["nginx.conf"] },
            new DeploymentSettings
            {
                Reload = ReloadSpec.Parse(reload),
                Validate = validate ?? new ValidateSpec.Auto(),
                Verify = verify ?? new VerifySpec.Auto(),
                ReloadInterval = TimeSpan.Zero,
                ReloadTimeout = timeout,
                ReloadMaxDraining = maxDraining,
            });

    private async Task<RealProxy> StartAsync(string file = "nginx.conf")
    {
        // Under a name of its own: another nginx on this machine must not be signalled by a test.
        if (!File.Exists(_directory[ProgramName]))
            File.CreateSymbolicLink(_directory[ProgramName], RealProxy.Require("nginx"));
        var proxy = RealProxy.Start(_directory[ProgramName], "-p", _directory.Path, "-e", "stderr", "-c", _directory[file], "-g", $"daemon off; pid {_directory["nginx.pid"]};");
        await RealProxy.WaitForAsync(_port);
        return proxy;
    }

    private static async Task<DeployOutcome> DeployAsync(Deployer deployer, RenderedFile file)
    {
        deployer.OnProxyStarted();
        return await deployer.DeployAsync(file, "test", CancellationToken.None);
    }

    private const int ListenLine = 8;

    private RenderedFile Config(string generation, string body, string extra = "", string? endpoint = null, string listen = "") => new()
    {
        Output = "nginx",
        Path = _directory["nginx.conf"],
        Generation = generation,
        PrintsGeneration = true,
        Content = Encoding.UTF8.GetBytes(
            $$"""
            worker_processes 2;
            events { worker_connections 64; }
            {{extra}}
            error_log stderr;
            http {
              access_log off;
              client_body_temp_path {{_directory["body"]}};
              server { listen 127.0.0.1:{{_port}}; {{listen}} location / { return 200 "{{body}}\n"; } }
              {{endpoint ?? $"server {{ listen 127.0.0.1:{_generationPort}; location / {{ return 200 \"{generation}\n\"; }} }}"}}
              # {{generation}}
            }

            """),
    };
}
