using System.Runtime.CompilerServices;
using Templater.Docker;
using Templater.Pipeline.Routing.Labels;

namespace Templater.Pipeline.Tests;

/// <summary>README's tables name what the code knows, so that neither drifts from the other.</summary>
public sealed class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(PathOfReadme());

    [Test]
    public void EveryLabelThatWorksIsListedAndNoOther()
    {
        foreach (var key in NativeKeys.All)
        {
            var label = $"`templater.{key.Name}{(key.Name == "errors." ? "STATUS" : key.Name.EndsWith('.') ? "NAME" : "")}`";
            Assert.That(Readme.Contains(label, StringComparison.Ordinal), Is.EqualTo(key.Support == KeySupport.Full), label);
        }
    }

    [Test]
    public void EveryKeyOfStreamsIsListedAndMarked()
    {
        var section = Readme[Readme.IndexOf("### TCP and UDP", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n### ", 5, StringComparison.Ordinal)];
        foreach (var key in StreamKeys.All)
            Assert.That(section, Does.Match($"[|,] `{key.Name.Replace(".", "\\.", StringComparison.Ordinal)}`{(key.FailsClosed ? " ▲" : "(,| \\|)")}"), key.Name);
    }

    [Test]
    public void KeysThatFailClosedAreMarked()
    {
        foreach (var key in NativeKeys.All.Where(key => key.Support == KeySupport.Full))
            Assert.That(Readme.Contains($"`templater.{key.Name}` ▲", StringComparison.Ordinal), Is.EqualTo(key.FailsClosed), key.Name);
    }

    [Test]
    public void EveryCallToTheEngineIsListed()
    {
        foreach (var call in AllowedCalls.For(CallPurposes.Watch | CallPurposes.Verify | CallPurposes.Signal).Calls)
            Assert.That(Readme, Does.Contain($"`{call}`"));
    }

    private static string PathOfReadme([CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "README.md"));
}
