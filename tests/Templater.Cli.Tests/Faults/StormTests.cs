using System.Diagnostics;
using System.Globalization;
using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

/// <summary>
/// Containers come, go and change a hundred times a second beside a real proxy: it is reloaded once a second at most, and what
/// was wanted last is served and proven when they are calm, without anything else that happens.
/// </summary>
[CancelAfter(120_000)]
[Platform("Linux")]
public sealed class StormTests
{
    private const int Names = 20;
    private readonly Dictionary<string, string> _words = new(StringComparer.Ordinal);
    private static readonly TimeSpan BetweenChanges = TimeSpan.FromMilliseconds(10);
    private static readonly int Changes = Rotation.IsFullTier ? 1000 : 100;

    [TestCase("nginx")]
    [TestCase("haproxy")]
    public async Task ReloadsOnceASecondAtMostAndServesTheLastState(string kind)
    {
        await using var engine = new FakeDockerEngine();
        await using var site = new FaultSite(kind, $"docker_host: {engine.Host}", "swarm: off", "resync: 1h") { HasEngine = true };
        site.UseTemplate(site.Proxy.Template(
            word: "{{ all = '' }}{{ for host in virtual_hosts }}{{ all = all + host.data['word'] + '-' }}{{ end }}{{ all | " + kind + ".string }}", countsReloads: true));
        Add(engine, "calm", "calm");
        site.Start();
        await site.UntilAsync("the first file", () => Task.FromResult(File.Exists(site.Config)));
        site.Proxy.Start(site.Config);
        await site.LiveAsync("calm-");
        var before = await site.Proxy.ReloadsAsync();

        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Changes; i++)
        {
            Change(engine, i);
            if (BetweenChanges * (i + 1) - clock.Elapsed is var rest && rest > TimeSpan.Zero)
                await Task.Delay(rest);
        }

        var last = string.Concat(engine.Containers.Where(static container => container.Status == "running").Select(static container => container.Name).Order(StringComparer.Ordinal)
            .Select(name => _words[name] + "-"));
        var storm = clock.Elapsed;
        await site.LiveAsync(last);
        var elapsed = clock.Elapsed;

        var reloads = await site.Proxy.ReloadsAsync() - before;
        TestContext.Out.WriteLine($"{kind}: {Changes} changes in {storm.TotalSeconds:0.0} s, last state live after {elapsed.TotalSeconds:0.0} s, {reloads} reloads");
        Assert.That(reloads, Is.InRange(1, (int)elapsed.TotalSeconds + 1), $"{reloads} reloads within {elapsed}\n{site.Program!.Log}");
        Assert.That(last.Split('-'), Has.Length.GreaterThan(3));
    }

    // Each of the names in turn: it comes, is stopped or not, and goes.
    private void Change(FakeDockerEngine engine, int i)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"s{i % Names:00}");
        var isEven = (i / Names + i) % 2 == 0;
        if (engine.Containers.FirstOrDefault(container => container.Name == name) is not { } container)
            Add(engine, name, string.Create(CultureInfo.InvariantCulture, $"{name}at{i}"));
        else if (container.Status == "running" && isEven)
            engine.Stop(name);
        else
            engine.Remove(name);
    }

    private void Add(FakeDockerEngine engine, string name, string word)
    {
        _words[name] = word;
        engine.AddContainer(name, container => container.Label("templater.host", $"{name}.example.com").Label("templater.data.word", word).Expose(8080).Network("front"));
    }
}
