using System.Net.Sockets;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>What is said while a proxy that no engine is asked about cannot be told.</summary>
[Platform("Linux")]
public sealed class LocalTargetTests
{
    private static readonly string Me = UnixFile.OwnIdentity;

    private readonly FakeTimeProvider _time = new();
    private TempDirectory _directory = null!;

    [SetUp]
    public void CreateDirectory() => _directory = new TempDirectory("tpl-");

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [TestCase("haproxy:{0}/m.sock",
        "warning reload-target-missing: nothing matches haproxy:{0}/m.sock: there is no such socket. The new configuration is written, the reload is owed and will be sent when it appears. Check the path, start HAProxy with -S \"{0}/m.sock,mode,660,level,admin\", and mount the socket's directory in both containers.")]
    [TestCase("haproxy:{0}/left.sock",
        "warning reload-target-missing: nothing matches haproxy:{0}/left.sock: nobody listens on that socket. The new configuration is written, the reload is owed and will be sent when it appears. Check the path, start HAProxy with -S \"{0}/left.sock,mode,660,level,admin\", and mount the socket's directory in both containers.")]
    [TestCase("pidfile:{0}/none.pid",
        "warning reload-target-missing: nothing matches pidfile:{0}/none.pid: it is not there. The new configuration is written, the reload is owed and will be sent when it appears. Check the path; the file must be mounted here too, and Templater must share the proxy's PID namespace (pid: \"service:PROXY\" in compose).")]
    [TestCase("pidfile:{0}/empty.pid",
        "warning reload-target-missing: nothing matches pidfile:{0}/empty.pid: it holds no process id. The new configuration is written, the reload is owed and will be sent when it appears. Check the path; the file must be mounted here too, and Templater must share the proxy's PID namespace (pid: \"service:PROXY\" in compose).")]
    [TestCase("pidfile:{0}/self.pid",
        "error reload-failed: {0}/self.pid names process {1}, which is Templater itself: it is left over, or of another PID namespace. The reload stays owed and is tried again. Remove a file that is left over; Templater must share the proxy's PID namespace (pid: \"service:PROXY\" in compose).")]
    [TestCase("process:no-such-proxy",
        "warning reload-target-missing: nothing matches process:no-such-proxy: no process no-such-proxy runs here. The new configuration is written, the reload is owed and will be sent when it appears. Check the name; Templater must share the proxy's PID namespace (pid: \"service:PROXY\" in compose).")]
    public async Task AProxyThatDoesNotAppearIsMissedAfterAWhileAndNotAtOnce(string reload, string expected)
    {
        _directory.Write("empty.pid", "");
        _directory.Write("self.pid", $"{Environment.ProcessId}\n");
        // connect(2) answers for a file as for a socket that was left over.
        _directory.Write("left.sock", "");
        using var deployer = Create(string.Format(null, reload, _directory.Path));

        var quiet = new List<DeployOutcome> { await DeployAsync(deployer, "one") };
        for (var i = 0; i < 4; i++)
            quiet.Add((await SettleLaterAsync(deployer))!);
        var said = (await SettleLaterAsync(deployer))!;

        Assert.That(quiet.SelectMany(static outcome => outcome.Findings), Is.Empty);
        Assert.That(said.Findings.Single().ToString(), Is.EqualTo(string.Format(null, expected, _directory.Path, Environment.ProcessId)));
        Assert.That(said, Is.InstanceOf<DeployOutcome.Owed>().With.Property("WaitsForProxy").EqualTo(expected.StartsWith("warning", StringComparison.Ordinal)));
        Assert.That((await DeployAsync(deployer, "two")).Findings, Is.EqualTo(said.Findings), "the next file does not unsay it");
    }

    [Test]
    public async Task AMasterThatHangsIsNoMissingProxy()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_directory["m.sock"]));
        listener.Listen();
        using var deployer = Create($"haproxy:{_directory["m.sock"]}");

        var first = await InTimeAsync(DeployAsync(deployer, "one"));
        await InTimeAsync(SettleLaterAsync(deployer)!);
        var third = await InTimeAsync(SettleLaterAsync(deployer)!);

        Assert.That(first, Is.InstanceOf<DeployOutcome.Owed>().With.Property("WaitsForProxy").False.And.Property("Findings").Empty);
        Assert.That(third!.Findings.Single().ToString(), Is.EqualTo(
            $"error reload-failed: {_directory["m.sock"]} did not answer \"show proc\" within 3 s. The reload stays owed and is tried again."));
    }

    [Test]
    public async Task APathThatIsTooLongForASocketIsSaidAtOnce()
    {
        var path = "/" + new string('x', 200);
        using var deployer = Create("haproxy:" + path);

        Assert.That((await DeployAsync(deployer, "one")).Findings.Single().ToString(), Is.EqualTo(
            $"error reload-failed: {path} is too long for a socket's path. The reload stays owed and is tried again. Choose a shorter one."));
    }

    [TestCase(99u, 0x1B0u, "it belongs to 99:99 (mode 0660) and Templater runs as {0}. The reload stays owed and is tried again. Add group_add: [\"99\"] to the service, or --group-add 99.")]
    [TestCase(99u, 0x180u, "it belongs to 99:99 (mode 0600) and Templater runs as {0}. The reload stays owed and is tried again. Start HAProxy with -S \"/run/m.sock,mode,660,level,admin\", and add group_add: [\"99\"] to the service, or --group-add 99.")]
    [TestCase(null, null, "{0} may not enter its directory. The reload stays owed and is tried again. Let everybody enter it, for example with chmod 1777.")]
    public void ADeniedMasterSocketIsNamedWithTheGroupThatOpensIt(uint? owner, uint? mode, string expected)
    {
        var error = new HAProxySocketException("cannot connect", HAProxySocketTrouble.Denied, null);

        var finding = SocketFindings.Of(error, "/run/m.sock", owner is { } id ? new FileOwner(id, id, mode!.Value) : null);

        Assert.That(finding.ToString(), Is.EqualTo("error reload-failed: cannot open HAProxy's master socket /run/m.sock: " + string.Format(null, expected, Me)));
    }

    [TestCase(SocketError.AccessDenied, true, HAProxySocketTrouble.Denied)]
    [TestCase(SocketError.AccessDenied, false, HAProxySocketTrouble.Denied)]
    [TestCase(SocketError.ConnectionRefused, true, HAProxySocketTrouble.Absent)]
    [TestCase(SocketError.AddressNotAvailable, false, HAProxySocketTrouble.Absent)]
    [TestCase(SocketError.TryAgain, true, HAProxySocketTrouble.NoAnswer)]
    public void WhatMayNotBeOpenedIsNotMissing(SocketError error, bool isThere, object expected) =>
        Assert.That(HAProxyMaster.TroubleOf(error, isThere), Is.EqualTo(expected));

    [TestCase("State:\tS (sleeping)\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000000000\n", null)]
    [TestCase("State:\tT (stopped)\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000000001\n", "is stopped")]
    [TestCase("State:\tD (disk sleep)\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000000001\n", "has not taken the signal yet", TestName = "The process of a container that is paused")]
    [TestCase("State:\tS (sleeping)\nSigPnd:\t0000000000000003\nShdPnd:\t0000000000000000\n", "has not taken the signal yet")]
    [TestCase("State:\tS (sleeping)\nSigPnd:\t0000000000000000\nShdPnd:\t8000000000000002\n", null, TestName = "Other signals say nothing of this one")]
    [TestCase("State:\tt (tracing stop)\nShdPnd:\tx\n", null)]
    [TestCase("", null)]
    [TestCase(null, null)]
    public void AProcessThatIsStoppedOrHasASignalPendingHasNotTakenIt(string? status, string? expected) =>
        Assert.That(ProcTable.ParseHeldUp(status, 1), Is.EqualTo(expected));

    private Deployer Create(string reload) => new DeployerFactory(StateDirectory.Open(_directory["state"]), null, _time).Create(
        new OutputDefinition { Name = "haproxy", Kind = ProxyKind.HAProxy, Template = "haproxy", Path = _directory["haproxy.cfg"] },
        new DeploymentSettings { Reload = ReloadSpec.Parse(reload), Validate = new ValidateSpec.None() });

    private Task<DeployOutcome> DeployAsync(Deployer deployer, string text) =>
        deployer.DeployAsync(DeployerBench.Rendered(text, _directory["haproxy.cfg"]), "test", CancellationToken.None);

    // Time goes on until the attempt has ended.
    private async Task<T> InTimeAsync<T>(Task<T> attempt)
    {
        while (!attempt.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }

        return await attempt;
    }

    private Task<DeployOutcome?> SettleLaterAsync(Deployer deployer)
    {
        _time.Advance(TimeSpan.FromSeconds(61));
        return deployer.SettleDebtAsync(CancellationToken.None);
    }
}
