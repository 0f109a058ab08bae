using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Tests with a directory of their own for each.</summary>
public abstract class DirectoryFixture
{
    private protected TempDirectory Scratch { get; private set; } = null!;

    [SetUp]
    public void CreateDirectory() => Scratch = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => Scratch.Dispose();
}
