using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>How long it takes from the <c>start</c> event of a container to the first answer from it.</summary>
[NonParallelizable]
public sealed class StartToAnswerTests
{
    private static readonly int Samples = Rotation.IsFullTier ? 20 : 10;
    private static readonly int P95 = (Samples * 95 / 100) - 1;

    // Reloads are at most one a second; a person starts containers with more time between. Creating one takes the rest of it.
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(0.8);

    // One at a time: nothing runs beside it.
    private static IEnumerable<string> Proxies() => Rotation.Of(["nginx", "haproxy"], 2);

    [Test, CancelAfter(240_000)]
    [TestCaseSource(nameof(Proxies))]
    public async Task IsAtMostASecond(string template, CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartTemplaterAsync(template, template == "haproxy" ? ["-e", "TEMPLATER_RELOAD=haproxy:/run/templater/master.sock", "--group-add", "99"] : []);
        using var client = template == "haproxy" ? await stage.StartHAProxyAsync() : await stage.StartNginxAsync();

        await MeasureAsync(stage, client, cancellationToken);
    }

    private static async Task MeasureAsync(Stage stage, SiteClient client, CancellationToken cancellationToken)
    {
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
        await TestContext.Out.WriteLineAsync($"start event to first answer, ms: median {times[Samples / 2]:F0}, p95 {times[P95]:F0}, longest {times[^1]:F0}");
        Assert.That(times[P95], Is.LessThanOrEqualTo(1000));
    }

    private static async Task<DateTimeOffset> AnsweredAtAsync(SiteClient client, string host)
    {
        await client.WaitForStatusAsync(host, 200);
        return TimeProvider.System.GetUtcNow();
    }
}
