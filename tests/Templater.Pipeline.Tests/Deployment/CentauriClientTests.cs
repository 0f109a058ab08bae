using System.Net;
using System.Net.Sockets;
using System.Text;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>
/// The client that the tests of <c>push:</c> stand on does what the description of the protocol says, sentence by sentence, against a
/// server of a few lines; its times pass on a clock that the test moves.
/// </summary>
[CancelAfter(30_000)]
public sealed class CentauriClientTests
{
    private static readonly TimeSpan FirstFrame = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BeforeRedial = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AMoment = TimeSpan.FromMilliseconds(1);

    private FakeTimeProvider _clock = null!;
    private TcpListener _server = null!;

    [SetUp]
    public void Begin()
    {
        _clock = new FakeTimeProvider();
        _server = new TcpListener(IPAddress.Loopback, 0);
        _server.Start();
    }

    [TearDown]
    public void End() => _server.Dispose();

    [Test]
    public async Task AFirstDialThatIsRefusedEndsIt(CancellationToken cancellationToken)
    {
        var address = Address;
        _server.Stop();
        await using var client = CentauriClient.Start(address, new() { Time = _clock });

        Assert.That((await client.Exited.WaitAsync(cancellationToken), client.Dials), Is.EqualTo(("dial: ConnectionRefused", 0)));
    }

    [TestCase(0, TestName = "AServerThatSendsNoWholeFrameEndsItAfterTenSecondsTwice(silent)")]
    [TestCase(20, TestName = "AServerThatSendsNoWholeFrameEndsItAfterTenSecondsTwice(half a frame)")]
    public async Task AServerThatSendsNoWholeFrameEndsItAfterTenSecondsTwice(int sent, CancellationToken cancellationToken)
    {
        await using var client = Start();
        for (var dial = 1; dial <= 2; dial++)
        {
            using var connection = await AcceptAsync(cancellationToken);
            await connection.SendAsync(Frame(Routes("a")).AsMemory(0, sent), cancellationToken);
            await _clock.AdvanceWhenWaitingAsync(FirstFrame - AMoment, cancellationToken: cancellationToken);
            Assert.That(await IsClosedAsync(connection, cancellationToken), Is.False, "it waits for ten seconds");
            _clock.Advance(AMoment);
            Assert.That(await connection.ReceiveAsync(new byte[1], cancellationToken), Is.Zero);
            if (dial == 1)
                await AssertThatItDialsAfterAPauseAsync(cancellationToken);
        }

        Assert.That(await client.Exited.WaitAsync(cancellationToken), Is.EqualTo("no configuration in time"));
        Assert.That((client.Dials, client.Routes), Is.EqualTo((2, (string?)null)));
    }

    [Test]
    public async Task FramesMayBeSplitAndJoinedAnywhereAndAreTakenInOrder(CancellationToken cancellationToken)
    {
        await using var client = Start();
        using var connection = await AcceptAsync(cancellationToken);
        connection.NoDelay = true;
        byte[] frames = [.. Frame(Routes("a")), .. Frame(""), .. Frame(Routes("b")), .. Frame("# none\n")];
        foreach (var part in frames.Chunk(7))
            await connection.SendAsync(part, cancellationToken);
        await client.WaitForAsync(static routes => routes == "# none\n", cancellationToken);
        // At any time later.
        _clock.Advance(TimeSpan.FromDays(1));
        await connection.SendAsync((byte[])[.. Frame(Routes("c")), .. Frame(Routes("d"))], cancellationToken);
        await client.WaitForAsync(static routes => routes == Routes("d"), cancellationToken);

        Assert.That(client.Frames, Is.EqualTo(new[] { Routes("a"), "", Routes("b"), "# none\n", Routes("c"), Routes("d") }));
        Assert.That(client.Dials, Is.EqualTo(1));
    }

    // In words: a test with a control character in its name is never run.
    [TestCase("", "EOF")]
    [TestCase("GENTAURI 1 0 ", "bad magic")]
    [TestCase("CENTAURI 2 0 ", "other version")]
    [TestCase("CENTAURI 1 3 bad", "refused")]
    [TestCase("CENTAURI 1 0 ", "empty")]
    public async Task AnErrorAllowsOneDialMoreUntilThereIsAGoodFrameAgain(string words, string warning, CancellationToken cancellationToken)
    {
        var error = words.Split(' ') is [var letters, var version, var length, var text] ? $"{letters}{Number(version)}{Number(length)}{text}" : "";
        await using var client = Start(takesLengthZero: false);
        await ServeAsync(Routes("a"), client, error, cancellationToken);
        await AssertThatItDialsAfterAPauseAsync(cancellationToken);
        // The good frame gives it another dial.
        await ServeAsync(Routes("b"), client, error, cancellationToken);
        await AssertThatItDialsAfterAPauseAsync(cancellationToken);
        await ServeAsync(null, client, error, cancellationToken);

        Assert.That(await client.Exited.WaitAsync(cancellationToken), Is.EqualTo(warning));
        Assert.That(client.Warnings, Is.EqualTo(new[] { warning, warning, warning }));
        Assert.That((client.Dials, client.Routes), Is.EqualTo((3, Routes("b"))));
    }

    [Test]
    public async Task ARedialThatIsRefusedEndsIt(CancellationToken cancellationToken)
    {
        await using var client = Start();
        await ServeAsync(Routes("a"), client, "", cancellationToken);
        _server.Stop();
        await _clock.AdvanceWhenWaitingAsync(BeforeRedial, cancellationToken: cancellationToken);

        Assert.That(await client.Exited.WaitAsync(cancellationToken), Is.EqualTo("dial: ConnectionRefused"));
    }

    [Test]
    public async Task AfterItsFirstConfigurationItWaitsWithoutADeadlineAndServesTheOldOne(CancellationToken cancellationToken)
    {
        await using var client = Start();
        await ServeAsync(Routes("a"), client, "", cancellationToken);
        await AssertThatItDialsAfterAPauseAsync(cancellationToken);
        using var connection = await AcceptAsync(cancellationToken);
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.That(await IsClosedAsync(connection, cancellationToken), Is.False);
        Assert.That(client.Routes, Is.EqualTo(Routes("a")));

        await connection.SendAsync(Frame(Routes("b")), cancellationToken);
        await client.WaitForAsync(static routes => routes == Routes("b"), cancellationToken);
    }

    [Test]
    public async Task AHangUpIsIgnoredWithALineWhateverItWaitsFor(CancellationToken cancellationToken)
    {
        await using var client = Start();
        using (var connection = await AcceptAsync(cancellationToken))
        {
            client.HangUp();
            await connection.SendAsync(Frame(Routes("a")), cancellationToken);
            await client.WaitForAsync(static routes => routes == Routes("a"), cancellationToken);
            client.HangUp();
            Assert.That(await IsClosedAsync(connection, cancellationToken), Is.False);
            await connection.SendAsync(Frame(Routes("b")), cancellationToken);
            await client.WaitForAsync(static routes => routes == Routes("b"), cancellationToken);
        }

        client.HangUp();
        await AssertThatItDialsAfterAPauseAsync(cancellationToken);
        using var second = await AcceptAsync(cancellationToken);
        client.HangUp();

        Assert.That(await IsClosedAsync(second, cancellationToken), Is.False);
        Assert.That(client.Notes, Is.EqualTo(Enumerable.Repeat("SIGHUP is ignored", 4)));
        Assert.That((client.Dials, client.Frames.Length, client.Routes), Is.EqualTo((2, 2, Routes("b"))));
        Assert.That(client.Warnings, Is.EqualTo(new[] { "EOF" }));
    }

    private IPEndPoint Address => (IPEndPoint)_server.LocalEndpoint;

    private static string Routes(string name) => PushBench.Routes(name);

    // What Templater sends, but for the empty one: that it never sends.
    private static byte[] Frame(string text) =>
        text.Length > 0 ? CentauriConfig.Of(Encoding.UTF8.GetBytes(text), out _)!.Frame.ToArray() : Encoding.ASCII.GetBytes("CENTAURI\0\0\0\u0001\0\0\0\0");

    private static string Number(string digit) => "\0\0\0" + (char)(digit[0] - '0');

    private CentauriClient Start(bool takesLengthZero = true) => CentauriClient.Start(Address, new()
    {
        Time = _clock,
        Takes = static text => text != "bad",
        TakesLengthZero = takesLengthZero,
    });

    private Task<Socket> AcceptAsync(CancellationToken cancellationToken) => _server.AcceptSocketAsync(cancellationToken).AsTask();

    // A good frame, or none, and then something that is an error.
    private async Task ServeAsync(string? good, CentauriClient client, string error, CancellationToken cancellationToken)
    {
        using var connection = await AcceptAsync(cancellationToken);
        if (good is not null)
        {
            await connection.SendAsync(Frame(good), cancellationToken);
            await client.WaitForAsync(routes => routes == good, cancellationToken);
        }

        await connection.SendAsync(Encoding.ASCII.GetBytes(error), cancellationToken);
        connection.Shutdown(SocketShutdown.Send);
        Assert.That(await connection.ReceiveAsync(new byte[1], cancellationToken), Is.Zero, "it closes the connection and says nothing");
    }

    private async Task AssertThatItDialsAfterAPauseAsync(CancellationToken cancellationToken)
    {
        await _clock.AdvanceWhenWaitingAsync(BeforeRedial - AMoment, cancellationToken: cancellationToken);
        Assert.That(_server.Pending(), Is.False);
        _clock.Advance(AMoment);
        while (!_server.Pending())
            await Task.Delay(1, cancellationToken);
    }

    // Whoever closes does so at once; a moment is long.
    private static async Task<bool> IsClosedAsync(Socket connection, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMilliseconds(20));
        try
        {
            return await connection.ReceiveAsync(new byte[1], limit.Token) == 0;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
