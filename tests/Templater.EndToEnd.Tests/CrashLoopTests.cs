using System.Globalization;
using System.Text.RegularExpressions;
using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>A container that ends and starts again and again costs its neighbours nothing, and the proxy few reloads.</summary>
[NonParallelizable]
public sealed partial class CrashLoopTests
{
    // The first few starts are followed at once; afterwards it is held back for longer than the rounds take.
    private static readonly int MaxReloads = Rotation.IsFullTier ? 10 : 5;

    private static IEnumerable<int> Rounds => Rotation.Once(30, 0, 2, 6);

    // No longer than a minute altogether: for so long the load goes on.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    [TestCaseSource(nameof(Rounds)), CancelAfter(240_000)]
    public async Task NeighboursLoseNoRequest(int rounds, CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartTemplaterAsync("haproxy", "-e", "TEMPLATER_RELOAD=haproxy:/run/templater/master.sock", "--group-add", "99");
        using var client = await stage.StartHAProxyAsync();
        var neighbour = await stage.StartWebAsync("neighbour", "-l", "templater.host=neighbour.example.com");
        var crashing = await stage.StartWebAsync("crashing", "-l", "templater.host=crashing.example.com");
        await client.WaitForBodyAsync("neighbour.example.com", neighbour);
        await client.WaitForBodyAsync("crashing.example.com", crashing);
        var before = Reloads(await stage.LogsAsync());

        await using var load = SteadyLoad.Start(client, "neighbour.example.com");
        for (var round = 0; round < rounds; round++)
        {
            await stage.Engine.RunAsync("kill", "crashing");
            await Task.Delay(Pause, cancellationToken);
            await stage.Engine.RunAsync("start", "crashing");
            await Task.Delay(Pause, cancellationToken);
        }

        var (sent, failures, broken) = await load.EndAsync();
        var reloads = Reloads(await stage.LogsAsync()) - before;
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rounds} rounds, {sent} requests, {reloads} reloads"));
        Assert.That(sent, Is.GreaterThan(rounds * 15));
        Assert.That(failures.Concat(broken), Is.Empty, $"of {sent}");
        Assert.That(reloads, Is.InRange(1, MaxReloads), await stage.LogsAsync());
        Assert.That(await stage.SaidAsync("held-down"), Is.Not.Empty);
    }

    private static int Reloads(string log) => Live().Count(log);

    [GeneratedRegex(@"generation \d+ \([0-9a-f]+\) live in")]
    private static partial Regex Live();
}
