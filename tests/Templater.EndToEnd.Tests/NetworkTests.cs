using System.Globalization;
using System.Net;
using System.Text.Json;
using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>By which way a proxy reaches containers on a real engine: several networks, IPv6, the host's network, a borrowed one, none; and what is said of those it does not.</summary>
public sealed class NetworkTests
{
    private const string Subnet6 = "fd7e:6d70:6c61:7465::/64";

    // Each with both takes longer than CI has.
    private static IEnumerable<string> OnNetworks() => Rotation.Of(["haproxy", "nginx"], 3);

    private static IEnumerable<string> OnHost() => Rotation.Of(["nginx", "haproxy"], 3);

    [TestCaseSource(nameof(OnNetworks)), CancelAfter(180_000)]
    public async Task AProxyOnSeveralNetworksTakesTheOneThatLeadsToTheContainer(string template)
    {
        await using var stage = await Stage.OpenAsync();
        await stage.Engine.RunAsync("network", "create", "shop_default");
        await stage.Engine.RunAsync("network", "create", "--ipv6", "--subnet", Subnet6, "six");
        var onBack = await stage.StartWebOnAsync("back", "on-back", Host("back"));
        var onBoth = await stage.StartWebAsync("on-both", [.. Host("both"), "-l", "templater.network=back"]);
        await stage.Engine.RunAsync("network", "connect", "back", "on-both");
        var onSix = await stage.StartWebOnAsync("six", "on-six", Host("six"));
        var port = FreePort.Next();
        await StartSayingAsync(stage, "on-host", "host", port);
        await StartSayingAsync(stage, "borrower", "container:on-back", 8081);
        await stage.StartWebOnAsync("none", "on-none", Host("on-none"));
        await stage.StartWebAsync("elsewhere", [.. Host("elsewhere"), "-l", "templater.network=nosuch"]);
        var shop = await stage.StartWebOnAsync("shop_default", "shop", Host("shop"));

        await stage.CreateProxyAsync(template);
        foreach (var network in (string[])["back", "six"])
            await stage.Engine.RunAsync("network", "connect", network, Stage.ProxyName);
        await stage.StartTemplaterAsync(template, [.. Reload(template), "-e", "TEMPLATER_IP_FAMILY=ipv6"]);
        await stage.Engine.RunAsync("start", Stage.ProxyName);
        using var client = await stage.ClientOfAsync(Stage.ProxyName);

        foreach (var (host, body) in new[] { ("back", onBack), ("both", onBoth), ("six", onSix), ("on-host", "on-host"), ("borrower", "borrower") })
            await client.WaitForBodyAsync(host + ".example.com", body);
        foreach (var host in (string[])["on-none", "elsewhere", "shop"])
            Assert.That((await client.GetAsync(host + ".example.com")).Status, Is.EqualTo(503), host);
        var config = await stage.ReadVolumeAsync("config", template == "nginx" ? "nginx.conf" : "haproxy.cfg");
        Assert.That(config, Does.Contain($"{await stage.AddressOfAsync("on-both", "back")}:8080").And.Not.Contain($"{await stage.AddressOfAsync("on-both")}:8080"));
        Assert.That(config, Does.Contain($"{await Address6Async(stage, "on-six", template)}:8080"));
        using var six = new SiteClient(await Address6Async(stage, Stage.ProxyName));
        await six.WaitForBodyAsync("back.example.com", onBack);
        await ReasonsAreToldAsync(stage);
        await TheGatewayMovesAsSaidAsync(stage, client, shop);
    }

    [TestCaseSource(nameof(OnHost)), CancelAfter(180_000)]
    public async Task AProxyOnTheHostReachesAllNetworks(string template)
    {
        await using var stage = await Stage.OpenAsync();
        var (port, secure, other) = (FreePort.Next(), FreePort.Next(), FreePort.Next());
        await StartSayingAsync(stage, "on-host", "host", other);
        var front = await stage.StartWebAsync("on-front", Host("front"));
        var back = await stage.StartWebOnAsync("back", "on-back", Host("back"));
        await stage.StartTemplaterAsync(template, [.. Reload(template), "-e", string.Create(CultureInfo.InvariantCulture, $"TEMPLATER_HTTP_PORT={port}"), "-e", string.Create(CultureInfo.InvariantCulture, $"TEMPLATER_HTTPS_PORT={secure}")]);
        await stage.RunProxyAsync(template, "--network", "host");
        using var client = new SiteClient("127.0.0.1", port);

        await client.WaitForBodyAsync("front.example.com", front);
        await client.WaitForBodyAsync("back.example.com", back);
        await client.WaitForBodyAsync("on-host.example.com", "on-host");
        Assert.That(await stage.ReadVolumeAsync("config", template == "nginx" ? "nginx.conf" : "haproxy.cfg"), Does.Contain($"127.0.0.1:{other}"));
    }

    private static async Task ReasonsAreToldAsync(Stage stage)
    {
        Assert.That(await stage.SaidAsync("no-shared-network"), Has.Some.EqualTo(
            "warning no-shared-network: container \"on-none\" is not routed for on-none.example.com: it has no network (network mode none), the proxy \"edge\" is on [back, front, six]. Recreate it with --network back, or networks: [back] in place of network_mode in compose."));
        Assert.That(await stage.SaidAsync("network-not-found"), Has.Some.EqualTo(
            "warning network-not-found: container \"elsewhere\" is not routed for elsewhere.example.com: it is on [front], not on [nosuch] as templater.network asks. Attach it, or change the name."));
        foreach (var (name, code, word) in new[] { ("on-six", 0, "ROUTED"), ("six.example.com", 0, "ROUTED"), ("elsewhere", 1, "network-not-found"), ("on-none", 1, "no-shared-network"), ("on-sixx", 3, "Did you mean on-six?") })
        {
            var run = await ExplainAsync(stage, name);
            Assert.That((run.ExitCode, run.Text), Is.EqualTo((code, run.Text)), name);
            Assert.That(run.Text, Does.Contain(word), name);
        }

        var json = JsonDocument.Parse((await ExplainAsync(stage, "--json", "on-both")).Text).RootElement;
        var used = json.GetProperty("networks").EnumerateArray().Single(static network => network.GetProperty("used").GetBoolean());
        Assert.That(used.GetProperty("name").GetString(), Is.EqualTo("back"));
    }

    private static async Task TheGatewayMovesAsSaidAsync(Stage stage, SiteClient client, string shop)
    {
        const string warning = "attaching it to back will move its default gateway from shop_default to back, because ";
        Assert.That(await stage.SaidAsync("no-shared-network"), Has.Some.Contains(warning));
        Assert.That((await ExplainAsync(stage, "shop")).Text, Does.Contain(warning));
        Assert.That(await GatewayAsync(stage), Is.EqualTo(await GatewayOfAsync(stage, "shop_default")));

        await stage.Engine.RunAsync("network", "connect", "back", "shop");

        await client.WaitForBodyAsync("shop.example.com", shop);
        Assert.That(await GatewayAsync(stage), Is.EqualTo(await GatewayOfAsync(stage, "back")), "the warning was right");
        var after = await ExplainAsync(stage, "shop");
        Assert.That(after.ExitCode, Is.Zero);
        Assert.That(after.Text.Split('\n').Single(static line => line.Contains("(default gateway)", StringComparison.Ordinal)), Does.Contain("back"));
    }

    private static async Task<string> GatewayAsync(Stage stage) =>
        (await stage.Engine.RunAsync("exec", "shop", "ip", "route")).Split('\n').Single(static line => line.StartsWith("default", StringComparison.Ordinal)).Split(' ')[2];

    private static Task<string> GatewayOfAsync(Stage stage, string network) =>
        stage.Engine.RunAsync("network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", network);

    private static async Task<(int ExitCode, string Text)> ExplainAsync(Stage stage, params string[] arguments)
    {
        var run = await stage.Engine.TryRunAsync(["exec", Stage.TemplaterName, "templater", "explain", .. arguments]);
        return (run.ExitCode, run.Output + run.Error);
    }

    /// <summary>Starts a backend on a network that is not its own: it says its name, because its host name is another's.</summary>
    private static Task<string> StartSayingAsync(Stage stage, string name, string network, int port) => stage.Engine.RunAsync(
    [
        "run", "-d", "--name", name, "--network", network, .. Host(name), "-l", string.Create(CultureInfo.InvariantCulture, $"templater.port={port}"),
        Images.Web, "sh", "-c", string.Create(CultureInfo.InvariantCulture, $"trap 'exit 0' TERM; echo {name} >/www/index.html; httpd -f -p {port} -h /www & wait"),
    ]);

    private static string[] Host(string name) => ["-l", $"templater.host={name}.example.com"];

    private static string[] Reload(string template) =>
        template == "haproxy" ? ["-e", "TEMPLATER_RELOAD=haproxy:/run/templater/master.sock", "--group-add", "99"] : [];

    private static async Task<string> Address6Async(Stage stage, string container, string? template = null)
    {
        var address = await stage.Engine.RunAsync("inspect", "-f", "{{(index .NetworkSettings.Networks \"six\").GlobalIPv6Address}}", container);
        return template is null ? address : $"[{IPAddress.Parse(address)}]";
    }
}
