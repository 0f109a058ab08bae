using Templater.Testing;

namespace Templater.Docker.Tests;

/// <summary>The client against a real engine of its own; and the fake engine against what the real one does.</summary>
[NonParallelizable]
[CancelAfter(90_000)]
public sealed class RealEngineTests
{
    private const string HealthyWhenFileExists = "test -e /tmp/well";

    private PrivateDockerEngine _engine = null!;

    [OneTimeSetUp]
    public async Task StartEngine()
    {
        _engine = await PrivateDockerEngine.StartOrSkipAsync(new PrivateDockerEngineOptions { OwnNetwork = true });
        await _engine.ImportWebImageAsync();
        await _engine.RunAsync("network", "create", "--subnet", "10.213.7.0/24", "front");
        await _engine.RunAsync("network", "create", "back");
    }

    [OneTimeTearDown]
    public async Task StopEngine()
    {
        if (_engine is not null)
            await _engine.DisposeAsync();
    }

    [TearDown]
    public async Task RemoveContainers()
    {
        foreach (var name in (await _engine.RunAsync("ps", "-aq")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            await _engine.RunAsync("rm", "-f", name);
    }

    [Test]
    public async Task NamesTheEngine(CancellationToken cancellationToken)
    {
        using var client = Client();

        var api = await client.PingAsync(cancellationToken);
        var version = await client.VersionAsync(cancellationToken);
        var info = await client.InfoAsync(cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(api, Is.GreaterThanOrEqualTo(ApiVersion.Oldest));
            Assert.That(version.ApiVersion, Does.StartWith("1."));
            Assert.That(info.ServerVersion, Is.EqualTo(version.Version));
            Assert.That(info.OSType, Is.EqualTo("linux"));
            Assert.That(info.Swarm.LocalNodeState, Is.EqualTo("inactive"));
        }
    }

    [Test]
    public async Task ReadsContainersAndNetworks(CancellationToken cancellationToken)
    {
        using var client = Client();
        await _engine.RunAsync("run", "-d", "--name", "web", "--network", "front", "--ip", "10.213.7.9", "--network-alias", "shop",
            "-l", "templater.host=shop.example.com", "-e", "SECRET=1", "-p", "127.0.0.1::8080", "--user", "0:0", "web:1");
        await _engine.RunAsync("create", "--name", "never", "--network", "front", "web:1");

        var rows = await client.ListContainersAsync(all: true, cancellationToken);
        var web = rows.Single(row => row.Names.Contains("/web"));
        var never = rows.Single(row => row.Names.Contains("/never"));
        var inspected = await client.InspectContainerAsync("web", cancellationToken);
        var front = (await client.ListNetworksAsync(cancellationToken)).Single(network => network.Name == "front");
        var members = (await client.InspectNetworkAsync("front", cancellationToken)).Containers;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(web.Labels["templater.host"], Is.EqualTo("shop.example.com"));
            Assert.That(web.State, Is.EqualTo("running"));
            Assert.That(web.ReadHealth(), Is.EqualTo("none"));
            Assert.That(web.NetworkSettings.Networks["front"].IPAddress, Is.EqualTo("10.213.7.9"));
            Assert.That(web.NetworkSettings.Networks["front"].NetworkID, Is.EqualTo(front.Id));
            Assert.That(web.Ports.Single(port => port.PublicPort > 0).PrivatePort, Is.EqualTo(8080));
            Assert.That(never.State, Is.EqualTo("created"));
            Assert.That(never.NetworkSettings.Networks["front"].NetworkID, Is.Empty);
            Assert.That(inspected.Config.Env, Does.Contain("SECRET=1"));
            Assert.That(inspected.Config.ExposedPorts, Is.EqualTo(new[] { "8080/tcp" }));
            Assert.That(inspected.NetworkSettings.Networks["front"].Aliases, Does.Contain("shop"));
            Assert.That(inspected.NetworkSettings.Networks["front"].EndpointID, Is.EqualTo(web.NetworkSettings.Networks["front"].EndpointID));
            Assert.That(inspected.State.StartedAt, Is.GreaterThanOrEqualTo(inspected.Created!.Value));
            Assert.That(inspected.State.FinishedAt, Is.Null);
            Assert.That(inspected.State.Pid, Is.Positive);
            Assert.That(front.IPAM.Config.Single().Subnet, Is.EqualTo("10.213.7.0/24"));
            Assert.That(members.Values.Single().IPv4Address, Is.EqualTo("10.213.7.9/24"));
        }
    }

    [Test]
    public async Task ReadsWhatDockerInspectPrints(CancellationToken cancellationToken)
    {
        await _engine.RunAsync("create", "--name", "one", "--network", "none", "web:1");
        await _engine.RunAsync("create", "--name", "two", "--network", "none", "web:1");
        using var printed = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(await _engine.RunAsync("inspect", "one", "two")));

        var containers = await Wire.InspectFile.ReadAsync(printed, cancellationToken);

        Assert.That(containers.Select(container => container.Name), Is.EqualTo(new[] { "/one", "/two" }));
    }

    [Test]
    public async Task SeesTheEventsThatTheFakeEngineEmitsInTheSameOrder(CancellationToken cancellationToken)
    {
        using var client = Client();
        await using var events = await client.OpenEventsAsync(EventFilter.Watching, null, cancellationToken);

        await _engine.RunAsync("run", "-d", "--name", "web", "--network", "front", "web:1");
        await _engine.RunAsync("network", "connect", "back", "web");
        await _engine.RunAsync("network", "disconnect", "back", "web");
        await _engine.RunAsync("restart", "web");
        await _engine.RunAsync("pause", "web");
        await _engine.RunAsync("unpause", "web");
        await _engine.RunAsync("rename", "web", "web2");
        await _engine.RunAsync("kill", "-s", "HUP", "web2");
        await _engine.RunAsync("stop", "web2");
        await _engine.RunAsync("start", "web2");
        await _engine.RunAsync("rm", "-f", "web2");
        var real = await UntilAsync(events, "container destroy", cancellationToken);

        await using var fake = new FakeDockerEngine();
        fake.AddNetwork("front");
        fake.AddNetwork("back");
        using var fakeClient = DockerClientTests.Client(fake);
        await using var fakeEvents = await fakeClient.OpenEventsAsync(EventFilter.Watching, null, cancellationToken);
        fake.AddContainer("web", c => c.Network("front"));
        fake.Connect("web", "back");
        fake.Disconnect("web", "back");
        fake.Restart("web");
        fake.Pause("web");
        fake.Unpause("web");
        fake.Rename("web", "web2");
        await fakeClient.KillAsync("web2", "HUP", cancellationToken);
        fake.Stop("web2");
        fake.Start("web2");
        fake.Remove("web2");

        Assert.That(await UntilAsync(fakeEvents, "container destroy", cancellationToken), Is.EqualTo(real));
    }

    [Test]
    public async Task SeesHealthChangeWithoutTheNoiseOfTheChecks(CancellationToken cancellationToken)
    {
        using var client = Client();
        await using var events = await client.OpenEventsAsync(EventFilter.Watching, null, cancellationToken);
        await _engine.RunAsync("run", "-d", "--name", "web", "--network", "front", "--health-cmd", HealthyWhenFileExists,
            "--health-interval", "200ms", "--health-retries", "2", "web:1");

        var ill = await UntilAsync(events, "container health_status: unhealthy", cancellationToken);
        var sickRow = (await client.ListContainersAsync(true, cancellationToken)).Single();
        var sick = await client.InspectContainerAsync("web", cancellationToken);
        await _engine.RunAsync("exec", "web", "touch", "/tmp/well");
        var well = await UntilAsync(events, "container health_status: healthy", cancellationToken);

        Assert.That(ill, Has.None.Contains("exec"));
        Assert.That(well, Is.EqualTo(new[] { "container health_status: healthy" }));
        Assert.That(sickRow.ReadHealth(), Is.EqualTo("unhealthy"));
        Assert.That(sick.State.Health!.FailingStreak, Is.GreaterThanOrEqualTo(2));
        Assert.That(sick.State.Health.Log, Is.Not.Empty);
        Assert.That(sick.Config.Healthcheck!.Test, Is.EqualTo(new[] { "CMD-SHELL", HealthyWhenFileExists }));
        Assert.That((await client.ListContainersAsync(true, cancellationToken)).Single().ReadHealth(), Is.EqualTo("healthy"));
    }

    [Test]
    public async Task SignalsRunsCommandsAndReadsLogsAndProcesses(CancellationToken cancellationToken)
    {
        using var client = Client();
        await _engine.RunAsync("run", "-d", "--name", "web", "--network", "none", "web:1");
        await WaitForLogAsync(client, "web", "serving", cancellationToken);

        await client.KillAsync("web", "HUP", cancellationToken);
        await WaitForLogAsync(client, "web", "hup", cancellationToken);
        var said = await client.ExecAsync("web", new ExecRequest(["sh", "-c", "echo out; echo err >&2; exit 7"]), cancellationToken);
        var much = await client.ExecAsync("web", new ExecRequest(["sh", "-c", "cat /bin/busybox"]) { MaxOutputBytes = 1000 }, cancellationToken);
        var missing = await DockerClientTests.Fails(() => client.ExecAsync("gone", new ExecRequest(["true"]), cancellationToken));
        var top = await client.TopAsync("web", cancellationToken);
        var tail = await client.LogsAsync("web", new LogsRequest { Tail = 1 }, cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(said, Is.EqualTo(new ExecResult(7, new CapturedOutput("out\n", "err\n", false))));
            Assert.That(much.ExitCode, Is.Zero);
            Assert.That(much.Output.IsTruncated, Is.True);
            Assert.That(missing.Reason, Is.EqualTo(DockerErrorReason.NotFound));
            Assert.That(missing.Message, Does.Contain("gone"));
            Assert.That(top.Processes.Select(row => string.Join(" ", row)), Has.Some.Contains("httpd"));
            Assert.That(tail.Output, Is.EqualTo("hup\n"));
        }
    }

    [Test]
    public async Task RestartsAndTellsWhatCannotBeDoneNow(CancellationToken cancellationToken)
    {
        using var client = Client();
        await _engine.RunAsync("run", "-d", "--name", "web", "--network", "none", "web:1");
        await WaitForLogAsync(client, "web", "serving", cancellationToken);
        var before = (await client.InspectContainerAsync("web", cancellationToken)).State.StartedAt;

        await client.RestartAsync("web", TimeSpan.FromSeconds(2), cancellationToken);
        var after = (await client.InspectContainerAsync("web", cancellationToken)).State.StartedAt;
        await _engine.RunAsync("rm", "-f", "web");
        await _engine.RunAsync("create", "--name", "web", "--network", "none", "web:1");

        Assert.That(after, Is.GreaterThan(before!.Value));
        Assert.That((await DockerClientTests.Fails(() => client.KillAsync("web", "HUP", cancellationToken))).Reason, Is.EqualTo(DockerErrorReason.Conflict));
        Assert.That((await DockerClientTests.Fails(() => client.ExecAsync("web", new ExecRequest(["true"]), cancellationToken))).Reason, Is.EqualTo(DockerErrorReason.Conflict));
        Assert.That((await DockerClientTests.Fails(() => client.KillAsync("gone", "HUP", cancellationToken))).Reason, Is.EqualTo(DockerErrorReason.NotFound));
        var bad = await DockerClientTests.Fails(() => client.KillAsync("web", "NOSUCH", cancellationToken));
        Assert.That(bad.Message, Does.Contain("NOSUCH"));
    }

    [Test]
    public async Task NoticesARestartOfTheEngineAndWorksOn(CancellationToken cancellationToken)
    {
        using var client = Client();
        await using var events = await client.OpenEventsAsync(EventFilter.Watching, null, cancellationToken);
        var reading = UntilAsync(events, "never", cancellationToken);

        await _engine.StopAsync();
        var lost = await DockerClientTests.Fails(() => reading);
        var down = await DockerClientTests.Fails(() => client.ListContainersAsync(true, cancellationToken));
        await _engine.StartAgainAsync(cancellationToken);

        Assert.That(lost.Reason, Is.EqualTo(DockerErrorReason.Unreachable));
        Assert.That(down.Reason, Is.EqualTo(DockerErrorReason.Unreachable));
        Assert.That((await client.ListNetworksAsync(cancellationToken)).Select(network => network.Name), Does.Contain("front"));
    }

    [Test]
    public async Task NoticesAStoppedEngineProcess(CancellationToken cancellationToken)
    {
        using var client = Client(options => options with { EventsIdleLimit = TimeSpan.FromMilliseconds(300), PingTimeout = TimeSpan.FromMilliseconds(500) });
        await using var events = await client.OpenEventsAsync(EventFilter.Watching, null, cancellationToken);
        var reading = UntilAsync(events, "never", cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        Assert.That(reading.IsCompleted, Is.False, "an idle engine is not a dead one");

        _engine.Freeze();
        try
        {
            var error = await DockerClientTests.Fails(() => reading);
            Assert.That(error.Reason, Is.EqualTo(DockerErrorReason.TimedOut));
        }
        finally
        {
            _engine.Thaw();
        }

        Assert.That(await client.ListContainersAsync(true, cancellationToken), Is.Empty);
    }

    private DockerClient Client(Func<EngineOptions, EngineOptions>? change = null)
    {
        var options = new EngineOptions
        {
            Address = EngineAddress.Parse(_engine.Host),
            AllowedCalls = AllowedCalls.For(CallPurposes.Watch | CallPurposes.Services | CallPurposes.NetworkDetails | CallPurposes.Verify | CallPurposes.Signal | CallPurposes.Restart | CallPurposes.Exec),
        };
        return new DockerClient(change?.Invoke(options) ?? options);
    }

    private static async Task WaitForLogAsync(DockerClient client, string name, string text, CancellationToken cancellationToken)
    {
        while (!(await client.LogsAsync(name, new LogsRequest(), cancellationToken)).Output.Contains(text, StringComparison.Ordinal))
            await Task.Delay(20, cancellationToken);
    }

    private static async Task<List<string>> UntilAsync(IEventSubscription events, string last, CancellationToken cancellationToken)
    {
        var seen = new List<string>();
        await foreach (var message in events.WithCancellation(cancellationToken))
        {
            seen.Add($"{message.Type} {message.Action}");
            if (seen[^1] == last)
                break;
        }

        return seen;
    }
}
