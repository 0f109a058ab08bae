using System.Net.Sockets;
using Templater.Testing;

namespace Templater.Docker.Tests;

/// <summary>What a caller sees of an engine that misbehaves.</summary>
[CancelAfter(20_000)]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class EngineErrorsTests
{
    private const string Networks = "/networks";

    [TestCase(400, "bad parameter", DockerErrorReason.EngineError, "bad parameter")]
    [TestCase(401, "who are you", DockerErrorReason.Forbidden, "who are you")]
    [TestCase(403, "", DockerErrorReason.Forbidden, "refused GET /networks (403)")]
    [TestCase(404, "no such network", DockerErrorReason.NotFound, "no such network")]
    [TestCase(409, "not running", DockerErrorReason.Conflict, "not running")]
    [TestCase(500, "boom\nsecond line\u001b[31m", DockerErrorReason.EngineError, "boom second line", TestName = "TellsRefusalsApartWithTheEnginesWords(escape)")]
    [TestCase(503, "This node is not a swarm manager.", DockerErrorReason.EngineError, "not a swarm manager")]
    public async Task TellsRefusalsApartWithTheEnginesWords(int status, string message, DockerErrorReason reason, string expected)
    {
        await using var engine = new FakeDockerEngine();
        engine.Faults.Fail(Networks, status, message);
        using var client = DockerClientTests.Client(engine);

        var error = await DockerClientTests.Fails(() => client.ListNetworksAsync(default));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(error.Reason, Is.EqualTo(reason));
            Assert.That(error.Message, Does.Contain(expected).And.Contain("GET /networks").And.Contain(engine.Host));
            Assert.That(error.Status, Is.EqualTo(status));
            Assert.That(error.Call, Is.EqualTo("GET /networks"));
        }
    }

    [TestCase(403, "text/html", "<html><body>Forbidden</body></html>", DockerErrorReason.Forbidden)]
    [TestCase(503, "text/html", "<html><body>No server is available</body></html>", DockerErrorReason.Unreachable)]
    [TestCase(302, "text/html", "", DockerErrorReason.BadResponse)]
    [TestCase(200, "text/html", "<html>", DockerErrorReason.BadResponse)]
    [TestCase(200, "application/json", "", DockerErrorReason.BadResponse)]
    [TestCase(200, "application/json", "null", DockerErrorReason.BadResponse)]
    [TestCase(200, "application/json", "{}", DockerErrorReason.BadResponse)]
    [TestCase(200, "application/json", "[7]", DockerErrorReason.BadResponse)]
    [TestCase(200, "application/json", "[{\"Name\":{}}]", DockerErrorReason.BadResponse)]
    public async Task RefusesWhatIsNotTheApi(int status, string contentType, string body, DockerErrorReason reason)
    {
        await using var engine = new FakeDockerEngine();
        engine.Faults.Answer(Networks, status, contentType, body);
        using var client = DockerClientTests.Client(engine);

        var error = await DockerClientTests.Fails(() => client.ListNetworksAsync(default));

        Assert.That(error.Reason, Is.EqualTo(reason));
        Assert.That(error.Message, Does.Not.Contain("<html>"));
    }

    [Test]
    public async Task RefusesHalfAnAnswer()
    {
        await using var engine = new FakeDockerEngine();
        engine.AddContainer("web");
        using var client = DockerClientTests.Client(engine);

        engine.Faults.Truncate("/containers/json", times: 1);
        var cut = await DockerClientTests.Fails(() => client.ListContainersAsync(true, default));
        engine.Faults.Close("/containers/json", times: 1);
        var closed = await DockerClientTests.Fails(() => client.ListContainersAsync(true, default));

        Assert.That(cut.Reason, Is.EqualTo(DockerErrorReason.BadResponse));
        Assert.That(closed.Reason, Is.EqualTo(DockerErrorReason.Unreachable));
        Assert.That(await client.ListContainersAsync(true, default), Has.Count.EqualTo(1));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task ReportsAConnectionThatIsCutInsteadOfAnAnswer(bool useTcp)
    {
        await using var engine = new FakeDockerEngine(new FakeDockerEngineOptions { UseTcp = useTcp });
        engine.Faults.Reset("*");
        using var client = DockerClientTests.Client(engine);

        var error = await DockerClientTests.Fails(() => client.ListContainersAsync(true, default));

        Assert.That(error.Reason, Is.EqualTo(DockerErrorReason.Unreachable));
        Assert.That(error.Message, Does.Contain(engine.Host));
    }

    [Test]
    public async Task BoundsTheSizeOfAnAnswer()
    {
        await using var engine = new FakeDockerEngine();
        engine.AddContainer("big", c => c.Label("x", new string('x', 100_000)));
        using var client = DockerClientTests.Client(engine, options => options with { MaxResponseBytes = 50_000 });

        var error = await DockerClientTests.Fails(() => client.ListContainersAsync(true, default));

        Assert.That(error.Reason, Is.EqualTo(DockerErrorReason.TooLarge));
        Assert.That(error.Message, Does.Contain("50000 bytes"));
    }

    [TestCase("/_ping", "5 s")]
    [TestCase("/networks", "30 s")]
    public async Task BoundsTheTimeOfACall(string path, string limit)
    {
        await using var engine = new FakeDockerEngine();
        engine.Faults.Hang(path);
        var clock = new FakeTimeProvider();
        using var client = DockerClientTests.Client(engine, options => options with { TimeProvider = clock });
        var call = client.ListNetworksAsync(default);
        while (engine.CountOf("GET", path) == 0)
            await Task.Delay(1);

        clock.Advance(TimeSpan.FromSeconds(30));

        var error = await DockerClientTests.Fails(() => call);
        Assert.That(error.Reason, Is.EqualTo(DockerErrorReason.TimedOut));
        Assert.That(error.Message, Does.Contain($"within {limit}"));
    }

    [Test]
    public async Task EndsACallWithItsToken(CancellationToken cancellationToken)
    {
        await using var engine = new FakeDockerEngine();
        engine.Faults.Hang(Networks);
        using var client = DockerClientTests.Client(engine);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var call = client.ListNetworksAsync(stop.Token);
        while (engine.CountOf("GET", Networks) == 0)
            await Task.Delay(1, cancellationToken);

        await stop.CancelAsync();

        await Assert.ThatAsync(() => call, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task WorksAgainAfterAnEnginesRestart()
    {
        await using var engine = new FakeDockerEngine();
        using var client = DockerClientTests.Client(engine);
        await client.ListNetworksAsync(default);

        engine.StopListening();
        var error = await DockerClientTests.Fails(() => client.ListNetworksAsync(default));
        engine.StartListening();

        Assert.That(error.Reason, Is.EqualTo(DockerErrorReason.Unreachable));
        Assert.That(await client.ListNetworksAsync(default), Is.Empty);
    }

    [Test]
    public async Task SaysThatTheSocketIsMissing()
    {
        using var client = new DockerClient(new EngineOptions { Address = EngineAddress.Parse("unix:///nonexistent/docker.sock") });

        var error = await DockerClientTests.Fails(() => client.PingAsync(default));

        Assert.That(error.Reason, Is.EqualTo(DockerErrorReason.Unreachable));
        Assert.That(error.Message, Does.Contain("unix:///nonexistent/docker.sock: there is no such socket"));
    }

    [Test]
    public async Task SaysThatNobodyListens()
    {
        using var directory = new TempDirectory();
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
            socket.Bind(new UnixDomainSocketEndPoint(directory["s"]));
        if (!File.Exists(directory["s"]))
            directory.Write("s", "");
        using var client = new DockerClient(new EngineOptions { Address = EngineAddress.Parse("unix://" + directory["s"]) });

        var error = await DockerClientTests.Fails(() => client.PingAsync(default));

        Assert.That(error.Reason, Is.EqualTo(DockerErrorReason.Unreachable));
        Assert.That(error.Message, Does.Contain("nobody listens"));
    }

    [TestCase(998, UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.UserRead | UnixFileMode.UserWrite, "it belongs to group 998 (mode 0660) and Templater runs as ", "Add group_add: [\"998\"] to the service, or --group-add 998.")]
    [TestCase(0, UnixFileMode.UserRead | UnixFileMode.UserWrite, "it belongs to 0:0 (mode 0600) and Templater runs as ", "run with user: \"0:0\"")]
    public void ExplainsARefusedSocketWithNumbersAndARemedy(int group, UnixFileMode mode, string facts, string remedy)
    {
        using var directory = new TempDirectory();
        var socket = directory.Write("docker.sock", "");
        File.SetUnixFileMode(socket, mode);

        var message = SocketDenied.Explain(socket, new SocketOwner(0, group));

        Assert.That(message, Does.StartWith($"cannot open {socket}: ").And.Contain(facts).And.EndsWith(remedy + (group == 0 ? "." : "")));
    }

    [Test]
    public void ExplainsARefusedSocketWithoutKnowingItsOwner()
    {
        using var directory = new TempDirectory();
        Assert.That(SocketDenied.Explain(directory["gone"], null), Does.Contain("permission denied").And.Contain("group_add"));
    }

    [Test]
    public async Task SaysWhoMayOpenTheSocket()
    {
        Missing.UnlessRoot("becoming another user");
        await using var engine = new FakeDockerEngine();
        File.SetUnixFileMode(Path.GetDirectoryName(engine.Socket)!, UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(engine.Socket, UnixFileMode.UserRead | UnixFileMode.UserWrite); // This thread keeps root's group.
        using var connector = new EngineConnector(new EngineOptions { Address = EngineAddress.Parse(engine.Host), FindSocketOwner = _ => new SocketOwner(0, 998) });

        var connecting = new TaskCompletionSource<Task<Stream>>();
        var thread = new Thread(() =>
        {
            _ = SetFileSystemUser(65532); // Of this thread alone; root's rights over files go with it.
            connecting.SetResult(connector.ConnectAsync(default));
        });
        thread.Start();
        thread.Join();

        var error = await DockerClientTests.Fails(async () => await await connecting.Task);
        Assert.That(error.Reason, Is.EqualTo(DockerErrorReason.PermissionDenied));
        Assert.That(error.Message, Does.StartWith($"cannot open {engine.Socket}: it belongs to 0:998 (mode 0600) and Templater runs as "));
    }

    [TestCase("a/b")]
    [TestCase("..")]
    [TestCase(".")]
    [TestCase("a?b")]
    [TestCase("a%2Fb")]
    [TestCase("a b")]
    [TestCase("ä")]
    [TestCase("a\nb")]
    public async Task NeverLetsANameChangeThePath(string name)
    {
        await using var engine = new FakeDockerEngine();
        using var client = DockerClientTests.Client(engine);

        var error = await DockerClientTests.Fails(() => client.InspectContainerAsync(name, default));

        Assert.That(error.Reason, Is.EqualTo(DockerErrorReason.NotFound));
        Assert.That(engine.Requests, Is.Empty);
    }

    [Test]
    public async Task SaysThatAServerIsNoEngine()
    {
        await using var engine = new FakeDockerEngine();
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        _ = Task.Run(async () =>
        {
            using var peer = await listener.AcceptTcpClientAsync();
            await peer.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"u8.ToArray());
            await peer.GetStream().CopyToAsync(Stream.Null);
        });
        using var client = new DockerClient(new EngineOptions { Address = EngineAddress.Parse($"tcp://{listener.LocalEndpoint}") });

        var error = await DockerClientTests.Fails(() => client.PingAsync(default));

        Assert.That(error.Reason, Is.EqualTo(DockerErrorReason.BadResponse));
        Assert.That(error.Message, Does.Contain("not a Docker engine"));
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "setfsuid")]
    [System.Runtime.InteropServices.DefaultDllImportSearchPaths(System.Runtime.InteropServices.DllImportSearchPath.SafeDirectories)]
    private static extern int SetFileSystemUser(uint user);
}
