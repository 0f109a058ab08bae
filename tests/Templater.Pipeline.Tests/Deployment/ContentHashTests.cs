using Templater.Pipeline.Deployment;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

public sealed class ContentHashTests
{
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(300_000)]
    public void AFileHasTheDigestOfItsContentAndIsNeverInMemoryAsAWhole(int length)
    {
        using var directory = new TempDirectory();
        var content = new byte[length];
        new Random(length).NextBytes(content);
        File.WriteAllBytes(directory["file"], content);
        ContentHash.OfFile(directory["file"]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var digest = ContentHash.OfFile(directory["file"]);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(100_000));
        Assert.That(digest, Is.EqualTo(ContentHash.Of(content)));
    }
}
