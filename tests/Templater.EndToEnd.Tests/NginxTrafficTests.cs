using Templater.EndToEnd.Tests.Harness;

namespace Templater.EndToEnd.Tests;

/// <summary>What visitors of a site behind nginx notice of containers that come and go.</summary>
public sealed class NginxTrafficTests
{
    private const string Host = "shop.example.com";
    private const int Samples = 20;

    // Reloads are at most one a second; a person starts containers with more time between.
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(1.2);

    private static TimeSpan ChurnTime => TimeSpan.FromSeconds(Repository.IsFullTier ? 30 : 10);

    [Test, CancelAfter(240_000)]
    public async Task AnswersWithinASecondOfTheStartEvent(CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartTemplaterAsync("nginx");
        using var client = await stage.StartNginxAsync();
        await stage.WaitForLogAsync("live");
        var times = new List<double>();
        for (var i = 0; i < Samples; i++)
        {
            await Task.Delay(Calm, cancellationToken);
            var host = $"site{i}.example.com";
            var answered = AnsweredAtAsync(client, host);
            var id = await stage.StartWebAsync($"web{i}", "-l", "templater.host=" + host);
            times.Add((await answered - await stage.TimeOfEventAsync(id, "start")).TotalMilliseconds);
        }

        times.Sort();
        await TestContext.Out.WriteLineAsync($"start event to first answer, ms: median {times[Samples / 2]:F0}, p95 {times[(Samples * 95 / 100) - 1]:F0}, longest {times[^1]:F0}");
        Assert.That(times[(Samples * 95 / 100) - 1], Is.LessThanOrEqualTo(1000));
    }

    [Test, CancelAfter(180_000)]
    public async Task LosesNoRequestWhileReplicasStopAndStart(CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartTemplaterAsync("nginx");
        using var client = await stage.StartNginxAsync();
        foreach (var name in new[] { "shop-a", "shop-b", "shop-c" })
            await client.WaitForBodyAsync(Host, await stage.StartWebAsync(name, "-l", "templater.host=" + Host));
        await Task.Delay(Calm, cancellationToken);

        await using var load = SteadyLoad.Start(client, Host);
        await Churn.StopAndStartAsync(stage, ["shop-a", "shop-b"], ChurnTime, cancellationToken);
        var (sent, failures) = await load.EndAsync();

        await TestContext.Out.WriteLineAsync($"{sent} requests, {failures.Count} not answered with 200");
        Assert.That(sent, Is.GreaterThan(ChurnTime.TotalSeconds * 40));
        Assert.That(failures, Is.Empty);
    }

    private static async Task<DateTimeOffset> AnsweredAtAsync(SiteClient client, string host)
    {
        await client.WaitForStatusAsync(host, 200);
        return TimeProvider.System.GetUtcNow();
    }
}
