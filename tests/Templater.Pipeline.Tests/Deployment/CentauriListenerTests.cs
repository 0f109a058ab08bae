using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Who else may come to the place where Centauri fetches its configuration, and what becomes of it over time.</summary>
[CancelAfter(30_000)]
public sealed class CentauriListenerTests
{
    private readonly TempDirectory _directory = new("tpl-");

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public async Task AListenerThatStaysGoesOnWithTheLastConfigurationAndDisconnectsNobody(CancellationToken cancellationToken)
    {
        var first = new PushBench(_directory);
        await using var client = CentauriClient.Start(first.Address);
        await first.DeployAsync(PushBench.Routes("a"));
        await client.WaitForAsync(static routes => routes == PushBench.Routes("a"), cancellationToken);
        await first.EndAsync(listenerStays: true);
        await using (var meanwhile = CentauriClient.Start(first.Address))
            await meanwhile.WaitForAsync(static routes => routes == PushBench.Routes("a"), cancellationToken);

        await using var second = new PushBench(_directory, first.Address, first.Listeners);
        await second.DeployAsync(PushBench.Routes("b"));

        await client.WaitForAsync(static routes => routes == PushBench.Routes("b"), cancellationToken);
        Assert.That((client.Dials, client.Frames.Length), Is.EqualTo((1, 2)));
    }

    [Test]
    public async Task AfterARestartTheLastConfigurationIsSentBeforeAnythingIsKnownOfTheContainers(CancellationToken cancellationToken)
    {
        var first = new PushBench(_directory);
        await using (var client = CentauriClient.Start(first.Address))
        {
            await first.DeployAsync(PushBench.Routes("a"));
            await client.WaitForAsync(static routes => routes == PushBench.Routes("a"), cancellationToken);
            await first.EndAsync(listenerStays: false);
            Assert.That(await client.Exited.WaitAsync(cancellationToken), Is.EqualTo("dial: ConnectionRefused"), "one dial, 100 ms later");
        }

        await using var second = new PushBench(_directory, first.Address);

        await second.Connect().WaitForAsync(static routes => routes == PushBench.Routes("a"), cancellationToken);
    }

    [Test]
    public async Task AStopOfASecondIsSurvivedByAClientThatIsStartedAgainAlways(CancellationToken cancellationToken)
    {
        var first = new PushBench(_directory);
        await first.DeployAsync(PushBench.Routes("a"));
        var before = CentauriClient.Start(first.Address);
        await before.WaitForAsync(static routes => routes == PushBench.Routes("a"), cancellationToken);
        var stopped = Stopwatch.GetTimestamp();
        await first.EndAsync(listenerStays: false);
        Assert.That(await before.Exited.WaitAsync(cancellationToken), Is.EqualTo("dial: ConnectionRefused"));
        PushBench? second = null;
        var client = before;
        try
        {
            // As Docker does with restart: always: 100 ms, and twice that each time.
            for (var pause = 100; client.Routes is null || client.Exited.IsCompleted; await Task.Delay(20, cancellationToken))
            {
                if (second is null && Stopwatch.GetElapsedTime(stopped) > TimeSpan.FromSeconds(1))
                    second = new PushBench(_directory, first.Address);
                if (!client.Exited.IsCompleted)
                    continue;
                await client.DisposeAsync();
                await Task.Delay(pause, cancellationToken);
                pause *= 2;
                client = CentauriClient.Start(first.Address);
            }

            await client.WaitForAsync(static routes => routes == PushBench.Routes("a"), cancellationToken);
            Assert.That(Stopwatch.GetElapsedTime(stopped), Is.LessThan(TimeSpan.FromSeconds(5)));
        }
        finally
        {
            await client.DisposeAsync();
            if (second is not null)
                await second.DisposeAsync();
        }
    }

    [TestCase("GET / HTTP/1.1\r\n\r\n", TestName = "WhoSaysAnythingIsDroppedAndNobodyElse(HTTP)")]
    [TestCase("CENTAURI\0\0\0\u0002\0\0\0\0", TestName = "WhoSaysAnythingIsDroppedAndNobodyElse(a frame)")]
    [TestCase("\0", TestName = "WhoSaysAnythingIsDroppedAndNobodyElse(a byte)")]
    public async Task WhoSaysAnythingIsDroppedAndNobodyElse(string said)
    {
        await using var bench = new PushBench(_directory);
        var client = bench.Connect();
        await bench.DeployAsync(PushBench.Routes("a"));
        using var other = Dial(bench.Address);
        await other.SendAsync(Encoding.ASCII.GetBytes(said));

        var received = await DrainAsync(other);

        Assert.That(received, Is.LessThanOrEqualTo(16 + PushBench.Routes("a").Length));
        await bench.DeployAsync(PushBench.Routes("b"));
        await client.WaitForAsync(static routes => routes == PushBench.Routes("b"), CancellationToken.None);
        Assert.That(client.Dials, Is.EqualTo(1));
    }

    [Test]
    public async Task WhoDoesNotReadIsDroppedAndHoldsUpNobody(CancellationToken cancellationToken)
    {
        await using var bench = new PushBench(_directory, times: new CentauriTimes { ToTake = TimeSpan.FromMilliseconds(500), ToRefuse = TimeSpan.FromMilliseconds(100) });
        var client = bench.Connect();
        using var lazy = Dial(bench.Address);
        var large = string.Concat(Enumerable.Repeat("# " + new string('x', 997) + "\n", 15_000));
        while (bench.Listeners.Open(bench.Address).Sessions.Length < 2)
            await Task.Delay(5, cancellationToken);

        var outcome = await bench.DeployAsync(large + PushBench.Routes("a"));

        await client.WaitForAsync(routes => routes.Length > large.Length, cancellationToken);
        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Owed>(), outcome.ToString());
        Assert.That(outcome.Findings.Single().Message, Does.Match(@"^Centauri at [\d.:]+ did not take the configuration within 0\.5 s and was dropped\. The reload stays owed"));
        while (bench.Deployer.Status.OwedSince is not null)
            await Task.Delay(20, cancellationToken);
        Assert.That((client.Dials, client.Frames.Length), Is.EqualTo((1, 1)));
    }

    [Test]
    public async Task AThousandConnectionsAreBoundedAndTakeTheConfigurationFromNobody(CancellationToken cancellationToken)
    {
        await using var bench = new PushBench(_directory);
        var client = bench.Connect();
        await bench.DeployAsync(PushBench.Routes("a"));
        await client.WaitForAsync(static routes => routes == PushBench.Routes("a"), cancellationToken);
        var crowd = new List<Socket>();
        try
        {
            for (var i = 0; i < 1000; i++)
                crowd.Add(Dial(bench.Address));
            var listener = bench.Listeners.Open(bench.Address);
            while (listener.Sessions.Length < CentauriListener.MaxSessions)
                await Task.Delay(5, cancellationToken);
            Assert.That(listener.Sessions, Has.Length.EqualTo(CentauriListener.MaxSessions));

            var outcome = await bench.DeployAsync(PushBench.Routes("b"));

            await client.WaitForAsync(static routes => routes == PushBench.Routes("b"), cancellationToken);
            Assert.That(outcome.Findings.Single().Message, Does.Match(@"^push:[\d.:]+: \d+ connections were closed at once, because 64 are there at most\. Let nobody but Centauri reach that address\.$"));
        }
        finally
        {
            crowd.ForEach(static socket => socket.Dispose());
        }

        Assert.That((client.Dials, client.Exited.IsCompleted), Is.EqualTo((1, false)));
    }

    [Test]
    public async Task WhoIsGoneIsForgotten(CancellationToken cancellationToken)
    {
        await using var bench = new PushBench(_directory);
        var listener = bench.Listeners.Open(bench.Address);
        for (var i = 0; i < 10; i++)
        {
            using var socket = Dial(bench.Address);
            // A reset, not an orderly end.
            socket.LingerState = new LingerOption(true, 0);
        }

        while (!listener.Sessions.IsEmpty)
            await Task.Delay(5, cancellationToken);
    }

    // One that is gone without a word, with its machine, as a rule.
    [Test]
    [Platform("Linux")]
    public async Task WhoSaysNothingForTenSecondsIsAskedWhetherItIsThere(CancellationToken cancellationToken)
    {
        await using var bench = new PushBench(_directory);
        using var socket = Dial(bench.Address);
        TimeSpan? asked;
        while ((asked = NextQuestion(bench.Address.Port)) is null)
            await Task.Delay(5, cancellationToken);

        Assert.That(asked, Is.GreaterThan(TimeSpan.Zero).And.LessThanOrEqualTo(TimeSpan.FromSeconds(10)));
    }

    [Test]
    public async Task APortInUseAndAForeignAddressAreSaid()
    {
        await using var bench = new PushBench(_directory);
        using var others = new CentauriListeners(TimeProvider.System);

        Assert.That(() => others.Open(bench.Address), Throws.TypeOf<CentauriListenerException>().With.Message.StartsWith($"reload push:{bench.Address}: the port is in use. "));
        Assert.That(() => others.Open(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 7000)), Throws.TypeOf<CentauriListenerException>().With.Message.StartsWith("reload push:192.0.2.1:7000: this machine or container does not have that address. "));
    }

    [TestCase(ProxyKind.Nginx, true, "output \"a\": push: is the way of Centauri alone")]
    [TestCase(ProxyKind.Other, true, "output \"a\": push: is the way of Centauri alone")]
    [TestCase(ProxyKind.Centauri, false, "output \"a\": push: needs a program that stays")]
    public void PushIsRefusedWhereItCannotBe(ProxyKind kind, bool hasListeners, string expected)
    {
        using var listeners = new CentauriListeners(TimeProvider.System);
        var factory = new DeployerFactory(StateDirectory.Open(_directory["state"]), null, TimeProvider.System) { Listeners = hasListeners ? listeners : null };

        Assert.That(() => factory.Create(Output("a", kind), new DeploymentSettings { Reload = new ReloadSpec.Push(PushBench.FreeAddress()), Validate = new ValidateSpec.None() }),
            Throws.TypeOf<DeploymentSettingsException>().With.Message.StartsWith(expected));
    }

    [Test]
    public void TwoOutputsCannotPushAtOneAddress()
    {
        using var listeners = new CentauriListeners(TimeProvider.System);
        var factory = new DeployerFactory(StateDirectory.Open(_directory["state"]), null, TimeProvider.System) { Listeners = listeners };
        var settings = new DeploymentSettings { Reload = new ReloadSpec.Push(PushBench.FreeAddress()) };
        using var first = factory.Create(Output("a", ProxyKind.Centauri), settings);

        Assert.That(() => factory.Create(Output("b", ProxyKind.Centauri), settings),
            Throws.TypeOf<DeploymentSettingsException>().With.Message.StartsWith("outputs \"a\" and \"b\" push at the same address 127.0.0.1:"));
    }

    private OutputDefinition Output(string name, ProxyKind kind) => new() { Name = name, Kind = kind, Template = name, Path = _directory[name + ".conf"] };

    private static Socket Dial(IPEndPoint address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(address);
        return socket;
    }

    // Timer 2 of an established connection is that of its keep-alive, in hundredths of a second (proc(5), /proc/net/tcp).
    private static TimeSpan? NextQuestion(int port) => File.ReadAllLines("/proc/net/tcp")
        .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(fields => fields[1].EndsWith($":{port:X4}", StringComparison.Ordinal) && fields[3] == "01" && fields[5].StartsWith("02:", StringComparison.Ordinal))
        .Select(static fields => (TimeSpan?)TimeSpan.FromMilliseconds(10 * Convert.ToInt64(fields[5][3..], 16)))
        .FirstOrDefault();

    private static async Task<int> DrainAsync(Socket socket)
    {
        var (all, buffer) = (0, new byte[1024]);
        try
        {
            for (var read = 1; read > 0; all += read)
                read = await socket.ReceiveAsync(buffer);
        }
        catch (SocketException)
        {
            // What it said was not read: the connection is reset.
        }

        return all;
    }
}
