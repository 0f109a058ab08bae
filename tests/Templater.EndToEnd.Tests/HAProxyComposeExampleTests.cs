using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>The README's HAProxy example: TLS, reload and proof over the master socket, nothing but GET towards the engine.</summary>
public sealed class HAProxyComposeExampleTests
{
    private const string Host = "api.example.com";

    private static readonly TimeSpan ChurnTime = TimeSpan.FromSeconds(Rotation.IsFullTier ? 30 : 6);

    [Test, CancelAfter(240_000)]
    public async Task ServesKnownHostsOverTlsWithGetRequestsAlone(CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenAsync();
        await using var relay = stage.CreateRelay();
        relay.Start();
        using var project = new ComposeProject(stage, "haproxy", relay.SocketPath);
        await project.UpAsync("templater");
        var certificates = Directory.CreateDirectory(Path.Combine(await stage.VolumePathAsync(project.Volume("certs")), "haproxy")).FullName;
        using var certificate = TestCertificates.WriteCombined(certificates, Host);

        await project.UpAsync();

        var replicas = await project.ReplicasOfAsync("api");
        Assert.That(replicas, Has.Length.EqualTo(3), "deploy.replicas of the example");
        // The example's active check asks for this page.
        foreach (var replica in replicas)
            await stage.Engine.RunAsync("exec", replica, "touch", "/www/healthz");
        using var client = await project.ClientOfAsync("haproxy", trusted: certificate);
        foreach (var replica in replicas)
            await client.WaitForAsync(Host, answer => answer.Body == replica, TimeSpan.FromSeconds(30), scheme: "https");
        var counts = await client.CountAsync(Host, 60, "https");
        Assert.That(counts.Keys, Is.EquivalentTo(replicas));
        Assert.That(counts.Values, Is.All.GreaterThanOrEqualTo(10));
        Assert.That((await client.GetAsync(Host)).Status, Is.EqualTo(308), "http redirects once there is a pair");
        Assert.That((await client.GetAsync("unknown.example.com", scheme: "https")).Body, Does.Contain("unrecognized name").Or.Contain("alert"));
        Assert.That((await client.GetAsync("unknown.example.com")).Status, Is.EqualTo(503));

        Assert.That(await stage.LogsAsync(await project.ContainerOfAsync("templater")), Does.Not.Contain("no-shared-network").And.Not.Contain("warning proxy-unknown"));

        await using var load = SteadyLoad.Start(client, Host, "https");
        var stops = await Churn.StopAndStartAsync(stage, replicas[..2], ChurnTime, cancellationToken);
        var (sent, failures, broken) = await load.EndAsync();
        await TestContext.Out.WriteLineAsync($"{sent} requests, {failures.Count} not answered with 200, {broken.Count} broken off by {stops} stops");
        Assert.That(failures, Is.Empty);
        // Only a connection that is open to the stopped one may break.
        Assert.That(broken, Has.Count.LessThanOrEqualTo(stops));
        Assert.That(relay.Requests, Is.Not.Empty.And.All.StartsWith("GET "));
    }
}
