using Templater.Docker.Wire;
using Templater.Testing;

namespace Templater.Docker.Tests;

/// <summary>Every call against an engine that behaves.</summary>
[CancelAfter(20_000)]
public sealed class DockerClientTests
{
    private const CallPurposes Everything = CallPurposes.Watch | CallPurposes.Services | CallPurposes.NetworkDetails | CallPurposes.Verify | CallPurposes.Signal | CallPurposes.Restart | CallPurposes.Exec;

    [Test]
    public async Task ListsContainersWithTheirNetworksLabelsAndPorts(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        engine.AddContainer("web-1", c => c.Image("my/shop:1").Label("templater.host", "shop.example.com").Network("front", "172.20.0.5")
            .Expose(8080).Publish(18443, 8443).Health("healthy").Mount("/srv", "/data", writable: false));
        engine.AddContainer("old", c => c.State("created").Network("front"));
        using var client = Client(engine);

        var rows = await client.ListContainersAsync(all: true, cancellationToken);
        var running = await client.ListContainersAsync(all: false, cancellationToken);

        Assert.That(rows.Select(row => row.Names[0]), Is.EqualTo(new[] { "/old", "/web-1" }));
        Assert.That(running.Select(row => row.Names[0]), Is.EqualTo(new[] { "/web-1" }));
        var web = rows[1];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(web.Image, Is.EqualTo("my/shop:1"));
            Assert.That(web.State, Is.EqualTo("running"));
            Assert.That(web.ReadHealth(), Is.EqualTo("healthy"));
            Assert.That(web.Labels["templater.host"], Is.EqualTo("shop.example.com"));
            Assert.That(web.NetworkSettings.Networks["front"].IPAddress, Is.EqualTo("172.20.0.5"));
            Assert.That(web.NetworkSettings.Networks["front"].Aliases, Is.Empty);
            Assert.That(web.Ports.Select(port => (port.PrivatePort, port.PublicPort, port.Type)), Is.EqualTo(new[] { (8080, 0, "tcp"), (8443, 18443, "tcp") }));
            Assert.That(web.Mounts.Single(), Is.EqualTo(new MountPoint { Type = "bind", Source = "/srv", Destination = "/data", Mode = "ro", RW = false }));
            Assert.That(rows[0].NetworkSettings.Networks["front"].NetworkID, Is.Empty, "never started: known by name alone");
        }
    }

    [Test]
    public async Task InspectsAContainer(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        engine.AddContainer("api", c => c.Env("VIRTUAL_HOST", "a.example.com").Expose(3000).Publish(18080, 8080).Network("front", null, "api").User("99:99")
            .StopSignal("SIGUSR1").PidMode("container:x").Health("unhealthy").HealthResult(127, "curl: not found"));
        using var client = Client(engine);

        var api = await client.InspectContainerAsync("api", cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(api.Name, Is.EqualTo("/api"));
            Assert.That(api.Config.Env, Is.EqualTo(new[] { "VIRTUAL_HOST=a.example.com" }));
            Assert.That(api.Config.ExposedPorts, Is.EqualTo(new[] { "3000/tcp", "8080/tcp" }));
            Assert.That(api.NetworkSettings.Ports["3000/tcp"], Is.Null);
            Assert.That(api.NetworkSettings.Ports["8080/tcp"]!.Single(), Is.EqualTo(new PortBinding { HostIp = "0.0.0.0", HostPort = "18080" }));
            Assert.That(api.NetworkSettings.Networks["front"].Aliases, Is.EqualTo(new[] { "api" }));
            Assert.That(api.Config.User, Is.EqualTo("99:99"));
            Assert.That(api.Config.StopSignal, Is.EqualTo("SIGUSR1"));
            Assert.That(api.HostConfig.PidMode, Is.EqualTo("container:x"));
            Assert.That(api.State.Running, Is.True);
            Assert.That(api.State.Health!.Status, Is.EqualTo("unhealthy"));
            Assert.That(api.State.Health.Log.Single().Output, Is.EqualTo("curl: not found"));
            Assert.That(api.State.StartedAt, Is.GreaterThan(api.Created!.Value));
            Assert.That(api.State.FinishedAt, Is.Null, "Go's zero time is never");
        }
    }

    [TestCase("1.41", "1.41", false, 0)]
    [TestCase("1.44", "1.44", false, 0)]
    [TestCase("1.48", "1.48", false, 7)]
    [TestCase("1.52", "1.52", true, 7)]
    [TestCase("1.56", "1.52", true, 7)]
    public async Task SpeaksTheEnginesVersionUpToItsOwnNewest(string engines, string used, bool hasHealthField, int gatewayPriority)
    {
        await using var engine = new FakeDockerEngine(new FakeDockerEngineOptions { ApiVersion = engines });
        engine.AddContainer("web", c => c.Network6("front", null, "fd00::5", gatewayPriority: 7).Health("healthy"));
        using var client = Client(engine);

        var row = (await client.ListContainersAsync(all: true, default)).Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(client.Version?.ToString(), Is.EqualTo(used));
            Assert.That(engine.Requests.Select(request => (request.Path, request.Version)), Is.EqualTo(new[] { ("/_ping", ""), ("/containers/json", used) }));
            Assert.That(row.Health is not null, Is.EqualTo(hasHealthField));
            Assert.That(row.ReadHealth(), Is.EqualTo("healthy"));
            Assert.That(row.NetworkSettings.Networks["front"].GwPriority, Is.EqualTo(gatewayPriority));
            Assert.That(row.NetworkSettings.Networks["front"].GlobalIPv6Address, Is.EqualTo("fd00::5"));
        }
    }

    [TestCase("Up 5 minutes", "none")]
    [TestCase("Up 5 minutes (healthy)", "healthy")]
    [TestCase("Up 5 minutes (unhealthy)", "unhealthy")]
    [TestCase("Up 2 seconds (health: starting)", "starting")]
    [TestCase("Exited (0) 5 minutes ago", "none")]
    [TestCase("", "none")]
    public void ReadsHealthFromTheTextOfOldVersions(string status, string health) =>
        Assert.That(new ContainerSummary { Status = status }.ReadHealth(), Is.EqualTo(health));

    [TestCase("1.40", "1.40")]
    [TestCase("1.12", "1.12")]
    public async Task RefusesAnEngineThatIsTooOldNamingBothVersions(string version, string named)
    {
        await using var engine = new FakeDockerEngine(new FakeDockerEngineOptions { ApiVersion = version });
        using var client = Client(engine);

        var error = await Fails(() => client.ListContainersAsync(true, default));

        Assert.That(error.Reason, Is.EqualTo(DockerErrorReason.TooOld));
        Assert.That(error.Message, Does.Contain(named).And.Contain("1.41").And.Contain(engine.Host));
    }

    [Test]
    public async Task SettlesTheVersionAnewAfterTheEngineCameBackInAnother()
    {
        await using var engine = new FakeDockerEngine(new FakeDockerEngineOptions { ApiVersion = "1.48" });
        using var client = Client(engine);
        await client.ListNetworksAsync(default);

        engine.ApiVersion = "1.41";
        var error = await Fails(() => client.ListNetworksAsync(default));
        await client.ListNetworksAsync(default);

        Assert.That(error.Message, Does.Contain("too new"));
        Assert.That(client.Version, Is.EqualTo(new ApiVersion(1, 41)));
    }

    [Test]
    public async Task ReadsVersionInfoAndNetworks(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine { IsSwarmManager = true };
        engine.AddNetwork("front", "10.9.0.0/16", isInternal: true);
        engine.AddContainer("web", c => c.Network("front"));
        using var client = Client(engine);

        var version = await client.VersionAsync(cancellationToken);
        var info = await client.InfoAsync(cancellationToken);
        var front = (await client.ListNetworksAsync(cancellationToken)).Single();
        var inspected = await client.InspectNetworkAsync(front.Id, cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(version.ApiVersion, Is.EqualTo("1.41"));
            Assert.That(info.Name, Is.EqualTo("fakehost"));
            Assert.That(info.Swarm.ControlAvailable, Is.True);
            Assert.That(front.IPAM.Config.Single().Subnet, Is.EqualTo("10.9.0.0/16"));
            Assert.That(front.Internal, Is.True);
            Assert.That(front.Containers, Is.Empty);
            Assert.That(inspected.Containers.Values.Single().Name, Is.EqualTo("web"));
        }
    }

    [Test]
    public async Task SendsTheSignalThatWasAskedForAndNeverNone(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        engine.AddContainer("proxy");
        var received = new List<string>();
        engine.SignalReceived = (container, signal) => received.Add($"{container.Name} {signal}");
        using var client = Client(engine);

        await client.KillAsync("proxy", "HUP", cancellationToken);
        await client.KillAsync("proxy", "10", cancellationToken);

        Assert.That(received, Is.EqualTo(new[] { "proxy HUP", "proxy 10" }));
        await Assert.ThatAsync(() => client.KillAsync("proxy", " ", cancellationToken), Throws.ArgumentException);
        Assert.That(engine.CountOf("POST", "*"), Is.EqualTo(2));
    }

    /// <summary>The engine ends it after the output: whoever asked something on it in that moment would get no answer.</summary>
    [Test]
    public async Task TheConnectionOfACommandIsUsedForNothingElse(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        engine.AddContainer("proxy");
        using var client = Client(engine);

        await client.ExecAsync("proxy", new ExecRequest(["true"]), cancellationToken);

        Assert.That(engine.Requests.Where(static request => request.EndsConnection).Select(static request => request.Path.Split('/')[^1]), Is.EqualTo(new[] { "start" }));
    }

    [Test]
    public async Task RestartsAndRunsCommandsAndReadsProcessesAndLogs(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        engine.AddContainer("proxy", c => c.Log("started\n").Log("[emerg] bad\n", isError: true));
        engine.AddContainer("tty", c => c.Terminal().Log("plain text\nof a terminal\n"));
        engine.AddContainer("quiet");
        engine.Command = (_, words) => new ChildResult(3, string.Join('|', words), "complaint");
        using var client = Client(engine);

        var ended = await client.ExecAsync("proxy", new ExecRequest(["nginx", "-t"]), cancellationToken);
        var short1 = await client.ExecAsync("proxy", new ExecRequest(["nginx", "-t"]) { MaxOutputBytes = 5 }, cancellationToken);
        var log = await client.LogsAsync("proxy", new LogsRequest { Tail = 7, Since = DateTimeOffset.FromUnixTimeMilliseconds(1500) }, cancellationToken);
        var query = engine.Requests[^1].ToString();
        var raw = await client.LogsAsync("tty", new LogsRequest(), cancellationToken);
        var end = await client.LogsAsync("tty", new LogsRequest { MaxBytes = 20 }, cancellationToken);
        var none = await client.LogsAsync("quiet", new LogsRequest(), cancellationToken);
        var top = await client.TopAsync("proxy", cancellationToken);
        await client.RestartAsync("proxy", TimeSpan.FromSeconds(1.2), cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(ended, Is.EqualTo(new ExecResult(3, new CapturedOutput("nginx|-t", "complaint", false))));
            Assert.That(short1.Output, Is.EqualTo(new CapturedOutput("nginx", "", true)));
            Assert.That(log, Is.EqualTo(new CapturedOutput("started\n", "[emerg] bad\n", false)));
            Assert.That(query, Is.EqualTo("GET /containers/proxy/logs?since=1.500000000&stderr=1&stdout=1&tail=7"));
            Assert.That(raw.Output, Is.EqualTo("plain text\nof a terminal\n"));
            Assert.That(raw.IsOneStream, Is.True);
            Assert.That(end, Is.EqualTo(new CapturedOutput("of a terminal\n", "", true) { IsOneStream = true }), "the last whole lines");
            Assert.That(none, Is.EqualTo(new CapturedOutput("", "", false)));
            Assert.That(top.Processes.Single()[top.Titles.ToList().IndexOf("CMD")], Is.EqualTo("run"));
            Assert.That(engine.Requests[^1]["t"], Is.EqualTo("2"));
            Assert.That(engine.Events[^1].Action, Is.EqualTo("restart"));
        }
    }

    [Test]
    public async Task ReadsThousandsOfContainersAndSharesConnections(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        for (var i = 0; i < 2000; i++)
            engine.AddContainer($"web-{i}", c => c.Label("templater.host", $"h{i}.example.com").Network("front").Expose(8080));
        using var client = Client(engine);

        var rows = await client.ListContainersAsync(true, cancellationToken);
        var inspections = await Task.WhenAll(rows.Take(300).Select(row => client.InspectContainerAsync(row.Id, cancellationToken)));

        Assert.That(rows, Has.Count.EqualTo(2000));
        Assert.That(inspections.Select(one => one.Id), Is.EqualTo(rows.Take(300).Select(row => row.Id)));
        Assert.That(engine.Connections, Is.LessThanOrEqualTo(EngineOptions.DefaultMaxConnections + 1), "the ping has one of its own");
    }

    [Test]
    public async Task WatchingMakesNothingButGetRequests(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        engine.AddContainer("web", c => c.Network("front"));
        using var client = new DockerClient(new EngineOptions { Address = EngineAddress.Parse(engine.Host) });

        await client.InfoAsync(cancellationToken);
        await client.ListContainersAsync(true, cancellationToken);
        await client.InspectContainerAsync("web", cancellationToken);
        await client.ListNetworksAsync(cancellationToken);
        await Assert.ThatAsync(() => client.KillAsync("web", "HUP", cancellationToken), Throws.InvalidOperationException);
        await Assert.ThatAsync(() => client.ExecAsync("web", new ExecRequest(["id"]), cancellationToken), Throws.InvalidOperationException);
        await Assert.ThatAsync(() => client.TopAsync("web", cancellationToken), Throws.InvalidOperationException);

        Assert.That(engine.Requests.Select(request => request.Method).Distinct(), Is.EqualTo(new[] { "GET" }));
    }

    internal static DockerClient Client(FakeDockerEngine engine, Func<EngineOptions, EngineOptions>? change = null)
    {
        var options = new EngineOptions { Address = EngineAddress.Parse(engine.Host), AllowedCalls = AllowedCalls.For(Everything) };
        return new DockerClient(change?.Invoke(options) ?? options);
    }

    internal static async Task<DockerException> Fails(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (DockerException e)
        {
            Assert.That(e.Message, Does.Not.Contain("\n").And.Not.Contain("   at "), "messages are one line");
            return e;
        }

        throw new AssertionException("a DockerException was expected");
    }
}
