using System.Text.Json;
using Mono.Unix.Native;
using Templater.Pipeline;
using Templater.Testing;

namespace Templater.Cli.Tests.Commands;

public sealed class RenderCommandTests : IDisposable
{
    private const string Listing = "{{# format: plain #}}{{ for host in virtual_hosts }}{{ host.name }}\n{{ end }}";
    private readonly TempDirectory _directory = new();
    private readonly string _containers;

    public RenderCommandTests() => _containers = _directory.Write("containers.json", Containers("shop", "templater.host", "shop.example.com"));

    [Test]
    public async Task TheResultGoesToStandardOutput() =>
        Assert.That(await Render(Listing), Is.EqualTo(new CommandRun(0, "shop.example.com\n", "")));

    [Test]
    public async Task AFileIsWrittenAndCounted()
    {
        var path = _directory["out/list.txt"];
        var (first, second) = (await Render(Listing, "--output", path), await Render(Listing, "--output", path));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first, Is.EqualTo(new CommandRun(0, $"{path}: 1 host, 1 server, 17 B (changed)\n", "")));
            Assert.That(second, Is.EqualTo(new CommandRun(0, $"{path}: 1 host, 1 server, 17 B (unchanged)\n", "")));
            Assert.That(_directory.Read("out/list.txt"), Is.EqualTo("shop.example.com\n"));
        }
    }

    [Test]
    public async Task APasswordFileIsWrittenBesideTheConfigurationThatNamesIt()
    {
        const string User = "ops:$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.";
        var from = _directory.Write("login.json", Containers("shop", "templater.host", "shop.example.com").Replace(
            "\"templater.host\":\"shop.example.com\"", $"\"templater.host\":\"shop.example.com\",\"templater.auth.basic\":\"{User}\"", StringComparison.Ordinal));
        var run = await CommandRun.Of("render", "--template", "nginx", "--from", from, "--output", _directory["out/nginx.conf"]);
        var side = Directory.EnumerateFiles(_directory["out"], ".nginx.auth-*").Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.Zero, run.Error);
            Assert.That(File.ReadAllText(side), Is.EqualTo(User + "\n"));
            Assert.That(_directory.Read("out/nginx.conf"), Does.Contain($"auth_basic_user_file \"/config/{Path.GetFileName(side)}\";").And.Not.Contains("$5$"));
        }
    }

    [TestCase("htpasswd/shop.example.com", "ops:$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.", "auth_basic_user_file", "")]
    [TestCase("htpasswd/shop.example.com", "ops:plain", "# No server is ready.", "/htpasswd/shop.example.com")]
    [TestCase("vhost.d/shop.example.com", "deny all;", "/vhost.d/shop.example.com", "")]
    [TestCase("vhost.d/shop.example.com_location_override", "location / { return 418; }", "/vhost.d/shop.example.com_location_override", "")]
    public async Task UnderNginxProxysSettingsFilesThatAreCalledLikeAHostHold(string name, string text, string expected, string said)
    {
        var file = _directory.Write(name, text);
        string[] common = ["render", "--template", "nginx", "--from", _containers, "--compat", "nginx-proxy", "--certs-dir", _directory["certs"], "--auth-dir", _directory["htpasswd"], "--vhost-dir", _directory["vhost.d"], "--output", _directory["nginx.conf"]];
        var closed = await CommandRun.Of(common);
        var with = _directory.Read("nginx.conf");
        File.Delete(file);
        await CommandRun.Of(common);
        Assert.That((closed.ExitCode, closed.Error.Contains(said, StringComparison.Ordinal), with.Contains(expected, StringComparison.Ordinal), _directory.Read("nginx.conf").Contains(expected, StringComparison.Ordinal)),
            Is.EqualTo((0, true, true, false)), closed.Error);
    }

    [Test, CancelAfter(10_000)]
    public async Task APipeThatIsTheOutputIsWrittenIntoAndStaysAPipe(CancellationToken cancellationToken)
    {
        var pipe = Pipe();
        // Opening it waits for the writer.
        var reading = Task.Run(() => File.ReadAllText(pipe), cancellationToken);
        var run = await Task.Run(() => Render(Listing, "--output", pipe), cancellationToken).WaitAsync(cancellationToken);
        Assert.That((run.ExitCode, await reading.WaitAsync(cancellationToken), NamedFile.Instead(pipe)), Is.EqualTo((0, "shop.example.com\n", "a pipe")));
    }

    [Test, CancelAfter(10_000)]
    public async Task ItEndsWhileItWaitsForAPipe(CancellationToken cancellationToken)
    {
        using var signals = new ProcessSignals();
        var run = CommandRun.Daemon(signals, new StringWriter(), "render", "--template", "domains", "--from", _containers, "--output", Pipe());
        await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        signals.End(ProcessSignals.Terminate);
        Assert.That((await run.WaitAsync(cancellationToken)).ExitCode, Is.EqualTo(143));
    }

    [Test]
    public async Task WhatIsNoFileIsNamedAsWhatItIs()
    {
        var (directory, pipe) = (_directory.Path, Pipe());
        var template = _directory.Write("site.scriban", Listing);
        (string[] Arguments, int Code, string Error)[] cases =
        [
            (["--template", template, "--from", pipe], 3, $"error invalid-input: {pipe}: cannot be read: it is a pipe; a file was expected.\n"),
            (["--template", template, "--from", directory], 3, $"error invalid-input: {directory}: cannot be read: it is a directory; a file was expected.\n"),
            (["--template", pipe, "--from", _containers], 3, $"error template-error: {pipe} cannot be read: it is a pipe; a file was expected.\n"),
            (["--template", directory, "--from", _containers], 3, $"error template-error: {directory} cannot be read: it is a directory; a file was expected.\n"),
            (["--template", "/dev/zero", "--from", _containers], 3, "error template-error: /dev/zero cannot be read: it is larger than 8388608 bytes.\n"),
            (["--template", template, "--from", _containers, "--output", directory], 4, $"error output-denied: cannot write {directory}: it is a directory; a file was expected.\n"),
            (["--template", template, "--from", _containers, "--diff", pipe], 3, $"error invalid-input: cannot read {pipe}: it is a pipe; a file was expected.\n"),
        ];
        using (Assert.EnterMultipleScope())
            foreach (var (arguments, code, error) in cases)
                Assert.That(await CommandRun.Of(["render", .. arguments]), Is.EqualTo(new CommandRun(code, "", error)));
    }

    [Test]
    public async Task QuietWritesNoCount() =>
        Assert.That(await Render(Listing, "-q", "--output", _directory["list.txt"]), Is.EqualTo(new CommandRun(0, "", "")));

    [TestCase("shop.example.com\n", 0, "")]
    [TestCase("old.example.com\n", 1, "@@ -1 +1 @@\n-old.example.com\n+shop.example.com\n")]
    public async Task DiffTellsWhetherItIsWhatWasCommitted(string committed, int code, string hunks)
    {
        var path = _directory.Write("expected.txt", committed);
        var expected = hunks.Length == 0 ? "" : $"--- {path}\n+++ rendered\n{hunks}";
        Assert.That(await Render(Listing, "--diff", path), Is.EqualTo(new CommandRun(code, expected, "")));
    }

    [Test]
    public async Task WhatIsNamedAndMissingEndsAlike()
    {
        var none = _directory["none.scriban"];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await Render(Listing, "--diff", none), Is.EqualTo(new CommandRun(3, "",
                $"error invalid-input: cannot read {none}: there is no such file. Write it first with --output {none}.\n")));
            Assert.That(await CommandRun.Of("render", "--template", "domains", "--from", none), Is.EqualTo(new CommandRun(3, "",
                $"error invalid-input: {none}: cannot be read: there is no such file.\n")));
            Assert.That(await CommandRun.Of("render", "--template", none, "--from", _containers), Is.EqualTo(new CommandRun(3, "", $"error template-error: there is no file {none}.\n")));
        }
    }

    [TestCase("/proc/none/list.txt", "there is no such directory.")]
    [TestCase("/etc/passwd/list.txt", "a part of its path is a file, where a directory is needed.")]
    public async Task WhatCannotBeWrittenIsSaidWithoutTheRuntimesWords(string path, string why) => Assert.That(
        await Render(Listing, "--output", path), Is.EqualTo(new CommandRun(4, "", $"error output-denied: cannot write {path}: {why}\n")));

    [Test]
    public async Task ContainersComeFromStandardInputToo() => Assert.That(
        await CommandRun.Fed(_directory.Read("containers.json"), "render", "--template", "domains", "--from", "-"),
        Is.EqualTo(new CommandRun(0, "shop.example.com\n", "")));

    [Test]
    public async Task WhatIsWrongWithStandardInputIsCalledByThatName()
    {
        var empty = await CommandRun.Fed("", "render", "--template", "domains", "--from", "-");
        Assert.That((empty.ExitCode, empty.Error), Is.EqualTo((3, "error invalid-input: standard input:1:1: a recorded snapshot, the output of docker inspect, or lines of docker ps --no-trunc --format json was expected, but it is empty. Write it with: templater snapshot, or docker inspect $(docker ps -q).\n")));
        var cut = await CommandRun.Fed(_directory.Read("containers.json")[..150], "render", "--template", "domains", "--from", "-");
        Assert.That(cut.ExitCode, Is.EqualTo(3));
        Assert.That(cut.Error, Does.Match("^error invalid-input: standard input:1:[0-9]+: .* so it was cut off; write it anew\\.\n$"));
    }

    [Test, CancelAfter(20_000)]
    public async Task StandardInputIsReadOnceHoweverOftenItIsRendered(CancellationToken cancellationToken)
    {
        using var signals = new ProcessSignals();
        var template = _directory.Write("site.scriban", Listing);
        var path = _directory["out.txt"];
        var run = CommandRun.Fed(signals, _directory.Read("containers.json"), "render", "--template", template, "--from", "-", "--output", path, "--watch");
        await Until(path, "shop.example.com\n", cancellationToken);
        _directory.Write("site.scriban", "again " + Listing);
        await Until(path, "again shop.example.com\n", cancellationToken);
        signals.End(ProcessSignals.Interrupt);
        Assert.That((await run).ExitCode, Is.EqualTo(130));
    }

    [Test, CancelAfter(20_000)]
    public async Task StandardInputThatIsNoneEndsTheWatch(CancellationToken cancellationToken)
    {
        using var signals = new ProcessSignals();
        var template = _directory.Write("site.scriban", Listing);
        var run = await CommandRun.Fed(signals, "", "render", "--template", template, "--from", "-", "--watch").WaitAsync(cancellationToken);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((3,
            "error invalid-input: standard input:1:1: a recorded snapshot, the output of docker inspect, or lines of docker ps --no-trunc --format json was expected, but it is empty. Write it with: templater snapshot, or docker inspect $(docker ps -q).\n")));
    }

    [Test]
    public async Task AMistakeInTheTemplateIsShownWithItsPlaceAndWhatWasMeant()
    {
        var run = await Render("{{# format: plain #}}\n{{ for c in containers }}{{ c.lables[\"team\"] }}{{ end }}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((run.ExitCode, run.Output), Is.EqualTo((3, "")));
            Assert.That(run.Error, Does.Contain("site.scriban:2:").And.Contain("\"lables\" is not a member of container").And.Contain("did you mean \"labels\"?"));
        }
    }

    [Test]
    public async Task AMistakeInTheTemplateIsOneJsonObject()
    {
        var run = await Render("{{# format: plain #}}\n{{ for c in containers }}{{ c.lables }}{{ end }}", "--format", "json");
        using var json = JsonDocument.Parse(run.Error);
        Assert.That((json.RootElement.GetProperty("reason").GetString(), run.ExitCode), Is.EqualTo(("template-error", 3)));
    }

    [Test]
    public async Task ATextOfAContainerPrintedUnquotedIsRefused()
    {
        var run = await Render("{{# format: nginx #}}\n# {{ containers[0].name }}\n");
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((3, "")));
        Assert.That(run.Error, Does.Contain("site.scriban:2:"));
    }

    [Test]
    public async Task AMissingTemplateIsInvalid()
    {
        var run = await CommandRun.Of("render", "--template", _directory["none.scriban"], "--from", _containers);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((3, $"error template-error: there is no file {_directory["none.scriban"]}.\n")));
    }

    [Test]
    public async Task StrictRefusesWhatWouldOnlyBeWarnedAbout()
    {
        _directory.Write("containers.json", Containers("admin", "templater.host", "admin.example.com", "\"3000/tcp\":{},\"9090/tcp\":{}"));
        var (loose, strict) = (await Render(Listing), await Render(Listing, "--strict"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(loose.ExitCode, Is.Zero);
            Assert.That(loose.Error, Does.StartWith("containers.json: warning port-ambiguous: container \"admin\""));
            Assert.That(strict.ExitCode, Is.EqualTo(3));
            Assert.That(strict.Error, Does.EndWith("1 container refused (--strict)\n"));
        }
    }

    [Test]
    public async Task StrictAcceptsAContainerThatAskedForNothing()
    {
        _directory.Write("containers.json", Containers("db", "other", "x"));
        Assert.That((await Render(Listing, "--strict")).ExitCode, Is.Zero);
    }

    [TestCase("true", 0)]
    [TestCase("false", 3)]
    public async Task ValidateRunsTheCheckerOnTheResult(string program, int code) =>
        Assert.That((await Render(Listing, "--validate", $"command:/bin/{program}")).ExitCode, Is.EqualTo(code));

    [TestCase("--validate", "command:/bin/false")]
    [TestCase("--strict")]
    public async Task WhatFailsReplacesNoFile(params string[] flags)
    {
        _directory.Write("containers.json", Containers("admin", "templater.host", "admin.example.com", "\"3000/tcp\":{},\"9090/tcp\":{}"));
        var live = _directory.Write("live.conf", "GOOD");
        var run = await Render(Listing, [.. flags, "--output", live]);
        Assert.That((run.ExitCode, await File.ReadAllTextAsync(live)), Is.EqualTo((3, "GOOD")));
        Assert.That(run.Error, Does.EndWith($"{live}: not written\n"));
    }

    [Test]
    public async Task ValidateWithoutACheckerIsTheEnvironmentsFault()
    {
        var run = await Render(Listing, "--validate");
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((4, run.Error)));
        Assert.That(run.Error, Does.StartWith("error checker-failed: "));
    }

    [Test]
    public async Task ValuesReachTheTemplate() =>
        Assert.That((await Render("{{# format: plain #}}{{ values.team }}", "--set", "team=web")).Output, Is.EqualTo("web"));

    [TestCase("{{# format: plain #}}{{ values.http_port }}", "8080", false)]
    [TestCase("{{# format: plain #}}{{ values?.http_port ?? 1 }}", "8080", false)]
    [TestCase("{{# format: plain #}}{{ values['http_port'] }}", "8080", false)]
    [TestCase("{{# format: plain #}}{{ values.http_port2 ?? 'x' }}", "x", true)]
    [TestCase("{{# format: plain #}}no", "no", true)]
    public async Task AValueThatIsNamedLikeASettingAndReadByNobodyIsWarnedAbout(string template, string output, bool isWarned)
    {
        var run = await Render(template, "--set", "http_port=8080");
        Assert.That(run, Is.EqualTo(new CommandRun(0, output, isWarned
            ? $"warning setting-not-in-effect: --set http_port=… only makes a value that templates see as values.http_port, which {_directory["site.scriban"]} does not read; the setting http_port stays as it is. Did you mean --http-port?\n"
            : "")));
    }

    [TestCase("nginx", "http-port")]
    [TestCase("haproxy", "ipv6")]
    [TestCase("domains", "TEMPLATE")]
    public async Task NoShippedTemplateReadsAValueThatIsNamedLikeASetting(string template, string name) => Assert.That(
        (await CommandRun.Of("render", "--template", template, "--from", _containers, "--certs-dir", _directory["certs"], "--set", name + "=1")).Error,
        Does.Contain($"--set {name}=… only makes a value"));

    [Test, CancelAfter(20_000)]
    public async Task WatchSaysBesideTheResultsWhenItRendersAgainAndWhenAMistakeIsMended(CancellationToken cancellationToken)
    {
        using var signals = new ProcessSignals();
        var template = _directory.Write("site.scriban", "{{# format: plain #}}one\n");
        var (time, output) = (new FakeTimeProvider(), new StringWriter());
        var run = CommandRun.With(signals, time, output, "render", "--template", template, "--from", _containers, "--watch");
        foreach (var text in new[] { "{{ oops", "two\n", "three\n" })
        {
            while (time.PendingTimers == 0)
                await Task.Delay(5, cancellationToken);
            _directory.Write("site.scriban", "{{# format: plain #}}" + text);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        while (!output.ToString().EndsWith("three\n", StringComparison.Ordinal))
            await Task.Delay(5, cancellationToken);
        signals.End(ProcessSignals.Interrupt);
        var ended = await run;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ended.Output, Is.EqualTo("one\ntwo\nthree\n"));
            Assert.That(ended.Error.Split('\n').Where(static line => line.StartsWith("info", StringComparison.Ordinal)), Is.EqualTo(new[]
            {
                "info  rendering again: site.scriban changed", "info  rendering again: site.scriban changed",
                $"info  resolved: {template} can be rendered again", "info  rendering again: site.scriban changed",
            }));
        }
    }

    [Test]
    public async Task WithoutATemplateTheUsageIsWrong()
    {
        var run = await CommandRun.Of("render", "--from", _containers);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((2, "")));
        Assert.That(run.Error, Does.Contain("TEMPLATER_TEMPLATE"));
    }

    [Test]
    public async Task SeveralOutputsMustBeChosenFrom()
    {
        var path = _directory.Write("t.yaml", "outputs: { a: { template: nginx }, b: { template: domains } }");
        var run = await CommandRun.Of("render", "--config", path, "--from", _containers);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((2, "error invalid-setting: the settings have 2 outputs (a, b); choose one with --template.\n")));
    }

    [Test]
    public async Task AnEngineThatForbidsACallIsNamedWithTheCall()
    {
        await using var engine = new FakeDockerEngine();
        engine.Faults.Fail("/networks", 403, "forbidden");
        engine.AddContainer("shop", container => container.Network("front"));
        var run = await CommandRun.Of("render", "--template", "domains", "--docker-host", engine.Host, "--certs-dir", _directory.Path);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((run.ExitCode, run.Output), Is.EqualTo((4, "")));
            Assert.That(run.Error, Does.StartWith("error call-forbidden: ").And.Contain("GET /networks (403)").And.Contain("Needed for: choosing networks."));
        }
    }

    [Test]
    public async Task ALiveEngineAndItsSnapshotRenderTheSame()
    {
        await using var engine = new FakeDockerEngine();
        engine.AddContainer("shop", container => container.Label("templater.host", "shop.example.com").Expose(8080).Network("front"));
        engine.AddContainer("api", container => container.Label("templater.host", "api.example.com").Expose(8080).Network("front"));
        string[] common = ["--docker-host", engine.Host, "--certs-dir", _directory["certs"], "--state-dir", _directory["state"]];
        var live = await CommandRun.Of(["render", "--template", "nginx", .. common]);
        await CommandRun.Of(["snapshot", "--output", _directory["snapshot.json"], .. common]);
        var recorded = await CommandRun.Of("render", "--template", "nginx", "--from", _directory["snapshot.json"]);
        Assert.That(live.ExitCode, Is.Zero, live.Error);
        Assert.That(recorded.Output, Is.EqualTo(live.Output));
    }

    [Test, CancelAfter(30_000)]
    public async Task WatchRendersAgainOnEverySaveAndEndsOnInterrupt(CancellationToken cancellationToken)
    {
        using var signals = new ProcessSignals();
        var template = _directory.Write("site.scriban", "{{# format: plain #}}one");
        var path = _directory["out.txt"];
        var run = CommandRun.Daemon(signals, new StringWriter(), "render", "--template", template, "--from", _containers, "--output", path, "--watch");
        await Until(path, "one", cancellationToken);
        _directory.Write("site.scriban", "{{# format: plain #}}{{ oops");
        _directory.Write("site.scriban", "{{# format: plain #}}second");
        await Until(path, "second", cancellationToken);
        signals.End(ProcessSignals.Interrupt);
        Assert.That((await run).ExitCode, Is.EqualTo(130));
    }

    [Test, CancelAfter(20_000)]
    public async Task WatchRendersAgainWhenABrokenIncludeIsMended(CancellationToken cancellationToken)
    {
        using var signals = new ProcessSignals();
        _directory.Write("part.scriban", "{{ oops");
        var template = _directory.Write("site.scriban", "{{# format: plain #}}{{ include 'part.scriban' }}");
        var time = new FakeTimeProvider();
        var run = CommandRun.With(signals, time, new StringWriter(), "render", "--template", template, "--from", _containers, "--output", _directory["out.txt"], "--watch");
        while (time.PendingTimers == 0)
            await Task.Delay(5, cancellationToken);
        _directory.Write("part.scriban", "mended");
        time.Advance(TimeSpan.FromSeconds(1));
        await Until(_directory["out.txt"], "mended", cancellationToken);
        signals.End(ProcessSignals.Interrupt);
        Assert.That((await run).Error, Does.Contain("part.scriban:1:"));
    }

    public void Dispose() => _directory.Dispose();

    internal static async Task Until(string path, string text, CancellationToken cancellationToken)
    {
        while (!File.Exists(path) || await File.ReadAllTextAsync(path, cancellationToken) != text)
            await Task.Delay(20, cancellationToken);
    }

    /// <summary>What <c>docker inspect</c> prints for one running container.</summary>
    internal static string Containers(string name, string label, string value, string ports = "\"8080/tcp\":{}") => $$$$"""
        [{"Id":"{{{{new string('a', 64)}}}}","Name":"/{{{{name}}}}","Created":"2026-01-01T00:00:00Z","State":{"Status":"running","StartedAt":"2026-01-01T00:00:01Z"},
        "Image":"sha256:1","Config":{"Image":"my/{{{{name}}}}","Env":[],"Labels":{"{{{{label}}}}":"{{{{value}}}}"},"ExposedPorts":{ {{{{ports}}}} } },
        "HostConfig":{"NetworkMode":"front"},"Mounts":[],
        "NetworkSettings":{"Ports":{},"Networks":{"front":{ "NetworkID":"{{{{new string('f', 64)}}}}","IPAddress":"172.20.0.5"} } } }]
        """;

    private string Pipe()
    {
        var path = _directory["pipe"];
        Assert.That(Syscall.mkfifo(path, FilePermissions.DEFFILEMODE), Is.Zero);
        return path;
    }

    private Task<CommandRun> Render(string template, params string[] arguments) =>
        CommandRun.Of(["render", "--template", _directory.Write("site.scriban", template), "--from", _containers, .. arguments]);
}
