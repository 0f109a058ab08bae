using System.Runtime.CompilerServices;
using Templater.Docker;

namespace Templater.Pipeline.Tests;

/// <summary>README's tables name what the code knows, so that neither drifts from the other.</summary>
public sealed class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(PathOfReadme());

    [Test]
    public void EveryCallToTheEngineIsListed()
    {
        foreach (var call in AllowedCalls.For(CallPurposes.Watch | CallPurposes.Verify | CallPurposes.Signal).Calls)
            Assert.That(Readme, Does.Contain($"`{call}`"));
    }

    private static string PathOfReadme([CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "README.md"));
}
