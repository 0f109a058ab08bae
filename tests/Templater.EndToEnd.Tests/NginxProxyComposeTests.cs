using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>nginx-proxy's own example of separate containers, with Templater in docker-gen's place.</summary>
public sealed class NginxProxyComposeTests
{
    private const string Host = "whoami.example";

    [Test, CancelAfter(180_000)]
    public async Task ItsContainersAreServedAsBefore()
    {
        await using var stage = await Stage.OpenAsync();
        using var project = new ComposeProject(stage, "nginx-proxy", stage.Engine.Socket);

        await project.UpAsync();

        using var client = new SiteClient("127.0.0.1", await project.PublishedPortAsync("nginx", 80));
        var whoami = (await project.ReplicasOfAsync("whoami")).Single();
        await client.WaitForBodyAsync(Host, whoami);
        var more = await stage.StartWebOnAsync("nginx-proxy_default", "more", "-e", "VIRTUAL_HOST=more.example,www.more.example");
        await client.WaitForBodyAsync("www.more.example", more);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await client.GetAsync("unknown.example")).Status, Is.EqualTo(503), "a host that nobody claims");
            Assert.That(await stage.ReadVolumeAsync(project.Volume("nginx_conf"), "default.conf"), Does.Contain($"upstream {Host} {{"));
            Assert.That(await stage.LogsAsync(await project.ContainerOfAsync("dockergen")), Does.Contain(" TRUST_DOWNSTREAM_PROXY is not set").And.Not.Contain(" error "));
        }

        await ReadsWhatTheReadmeRecords(stage);
    }

    private static async Task ReadsWhatTheReadmeRecords(Stage stage)
    {
        var commands = (await File.ReadAllLinesAsync(Repository.PathOf("README.md")))
            .Where(static line => line.StartsWith("$ docker inspect ", StringComparison.Ordinal) || line.StartsWith("$ templater explain --compat ", StringComparison.Ordinal))
            .Select(static line => line[2..].Replace("templater ", "\"$1\" ", StringComparison.Ordinal));
        using var directory = new TempDirectory();
        var run = await ChildProcess.RunAsync("sh", ["-c", $"cd \"$2\" && {string.Join(" && ", commands)}", "sh", ShippedForm.Program, directory.Path], stage.Engine.ClientEnvironment);
        Assert.That(run.Output, Does.Match($"  routed +nginx-proxy_whoami_1 +{Host} "), run.Error);
    }
}
