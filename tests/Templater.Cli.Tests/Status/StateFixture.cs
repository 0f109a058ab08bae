using Templater.Testing;

namespace Templater.Cli.Tests.Status;

/// <summary>Tests of commands that look into a state directory; each has one of its own, which is not there at first.</summary>
public abstract class StateFixture
{
    private protected TempDirectory Scratch { get; private set; } = null!;

    private protected string State => Scratch["state"];

    [SetUp]
    public void CreateDirectory() => Scratch = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => Scratch.Dispose();
}
