using Templater.Testing;

namespace Templater.Cli.Tests.Commands;

public sealed class CompletionCommandTests
{
    [TestCase("templater ren", "render")]
    [TestCase("templater render --templ", "--template")]
    [TestCase("templater run --http-p", "--http-port")]
    [TestCase("templater completion f", "fish")]
    public async Task CommandsAndFlagsAreSuggested(string line, string expected)
    {
        var run = await CommandRun.Of($"[suggest:{line.Length}]", line);
        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Output.Split('\n', '\r'), Does.Contain(expected));
    }

    [TestCase("zsh", "#compdef templater")]
    [TestCase("fish", "complete -c templater")]
    public async Task EveryShellGetsItsScript(string shell, string part) => Assert.That((await CommandRun.Of("completion", shell)).Output, Does.Contain(part));

    [Test]
    public async Task AnUnknownShellIsWrongUsage() => Assert.That((await CommandRun.Of("completion", "tcsh")).ExitCode, Is.EqualTo(2));

    [Test]
    public async Task BashCompletesWithTheScript()
    {
        using var directory = new TempDirectory();
        var script = directory.Write("completion.bash", (await CommandRun.Of("completion", "bash")).Output);
        // A function in place of the program: the answer of the program itself is tested above.
        var test = directory.Write("test.sh", $$"""
            templater() { [ "$1" = '[suggest:13]' ] && [ "$2" = 'templater ren' ] && printf 'render\nrun\n'; }
            source '{{script}}'
            complete -p templater > /dev/null || exit 1
            COMP_LINE='templater ren'; COMP_POINT=13; COMP_WORDS=(templater ren); COMP_CWORD=1
            _templater
            printf '%s\n' "${COMPREPLY[@]}"
            """);
        Assert.That((await ChildProcess.RunAsync("bash", [test])).MustSucceed().Output, Is.EqualTo("render\n"));
    }
}
