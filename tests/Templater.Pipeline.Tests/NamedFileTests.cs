using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Templater.Testing;

namespace Templater.Pipeline.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(10_000)]
public sealed class NamedFileTests : IDisposable
{
    private const int MaxBytes = 10_000;
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(4095)]
    [TestCase(4096)]
    [TestCase(MaxBytes)]
    public void AFileIsReadWholeUpToItsLimit(int length)
    {
        var text = new string('x', length);
        Assert.That(NamedFile.ReadText(_directory.Write("file", text), MaxBytes), Is.EqualTo(text));
    }

    [Test]
    public void TheSystemsOwnFilesHaveNoLengthAndAreReadAllTheSame() =>
        Assert.That(NamedFile.ReadText("/proc/self/mountinfo", 1024 * 1024), Does.Contain(" / ").And.EndWith("\n"));

    [Test]
    public void ALargerFileIsRefused() => Assert.That(
        () => NamedFile.ReadBytes(_directory.Write("file", new string('x', MaxBytes + 1)), MaxBytes),
        Throws.TypeOf<IOException>().With.Message.EqualTo("it is larger than 10000 bytes."));

    [Test]
    public void ADeviceWithoutEndIsReadNoFurther()
    {
        Assert.That(NamedFile.Instead("/dev/zero"), Is.EqualTo("a device"));
        Assert.That(() => NamedFile.ReadBytes("/dev/zero", MaxBytes), Throws.TypeOf<IOException>().With.Message.EqualTo("it is larger than 10000 bytes."));
    }

    [Test]
    public void ADirectoryIsCalledOne() => AssertInstead(_directory.Path, "a directory");

    [Test]
    public void APipeThatNobodyWritesToIsNotWaitedFor()
    {
        Assert.That(Syscall.mkfifo(_directory["pipe"], FilePermissions.DEFFILEMODE), Is.Zero);
        AssertInstead(_directory["pipe"], "a pipe");
    }

    [Test]
    public void WhatALinkEndsAtCounts()
    {
        Assert.That(Syscall.mkfifo(_directory["pipe"], FilePermissions.DEFFILEMODE), Is.Zero);
        File.CreateSymbolicLink(_directory["link"], _directory["pipe"]);
        File.CreateSymbolicLink(_directory["further"], _directory["link"]);
        File.CreateSymbolicLink(_directory["device"], "/dev/zero");
        File.CreateSymbolicLink(_directory["file"], _directory.Write("text", "x"));
        AssertInstead(_directory["further"], "a pipe");
        Assert.That((NamedFile.Instead(_directory["device"]), NamedFile.Instead(_directory["file"])), Is.EqualTo(("a device", (string?)null)));
    }

    [Test]
    public void ASocketIsCalledOne()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_directory["socket"]));
        AssertInstead(_directory["socket"], "a socket");
    }

    [Test]
    public void APipeThatAShellHandsOverIsRead()
    {
        Assert.That(Syscall.pipe(out var reading, out var writing), Is.Zero);
        using var read = new SafeFileHandle(reading, ownsHandle: true);
        using (var write = new FileStream(new SafeFileHandle(writing, ownsHandle: true), FileAccess.Write))
            write.Write("handed over"u8);
        Assert.That(NamedFile.ReadText($"/dev/fd/{reading}", MaxBytes), Is.EqualTo("handed over"));
    }

    [Test]
    public void WhatIsNotThereIsNothingElse()
    {
        Assert.That((NamedFile.Instead(_directory["none"]), NamedFile.Instead(_directory.Write("empty", ""))), Is.EqualTo(((string?)null, (string?)null)));
        Assert.That(() => NamedFile.ReadBytes(_directory["none"], MaxBytes), Throws.TypeOf<FileNotFoundException>());
    }

    [Test]
    public void AByteOrderMarkSaysHowTextIsEncoded()
    {
        File.WriteAllText(_directory["wide"], "blümchen", Encoding.Unicode);
        File.WriteAllText(_directory["marked"], "blümchen", Encoding.UTF8);
        Assert.That(NamedFile.ReadText(_directory["wide"], MaxBytes), Is.EqualTo("blümchen"));
        Assert.That(NamedFile.ReadText(_directory["marked"], MaxBytes), Is.EqualTo("blümchen"));
    }

    [Test]
    public void TextInAnotherEncodingIsRefused()
    {
        File.WriteAllBytes(_directory["latin"], [(byte)'b', 0xfc]);
        Assert.That(() => NamedFile.ReadText(_directory["latin"], MaxBytes), Throws.TypeOf<IOException>().With.Message.EqualTo("it is not UTF-8."));
    }

    private static void AssertInstead(string path, string expected)
    {
        Assert.That(NamedFile.Instead(path), Is.EqualTo(expected));
        Assert.That(() => NamedFile.ReadBytes(path, MaxBytes), Throws.TypeOf<IOException>().With.Message.EqualTo($"it is {expected}; a file was expected."));
    }
}
