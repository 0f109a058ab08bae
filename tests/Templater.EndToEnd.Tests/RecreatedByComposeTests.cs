using System.Text.Json.Nodes;
using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>
/// A real Compose makes the proxy anew while Templater owes it a reload, and once more while the site changes: it ends with what is
/// wanted, which is proven, and no container was told of it twice. The same with a Compose of version 2: RecreatedProxyTests, which
/// play the engine.
/// </summary>
public sealed class RecreatedByComposeTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // A project that is brought up three times takes half a minute.
    private static IEnumerable<TestCaseData> Cases => Rotation.IsFullTier
        ? [new("nginx", "auto"), new("nginx", "docker:nginx"), new("haproxy", "haproxy:/run/templater/master.sock")]
        : [];

    [TestCaseSource(nameof(Cases)), CancelAfter(240_000)]
    public async Task EndsWithWhatIsWantedAndIsToldOnceAtMost(string proxy, string reload, CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenAsync();
        using var project = new ComposeProject(stage, proxy, stage.Engine.Socket, text => reload == "docker:nginx"
            // By its service alone.
            ? text.Replace("templater.proxy: nginx", "some.label: nginx", StringComparison.Ordinal)
                .Replace("TEMPLATER_TEMPLATE: nginx", $"TEMPLATER_TEMPLATE: nginx\n      TEMPLATER_RELOAD: {reload}", StringComparison.Ordinal)
            : text);
        await project.UpAsync();
        await ServesAsync("first", await StartWebAsync("first"));

        await stage.Engine.RunAsync("stop", await project.ContainerOfAsync(proxy));
        var owed = await StartWebAsync("owed");
        await WaitForOutputAsync("owed");
        await project.UpAsync("--no-deps", "--force-recreate", proxy);
        await ServesAsync("owed", owed);
        await EndsAsync("owed");

        var before = await project.ContainerOfAsync(proxy);
        var recreation = project.UpAsync("--no-deps", "--force-recreate", proxy);
        // While the old one runs it would be told, too, and both would count.
        while ((await stage.Engine.RunAsync("ps", "--quiet", "--no-trunc")).Contains(before, StringComparison.Ordinal))
            await Task.Delay(50, cancellationToken);
        var meanwhile = await StartWebAsync("meanwhile");
        await recreation;
        Assert.That(await project.ContainerOfAsync(proxy), Is.Not.EqualTo(before));
        await ServesAsync("meanwhile", meanwhile);
        await EndsAsync("meanwhile");

        Task<string> StartWebAsync(string name) => stage.StartWebOnAsync($"{proxy}_front", name, "-l", $"templater.host={name}.example.com");

        async Task ServesAsync(string name, string body)
        {
            using var client = await project.ClientOfAsync(proxy);
            await client.WaitForBodyAsync($"{name}.example.com", body, Limit);
        }

        async Task WaitForOutputAsync(string name)
        {
            var file = Path.Combine(await stage.VolumePathAsync(project.Volume("config")), proxy == "nginx" ? "nginx.conf" : "haproxy.cfg");
            while (!(await File.ReadAllTextAsync(file, cancellationToken)).Contains($"{name}.example.com", StringComparison.Ordinal))
                await Task.Delay(50, cancellationToken);
        }

        async Task EndsAsync(string name)
        {
            var templater = await project.ContainerOfAsync("templater");
            JsonNode output;
            do
            {
                await Task.Delay(50, cancellationToken);
                output = JsonNode.Parse(await stage.Engine.RunAsync("exec", templater, "templater", "status", "--json", "--history"))!["outputs"]![0]!;
            }
            while ((string?)output["current"]!["generation"] != (string?)output["wanted"] || output["current"]!["settled"] is null);

            Assert.That((string?)output["current"]!["phase"], Is.EqualTo("proven"), output.ToString());
            var number = (int)output["current"]!["number"]!;
            // The log tells of it a moment after the status.
            await stage.WaitForLogAsync($"generation {number} ", templater);
            var told = (await stage.LogsAsync(templater)).Split('\n').Where(line => line.Contains($"generation {number} ", StringComparison.Ordinal) && line.Contains(") live in ", StringComparison.Ordinal)).ToList();
            var signals = (await stage.Engine.RunAsync("events", "--since", "5m", "--until", "0s", "--filter", $"container={await project.ContainerOfAsync(proxy)}", "--filter", "event=kill", "--format", "{{.Actor.Attributes.signal}}"))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries);
            await TestContext.Out.WriteLineAsync($"{proxy} | {reload} | {name} | {(string?)output["current"]!["result"]} | signals to the new one: {signals.Length}");
            Assert.That(told, Has.Count.EqualTo(1), await stage.LogsAsync(templater));
            Assert.That(signals, Has.Length.LessThanOrEqualTo(1));
        }
    }
}
