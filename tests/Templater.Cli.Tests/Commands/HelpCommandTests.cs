using System.Reflection;
using Templater.Cli.Commands;
using Templater.Pipeline;

namespace Templater.Cli.Tests.Commands;

public sealed class HelpCommandTests
{
    [Test]
    public async Task TellsAboutTheReasonOfAMessage()
    {
        var run = await CommandRun.Of("help", "no-port");
        Assert.That((run.ExitCode, run.Output, run.Error), Is.EqualTo(
            (0, "no-port: No port is known: the image exposes none and no label names one. Set templater.port.\n", "")));
    }

    [Test]
    public async Task TellsAboutACommandAsItsOwnHelpDoes()
    {
        var asked = await CommandRun.Of("help", "render");
        var own = await CommandRun.Of("render", "--help");
        Assert.That((asked.ExitCode, asked.Output), Is.EqualTo((0, own.Output)));
    }

    [Test]
    public void EveryReasonHasItsParagraph()
    {
        var reasons = typeof(ReasonIds).GetFields(BindingFlags.Public | BindingFlags.Static).Select(static field => (string)field.GetRawConstantValue()!).ToList();
        Assert.That(reasons, Has.Count.GreaterThan(50));
        Assert.That(ReasonTexts.Reasons, Is.EquivalentTo(reasons));
        foreach (var reason in reasons)
            Assert.That(ReasonTexts.Find(reason), Does.Match("^[A-Z].{40,}[.]$"), reason);
    }
}
