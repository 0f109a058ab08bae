using System.Security.Cryptography;
using System.Text;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>What of a configuration of HAProxy needs no reload.</summary>
public sealed class ServerSlotsTests
{
    private const string Mark = "backend b\n    # templater:slots that are filled\n";

    [TestCase("    server s1 10.0.0.1:80 weight 1", "b s1 10.0.0.1 80 1 False")]
    [TestCase("    server s1 10.0.0.1:80 weight 0 cookie s1 # name", "b s1 10.0.0.1 80 0 False")]
    [TestCase("    server s1 [fd00::1]:80 weight 256 ssl disabled # disabled", "b s1 fd00::1 80 256 True")]
    [TestCase("    server s1 127.0.0.1:1 weight 1 disabled", "b s1 127.0.0.1 1 1 True")]
    [TestCase("    server s1 10.0.0.1:80 weight 1 ca-file 'a # disabled'", "b s1 10.0.0.1 80 1 False")]
    [TestCase("    server s1 10.0.0.1:80 weight 1 ca-file a\\#b disabled#", "b s1 10.0.0.1 80 1 True")]
    [TestCase("    server s1 name.example.com:80 weight 1", "")]
    [TestCase("    server s1 10.0.0.1 weight 1", "")]
    [TestCase("    server s1 10.0.0.1:80 check weight 1", "")]
    [TestCase("    server s1 10.0.0.1:80 weight -1", "")]
    [TestCase("    server", "")]
    [TestCase("    timeout connect 5s\n    server s1 10.0.0.1:80 weight 1", "")]
    public void LinesAreRead(string line, string expected) => Assert.That(
        string.Join('\n', ServerSlots.Read(Encoding.UTF8.GetBytes(Mark + line + "\n")).Select(slot => $"{slot.Backend} {slot.Server} {slot.Address} {slot.Port} {slot.Weight} {slot.IsParked}")),
        Is.EqualTo(expected));

    [Test]
    public void WithoutTheMarkThereAreNoSlots() =>
        Assert.That(ServerSlots.Read("backend b\n    # slots\n    server s1 10.0.0.1:80 weight 1\n"u8), Is.Empty);

    [TestCase("    server s1 10.0.0.2:81 weight 9 cookie s1 disabled # other", true)]
    [TestCase("    server s1 10.0.0.1:80 weight 1 cookie s2", false)]
    [TestCase("    server s2 10.0.0.1:80 weight 1 cookie s1", false)]
    [TestCase("    server s1 10.0.0.1:80 weight 1 cookie s1 backup", false)]
    [TestCase("    server s1 10.0.0.1:80 weight 1 cookie s1\n    server s2 10.0.0.1:80 weight 1", false)]
    [TestCase("    server s1 name.example.com:80 weight 1 cookie s1", false)]
    public void OnlyWhatCanBeToldIsLeftOut(string line, bool isSame) =>
        Assert.That(Hash(Mark + line + "\n") == Hash(Mark + "    server s1 10.0.0.1:80 weight 1 cookie s1 # name\n"), Is.EqualTo(isSame));

    private static string Hash(string config)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        ServerSlots.AppendWithoutThem(hash, Encoding.UTF8.GetBytes(config));
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
