using Templater.Testing;

namespace Templater.Cli.Tests.Commands;

public sealed class RunCommandTests : IDisposable
{
    private const int Limit = 30_000;
    private readonly TempDirectory _directory = new();
    private readonly ProcessSignals _signals = new();
    private readonly StringWriter _log = new();

    [Test]
    public async Task WithoutATemplateItNamesTheSetting()
    {
        var run = await CommandRun.Of("run");
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((2, "")));
        Assert.That(run.Error, Does.StartWith("error invalid-setting: no template was chosen: set TEMPLATER_TEMPLATE"));
    }

    [Test]
    public async Task StandardOutputIsNoFileForAProxy() => Assert.That(
        await CommandRun.Of("run", "--template", "domains", "--from", Containers("a.example.com"), "--output", "-"), Is.EqualTo(new CommandRun(2, "",
            "error invalid-setting: output=\"-\" (--output): run writes a file that a proxy reads; name one, or use render for standard output.\n")));

    [Test]
    public async Task ATemplateOfAnUnknownNameIsNotWaitedFor() => Assert.That(
        await CommandRun.Of("run", "--template", "ngnix", "--from", Containers("a.example.com"), "--state-dir", _directory["state"]), Is.EqualTo(new CommandRun(2, "",
            "error invalid-setting: template=\"ngnix\" (--template): expected nginx, nginx-http, haproxy, centauri, domains, or a path that has a slash or ends in .scriban. Did you mean nginx?\n")));

    [Test]
    public async Task AnUnusableStateDirectoryIsTheEnvironmentsFault()
    {
        var run = await CommandRun.Of("run", "--template", "domains", "--from", Containers("a.example.com"), "--state-dir", "/proc/none", "--output", _directory["out.txt"]);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((4, "")));
        Assert.That(run.Error, Does.Contain("/proc/none"));
    }

    [Test, CancelAfter(Limit)]
    public async Task AFileIsWatchedWithoutAnyEngine(CancellationToken cancellationToken)
    {
        var run = Start("domains");
        await Output("a.example.com\n", cancellationToken);
        Containers("b.example.com");
        await Output("b.example.com\n", cancellationToken);
        Assert.That((await End(run, ProcessSignals.Terminate)).ExitCode, Is.Zero);
        Assert.That(_log.ToString(), Does.Match("(?m)^..:..:.. info  templater 1.0.0: source .*containers.json; output domains -> ").And.Contain("cause: containers.json changed"));
    }

    [Test, CancelAfter(Limit)]
    public async Task AnInterruptHasTheCodeOfItsSignal(CancellationToken cancellationToken)
    {
        var run = Start("domains");
        await Output("a.example.com\n", cancellationToken);
        Assert.That((await End(run, ProcessSignals.Interrupt)).ExitCode, Is.EqualTo(130));
    }

    [Test, CancelAfter(Limit)]
    public async Task HealthcheckTellsHealthyWhileItRuns(CancellationToken cancellationToken)
    {
        var before = await Healthcheck();
        var run = Start("domains");
        await Output("a.example.com\n", cancellationToken);
        while (!File.Exists(_directory["state/status.json"]) || (await Healthcheck()).ExitCode != 0)
            await Task.Delay(20, cancellationToken);
        await End(run, ProcessSignals.Terminate);
        Assert.That((before.ExitCode, before.Output), Is.EqualTo((4, "unhealthy: templater has not written its status yet\n")));
    }

    [Test, CancelAfter(Limit)]
    public async Task ABadTemplateKeepsTheLastGoodOneAndHeals(CancellationToken cancellationToken)
    {
        var template = _directory.Write("site.scriban", "{{# format: plain #}}one");
        var run = Start(template);
        await Output("one", cancellationToken);
        _directory.Write("site.scriban", "{{# format: plain #}}{{ containers[0].lables }}");
        await Log("error template-error: ", cancellationToken);
        _directory.Write("site.scriban", "{{# format: plain #}}three");
        await Output("three", cancellationToken);
        await End(run, ProcessSignals.Terminate);
        Assert.That(_log.ToString().Split('\n').Where(static line => line.Contains("template-error", StringComparison.Ordinal)).Select(static line => line[9..]), Is.EqualTo(new[]
        {
            $"error template-error: {template}:1:39: \"lables\" is not a member of container; did you mean \"labels\"? Generation 1 stays live; the file is read again when it changes.",
            $"info template-error: resolved: {template}:1:39",
        }));
    }

    [Test, CancelAfter(Limit)]
    public async Task ALiveEngineIsFollowedAndItsProxySignalled(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        engine.AddContainer("edge", container => container.Label("templater.proxy", "nginx").Network("front"));
        var run = CommandRun.Daemon(_signals, _log, "run", "--template", "nginx", "--docker-host", engine.Host, "--output", _directory["out.txt"],
            "--state-dir", _directory["state"], "--certs-dir", _directory["certs"], "--validate", "none", "--verify", "none");
        while (!File.Exists(_directory["out.txt"]))
            await Task.Delay(20, cancellationToken);
        engine.AddContainer("shop", container => container.Label("templater.host", "shop.example.com").Expose(8080).Network("front"));
        await Log("+shop.example.com (1 server)", cancellationToken);
        while (engine.CountOf("POST", $"/containers/{engine.Container("edge").Id}/kill") < 1)
            await Task.Delay(20, cancellationToken);
        await End(run, ProcessSignals.Terminate);
        Assert.That(_directory.Read("out.txt"), Does.Contain("shop.example.com"));
    }

    [Test, CancelAfter(Limit)]
    public async Task AMisspeltProxyLabelIsShownUntilItIsRight(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        engine.AddContainer("edge", container => container.Label("templater.proxy", "ngnix").Network("front"));
        engine.AddContainer("shop", container => container.Label("templater.host", "shop.example.com").Expose(8080).Network("back"));
        var template = _directory.Write("my.nginx.scriban", "{{ for host in virtual_hosts }}# {{ host.name }};\n{{ end }}");
        var run = CommandRun.Daemon(_signals, _log, "run", "--template", template, "--docker-host", engine.Host, "--output", _directory["out.txt"],
            "--state-dir", _directory["state"], "--certs-dir", _directory["certs"], "--validate", "none", "--verify", "none");
        await Log("warning proxy-unknown: output \"nginx\": no container is labelled templater.proxy=nginx, so nobody is reloaded and all networks count as reachable. Label the proxy. (\"edge\" carries templater.proxy=ngnix; did you mean nginx?)", cancellationToken);
        engine.Remove("edge");
        engine.AddContainer("edge", container => container.Label("templater.proxy", "nginx").Network("front").Network("back"));
        await Log("proxy-unknown: resolved: ", cancellationToken);
        await End(run, ProcessSignals.Terminate);
        Assert.That(_log.ToString(), Does.Not.Contain("no-shared-network"));
    }

    [Test, CancelAfter(Limit)]
    public async Task AStartBeforeTheProxyIsCreatedWarnsAboutNothing(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        engine.AddContainer("shop", container => container.Label("templater.host", "shop.example.com").Expose(8080).Network("front"));
        var run = CommandRun.Daemon(_signals, _log, "run", "--template", "nginx", "--docker-host", engine.Host, "--output", _directory["out.txt"],
            "--state-dir", _directory["state"], "--certs-dir", _directory["certs"], "--validate", "none", "--verify", "none");
        await Log("proxy-unknown: output \"nginx\": no container is labelled templater.proxy=nginx, so nobody is reloaded", cancellationToken);
        await End(run, ProcessSignals.Terminate);
        Assert.That(_log.ToString(), Does.Not.Contain(" error ").And.Not.Contain(" warning no-shared-network").And.Not.Contain(" warning proxy-unknown"));
    }

    [Test, CancelAfter(Limit)]
    public async Task AnEngineThatIsNotThereIsNamedAndAFirstFileExists(CancellationToken cancellationToken)
    {
        var run = CommandRun.Daemon(_signals, _log, "run", "--template", "nginx", "--docker-host", "unix:///no/such.sock", "--output", _directory["out.txt"],
            "--state-dir", _directory["state"], "--certs-dir", _directory["certs"], "--validate", "none", "--verify", "none");
        await Log("error engine-unreachable: ", cancellationToken);
        while (!File.Exists(_directory["out.txt"]))
            await Task.Delay(20, cancellationToken);
        Assert.That((await End(run, ProcessSignals.Terminate)).ExitCode, Is.Zero);
    }

    [Test, CancelAfter(Limit)]
    public async Task AContainerWhoseLineIsRefusedIsLeftOutAlone(CancellationToken cancellationToken)
    {
        var checker = _directory.Write("check.sh", """
            #!/bin/sh
            line=$(grep -n bad.example.com "$1" | cut -d: -f1)
            [ -z "$line" ] || { echo "$1:$line: I do not like this name"; exit 1; }
            """);
        await using var engine = new FakeDockerEngine();
        engine.AddContainer("good", container => container.Label("templater.host", "good.example.com").Expose(80).Network("front"));
        engine.AddContainer("bad", container => container.Label("templater.host", "bad.example.com").Expose(80).Network("front"));
        var template = _directory.Write("site.scriban", "{{# format: plain #}}{{ for host in virtual_hosts }}{{ host.name }}\n{{ end }}");
        var run = CommandRun.Daemon(_signals, _log, "run", "--template", template, "--docker-host", engine.Host, "--output", _directory["out.txt"],
            "--state-dir", _directory["state"], "--certs-dir", _directory["certs"], "--validate", $"command:/bin/sh {checker}", "--reload", "none");
        await Output("good.example.com\n", cancellationToken);
        await Log("error config-refused: command /bin/sh refused generation 1: line 1 \"", cancellationToken);
        await End(run, ProcessSignals.Terminate);
        var log = _log.ToString();
        Assert.That(log, Does.Contain("out.txt:1: I do not like this name\". What is in place was not touched. The line comes from container \"bad\". \"bad\" is left out until it changes; the 1 other is delivered as generation 2."));
        Assert.That(log, Does.Contain("generation 2 (").And.Not.Contain("quarantined"), "one paragraph says it all, with the numbers of the log");
    }

    [Test, CancelAfter(Limit)]
    public async Task ARefusalThatComesLateBlamesItsContainerInOneMessage(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        var (output, worker) = (_directory["out.txt"], 20);
        engine.AddContainer("edge", container => container.Label("templater.proxy", "nginx").Network("front"));
        engine.AddContainer("good", container => container.Label("templater.host", "good.example.com").Expose(80).Network("front"));
        engine.Processes = _ => [(10, 1, "nginx: master process nginx"), (worker, 10, "nginx: worker process")];
        engine.SignalReceived = (_, _) =>
        {
            var line = Array.IndexOf(File.ReadAllLines(output), "# bad.example.com;") + 1;
            if (line == 0)
                worker++;
            else
                // Longer than a look waits for a proof.
                _ = Task.Delay(TimeSpan.FromSeconds(4), cancellationToken).ContinueWith(
                    _ => engine.Alter("edge", edge => edge.Log($"2026/01/02 03:04:05 [emerg] 1#1: I do not like it in {output}:{line}\n", isError: true)), TaskScheduler.Default);
        };
        var template = _directory.Write("site.nginx.scriban", "{{ for host in virtual_hosts }}# {{ host.name }};\n{{ end }}");
        var run = CommandRun.Daemon(_signals, _log, "run", "--template", template, "--docker-host", engine.Host, "--output", output,
            "--state-dir", _directory["state"], "--certs-dir", _directory["certs"], "--validate", "none", "--reload-timeout", "20s");
        await Log("generation 1 (", cancellationToken);
        await Log(") live in nginx", cancellationToken);

        engine.AddContainer("bad", container => container.Label("templater.host", "bad.example.com").Expose(80).Network("front"));
        await Log("error config-refused: edge refused generation 2: line 1 \"I do not like it in ", cancellationToken);
        await Output("# good.example.com;\n", cancellationToken);
        await Task.Delay(500, cancellationToken);
        await End(run, ProcessSignals.Terminate);

        var log = _log.ToString();
        Assert.That(log, Does.Contain("Generation 1 stays live and was restored on disk. The line comes from container \"bad\". \"bad\" is left out until it changes."));
        Assert.That(log.Split("config-refused"), Has.Length.EqualTo(2), log);
        Assert.That(log, Does.Not.Contain("resolved:"));
    }

    [Test, CancelAfter(Limit)]
    public async Task TheFolderThatHAProxyLoadsIsCreated(CancellationToken cancellationToken)
    {
        var run = Start("haproxy", "--reload", "none");
        while (!File.Exists(_directory["out.txt"]))
            await Task.Delay(20, cancellationToken);
        await End(run, ProcessSignals.Terminate);
        Assert.That(Directory.Exists(_directory["certs/haproxy"]));
    }

    public void Dispose()
    {
        _signals.Dispose();
        _log.Dispose();
        _directory.Dispose();
    }

    private Task<CommandRun> Start(string template, params string[] arguments) => CommandRun.Daemon(_signals, _log,
        ["run", "--template", template, "--from", Containers("a.example.com"), "--output", _directory["out.txt"], "--state-dir", _directory["state"],
            "--certs-dir", _directory["certs"], "--validate", "none", .. arguments]);

    private async Task<CommandRun> End(Task<CommandRun> run, int signal)
    {
        _signals.End(signal);
        return await run.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private async Task<CommandRun> Healthcheck()
    {
        // The clock of the run that wrote the status.
        using var signals = new ProcessSignals();
        return await CommandRun.Daemon(signals, new StringWriter(), "healthcheck", "--state-dir", _directory["state"]);
    }

    private string Containers(string host) => _directory.Write("containers.json", RenderFixture.Containers("shop", "templater.host", host));

    private Task Output(string text, CancellationToken cancellationToken) => RenderFixture.Until(_directory["out.txt"], text, cancellationToken);

    private async Task Log(string part, CancellationToken cancellationToken)
    {
        while (!_log.ToString().Contains(part, StringComparison.Ordinal))
            await Task.Delay(20, cancellationToken);
    }
}
