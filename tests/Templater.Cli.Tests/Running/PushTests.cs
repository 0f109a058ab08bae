using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>Centauri fetches its configuration from a Templater whose settings change.</summary>
[CancelAfter(30_000)]
public sealed class PushTests : IDisposable
{
    private const string Route = "# {{ values.word }}\nroute a.example.com\n    upstream a:80\n";
    private readonly RunBench _bench = new();
    private readonly IPEndPoint _address = FreeAddress();

    [Test]
    public async Task SettingsThatAreReadAgainDisconnectNobody(CancellationToken cancellationToken)
    {
        Settings("one");
        _bench.StartFromFile();
        await _bench.Output("# one\n" + Route.Split('\n', 2)[1], cancellationToken);
        await using var client = CentauriClient.Start(_address);
        await client.WaitForAsync(static routes => routes.StartsWith("# one\n", StringComparison.Ordinal), cancellationToken);

        Settings("two");
        _bench.HangUp();

        await client.WaitForAsync(static routes => routes.StartsWith("# two\n", StringComparison.Ordinal), cancellationToken);
        await _bench.Says(" (unproven)", cancellationToken);
        Assert.That((client.Dials, client.Frames.Length), Is.EqualTo((1, 2)));
        Assert.That(await _bench.End(), Is.Zero);
        Assert.That(await client.Exited.WaitAsync(cancellationToken), Is.EqualTo("dial: ConnectionRefused"));
    }

    [Test]
    public async Task SettingsThatCannotBeUsedLeaveWhoIsConnectedAlone(CancellationToken cancellationToken)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        Settings("one");
        _bench.StartFromFile();
        await _bench.Output("# one\n" + Route.Split('\n', 2)[1], cancellationToken);
        await using var client = CentauriClient.Start(_address);

        Settings("two", (IPEndPoint)taken.LocalEndpoint);
        _bench.HangUp();
        await _bench.Says($"error output-denied: reload push:{taken.LocalEndpoint}: the port is in use.", cancellationToken);
        await _bench.Says("The settings in force stay.", cancellationToken);

        Settings("three");
        _bench.HangUp();
        await client.WaitForAsync(static routes => routes.StartsWith("# three\n", StringComparison.Ordinal), cancellationToken);
        Assert.That(client.Dials, Is.EqualTo(1));
        await _bench.End();
    }

    [Test]
    public async Task AnotherAddressIsListenedOnInstead(CancellationToken cancellationToken)
    {
        var other = FreeAddress();
        Settings("one");
        _bench.StartFromFile();
        await _bench.Output("# one\n" + Route.Split('\n', 2)[1], cancellationToken);
        await using var client = CentauriClient.Start(_address);
        await client.WaitForAsync(static _ => true, cancellationToken);

        Settings("one", other);
        _bench.HangUp();

        Assert.That(await client.Exited.WaitAsync(cancellationToken), Is.EqualTo("dial: ConnectionRefused"));
        await using var second = CentauriClient.Start(other);
        await second.WaitForAsync(static _ => true, cancellationToken);
        await _bench.End();
    }

    [Test]
    public async Task APortInUseEndsTheStart()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        Settings("one", (IPEndPoint)taken.LocalEndpoint);
        _bench.StartFromFile();

        var ended = await _bench.Ended();

        Assert.That((ended.ExitCode, ended.Error), Is.EqualTo((4, $"error output-denied: reload push:{taken.LocalEndpoint}: the port is in use. Stop who listens there (ss -ltnp tells), or choose another port, here and in Centauri's CONFIG_NETWORK_ADDRESS.\n")));
    }

    [Test]
    public async Task ATemplateForAnotherProxyIsNotPushed()
    {
        _bench.Settings(_bench.State, _bench.Template("x"), $"reload: push:{_address}");
        _bench.StartFromFile();

        var ended = await _bench.Ended();

        Assert.That(ended.ExitCode, Is.EqualTo(2));
        Assert.That(ended.Error, Does.Contain("push: is the way of Centauri alone"));
    }

    [Test]
    public async Task AProgramThatReplacesItselfKeepsTheConnection(CancellationToken cancellationToken)
    {
        Settings("one");
        using var program = StartProgram();
        try
        {
            await _bench.Output("# one\n" + Route.Split('\n', 2)[1], cancellationToken);
            await using var client = CentauriClient.Start(_address);
            await client.WaitForAsync(static routes => routes.StartsWith("# one\n", StringComparison.Ordinal), cancellationToken);
            for (var i = 2; i <= 3; i++)
            {
                var before = StartOf(program);
                Settings($"word{i}");
                await Signal(program, "USR2", cancellationToken);
                await client.WaitForAsync(routes => routes.StartsWith($"# word{i}\n", StringComparison.Ordinal), cancellationToken);
                Assert.That(program.HasExited, Is.False);
                Assert.That(StartOf(program), Is.Not.EqualTo(before), "another program, in the same process");
            }

            await using var newcomer = CentauriClient.Start(_address);
            await newcomer.WaitForAsync(static routes => routes.StartsWith("# word3\n", StringComparison.Ordinal), cancellationToken);
            Assert.That((client.Dials, client.Frames.Length, client.Exited.IsCompleted), Is.EqualTo((1, 3, false)), string.Join('\n', client.Warnings));
            await Signal(program, "TERM", cancellationToken);
            await program.WaitForExitAsync(cancellationToken);
            Assert.That(program.ExitCode, Is.Zero);
        }
        finally
        {
            if (!program.HasExited)
                program.Kill();
        }
    }

    [Test]
    public async Task AProgramThatCannotBeReplacedGoesOnAndSaysWhy(CancellationToken cancellationToken)
    {
        Settings("one");
        _bench.StartFromFile();
        await _bench.Output("# one\n" + Route.Split('\n', 2)[1], cancellationToken);
        await using var client = CentauriClient.Start(_address);
        await client.WaitForAsync(static _ => true, cancellationToken);

        _bench.Renew();
        await _bench.Says("error reload-failed: the program cannot be replaced: it is part of another program. It goes on.", cancellationToken);
        _bench.Directory.Write("t.yaml", "http_prt: 80\n");
        _bench.Renew();
        await _bench.Says("Did you mean http_port? The program is not replaced.", cancellationToken);
        Settings("two");
        _bench.HangUp();

        await client.WaitForAsync(static routes => routes.StartsWith("# two\n", StringComparison.Ordinal), cancellationToken);
        Assert.That(client.Dials, Is.EqualTo(1));
        await _bench.End();
    }

    public void Dispose() => _bench.Dispose();

    private Process StartProgram()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "templater"), ["run", "--config", _bench.Directory["t.yaml"], "--from", _bench.Containers("a.example.com")]) { RedirectStandardOutput = true };
        start.Environment["_TEMPLATER_INHERITED"] = "1 0,1/";
        var program = Process.Start(start)!;
        program.OutputDataReceived += static (_, line) => TestContext.Progress.WriteLine(line.Data);
        program.BeginOutputReadLine();
        return program;
    }

    // The first mapping of a program lies where the kernel put it, another time elsewhere.
    private static string StartOf(Process program) => File.ReadAllText($"/proc/{program.Id}/maps").Split(' ', 2)[0];

    private static async Task Signal(Process program, string signal, CancellationToken cancellationToken) =>
        (await ChildProcess.RunAsync("kill", ["-s", signal, program.Id.ToString(CultureInfo.InvariantCulture)], cancellationToken: cancellationToken)).MustSucceed();

    private void Settings(string word, IPEndPoint? address = null) => _bench.Settings(
        _bench.State,
        $"template: {_bench.Directory.Write("site.centauri.scriban", "{{# format: centauri #}}" + Route)}",
        $"values: {{ word: {word} }}",
        $"reload: push:{address ?? _address}");

    private static IPEndPoint FreeAddress()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
