using Templater.EndToEnd.Tests.Harness;

namespace Templater.EndToEnd.Tests;

/// <summary>The README's nginx example as a new user brings it up.</summary>
public sealed class NginxComposeExampleTests
{
    private const string Host = "shop.example.com";

    [Test, CancelAfter(180_000)]
    public async Task StartsWithEmptyVolumesAndRoutesByItsLabelAlone()
    {
        await using var stage = await Stage.OpenAsync();
        using var project = new ComposeProject(stage, "nginx", stage.Engine.Socket);

        await project.UpAsync();

        using var client = await project.ClientOfAsync("nginx");
        var shop = (await project.ReplicasOfAsync("shop")).Single();
        await client.WaitForBodyAsync(Host, shop);
        using var published = new SiteClient("127.0.0.1", await project.PublishedPortAsync("nginx", 80));
        Assert.That((await published.GetAsync(Host)).Body, Is.EqualTo(shop), "through the published port");
        Assert.That((await client.GetAsync("unknown.example.com")).Status, Is.EqualTo(503), "a host that nobody claims");
        var templater = await stage.InspectAsync(await project.ContainerOfAsync("templater"));
        Assert.That(templater.GetProperty("Config").GetProperty("User").GetString(), Is.EqualTo("65532:65532"));
        Assert.That(templater.GetProperty("HostConfig").GetProperty("ReadonlyRootfs").GetBoolean(), Is.True);
        Assert.That(templater.GetProperty("RestartCount").GetInt32(), Is.Zero);
        Assert.That(await stage.LogsAsync(await project.ContainerOfAsync("templater")), Does.Not.Contain(" warning ").And.Not.Contain(" error "), "a first start warns about nothing");
    }

    [Test, CancelAfter(240_000)]
    public async Task SpreadsRequestsOverThreeReplicas()
    {
        await using var stage = await Stage.OpenAsync();
        using var project = new ComposeProject(stage, "nginx", stage.Engine.Socket);
        await project.UpAsync();
        using var client = await project.ClientOfAsync("nginx");
        await client.WaitForStatusAsync(Host, 200);

        await project.UpAsync("--scale", "shop=3");
        var replicas = await project.ReplicasOfAsync("shop");
        Assert.That(replicas, Has.Length.EqualTo(3));
        foreach (var replica in replicas)
            await client.WaitForBodyAsync(Host, replica);

        var counts = await client.CountAsync(Host, 60);
        Assert.That(counts.Keys, Is.EquivalentTo(replicas));
        Assert.That(counts.Values, Is.All.GreaterThanOrEqualTo(10));
    }
}
