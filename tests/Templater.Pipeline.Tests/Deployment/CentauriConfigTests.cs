using System.Text;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>What stands in a frame, and of what there is none.</summary>
public sealed class CentauriConfigTests
{
    [Test]
    public void AFrameIsEightLettersAVersionALengthAndTheText()
    {
        const string Text = "route a.example\n upstream a:80\n";

        var frame = CentauriConfig.Of(Encoding.UTF8.GetBytes(Text), out _)!.Frame.ToArray();

        Assert.That(Convert.ToHexString(frame[..16]), Is.EqualTo("43454E5441555249" + "00000001" + "0000001F"));
        Assert.That(Encoding.UTF8.GetString(frame[16..]), Is.EqualTo(Text));
    }

    [Test]
    public void NoRoutesAreALineOfCommentThatAllVersionsTake()
    {
        var config = CentauriConfig.Of([], out _)!;

        Assert.That(Encoding.UTF8.GetString(config.Frame.ToArray()[16..]), Is.EqualTo("# no routes\n"));
        Assert.That(config.Content, Is.EqualTo(CentauriConfig.Of([], out _)!.Content));
    }

    [TestCase("route a.example\n upstream a:80\n header add X CENTAURI\0\0\0\u0001\0\0\0\0\n", TestName = "A header of a frame in a value")]
    [TestCase("# CENTAURI\0\0\0\u0001\0\0\0\u0005route\n", TestName = "A frame in a comment")]
    public void NothingInATextBeginsAnotherFrame(string text)
    {
        if (CentauriConfig.Of(Encoding.UTF8.GetBytes(text), out _) is not { } config)
            return;
        Assert.That(BitConverter.ToString(config.Frame.ToArray(), 12, 4), Is.EqualTo($"00-00-00-{Encoding.UTF8.GetByteCount(text):X2}"), "the length covers all of it");
        Assert.That(config.Frame.Length, Is.EqualTo(16 + Encoding.UTF8.GetByteCount(text)));
    }

    [TestCase("route *.a.example\n upstream a\n", "line 1: ")]
    [TestCase("route a.example\n", "line 1: ")]
    [TestCase("route a.example\n upstream a\nroute a.example\n upstream a\n", "line 3: ")]
    [TestCase("route a.example\n upstream a\n#x\n", "line 3: ")]
    [TestCase("listen 80;\n", "line 1: ")]
    public void ThereIsNoFrameOfWhatCentauriRefuses(string text, string problem)
    {
        Assert.That(CentauriConfig.Of(Encoding.UTF8.GetBytes(text), out var why), Is.Null);
        Assert.That(why, Does.StartWith(problem).And.Not.Contains("\n"));
    }

    [Test]
    public void ThereIsNoFrameOfWhatIsLargerThanTheBound()
    {
        var line = new string('#', 1) + " " + new string('x', 61) + "\n";
        var text = string.Concat(Enumerable.Repeat(line, CentauriConfig.MaxPayload / line.Length));

        Assert.That(CentauriConfig.Of(Encoding.UTF8.GetBytes(text), out _), Is.Not.Null);
        Assert.That(CentauriConfig.Of(Encoding.UTF8.GetBytes(text + "#"), out var why), Is.Null);
        Assert.That(why, Is.EqualTo("it is larger than 16777216 bytes"));
    }
}
