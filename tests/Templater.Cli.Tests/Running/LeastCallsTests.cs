using System.Diagnostics;
using System.Globalization;
using Templater.Docker;
using Templater.Pipeline.Deployment.Preflight;
using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>
/// Every documented mode behind a filter that lets through the calls which the README lists for it and no other: it works,
/// makes no further call, and makes each of them.
/// </summary>
[CancelAfter(20_000)]
public sealed class LeastCallsTests : IAsyncDisposable
{
    private const string Emergency = "2026/01/02 03:04:05 [emerg] 1#1: I do not like it\n";
    private static readonly TimeSpan BetweenCrashes = TimeSpan.FromMilliseconds(300);
    private const string AskerOfOne = "shop";
    private readonly RunBench _bench = new();
    private readonly FakeDockerEngine _engine = new();
    private readonly FakeDockerEngine _told = new(new FakeDockerEngineOptions { UseTcp = true });
    private readonly List<Process> _children = [];
    private int _worker = 20;

    public LeastCallsTests()
    {
        _engine.Processes = _ => [(10, 1, "nginx: master process nginx"), (_worker, 10, "nginx: worker process")];
        _engine.SignalReceived = (_, _) => _worker++;
        _engine.Command = (_, _) =>
        {
            _worker++;
            return new ChildResult(0, "", "");
        };
        _engine.AddContainer("edge", static edge => edge.Label("templater.proxy", "nginx").Network("front").Started(DateTimeOffset.UnixEpoch));
        _engine.AddContainer(AskerOfOne, static shop => shop.Label("templater.host", "shop.example.com").Expose(80).Network("front"));
        _told.AddContainer("edge");
    }

    /// <summary>Every setting of the list, by the words that the list has for it.</summary>
    private static readonly TestCaseData[] Settings =
    [
        Case("`reload: auto`", "auto"),
        Case("`docker:`", "docker:edge"),
        Case("`label:`", "label:templater.proxy=nginx"),
        Case("`docker:NAME:restart`", "docker:edge:restart"),
        Case("`label:K=V:restart`", "label:templater.proxy=nginx:restart"),
        Case("`reload: exec:`", "exec:edge:nginx -s reload"),
        Case("the same with another `verify` than `auto`", "auto", "none"),
        Case("`reload: haproxy:`", "haproxy:{0}/master.sock", "none"),
        Case("`pidfile:`", "pidfile:{0}/edge.pid", "none"),
        Case("`process:`", "process:edgeprogram", "none"),
        Case("`command:`", "command:test -e {0}/there"),
        Case("`http:`", "http:http://127.0.0.1:{1}/containers/edge/kill?signal=HUP"),
    ];

    [TestCaseSource(nameof(Settings))]
    public async Task AProxyIsToldProvenAndHeardOutWithTheCallsOfItsModeAlone(string mode, string reload, string verify, CancellationToken cancellationToken)
    {
        var calls = Only(ModeOf(mode).Purposes | EngineMode.Always.Purposes);
        await BeTold(reload, cancellationToken);
        Start(reload, $"verify: {verify}", "validate: none");
        await _bench.Until(() => _bench.Log.Contains(") live in ", StringComparison.Ordinal) || _bench.Log.Contains(" (unproven)", StringComparison.Ordinal), cancellationToken);

        // What it says when it ends on a file is read from its log, however it is told.
        await HearItOut(mode, cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
        AssertThatAllAreMade(calls);
    }

    [TestCase("none")]
    [TestCase("push:127.0.0.1:0")]
    public async Task WhoTellsNobodyThroughTheEngineWatchesOnly(string reload, CancellationToken cancellationToken)
    {
        var isPush = reload.StartsWith("push", StringComparison.Ordinal);
        var calls = Only(ModeOf("`none`").Purposes | EngineMode.Always.Purposes);
        var port = FreePort.Next();
        _bench.Settings(_bench.State, $"docker_host: {_engine.Host}", $"template: {(isPush ? "centauri" : Template())}", "swarm: off", isPush ? "" : "validate: none",
            $"reload: {(isPush ? string.Create(CultureInfo.InvariantCulture, $"push:127.0.0.1:{port}") : reload)}");
        _bench.Start();
        await _bench.Until(() => File.Exists(_bench.Directory["out.txt"]), cancellationToken);
        if (isPush)
        {
            await using var client = CentauriClient.Start(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port));
            await client.WaitForAsync(static routes => routes.Contains("shop.example.com", StringComparison.Ordinal), cancellationToken);
        }

        Assert.That(await _bench.End(), Is.Zero);
        AssertThatAllAreMade(calls);
    }

    [Test]
    public async Task ACheckInTheProxysContainerTakesTheCallsOfACommandThere(CancellationToken cancellationToken)
    {
        var calls = Only(ModeOf("`validate: exec:`").Purposes | EngineMode.Always.Purposes);
        // On a busy machine a connection may be lost; the next look asks again.
        Start("none", "validate: 'exec:edge:nginx -t -c {file}'", "resync: 1s");
        await _bench.Until(() => File.Exists(_bench.Directory["out.txt"]), cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
        AssertThatAllAreMade(calls);
    }

    [Test]
    public async Task AManagerOfASwarmIsAskedForItsServices(CancellationToken cancellationToken)
    {
        _engine.IsSwarmManager = true;
        foreach (var list in (string[])["/services", "/tasks", "/nodes"])
            _engine.Faults.EmptyList(list);
        var calls = Only(ModeOf("on a manager of a Swarm").Purposes | EngineMode.Always.Purposes);
        _bench.Settings(_bench.State, $"docker_host: {_engine.Host}", "reload: none", "validate: none", $"template: {Template()}");
        _bench.Start();
        await _bench.Until(() => File.Exists(_bench.Directory["out.txt"]), cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
        AssertThatAllAreMade(calls);
    }

    [TestCase("render", "--output", "-")]
    [TestCase("explain", AskerOfOne)]
    [TestCase("labels", AskerOfOne)]
    [TestCase("snapshot")]
    public async Task ACommandThatReadsOnceIsToldOfNoChanges(params string[] command)
    {
        var mode = ModeOf($"`{command[0]}`");
        var calls = Only(mode.Purposes);
        var run = await CommandRun.Of([.. command, .. command[0] is "snapshot" ? Array.Empty<string>() : ["--template", "nginx"], "--docker-host", _engine.Host]);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")), run.Output);
        AssertThatAllAreMade(calls);
    }

    [Test]
    public void EveryModeOfTheListIsTried()
    {
        string[] elsewhere = ["`run`, always", "on a manager of a Swarm, unless `SWARM=off`", "`reload: push:`, `none`", "`validate: exec:`", "`render`, `explain`, `labels`, `snapshot`"];
        var tried = Settings.Select(static data => (string)data.Arguments[0]!).ToList();
        foreach (var mode in EngineMode.All.Where(mode => !elsewhere.Contains(mode.Name)))
        {
            foreach (var word in mode.Name.StartsWith('`') ? mode.Name.Split(", ") : [mode.Name])
                Assert.That(tried, Has.Some.EqualTo(word), mode.Name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _bench.Dispose();
        foreach (var child in _children)
        {
            if (!child.HasExited)
                child.Kill(entireProcessTree: true);
            child.Dispose();
        }

        await _engine.DisposeAsync();
        await _told.DisposeAsync();
    }

    private static TestCaseData Case(string mode, string reload, string verify = "auto") => new TestCaseData(mode, reload, verify).SetArgDisplayNames(mode);

    private static EngineMode ModeOf(string words) => EngineMode.All.Single(mode => mode.Name.Contains(words, StringComparison.Ordinal));

    private AllowedCalls Only(CallPurposes purposes)
    {
        var calls = AllowedCalls.For(purposes);
        _engine.Allows = request => calls.Calls.Any(call => call.Matches(request.Method, request.Path));
        return calls;
    }

    private void AssertThatAllAreMade(AllowedCalls calls)
    {
        var refused = _engine.Requests.Where(request => !_engine.Allows(request)).Select(static request => request.ToString());
        var unmade = calls.Calls.Where(call => !_engine.Requests.Any(request => call.Matches(request.Method, request.Path))).Select(static call => call.ToString());
        Assert.That(refused, Is.Empty, "called and not listed");
        Assert.That(unmade, Is.Empty, "listed and not called");
        Assert.That(_bench.Log, Does.Not.Contain("call-forbidden"));
    }

    private string Template() => _bench.Directory.Write("nginx.nginx.scriban", "{{ for host in virtual_hosts }}# {{ host.name }};\n{{ end }}");

    private void Start(string reload, params string[] more)
    {
        // A proxy outside of containers is no nginx here: it is told, and that is all.
        var isLocal = reload.Split(':')[0] is "haproxy" or "pidfile" or "process";
        var template = isLocal ? _bench.Directory.Write("nginx.scriban", "{{# format: plain #}}{{ for host in virtual_hosts }}# {{ host.name }}\n{{ end }}") : Template();
        _bench.Settings([_bench.State, $"docker_host: {_engine.Host}", $"template: {template}", "swarm: off",
            $"reload: '{string.Format(CultureInfo.InvariantCulture, reload, _bench.Directory.Path, _told.Port)}'", .. more]);
        _bench.Start();
    }

    // Nobody can be told of the second file, or proves it: the proxy ends on it meanwhile.
    private async Task HearItOut(string mode, CancellationToken cancellationToken)
    {
        _engine.SignalReceived = (_, _) => { };
        _engine.Command = static (_, _) => new ChildResult(0, "", "");
        if (mode.StartsWith("the same", StringComparison.Ordinal))
            _engine.Faults.Fail($"/containers/{_engine.Container("edge").Id}/kill", 500);
        _engine.Faults.Fail($"/containers/{_engine.Container("edge").Id}/restart", 500);
        _told.Faults.Fail("*", 500);
        File.Delete(_bench.Directory["there"]);
        _children.ForEach(static child => child.Kill(entireProcessTree: true));
        _engine.AddContainer("blog", static blog => blog.Label("templater.host", "blog.example.com").Expose(80).Network("front"));
        await _bench.Until(() => File.ReadAllText(_bench.Directory["out.txt"]).Contains("blog.example.com", StringComparison.Ordinal), cancellationToken);
        _engine.Alter("edge", static edge => edge.Log(Emergency, isError: true));
        _engine.Die("edge");
        while (!_bench.Log.Contains("I do not like it", StringComparison.Ordinal))
        {
            Assert.That(cancellationToken.IsCancellationRequested, Is.False, _bench.Log);
            await Task.Delay(BetweenCrashes, CancellationToken.None);
            _engine.Start("edge");
            _engine.Die("edge");
        }
    }

    private async Task BeTold(string reload, CancellationToken cancellationToken)
    {
        _bench.Directory.Write("there", "");
        switch (reload.Split(':')[0])
        {
            case "pidfile":
                _bench.Directory.Write("edge.pid", Child("sh").Id.ToString(CultureInfo.InvariantCulture));
                break;
            case "process":
                File.Copy("/bin/sh", _bench.Directory["edgeprogram"]);
                Child(_bench.Directory["edgeprogram"]);
                break;
            case "haproxy":
                var config = _bench.Directory.Write("haproxy.cfg", string.Create(CultureInfo.InvariantCulture, $"defaults\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\nfrontend f\n  mode http\n  bind 127.0.0.1:{FreePort.Next()}\n"));
                Child(ProxyPrograms.Require("haproxy"), "-W", "-S", _bench.Directory["master.sock"], "-f", config);
                while (!File.Exists(_bench.Directory["master.sock"]))
                    await Task.Delay(20, cancellationToken);
                break;
        }
    }

    private Process Child(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments.Length > 0 ? arguments : ["-c", "trap : HUP; while :; do sleep 0.1; done"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        var child = Process.Start(start)!;
        _children.Add(child);
        return child;
    }
}
