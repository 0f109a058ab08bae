using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>What is shipped: one file and its helper, in an image without a shell.</summary>
public sealed class ShippedFormTests
{
    private static readonly string[] Confined =
        ["run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];

    [Test, CancelAfter(180_000)]
    public async Task RunsOnAReadOnlyRootWithoutCapabilities()
    {
        await using var stage = await Stage.OpenAsync();

        var version = await stage.Engine.RunAsync([.. Confined, Images.Templater, "--version"]);

        Assert.That(version, Does.Contain("1.0.0"));
    }

    [Test, CancelAfter(180_000)]
    public async Task HasTheUserTheDirectoriesAndTheHealthCheckThatItsVolumesAndProxiesRelyOn()
    {
        await using var stage = await Stage.OpenAsync();

        var config = await stage.Engine.RunAsync("image", "inspect", "-f", "{{.Config.User}} {{.Config.Entrypoint}} {{.Config.Cmd}} {{.Config.StopSignal}} {{.Config.Healthcheck.Test}}", Images.Templater);
        await stage.Engine.RunAsync("create", "--name", "tree", "--network", "none", Images.Templater);
        var archive = Path.Combine(stage.Engine.WorkDirectory, "tree.tar");
        await stage.Engine.RunAsync("export", "-o", archive, "tree");
        var directories = ReadDirectories(archive);

        Assert.That(config, Is.EqualTo("65532:65532 [templater] [run] SIGTERM [CMD templater healthcheck]"));
        Assert.That(directories, Is.SupersetOf(new[] { "certs/ 65532:65532 755", "config/ 65532:65532 755", "run/templater/ 65532:65532 1777", "state/ 65532:65532 700", "webroot/ 65532:65532 755" }));
    }

    [Test, CancelAfter(120_000)]
    public async Task SendsARealSignalToAProcessOfItsUser()
    {
        await using var stage = await Stage.OpenAsync();
        // Stands in for a proxy of the same user in the same process namespace: it writes "hup" to its log when it gets the signal.
        await stage.StartWebAsync(Stage.ProxyName, "-u", "65532:65532");
        await stage.RunTemplaterAsync(
            "domains", "--pid", "container:" + Stage.ProxyName, "-e", "TEMPLATER_OUTPUT=/config/domains.txt", "-e", "TEMPLATER_RELOAD=pidfile:/run/templater/proxy.pid",
            "-e", "TEMPLATER_VALIDATE=none");
        await File.WriteAllTextAsync(Path.Combine(await stage.VolumePathAsync("run"), "proxy.pid"), "1\n");

        await stage.StartWebAsync("shop", "-l", "templater.host=shop.example.com");

        await stage.WaitForLogAsync("hup", Stage.ProxyName);
        Assert.That(async () => await stage.ReadVolumeAsync("config", "domains.txt"), Does.Contain("shop.example.com").After(5_000, 50));
    }

    [Test, CancelAfter(120_000)]
    public async Task PrintsItsVersionInLessThanATenthOfASecond()
    {
        await ShippedForm.EnsurePublishedAsync();
        var times = new List<double>();
        for (var i = 0; i < 11; i++)
        {
            var start = TimeProvider.System.GetTimestamp();
            (await ChildProcess.RunAsync(ShippedForm.Program, ["--version"])).MustSucceed();
            times.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
        }

        // What else runs on the machine only adds to it.
        Assert.That(times.Min(), Is.LessThan(100));
    }

    private static List<string> ReadDirectories(string archive)
    {
        var result = new List<string>();
        using var tar = new System.Formats.Tar.TarReader(File.OpenRead(archive));
        while (tar.GetNextEntry() is { } entry)
            result.Add($"{entry.Name} {entry.Uid}:{entry.Gid} {Convert.ToString((int)entry.Mode, 8)}");
        return result;
    }
}
