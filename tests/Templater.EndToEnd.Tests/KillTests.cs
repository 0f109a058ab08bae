using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>Templater is killed at any moment.</summary>
[NonParallelizable]
public sealed class KillTests
{
    private const int Seed = 20260101;

    // What a kill made Templater forget is hidden by the next change; so now and then it is killed while it owes a reload, and
    // nothing changes after that.
    private const int KillsBetweenSamples = 5;

    private static IEnumerable<int> Kills => Rotation.Once(200, 1, 2, 10);

    [TestCaseSource(nameof(Kills)), CancelAfter(1_200_000)]
    public async Task LeavesACompleteValidFileAndGoesOnAfterwards(int kills, CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartTemplaterAsync("nginx");
        using var client = await stage.StartNginxAsync();
        var names = Enumerable.Range(0, 6).Select(i => $"web{i}").ToArray();
        foreach (var name in names)
            await stage.StartWebAsync(name, "-l", $"templater.host={name}.example.com");
        await client.WaitForStatusAsync("web0.example.com", 200);

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var turn = new SemaphoreSlim(1);
        var churn = ChurnAsync(stage, names[1..], turn, end.Token);
        var random = new Random(Seed);
        for (var i = 1; i <= kills; i++)
        {
            var isSample = i % KillsBetweenSamples == 0;
            if (isSample)
                await OweAReloadAsync(stage, names[^1], turn, cancellationToken);
            else
                await Task.Delay(random.Next(50, 900), cancellationToken);
            await stage.Engine.RunAsync("kill", "-s", "KILL", Stage.TemplaterName);
            var check = await stage.Engine.TryRunAsync("exec", Stage.ProxyName, "nginx", "-t", "-c", "/config/nginx.conf");
            Assert.That(check.ExitCode, Is.Zero, $"after kill {i}: {check.Error}");
            Assert.That((await client.GetAsync("web0.example.com")).Status, Is.EqualTo(200), $"after kill {i}");
            await stage.Engine.RunAsync("start", Stage.TemplaterName);
            if (!isSample)
                continue;
            await WaitUntilLiveAsync(stage, client, names);
            turn.Release();
        }

        await end.CancelAsync();
        await churn;
        await WaitUntilLiveAsync(stage, client, names);
        // The last change may still be on its way: its candidate is there for a moment. One that a kill left would stay.
        var config = await stage.VolumePathAsync("config");
        Assert.That(() => Directory.GetFiles(config).Select(Path.GetFileName), Is.EqualTo(new[] { "nginx.conf" }).After(10_000, 50), "no temporary file stays behind");
    }

    // At most one reload a second: the second of two changes is on disk before its reload is due.
    private static async Task OweAReloadAsync(Stage stage, string name, SemaphoreSlim turn, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        var file = Path.Combine(await stage.VolumePathAsync("config"), "nginx.conf");
        foreach (var change in new[] { "stop", "start" })
        {
            var before = await File.ReadAllTextAsync(file, cancellationToken);
            await stage.Engine.RunAsync(change, name);
            for (var attempt = 0; attempt < 500 && await File.ReadAllTextAsync(file, cancellationToken) == before; attempt++)
                await Task.Delay(5, cancellationToken);
        }
    }

    private static async Task WaitUntilLiveAsync(Stage stage, SiteClient client, string[] names)
    {
        foreach (var name in names)
        {
            var id = (await stage.Engine.RunAsync("inspect", "-f", "{{.Id}}", name))[..12];
            await client.WaitForBodyAsync($"{name}.example.com", id, TimeSpan.FromSeconds(20));
        }
    }

    // Whoever else has the turn sees all of them run.
    private static async Task ChurnAsync(Stage stage, string[] names, SemaphoreSlim turn, CancellationToken cancellationToken)
    {
        for (var i = 0; !cancellationToken.IsCancellationRequested; i++)
        {
            await turn.WaitAsync(CancellationToken.None);
            await stage.Engine.RunAsync("stop", names[i % names.Length]);
            await stage.Engine.RunAsync("start", names[i % names.Length]);
            turn.Release();
        }
    }
}
