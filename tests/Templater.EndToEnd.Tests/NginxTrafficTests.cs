using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>What visitors of a site behind nginx notice of containers that come and go.</summary>
[NonParallelizable]
public sealed class NginxTrafficTests
{
    private const string Host = "shop.example.com";

    // Reloads are at most one a second.
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(1.2);

    private static TimeSpan ChurnTime => TimeSpan.FromSeconds(Rotation.IsFullTier ? 30 : 6);

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
        var stops = await Churn.StopAndStartAsync(stage, ["shop-a", "shop-b"], ChurnTime, cancellationToken);
        var (sent, failures, broken) = await load.EndAsync();

        await TestContext.Out.WriteLineAsync($"{sent} requests, {failures.Count} not answered with 200, {broken.Count} broken off by {stops} stops");
        Assert.That(sent, Is.GreaterThan(ChurnTime.TotalSeconds * 40));
        Assert.That(failures, Is.Empty);
        // Only a connection that is open to the stopped one may break.
        Assert.That(broken, Has.Count.LessThanOrEqualTo(stops));
    }
}
