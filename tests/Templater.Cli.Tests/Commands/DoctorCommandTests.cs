using System.Text.Json;
using Templater.Testing;

namespace Templater.Cli.Tests.Commands;

/// <summary><c>templater doctor</c> beside an engine.</summary>
[CancelAfter(30_000)]
public sealed class DoctorCommandTests : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly FakeDockerEngine _engine = new();

    public DoctorCommandTests() => _engine.AddContainer("edge", static edge => edge.Label("templater.proxy", "nginx").Network("front"));

    [Test]
    public async Task WhatIsRightIsToldAndNothingIsChanged()
    {
        var run = await RunAsync("--validate", "none");
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")), run.Output);
        Assert.That(run.Output, Does.Contain("10 needed calls are answered").Or.Contain("9 of 10 needed calls are answered, 1 not tried: nothing stands before this socket"));
        Assert.That(run.Output, Does.Contain("nginx: file").And.Contain("can be written").And.Contain("edge (running)").And.Contain(" 0 errors"));
        Assert.That(run.Output, Does.Not.Contain("wollomatic"));
        Assert.That(Directory.EnumerateFileSystemEntries(_directory.Path), Is.Empty, "nothing is written");
        Assert.That(_engine.Requests.Select(static request => request.Method).Distinct(), Is.EqualTo(new[] { "GET" }), "nobody is told");
    }

    [Test]
    public async Task AForbiddenCallIsAnErrorWithTheRules()
    {
        _engine.Allows = static request => !request.Path.EndsWith("/top", StringComparison.Ordinal);
        var run = await RunAsync("--validate", "none");
        Assert.That(run.ExitCode, Is.EqualTo(4), run.Output);
        Assert.That(run.Output, Does.Contain("/top (403). Needed for: proving a reload by the proxy's processes. Allow it there; the rules are below.")
            .And.Contain("warning reload-unproven: a reload of output \"nginx\" cannot be proven, nor a refusal explained: GET /containers/{id}/top is refused by the engine at unix://")
            .And.Contain("-allowPOST=").And.Contain("ALLOW_RESTARTS=1"));
    }

    [Test]
    public async Task AListThatIsForbiddenIsToldWithAllOtherCalls()
    {
        _engine.Allows = static request => request.Path is not "/containers/json";
        var run = await RunAsync("--validate", "none");
        Assert.That((run.ExitCode, run.Output.Contains("error call-forbidden: ", StringComparison.Ordinal)), Is.EqualTo((4, true)), run.Output);
        Assert.That(run.Output, Does.Contain("\n    allowed   GET /networks").And.Contain("\n    forbidden GET /containers/json"));
    }

    [Test]
    public async Task AnEngineThatIsNotThereIsAnErrorAndTheRestIsLookedAt()
    {
        _engine.StopListening();
        var run = await RunAsync("--reload", "docker:edge");
        Assert.That(run.ExitCode, Is.EqualTo(4));
        Assert.That(run.Output, Does.StartWith("error    engine").And.Contain("engine-unreachable").And.Contain("nginx: file").And.Contain("can be written"));
    }

    [TestCase("docker:edgy", 0, "warning reload-target-missing: nothing matches docker:edgy; running proxies: \"edge\"; similar: container \"edge\".")]
    [TestCase("haproxy:/nowhere/master.sock", 0, "warning reload-target-missing: nothing matches haproxy:/nowhere/master.sock: there is no such socket.")]
    [TestCase("pidfile:/nowhere/nginx.pid", 0, "warning reload-target-missing: nothing matches pidfile:/nowhere/nginx.pid: it is not there.")]
    public async Task ATargetThatIsMissingIsNamedWithWhatIsSimilar(string reload, int exitCode, string expected)
    {
        var run = await RunAsync("--reload", reload, "--validate", "none");
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((exitCode, run.Output)), run.Output);
        Assert.That(run.Output, Does.Contain(expected));
    }

    [TestCase("command:/no/such/checker {file}", "error checker-failed: the checker /no/such/checker is not installed here. The proxy itself is relied on: what it does not take is put back.")]
    [TestCase("command:/no/such/checker {file}", "error checker-failed: the checker /no/such/checker is not installed here. Nothing is replaced unchecked.", "docker:edge:restart")]
    [TestCase("exec:nobody:nginx -t", "error checker-failed: no container nobody runs, in which validate runs its command.")]
    public async Task ACheckerThatIsMissingIsAnError(string validate, string expected, string reload = "auto")
    {
        var run = await RunAsync("--validate", validate, "--reload", reload);
        Assert.That(run.ExitCode, Is.EqualTo(4), run.Output);
        Assert.That(run.Output, Does.Contain(expected));
    }

    [Test]
    public async Task APartOfAConfigurationIsJudgedByTheProxyAlone()
    {
        var run = await RunAsync("--template", "nginx-http", "--output", _directory["templater.conf"]);
        Assert.That(run.Output, Does.Contain("the proxy itself: a part of a configuration cannot be judged alone (included_by names what includes it; validate: command: or exec: may judge it with the rest)"));
    }

    [Test]
    public async Task APartOfAConfigurationIsJudgedWithinWhatIncludesIt()
    {
        ProxyPrograms.Require("nginx");
        _directory.Write("etc/nginx.conf", "events {}\nhttp {}\n");
        // As of the program that runs, which may be in the middle of a check of its own.
        _directory.Write("state/scratch/nginx.including/nginx.conf", "another's");
        _directory.Write("nginx.conf", "");
        var run = await RunAsync("--template", "nginx-http", "--included-by", _directory["etc/nginx.conf"]);
        Assert.That(run.ExitCode, Is.Zero, run.Error + run.Output);
        Assert.That(run.Output, Does.Contain($" -t of {_directory["etc/nginx.conf"]}").And.Contain($"does not include {_directory["nginx.conf"]}, nor does a file that it includes. Correct included_by, "));
        Assert.That(_directory.Read("state/scratch/nginx.including/nginx.conf"), Is.EqualTo("another's"));
        Assert.That(Directory.EnumerateFileSystemEntries(_directory["state/scratch"]).Count(), Is.EqualTo(1));
        run = await RunAsync("--template", "haproxy", "--included-by", _directory["etc/nginx.conf"]);
        Assert.That(run.Output, Does.Contain("included_by is for nginx, whose files include one another. Remove it."));
    }

    [TestCase("--validate", "command {0}")]
    [TestCase("--verify", "{0}")]
    public async Task ACommandOfTheOperatorIsNamedAndNotRun(string flag, string shown)
    {
        var mark = _directory["ran"];
        var run = await RunAsync(flag, $"command:/usr/bin/touch {mark}");
        Assert.That(run.Output, Does.Contain(string.Format(null, shown, "/usr/bin/touch") + " is run for a new file, and not here"));
        Assert.That(File.Exists(mark), Is.False);
    }

    [Test]
    public async Task NobodyWhoJudgesIsAnError()
    {
        var template = _directory.Write("x.scriban", "{{# format: plain #}}x");
        var run = await RunAsync("--template", template, "--reload", "command:true");
        Assert.That((run.ExitCode, run.Output.Contains("nothing checks its configuration and nothing could prove that it is live", StringComparison.Ordinal)), Is.EqualTo((4, true)), run.Output);
    }

    [Test]
    public async Task ADirectoryThatIsMissingIsAnError()
    {
        var run = await RunAsync("--output", _directory["gone/nginx.conf"], "--validate", "none");
        Assert.That((run.ExitCode, run.Output.Contains("its directory does not exist. Create it, or mount a volume there.", StringComparison.Ordinal)), Is.EqualTo((4, true)), run.Output);
    }

    [TestCase(200, false, "")]
    [TestCase(503, true, "answered 503")]
    [TestCase(302, true, "answered 302")]
    [TestCase(0, true, "Connection refused")]
    public async Task TheUrlOfAProofIsAskedOnce(int status, bool isWarning, string why)
    {
        await using var asked = new FakeDockerEngine(new FakeDockerEngineOptions { UseTcp = true });
        if (status != 0)
            asked.Faults.Answer("/live", status, "text/plain", "");
        else
            asked.StopListening();
        var run = await RunAsync("--validate", "none", "--verify", $"http://127.0.0.1:{asked.Port}/live?key=secret");
        Assert.That(run.ExitCode, Is.Zero, run.Output);
        Assert.That(run.Output.Contains($"warning reload-unproven: a reload of output \"nginx\" would not count as live, and be taken back: 127.0.0.1:{asked.Port}/live: {why}", StringComparison.Ordinal), Is.EqualTo(isWarning), run.Output);
        Assert.That(run.Output, Does.Not.Contain("secret"));
        Assert.That(asked.Requests, Has.Count.EqualTo(status == 0 ? 0 : 1));
    }

    [TestCase("real.conf", "info", "is written. As for groups: a template with further files is refused, unless adopt (--adopt)")]
    [TestCase("../real.conf", "warning", "The proxy has to see that file at that place, too;")]
    public async Task ALinkOfSomebodyElseIsTold(string link, string severity, string expected)
    {
        _directory.Write("out/nothing", "");
        File.CreateSymbolicLink(_directory["out/nginx.conf"], link);
        var run = await RunAsync("--validate", "none", "--output", _directory["out/nginx.conf"]);
        Assert.That(run.ExitCode, Is.Zero, run.Output);
        Assert.That(run.Output, Does.Contain($"{severity} output-link: {_directory["out/nginx.conf"]} is a link to {link} that Templater did not make: the link stays, and ").And.Contain(expected));
    }

    [Test]
    public async Task TheLinkOfAGroupIsTheUsualThing()
    {
        _directory.Write("out/.templater/nginx/gen/0123456789abcdef/nginx.conf", "");
        File.CreateSymbolicLink(_directory["out/.templater/nginx/current"], "gen/0123456789abcdef");
        File.CreateSymbolicLink(_directory["out/nginx.conf"], ".templater/nginx/current/nginx.conf");
        var run = await RunAsync("--validate", "none", "--output", _directory["out/nginx.conf"]);
        Assert.That(run.Output, Does.Contain($"{_directory["out/nginx.conf"]} can be written: it is the link of its group\n").And.Not.Contain("output-link"));
    }

    [TestCase("nginx:latest", false)]
    [TestCase("nginx:1.0.15", true)]
    public async Task ACheckerOfAnotherVersionThanTheProxyIsAWarning(string image, bool isWarning)
    {
        ProxyPrograms.Require("nginx");
        _engine.Alter("edge", edge => edge.Image(image));
        var run = await RunAsync();
        Assert.That(run.ExitCode, Is.Zero, run.Output);
        Assert.That(run.Output.Contains("the proxy \"edge\" runs 1.0.15: one may refuse what the other takes. Build Templater's image on the proxy's own (--build-arg PROXY_IMAGE).", StringComparison.Ordinal), Is.EqualTo(isWarning), run.Output);
    }

    [Test]
    public async Task ACheckerThatCannotJudgeWhatIsInPlaceIsAWarning()
    {
        ProxyPrograms.Require("nginx");
        var log = _directory["a"];
        File.CreateSymbolicLink(log, "/proc/sys/kernel/ostype");
        _directory.Write("nginx.conf", $"events {{}} error_log {log};");
        var run = await RunAsync();
        Assert.That(run.ExitCode, Is.Zero, run.Error + run.Output);
        Assert.That(run.Output, Does.Contain("warning checker-failed: /usr/sbin/nginx -t cannot judge the configuration: ")
            .And.Contain("Permission denied").And.Contain("The proxy itself is relied on: what it does not take is put back. Repair the checker, or set validate to none."));
        Assert.That(Directory.Exists(_directory["state"]), Is.False, "it is tried where no program has run yet, too");
    }

    [Test]
    public async Task AProxyWithTheSocketIsAWarning()
    {
        _engine.Alter("edge", static edge => edge.Mount("/var/run/docker.sock", "/var/run/docker.sock"));
        var run = await RunAsync("--validate", "none");
        Assert.That((run.ExitCode, run.Output.Contains("warning proxy-has-socket: the proxy \"edge\" mounts /var/run/docker.sock. It does not need it; remove that mount.", StringComparison.Ordinal)), Is.EqualTo((0, true)), run.Output);
    }

    [Test]
    public async Task TheSameIsToldAsJson()
    {
        _engine.Allows = static request => !request.Path.EndsWith("/logs", StringComparison.Ordinal);
        var run = await RunAsync("--json", "--validate", "none");
        using var document = JsonDocument.Parse(run.Output);
        var calls = document.RootElement.GetProperty("calls").EnumerateArray().ToDictionary(static call => call.GetProperty("call").GetString()!, static call => call.GetProperty("outcome").GetString());
        Assert.That((calls["GET /containers/{id}/logs"], calls["GET /events"], calls["POST /containers/{id}/kill"]), Is.EqualTo(("forbidden", "allowed", "not tried")));
        Assert.That(document.RootElement.GetProperty("checks").EnumerateArray().First(static check => check.GetProperty("check").GetString() == "calls").GetProperty("level").GetString(), Is.EqualTo("error"));
        Assert.That(run.ExitCode, Is.EqualTo(4));
    }

    [Test]
    public async Task WithoutATemplateTheEngineIsLookedAtAlone()
    {
        var run = await CommandRun.Of("doctor", "--docker-host", _engine.Host, "--state-dir", _directory["state"]);
        Assert.That(run.ExitCode, Is.Zero, run.Output);
        Assert.That(run.Output, Does.StartWith("ok       engine").And.Contain("\n4 checks: 0 errors, "));
    }

    [Test]
    public async Task IllegalSettingsAreNoMatterForADoctor() => Assert.That((await RunAsync("--reload", "nonsense")).ExitCode, Is.EqualTo(2));

    public async ValueTask DisposeAsync()
    {
        _directory.Dispose();
        await _engine.DisposeAsync();
    }

    private Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.Of(
        [
            "doctor", "--docker-host", _engine.Host, "--state-dir", _directory["state"], "--certs-dir", _directory["certs"],
            .. arguments.Contains("--template") ? Array.Empty<string>() : ["--template", "nginx"],
            .. arguments.Contains("--output") ? Array.Empty<string>() : ["--output", _directory["nginx.conf"]], .. arguments,
        ]);
}
