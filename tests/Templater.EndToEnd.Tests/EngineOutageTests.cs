using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>An engine that restarts, hangs, errs or is not there takes no site down; afterwards everything goes on.</summary>
public sealed class EngineOutageTests
{
    private const string Host = "shop.example.com";

    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(Rotation.IsFullTier ? 20 : 4);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(30);

    [Test, CancelAfter(180_000)]
    public async Task ARestartOfTheEngineChangesNothingAndLosesNoRequest(CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenAsync();
        await using var relay = stage.CreateRelay();
        relay.Start();
        using var client = await StartSiteAsync(stage, relay.ContainerOptions);
        var before = await stage.ReadVolumeAsync("config", "nginx.conf");
        var volume = await stage.VolumePathAsync("config");
        var workers = await stage.WorkersAsync();

        await using var load = SteadyLoad.Start(client, Host);
        await stage.Engine.StopAsync();
        await Task.Delay(Outage, cancellationToken);
        Assert.That(await File.ReadAllTextAsync(Path.Combine(volume, "nginx.conf"), cancellationToken), Is.EqualTo(before));
        await stage.Engine.StartAgainAsync(cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(3), cancellationToken);
        var (_, failures, broken) = await load.EndAsync();

        Assert.That(failures.Concat(broken), Is.Empty);
        Assert.That(await stage.ReadVolumeAsync("config", "nginx.conf"), Is.EqualTo(before));
        Assert.That(await stage.WorkersAsync(), Is.EqualTo(workers), "no reload");
        await RoutesANewContainerAsync(stage, client);
    }

    [Test, CancelAfter(180_000)]
    public async Task AFrozenEngineChangesNothingAndLosesNoRequest(CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenAsync();
        using var client = await StartSiteAsync(stage);
        var before = await stage.ReadVolumeAsync("config", "nginx.conf");
        var workers = await stage.WorkersAsync();

        await using var load = SteadyLoad.Start(client, Host);
        stage.Engine.Freeze();
        await Task.Delay(Outage, cancellationToken);
        stage.Engine.Thaw();
        var (_, failures, broken) = await load.EndAsync();

        Assert.That(failures.Concat(broken), Is.Empty);
        Assert.That(await stage.ReadVolumeAsync("config", "nginx.conf"), Is.EqualTo(before));
        Assert.That(await stage.WorkersAsync(), Is.EqualTo(workers), "no reload");
        await RoutesANewContainerAsync(stage, client);
    }

    [Test, CancelAfter(180_000)]
    public async Task NothingIsWrittenWhileAListFails(CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenAsync();
        await using var relay = stage.CreateRelay();
        relay.Start();
        using var client = await StartSiteAsync(stage, relay.ContainerOptions);
        var before = await stage.ReadVolumeAsync("config", "nginx.conf");

        relay.FailWhenContains = "/containers/json";
        var requests = relay.Requests.Count;
        var id = await stage.StartWebAsync("late", "-l", "templater.host=late.example.com");
        Assert.That(
            () => relay.Requests.Skip(requests).Count(static line => line.Contains("/containers/json", StringComparison.Ordinal)),
            Is.GreaterThanOrEqualTo(3).After(30_000, 50),
            "it tries again and again");
        await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken);

        Assert.That(await stage.ReadVolumeAsync("config", "nginx.conf"), Is.EqualTo(before));
        Assert.That((await client.GetAsync(Host)).Status, Is.EqualTo(200));
        relay.FailWhenContains = null;
        await client.WaitForBodyAsync("late.example.com", id, Recovery);
    }

    [Test, CancelAfter(180_000)]
    public async Task WithoutAnEngineAtStartThereIsAFirstConfigurationAndWorkBeginsWhenItComes()
    {
        await using var stage = await Stage.OpenAsync();
        await using var relay = stage.CreateRelay();
        await stage.RunTemplaterAsync("nginx", relay.ContainerOptions);
        await stage.WaitForLogAsync("error engine-unreachable: ");
        using var client = await stage.StartNginxAsync();
        await client.WaitForStatusAsync(Host, 503);

        relay.Start();

        await client.WaitForBodyAsync(Host, await stage.StartWebAsync("shop", "-l", "templater.host=" + Host), Recovery);
        await stage.WaitForHealthyAsync(Stage.TemplaterName);
        Assert.That(await stage.SaidAsync("engine-unreachable"), Is.EqualTo(new[]
        {
            "error engine-unreachable: cannot reach the Docker engine at unix:///engine/docker.sock: there is no such socket; is it mounted?",
            "info engine-unreachable: resolved: cannot reach the Docker engine at unix:///engine/docker.sock",
        }));
    }

    private static async Task<SiteClient> StartSiteAsync(Stage stage, params string[] options)
    {
        await stage.StartTemplaterAsync("nginx", options);
        var client = await stage.StartNginxAsync();
        await client.WaitForBodyAsync(Host, await stage.StartWebAsync("shop", "-l", "templater.host=" + Host));
        // What was owed for the start of the proxy itself has happened after this: reloads are a second apart.
        await Task.Delay(TimeSpan.FromSeconds(1.2));
        return client;
    }

    private static async Task RoutesANewContainerAsync(Stage stage, SiteClient client) =>
        await client.WaitForBodyAsync("new.example.com", await stage.StartWebAsync("new", "-l", "templater.host=new.example.com"), Recovery);
}
