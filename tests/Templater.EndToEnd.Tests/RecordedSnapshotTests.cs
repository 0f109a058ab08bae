using System.Text.Json.Nodes;
using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>What <c>snapshot</c> records renders elsewhere to the very bytes that are live.</summary>
public sealed class RecordedSnapshotTests
{
    private const int Orders = 10;
    private const string MasterSocket = "haproxy:/run/templater/master.sock";

    private static IEnumerable<TestCaseData> Proxies() => Rotation.Of<TestCaseData>([new("haproxy", "haproxy.cfg"), new("nginx", "nginx.conf")], 2);

    [TestCaseSource(nameof(Proxies)), CancelAfter(120_000)]
    public async Task RendersToTheLiveFileByteForByteInAnyOrder(string template, string file)
    {
        await using var stage = await Stage.OpenAsync();
        using var directory = new TempDirectory();
        string[] options = template == "haproxy" ? ["-e", $"TEMPLATER_RELOAD={MasterSocket}", "--group-add", "99"] : [];
        await stage.StartTemplaterAsync(template, options);
        using var certificate = TestCertificates.WriteCombined(Directory.CreateDirectory(Path.Combine(await stage.VolumePathAsync("certs"), "haproxy")).FullName, "a.example.com");
        using var client = template == "nginx" ? await stage.StartNginxAsync() : await stage.StartHAProxyAsync();
        await stage.StartWebAsync("web-a", "-l", "templater.host=a.example.com");
        await stage.StartWebAsync("web-b", "-l", "templater.host=b.example.com", "-l", "templater.path=/b");
        await stage.StartWebAsync("web-c", "-l", "templater.host=c.example.com", "-e", "SECRET=x");
        var last = await stage.StartWebAsync("web-d", "-l", "templater.host=d.example.com");
        await client.WaitForBodyAsync("d.example.com", last);

        var snapshot = await stage.Engine.RunAsync("exec", Stage.TemplaterName, "templater", "snapshot");
        var live = await stage.ReadVolumeAsync("config", file);

        Assert.That(live, Does.Contain("a.example.com").And.Contain("d.example.com"));
        Assert.That(snapshot, Does.Not.Contain("SECRET"));
        Assert.That(await RenderAsync(template, directory.Write("0.json", snapshot)), Is.EqualTo(live));
        var random = new Random(1);
        for (var i = 1; i <= Orders; i++)
        {
            var json = JsonNode.Parse(snapshot)!;
            Shuffle(json["snapshot"]!["containers"]!.AsArray(), random);
            Assert.That(await RenderAsync(template, directory.Write($"{i}.json", json.ToJsonString())), Is.EqualTo(live), $"order {i}");
        }
    }

    private static async Task<string> RenderAsync(string template, string snapshot) =>
        // What HAProxy is told while it runs is not in its file's id, so it belongs to the same settings.
        (await ChildProcess.RunAsync(
            ShippedForm.Program,
            ["render", "--template", template, "--from", snapshot, .. template == "haproxy" ? ["--reload", MasterSocket] : Array.Empty<string>()])).MustSucceed().Output;

    private static void Shuffle(JsonArray containers, Random random)
    {
        var items = containers.ToArray();
        containers.Clear();
        random.Shuffle(items);
        foreach (var item in items)
            containers.Add(item);
    }
}
