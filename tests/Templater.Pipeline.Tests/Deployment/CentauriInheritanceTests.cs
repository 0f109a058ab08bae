using System.Net.Sockets;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>What one program leaves open for the next in the same process.</summary>
[CancelAfter(30_000)]
public sealed class CentauriInheritanceTests
{
    private const string Digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [TestCase("", "")]
    [TestCase("12", "12:-")]
    [TestCase("12,15/" + Digest + ",16/", "12:-,15:" + Digest + ",16:-")]
    [TestCase("12 13,14/", "12:- 13:-,14:-")]
    [TestCase("x", "")]
    [TestCase("-1", "")]
    [TestCase("12,", "")]
    [TestCase("12,15/ABCDEF", "")]
    [TestCase("12,15/0123", "")]
    [TestCase("99999999999", "")]
    [TestCase("12,x 13", "13:-")]
    public void ReadsWhatIsWholeAndNothingElse(string text, string expected) => Assert.That(
        string.Join(' ', CentauriInheritance.Parse(text).Select(static one => string.Join(',', one.Select(static pair => $"{pair.Descriptor}:{pair.Content ?? "-"}")))),
        Is.EqualTo(expected));

    [TestCase(1_000_000, TestName = "A descriptor that nobody has open")]
    [TestCase(-1, TestName = "The descriptor of a file")]
    public void WhatIsNoListenerIsNotTaken(int descriptor)
    {
        using var file = File.OpenRead("/dev/null");
        var given = descriptor < 0 ? (int)file.SafeFileHandle.DangerousGetHandle() : descriptor;

        Assert.That(CentauriInheritance.Take([(given, null)], TimeProvider.System, new CentauriTimes()), Is.Null);
        Assert.That(file.Read(new byte[1]), Is.Zero, "what is not ours stays open");
    }

    [Test]
    public async Task WhoIsConnectedStaysSoWhenTheProgramGoesOnItself(CancellationToken cancellationToken)
    {
        using var listeners = new CentauriListeners(TimeProvider.System);
        var listener = listeners.Open(PushBench.FreeAddress());
        await using var client = Testing.CentauriClient.Start(listener.Address);
        using var ended = new Socket(SocketType.Stream, ProtocolType.Tcp);
        ended.Connect(listener.Address);
        while (listener.Sessions.Length < 2)
            await Task.Delay(5, cancellationToken);
        listener.Offer(Config("a"));
        await client.WaitForAsync(static _ => true, cancellationToken);

        for (var i = 0; i < 2; i++)
        {
            var text = await listeners.PauseAsync();
            var (descriptor, _) = CentauriInheritance.Parse(text).Single()[0];
            Assert.That(FlagsOf(descriptor), Does.Not.Contain("02000000"), "it would outlive the program");
            listeners.Resume(text);
            Assert.That(FlagsOf(descriptor), Does.Contain("02000000"), "no child is to have it");
        }

        foreach (var session in listener.Sessions)
            await session.SendAsync(Config("b"), cancellationToken);
        await client.WaitForAsync(static routes => routes == PushBench.Routes("b"), cancellationToken);
        Assert.That(client.Dials, Is.EqualTo(1));
    }

    // O_CLOEXEC is 02000000 (open(2)).
    private static string FlagsOf(int descriptor)
    {
        var flags = Convert.ToInt32(File.ReadAllLines($"/proc/self/fdinfo/{descriptor}").Single(static line => line.StartsWith("flags:", StringComparison.Ordinal))[6..].Trim(), 8);
        return (flags & Convert.ToInt32("02000000", 8)) != 0 ? "02000000" : "";
    }

    private static CentauriConfig Config(string name) => CentauriConfig.Of(System.Text.Encoding.UTF8.GetBytes(PushBench.Routes(name)), out _)!;
}
