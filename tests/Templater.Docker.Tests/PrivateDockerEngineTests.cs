using System.Net.NetworkInformation;
using Templater.Testing;

namespace Templater.Docker.Tests;

/// <summary>The real engine that other fixtures stand on.</summary>
public sealed class PrivateDockerEngineTests
{
    [Test, CancelAfter(60_000)]
    public async Task RunsAContainerThatStopsAtOnceAndAnotherWithThisMachinesPrograms(CancellationToken cancellationToken)
    {
        await using var engine = await PrivateDockerEngine.StartOrSkipAsync();
        await engine.ImportWebImageAsync();
        await engine.ImportHostImageAsync();
        await engine.RunAsync("network", "create", "front");
        await engine.RunAsync("run", "-d", "--name", "web", "--network", "front", "-p", "127.0.0.1::8080", "web:1");

        var id = await engine.RunAsync("inspect", "-f", "{{.Config.Hostname}}", "web");
        var fromHost = await engine.RunAsync("run", "--rm", "--network", "front", "-v", "/usr:/usr:ro", "host:1", "busybox", "wget", "-qO-", "http://web:8080/");
        var published = await engine.RunAsync("port", "web", "8080");
        using var http = new HttpClient();
        var fromOutside = await http.GetStringAsync(new Uri($"http://{published}/"), cancellationToken);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await engine.RunAsync("stop", "web");

        Assert.That(fromHost, Is.EqualTo(id));
        Assert.That(fromOutside.Trim(), Is.EqualTo(id));
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)), "the trap ends it at TERM");
        Assert.That(await engine.RunAsync("logs", "web"), Does.Contain("serving"));
    }

    [Test, CancelAfter(60_000)]
    public async Task LeavesNoNetworkBehind()
    {
        string bridge;
        await using (var engine = await PrivateDockerEngine.StartOrSkipAsync())
        {
            bridge = "br-" + (await engine.RunAsync("network", "create", "front"))[..12];
            Assert.That(Bridges(), Does.Contain(bridge));
        }

        Assert.That(Bridges(), Does.Not.Contain(bridge));

        static IEnumerable<string> Bridges() => NetworkInterface.GetAllNetworkInterfaces().Select(i => i.Name);
    }

    [Test, CancelAfter(60_000)]
    public async Task LeavesNothingBehindAfterAKill()
    {
        var engine = await PrivateDockerEngine.StartOrSkipAsync();
        await using var _ = engine;
        await engine.ImportWebImageAsync();
        await engine.RunAsync("run", "-d", "--name", "web", "--network", "none", "web:1");
        var pid = int.Parse(await engine.RunAsync("inspect", "-f", "{{.State.Pid}}", "web"), System.Globalization.CultureInfo.InvariantCulture);

        await engine.KillAsync();
        Assert.That(Directory.Exists($"/proc/{pid}"), Is.True, "a killed engine leaves its containers");
        await engine.DisposeAsync();

        Assert.That(Directory.Exists(engine.WorkDirectory), Is.False);
        Assert.That(() => Directory.Exists($"/proc/{pid}"), Is.False.After(2000, 20));
    }
}
