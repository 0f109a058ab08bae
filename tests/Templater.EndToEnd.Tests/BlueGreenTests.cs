using Templater.EndToEnd.Tests.Harness;

namespace Templater.EndToEnd.Tests;

/// <summary>A new version is started beside the old one, on its own network first, and takes over when it is healthy and connected.</summary>
public sealed class BlueGreenTests
{
    private const string Host = "app.example.com";

    private static readonly string[] HealthCheck =
        ["--health-cmd", "test -e /tmp/healthy", "--health-interval", "200ms", "--health-retries", "1", "-l", "templater.host=" + Host];

    [Test, CancelAfter(180_000)]
    public async Task RoutesWhatIsHealthyAndOnTheFrontNetworkAndNothingElse()
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartTemplaterAsync("nginx");
        using var certificate = TestCertificates.WriteCombined(await stage.VolumePathAsync("certs"), Host);
        await stage.StartNginxAsync();
        using var client = await stage.ClientOfAsync(Stage.ProxyName, trusted: certificate);

        var green = await stage.StartWebOnAsync("back", "green", HealthCheck);
        await SetHealthyAsync(stage, "green", true);
        await stage.WaitForLogAsync("no-shared-network");
        Assert.That((await client.GetAsync(Host, scheme: "https")).Status, Is.Not.EqualTo(200), "on its back network only");

        await stage.Engine.RunAsync("network", "connect", "front", "green");
        await client.WaitForAsync(Host, answer => answer.Body == green, scheme: "https");
        Assert.That(await stage.ReadVolumeAsync("config", "nginx.conf"), Does.Contain(await stage.AddressOfAsync("green") + ":8080"));

        await SetHealthyAsync(stage, "green", false);
        await client.WaitForStatusAsync(Host, 503, scheme: "https");
        await SetHealthyAsync(stage, "green", true);
        await client.WaitForAsync(Host, answer => answer.Body == green, scheme: "https");

        await stage.Engine.RunAsync("network", "disconnect", "front", "green");
        await client.WaitForAsync(Host, answer => answer.Status != 200, scheme: "https");
    }

    [Test, CancelAfter(180_000)]
    public async Task HandsOverWithoutALostRequest(CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenAsync();
        await stage.StartTemplaterAsync("nginx");
        using var client = await stage.StartNginxAsync();
        // It ends what it has begun, as an application should: one that breaks off its answers loses them, whatever the proxy does.
        var blue = await stage.StartWebAsync("blue", [.. HealthCheck, "-e", "LINGER=3"]);
        await SetHealthyAsync(stage, "blue", true);
        await client.WaitForBodyAsync(Host, blue);
        await stage.WaitForOldWorkersToGoAsync(cancellationToken);

        await using var load = SteadyLoad.Start(client, Host);
        var green = await stage.StartWebAsync("green", HealthCheck);
        await SetHealthyAsync(stage, "green", true);
        await client.WaitForBodyAsync(Host, green);
        await stage.WaitForOldWorkersToGoAsync(cancellationToken);
        await stage.Engine.RunAsync("stop", "blue");
        await client.WaitForBodyAsync(Host, green);
        var (sent, failures, broken) = await load.EndAsync();

        Assert.That(sent, Is.Positive);
        Assert.That(failures.Concat(broken), Is.Empty);
        Assert.That((await client.CountAsync(Host, 10)).Keys, Is.EqualTo(new[] { green }));
    }

    private static Task<string> SetHealthyAsync(Stage stage, string name, bool healthy) =>
        stage.Engine.RunAsync(["exec", name, .. healthy ? new[] { "touch", "/tmp/healthy" } : ["rm", "-f", "/tmp/healthy"]]);
}
