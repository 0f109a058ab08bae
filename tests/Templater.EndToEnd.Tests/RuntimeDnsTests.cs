using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>
/// With <c>endpoints=dns</c> the proxy itself asks the engine's name server: a replica that comes back with another address is found
/// although no file changes and nobody is told, even while Templater is not there.
/// </summary>
public sealed class RuntimeDnsTests
{
    private const string Host = "shop.example.com";

    // What nginx and HAProxy remember of a name, and what an engine takes to make a container.
    private static readonly TimeSpan LookUpLimit = TimeSpan.FromSeconds(20);

    // One look for a container that goes and comes back.
    private static readonly string[] Patience = ["-e", "TEMPLATER_SETTLE=2s", "-e", "TEMPLATER_SETTLE_MAX=20s"];

    private static IEnumerable<string> Proxies() => Rotation.Of(["nginx", "haproxy"], 2);

    [TestCaseSource(nameof(Proxies)), CancelAfter(180_000)]
    public async Task AnotherAddressNeedsNoNewFile(string proxy)
    {
        await using var stage = await Stage.OpenAsync();
        using var client = await StartAsync(stage, proxy);
        var (one, two) = (await StartShopAsync(stage, 1), await StartShopAsync(stage, 2));
        await AnswerAsync(client, one, two);
        // nginx's workers of before the reload may accept a last connection.
        await Task.Delay(TimeSpan.FromSeconds(1));
        var (file, workers, before) = (await FileAsync(stage, proxy), await stage.WorkersAsync(), await stage.AddressOfAsync("shop_2"));
        Assert.That(file, Does.Not.Contain(before));

        await using var load = SteadyLoad.Start(client, Host);
        await stage.Engine.RunAsync("rm", "-f", "shop_2");
        await stage.StartWebAsync("squatter");
        two = await StartShopAsync(stage, 2);
        await AnswerAsync(client, one, two);
        var (sent, failures, broken) = await load.EndAsync();

        Assert.That(await stage.AddressOfAsync("shop_2"), Is.Not.EqualTo(before));
        Assert.That(failures, Is.Empty, $"of {sent}");
        Assert.That(broken, Has.Count.LessThanOrEqualTo(1), "what was on its way out of the container when it was killed");
        // Longer than the look that the changes ask for.
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.That(await FileAsync(stage, proxy), Is.EqualTo(file));
        Assert.That(await stage.WorkersAsync(), Is.EqualTo(workers), await stage.LogsAsync());
    }

    [TestCaseSource(nameof(Proxies)), CancelAfter(180_000)]
    public async Task NobodyNeedsToWatch(string proxy)
    {
        await using var stage = await Stage.OpenAsync();
        using var client = await StartAsync(stage, proxy);
        var first = await StartShopAsync(stage, 1);
        await client.WaitForBodyAsync(Host, first, LookUpLimit);
        await stage.Engine.RunAsync("stop", Stage.TemplaterName);

        await stage.Engine.RunAsync("rm", "-f", "shop_1");
        await stage.StartWebAsync("squatter");
        var second = await StartShopAsync(stage, 1);
        Assert.That(second, Is.Not.EqualTo(first));
        await client.WaitForBodyAsync(Host, second, LookUpLimit);
    }

    // nginx looks up the service's name, which stands for however many there are; HAProxy has a line for each, and knows all
    // addresses again as soon as it is reloaded.
    [TestCaseSource(nameof(Proxies)), CancelAfter(180_000)]
    public async Task MoreReplicasAreFoundByTheSameName(string proxy)
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartTemplaterAsync(proxy);
        using var client = await StartProxyAsync(stage, proxy);
        var one = await StartShopAsync(stage, 1);
        await client.WaitForBodyAsync(Host, one, LookUpLimit);
        // nginx's workers of before the reload may accept a last connection.
        await Task.Delay(TimeSpan.FromSeconds(1));
        var (file, workers) = (await FileAsync(stage, proxy), await stage.WorkersAsync());

        await using var load = SteadyLoad.Start(client, Host);
        string[] all = [one, await StartShopAsync(stage, 2), await StartShopAsync(stage, 3)];
        await AnswerAsync(client, all);
        await stage.Engine.RunAsync("stop", "shop_2");
        await stage.Engine.RunAsync("rm", "shop_2");
        await AnswerAsync(client, all[0], all[2]);
        var (sent, failures, broken) = await load.EndAsync();

        Assert.That(failures.Concat(broken), Is.Empty, $"of {sent}");
        if (proxy == "nginx")
        {
            Assert.That(await FileAsync(stage, proxy), Is.EqualTo(file));
            Assert.That(await stage.WorkersAsync(), Is.EqualTo(workers), await stage.LogsAsync());
        }
    }

    private static async Task<SiteClient> StartAsync(Stage stage, string proxy)
    {
        await stage.StartTemplaterAsync(proxy, Patience);
        return await StartProxyAsync(stage, proxy);
    }

    private static Task<SiteClient> StartProxyAsync(Stage stage, string proxy) => proxy == "nginx" ? stage.StartNginxAsync() : stage.StartHAProxyAsync();

    // As docker-compose makes them.
    private static Task<string> StartShopAsync(Stage stage, int number) => stage.StartWebAsync(
        $"shop_{number}", "--network-alias", "shop", "-l", "com.docker.compose.project=shop", "-l", "com.docker.compose.service=shop",
        "-l", $"com.docker.compose.container-number={number}", "-l", "templater.host=" + Host, "-l", "templater.endpoints=dns");

    private static Task<string> FileAsync(Stage stage, string proxy) => stage.ReadVolumeAsync("config", proxy == "nginx" ? "nginx.conf" : "haproxy.cfg");

    // Until each of them answers, and nobody else does.
    private static async Task AnswerAsync(SiteClient client, params string[] bodies)
    {
        var start = TimeProvider.System.GetTimestamp();
        IReadOnlyDictionary<string, int> counts;
        do
        {
            counts = await client.CountAsync(Host, 20);
        }
        while (!counts.Keys.ToHashSet().SetEquals(bodies) && TimeProvider.System.GetElapsedTime(start) < LookUpLimit);
        Assert.That(counts.Keys, Is.EquivalentTo(bodies));
    }
}
