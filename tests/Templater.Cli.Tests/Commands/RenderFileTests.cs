using Mono.Unix.Native;
using Templater.Pipeline;

namespace Templater.Cli.Tests.Commands;

/// <summary>Files that are read and written while rendering, and what is none.</summary>
public sealed class RenderFileTests : RenderFixture
{
    [Test]
    public async Task AFileIsWrittenAndCounted()
    {
        var path = Scratch["out/list.txt"];
        var (first, second) = (await Render(Listing, "--output", path), await Render(Listing, "--output", path));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first, Is.EqualTo(new CommandRun(0, $"{path}: 1 host, 1 server, 17 B (changed)\n", "")));
            Assert.That(second, Is.EqualTo(new CommandRun(0, $"{path}: 1 host, 1 server, 17 B (unchanged)\n", "")));
            Assert.That(Scratch.Read("out/list.txt"), Is.EqualTo("shop.example.com\n"));
        }
    }

    [Test]
    public async Task APasswordFileIsWrittenBesideTheConfigurationThatNamesIt()
    {
        const string User = "ops:$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.";
        var from = Scratch.Write("login.json", Containers("shop", "templater.host", "shop.example.com").Replace(
            "\"templater.host\":\"shop.example.com\"", $"\"templater.host\":\"shop.example.com\",\"templater.auth.basic\":\"{User}\"", StringComparison.Ordinal));
        var run = await CommandRun.Of("render", "--template", "nginx", "--from", from, "--output", Scratch["out/nginx.conf"]);
        var side = Directory.EnumerateFiles(Scratch["out"], ".nginx.auth-*").Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.Zero, run.Error);
            Assert.That(File.ReadAllText(side), Is.EqualTo(User + "\n"));
            Assert.That(Scratch.Read("out/nginx.conf"), Does.Contain($"auth_basic_user_file \"/config/{Path.GetFileName(side)}\";").And.Not.Contains("$5$"));
        }
    }

    [TestCase("htpasswd/shop.example.com", "ops:$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.", "auth_basic_user_file", "")]
    [TestCase("htpasswd/shop.example.com", "ops:plain", "# No server is ready.", "/htpasswd/shop.example.com")]
    [TestCase("vhost.d/shop.example.com", "deny all;", "/vhost.d/shop.example.com", "")]
    [TestCase("vhost.d/shop.example.com_location_override", "location / { return 418; }", "/vhost.d/shop.example.com_location_override", "")]
    public async Task UnderNginxProxysSettingsFilesThatAreCalledLikeAHostHold(string name, string text, string expected, string said)
    {
        var file = Scratch.Write(name, text);
        string[] common = ["render", "--template", "nginx", "--from", Recorded, "--compat", "nginx-proxy", "--certs-dir", Scratch["certs"], "--auth-dir", Scratch["htpasswd"], "--vhost-dir", Scratch["vhost.d"], "--output", Scratch["nginx.conf"]];
        var closed = await CommandRun.Of(common);
        var with = Scratch.Read("nginx.conf");
        File.Delete(file);
        await CommandRun.Of(common);
        Assert.That((closed.ExitCode, closed.Error.Contains(said, StringComparison.Ordinal), with.Contains(expected, StringComparison.Ordinal), Scratch.Read("nginx.conf").Contains(expected, StringComparison.Ordinal)),
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
        var run = CommandRun.Daemon(signals, new StringWriter(), "render", "--template", "domains", "--from", Recorded, "--output", Pipe());
        await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        signals.End(ProcessSignals.Terminate);
        Assert.That((await run.WaitAsync(cancellationToken)).ExitCode, Is.EqualTo(143));
    }

    [Test]
    public async Task WhatIsNoFileIsNamedAsWhatItIs()
    {
        var (directory, pipe) = (Scratch.Path, Pipe());
        var template = Scratch.Write("site.scriban", Listing);
        (string[] Arguments, int Code, string Error)[] cases =
        [
            (["--template", template, "--from", pipe], 3, $"error invalid-input: {pipe}: cannot be read: it is a pipe; a file was expected.\n"),
            (["--template", template, "--from", directory], 3, $"error invalid-input: {directory}: cannot be read: it is a directory; a file was expected.\n"),
            (["--template", pipe, "--from", Recorded], 3, $"error template-error: {pipe} cannot be read: it is a pipe; a file was expected.\n"),
            (["--template", directory, "--from", Recorded], 3, $"error template-error: {directory} cannot be read: it is a directory; a file was expected.\n"),
            (["--template", "/dev/zero", "--from", Recorded], 3, "error template-error: /dev/zero cannot be read: it is larger than 8388608 bytes.\n"),
            (["--template", template, "--from", Recorded, "--output", directory], 4, $"error output-denied: cannot write {directory}: it is a directory; a file was expected.\n"),
            (["--template", template, "--from", Recorded, "--diff", pipe], 3, $"error invalid-input: cannot read {pipe}: it is a pipe; a file was expected.\n"),
        ];
        using (Assert.EnterMultipleScope())
            foreach (var (arguments, code, error) in cases)
                Assert.That(await CommandRun.Of(["render", .. arguments]), Is.EqualTo(new CommandRun(code, "", error)));
    }

    [Test]
    public async Task QuietWritesNoCount() =>
        Assert.That(await Render(Listing, "-q", "--output", Scratch["list.txt"]), Is.EqualTo(new CommandRun(0, "", "")));

    [Test]
    public async Task WhatIsNamedAndMissingEndsAlike()
    {
        var none = Scratch["none.scriban"];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await Render(Listing, "--diff", none), Is.EqualTo(new CommandRun(3, "",
                $"error invalid-input: cannot read {none}: there is no such file. Write it first with --output {none}.\n")));
            Assert.That(await CommandRun.Of("render", "--template", "domains", "--from", none), Is.EqualTo(new CommandRun(3, "",
                $"error invalid-input: {none}: cannot be read: there is no such file.\n")));
            Assert.That(await CommandRun.Of("render", "--template", none, "--from", Recorded), Is.EqualTo(new CommandRun(3, "", $"error template-error: there is no file {none}.\n")));
        }
    }

    [TestCase("/proc/none/list.txt", "there is no such directory.")]
    [TestCase("/etc/passwd/list.txt", "a part of its path is a file, where a directory is needed.")]
    public async Task WhatCannotBeWrittenIsSaidWithoutTheRuntimesWords(string path, string why) => Assert.That(
        await Render(Listing, "--output", path), Is.EqualTo(new CommandRun(4, "", $"error output-denied: cannot write {path}: {why}\n")));

    [TestCase("--validate", "command:/bin/false")]
    [TestCase("--strict")]
    public async Task WhatFailsReplacesNoFile(params string[] flags)
    {
        Scratch.Write("containers.json", Containers("admin", "templater.host", "admin.example.com", "\"3000/tcp\":{},\"9090/tcp\":{}"));
        var live = Scratch.Write("live.conf", "GOOD");
        var run = await Render(Listing, [.. flags, "--output", live]);
        Assert.That((run.ExitCode, await File.ReadAllTextAsync(live)), Is.EqualTo((3, "GOOD")));
        Assert.That(run.Error, Does.EndWith($"{live}: not written\n"));
    }

    private string Pipe()
    {
        var path = Scratch["pipe"];
        Assert.That(Syscall.mkfifo(path, FilePermissions.DEFFILEMODE), Is.Zero);
        return path;
    }
}
