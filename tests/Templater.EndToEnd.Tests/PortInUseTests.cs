using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>A label asks for a port of the proxy that somebody else has: who asks is named and left out, and all others go live.</summary>
public sealed class PortInUseTests
{
    private const string Taken = "7000";

    private static readonly string[] Stream = ["-l", $"templater.streams.db.listen={Taken}", "-l", "templater.streams.db.port=8080"];
    private static readonly string[] Listen = ["-l", $"templater.listen.http={Taken}"];

    // The first attempt is after a minute and a half.
    private static readonly TimeSpan UntilTriedAgain = TimeSpan.FromSeconds(150);

    private static IEnumerable<TestCaseData> Cases()
    {
        yield return new TestCaseData("nginx", Stream).SetArgDisplayNames("nginx", "stream");
        if (!Rotation.IsFullTier)
            yield break;
        yield return new TestCaseData("nginx", Listen).SetArgDisplayNames("nginx", "listen");
        yield return new TestCaseData("haproxy", Stream).SetArgDisplayNames("haproxy", "stream");
        yield return new TestCaseData("haproxy", Listen).SetArgDisplayNames("haproxy", "listen");
    }

    [Test, CancelAfter(240_000)]
    [TestCaseSource(nameof(Cases))]
    public async Task WhoAsksForAPortInUseIsLeftOutAloneByName(string template, string[] labels)
    {
        await using var stage = await Stage.OpenAsync();
        // What is kept for streams no host may ask for.
        await stage.StartTemplaterAsync(template, labels == Stream ? ["-e", "TEMPLATER_STREAM_PORTS=" + Taken] : []);
        await LoadStreamModuleAsync(stage);
        using var client = template == "nginx" ? await stage.StartNginxAsync() : await stage.StartHAProxyAsync();
        await stage.Engine.RunAsync("run", "-d", "--name", "squatter", "--network", "container:" + Stage.ProxyName, Images.Web, "httpd", "-f", "-p", Taken);
        var good = await stage.StartWebAsync("good", "-l", "templater.host=good.example.com");
        await client.WaitForBodyAsync("good.example.com", good);

        var greedy = await stage.StartWebAsync("greedy", ["-l", "templater.host=greedy.example.com", .. labels]);
        await stage.WaitForLogAsync("\"greedy\" is left out until it changes");
        await client.WaitForBodyAsync("later.example.com", await stage.StartWebAsync("later", "-l", "templater.host=later.example.com"));

        var refusals = (await stage.SaidAsync("config-refused")).Where(static line => line.StartsWith("error ", StringComparison.Ordinal)).ToList();
        Assert.That(refusals, Has.Count.EqualTo(1).And.All.Contains("container \"greedy\"").And.All.Contains(Taken), await stage.LogsAsync());
        Assert.That(await client.GetAsync("good.example.com"), Is.EqualTo(new Answer(200, good)));

        if (Rotation.IsFullTier && labels == Stream)
        {
            // Nobody tells that the port is free.
            await stage.Engine.RunAsync("rm", "-f", "squatter");
            await client.WaitForBodyAsync("greedy.example.com", greedy, UntilTriedAgain);
        }

        await stage.Engine.RunAsync("rm", "-f", "greedy");
        await client.WaitForBodyAsync("greedy.example.com", await stage.StartWebAsync("greedy", "-l", "templater.host=greedy.example.com"));
    }

    // HAProxy has no such folder and does not mind.
    private static async Task LoadStreamModuleAsync(Stage stage)
    {
        var folder = Directory.CreateDirectory(Path.Combine(await stage.VolumePathAsync("config"), "main.d")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "stream.conf"), "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n");
    }
}
