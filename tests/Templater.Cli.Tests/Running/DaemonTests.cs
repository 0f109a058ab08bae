using Mono.Unix.Native;
using Templater.Cli.Options;
using Templater.Testing;

namespace Templater.Cli.Tests.Running;

[CancelAfter(30_000)]
public sealed class DaemonTests : IDisposable
{
    private const string Word = "{{ values.word }}";
    private readonly RunBench _bench = new();

    [Test]
    public async Task AHangupReadsSettingsAgain(CancellationToken cancellationToken)
    {
        await Begin(cancellationToken);
        await Becomes("two", cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task BadSettingsAfterAHangupKeepTheOldOnesAndAreNamed(CancellationToken cancellationToken)
    {
        await Begin(cancellationToken);
        _bench.Directory.Write("t.yaml", "http_prt: 80\n");
        _bench.HangUp();
        await _bench.Says("t.yaml:1:1: http_prt is not a setting. Did you mean http_port? The settings in force stay.", cancellationToken);
        Assert.That((_bench.HasEnded, await _bench.End()), Is.EqualTo((false, 0)));
    }

    [Test]
    public async Task GoodSettingsAreTakenAfterBadOnes(CancellationToken cancellationToken)
    {
        await Begin(cancellationToken);
        _bench.Directory.Write("t.yaml", "http_prt: 80\n");
        _bench.HangUp();
        await _bench.Says("The settings in force stay.", cancellationToken);
        await Becomes("two", cancellationToken);
        await _bench.End();
    }

    [Test]
    public async Task AWarningAboutASettingIsWrittenOnce(CancellationToken cancellationToken)
    {
        _bench.Settings(_bench.State, _bench.Template(Word), "values: { word: one }", "acme_placeholder: true");
        _bench.StartFromFile();
        await _bench.Output("one", cancellationToken);
        _bench.Settings(_bench.State, _bench.Template(Word), "values: { word: two }", "acme_placeholder: true");
        _bench.HangUp();
        await _bench.Output("two", cancellationToken);
        await _bench.End();
        Assert.That(_bench.Log.Split("acme_placeholder (").Length - 1, Is.EqualTo(1), _bench.Log);
    }

    [TestCase("reload: \"command:/bin/true\"", "error invalid-setting: output \"site\": nothing checks its configuration", TestName = "Settings that contradict each other keep the old ones")]
    [TestCase("state_dir: /proc/none", "error output-denied: cannot use the state directory /proc/none", TestName = "A state directory that cannot be used keeps the old one")]
    [TestCase("docker_host: tcp://127.0.0.1:1\ndocker_cert_path: /no/such", "error invalid-setting: the directory of the engine's TLS files does not exist: /no/such", TestName = "TLS files that are not there keep the old engine")]
    public async Task ContradictionsAfterAHangupKeepTheOldSettings(string lines, string complaint, CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        string[] present = [$"docker_host: {engine.Host}", "reload: none", _bench.State];
        _bench.Settings([.. present, _bench.Template(Word), "values: { word: one }"]);
        _bench.Start();
        await _bench.Output("one", cancellationToken);
        var added = lines.Split('\n');
        _bench.Settings([.. present.Where(line => !added.Any(other => other.Split(':')[0] == line.Split(':')[0])), .. added, _bench.Template(Word), "values: { word: two }"]);
        _bench.HangUp();
        await _bench.Says(complaint, cancellationToken);
        Assert.That(_bench.Log.Split('\n').Last(line => line.Contains(complaint, StringComparison.Ordinal)), Does.EndWith(" The settings in force stay."));
        // The settings in force do not only stay: they go on working.
        _bench.Template("again " + Word);
        await _bench.Output("again one", cancellationToken);
        _bench.Settings([.. present, _bench.Template(Word), "values: { word: three }"]);
        _bench.HangUp();
        await _bench.Output("three", cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
    }

    // The file is there and right: without a look at its directory nothing would be said before the first change.
    [Test]
    public async Task AnOutputThatCannotBeWrittenIsSaidAtStart(CancellationToken cancellationToken)
    {
        var folder = await MountReadOnly("one", cancellationToken);
        try
        {
            _bench.StartFromFile();
            await _bench.Says($"error output-denied: cannot write {folder}/out.txt: the file system is mounted read-only here. Mount it read-write for Templater.", cancellationToken);
            await Mount(cancellationToken, "-o", "remount,rw,bind", folder);
            _bench.HangUp();
            await _bench.Says($"info output-denied: resolved: cannot write {folder}/out.txt", cancellationToken);
            await _bench.End();
        }
        finally
        {
            (await ChildProcess.RunAsync("umount", [folder], cancellationToken: CancellationToken.None)).MustSucceed();
        }
    }

    [Test]
    public async Task AWriteThatFailedIsTriedAgainSoon(CancellationToken cancellationToken)
    {
        var folder = await MountReadOnly("zero", cancellationToken);
        try
        {
            _bench.StartFromFile();
            await _bench.Says($"error output-denied: cannot write {folder}/out.txt", cancellationToken);
            await Mount(cancellationToken, "-o", "remount,rw,bind", folder);
            await Commands.RenderFixture.Until(folder + "/out.txt", "one", cancellationToken);
            await _bench.End();
        }
        finally
        {
            (await ChildProcess.RunAsync("umount", [folder], cancellationToken: CancellationToken.None)).MustSucceed();
        }
    }

    private async Task<string> MountReadOnly(string present, CancellationToken cancellationToken)
    {
        _bench.Settings("reload: none", _bench.State, _bench.Template("one"));
        var folder = Path.GetDirectoryName(_bench.Directory.Write("mounted/out.txt", present))!;
        File.WriteAllText(_bench.Directory["t.yaml"], File.ReadAllText(_bench.Directory["t.yaml"]).Replace(_bench.Directory["out.txt"], folder + "/out.txt", StringComparison.Ordinal));
        await Mount(cancellationToken, "--bind", folder, folder);
        await Mount(cancellationToken, "-o", "remount,ro,bind", folder);
        return folder;
    }

    private static async Task Mount(CancellationToken cancellationToken, params string[] arguments) =>
        (await ChildProcess.RunAsync("mount", arguments, cancellationToken: cancellationToken)).MustSucceed();

    [Test]
    public async Task WhenNeitherSettingsCanBeOpenedBothAreTriedAgain(CancellationToken cancellationToken)
    {
        await Begin(cancellationToken);
        Directory.Move(_bench.Directory["state"], _bench.Directory["moved"]);
        _bench.Directory.Write("state", "a file in its place");
        _bench.Settings(_bench.State, _bench.Template(Word), "values: { word: two }");
        _bench.HangUp();
        await _bench.Says("cannot use the state directory", cancellationToken);
        File.Delete(_bench.Directory["state"]);
        await _bench.Output("two", cancellationToken);
        await _bench.End();
        Assert.That(_bench.Log.Split("It is tried again until it can be used; the proxy keeps what it has.").Length - 1, Is.EqualTo(1), _bench.Log);
    }

    [Test]
    public async Task ItCanBeEndedWhileNoSettingsCanBeOpened(CancellationToken cancellationToken)
    {
        await Begin(cancellationToken);
        Directory.Move(_bench.Directory["state"], _bench.Directory["moved"]);
        _bench.Directory.Write("state", "a file in its place");
        _bench.Settings(_bench.State, _bench.Template(Word), "values: { word: two }");
        _bench.HangUp();
        await _bench.Says("It is tried again", cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
    }

    [TestCase("reload: \"command:/bin/true\"")]
    [TestCase("reload: \"command:/bin/true\"\nverify: none")]
    public async Task ATemplateThatIsNotThereIsNamedBeforeWhatFollowsFromThat(string lines)
    {
        _bench.Settings(_bench.State, $"template: {_bench.Directory["none.scriban"]}", lines);
        _bench.StartFromFile();
        var run = await _bench.Ended();
        Assert.That((run.ExitCode, run.Output, run.Error), Is.EqualTo((3, "", $"error template-error: there is no file {_bench.Directory["none.scriban"]}.\n")));
    }

    [Test]
    public async Task ATemplateThatComesLaterIsWaitedForWhereItsProxyIsKnown(CancellationToken cancellationToken)
    {
        _bench.Settings(_bench.State, $"template: {_bench.Directory["site.nginx.scriban"]}", "validate: command:/bin/true", "reload: command:/bin/true");
        _bench.StartFromFile();
        await _bench.Says($"error template-error: there is no file {_bench.Directory["site.nginx.scriban"]}.", cancellationToken);
        _bench.Directory.Write("site.nginx.scriban", "# it came\n");
        await _bench.Output("# it came\n", cancellationToken);
        await _bench.End();
    }

    [Test]
    public async Task AFormatThatATemplateNamesLaterChangesWhoChecksIt(CancellationToken cancellationToken)
    {
        _bench.Settings(_bench.State, _bench.Template("one"), "reload: none");
        _bench.StartFromFile();
        await _bench.Output("one", cancellationToken);
        // Centauri's checker is part of Templater: nothing else makes the difference.
        _bench.Directory.Write("site.scriban", "{{# format: centauri #}}no route file\n");
        await _bench.Says("validate: Centauri", cancellationToken);
        await _bench.Says("error config-refused: ", cancellationToken);
        Assert.That(_bench.Directory.Read("out.txt"), Is.EqualTo("one"));
        _bench.Directory.Write("site.scriban", "{{# format: plain #}}three");
        await _bench.Output("three", cancellationToken);
        await _bench.End();
    }

    [Test]
    public async Task AFormatThatCannotBeServedKeepsTheProxyThatItHad(CancellationToken cancellationToken)
    {
        _bench.Settings(_bench.State, $"template: {_bench.Directory.Write("site.scriban", "{{# format: centauri #}}{{ for host in virtual_hosts }}# {{ host.name }}\n{{ end }}")}", "reload: \"command:/bin/true\"");
        _bench.StartFromFile();
        await _bench.Output("# a.example.com\n", cancellationToken);
        _bench.Template("no judge");
        await _bench.Says("nothing checks its configuration and nothing could prove that it is live, so a bad one would stay unnoticed. Name a checker (validate: command:…) or a proof (verify), or set validate to none to do without. The settings in force stay.", cancellationToken);
        // The template in force stays, too: a new container does not bring the other one into the file.
        _bench.Containers("b.example.com");
        await _bench.Output("# b.example.com\n", cancellationToken);
        Assert.That(_bench.Log.Split("The settings in force stay."), Has.Length.EqualTo(2), _bench.Log);
        _bench.Directory.Write("site.scriban", "{{# format: centauri #}}# good again\n");
        await _bench.Output("# good again\n", cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
    }

    [TestCase("{{ nothing.at.all", TestName = "A broken include heals by itself")]
    [TestCase(null, TestName = "A missing include heals by itself")]
    public async Task AnIncludeThatWasBrokenAtTheStartHealsByItself(string? broken, CancellationToken cancellationToken)
    {
        if (broken is not null)
            _bench.Directory.Write("part.scriban", broken);
        _bench.Settings(_bench.State, _bench.Template("{{ include 'part.scriban' }}"), "reload: none");
        _bench.StartFromFile();
        await _bench.Says("error template-error: ", cancellationToken);
        _bench.Directory.Write("part.scriban", "mended");
        await _bench.Output("mended", cancellationToken);
        await _bench.End();
        Assert.That(_bench.Log, Does.Contain("What is live stays live; the file is read again when it changes."));
    }

    [Test]
    public async Task AnIncludeThatIsNewAndBrokenHealsByItselfHoweverSoonItIsMended(CancellationToken cancellationToken)
    {
        _bench.Settings(_bench.State, _bench.Template("one"), "reload: none");
        _bench.StartFromFile();
        await _bench.Output("one", cancellationToken);
        _bench.Template("{{ include 'part.scriban' }}");
        await _bench.Says("error template-error: ", cancellationToken);
        _bench.Directory.Write("part.scriban", "mended");
        await _bench.Output("mended", cancellationToken);
        await _bench.End();
    }

    [Test]
    public async Task WhatIsNoFileIsNeverReplacedByOne()
    {
        Assert.That(Syscall.mkfifo(_bench.Directory["out.txt"], FilePermissions.DEFFILEMODE), Is.Zero);
        _bench.Settings(_bench.State, _bench.Template("one"), "reload: none");
        _bench.StartFromFile();
        var run = await _bench.Ended();
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((2, $"error invalid-setting: output: {_bench.Directory["out.txt"]} is a pipe; a file was expected.\n")));
    }

    [TestCaseSource(nameof(Extremes))]
    public async Task ItRunsWithEveryQuantityAtItsBounds(string path, string text, CancellationToken cancellationToken)
    {
        // A proof that never comes is waited for; it is only needed where that wait is what is set.
        var proof = path == "reload_timeout" ? "verify: http:http://127.0.0.1:1/" : "verify: none";
        _bench.Settings(_bench.State, "template: nginx", "validate: none", "reload: command:/bin/true", proof, $"{path}: {text}");
        _bench.StartFromFile();
        await _bench.Until(() => File.Exists(_bench.Directory["out.txt"]) && File.Exists(_bench.Directory["state/status.json"]), cancellationToken);
        // Another look, so that every wait of the loop has begun once.
        _bench.Containers("b.example.com");
        if ((path, text) is ("settle", "0") or ("settle_max" or "resync" or "reload_interval", _))
            await _bench.Until(() => _bench.Directory.Read("out.txt").Contains("b.example.com", StringComparison.Ordinal), cancellationToken);
        Assert.That(await _bench.End(), Is.Zero, _bench.Log);
    }

    private static IEnumerable<TestCaseData> Extremes() => SettingsTable.All.SelectMany(static setting =>
        setting.Bounds.Select(bound => new TestCaseData(setting.Path, bound).SetArgDisplayNames(setting.Path, bound)));

    public void Dispose() => _bench.Dispose();

    private async Task Begin(CancellationToken cancellationToken)
    {
        _bench.Settings(_bench.State, _bench.Template(Word), "values: { word: one }");
        _bench.StartFromFile();
        await _bench.Output("one", cancellationToken);
    }

    private Task Becomes(string word, CancellationToken cancellationToken)
    {
        _bench.Settings(_bench.State, _bench.Template(Word), $"values: {{ word: {word} }}");
        _bench.HangUp();
        return _bench.Output(word, cancellationToken);
    }
}
