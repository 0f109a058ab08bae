using Templater.EndToEnd.Tests.Harness;

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
        Assert.That(directories, Is.SupersetOf(new[] { "certs/ 65532:65532 755", "config/ 65532:65532 755", "run/templater/ 65532:65532 1777", "state/ 65532:65532 700" }));
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
