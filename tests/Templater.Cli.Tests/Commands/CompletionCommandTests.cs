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

    [TestCase("templater render --log-level ", "debug", "error", "info", "warning")]
    [TestCase("templater render --log-level=d", "debug")]
    [TestCase("templater render --log-level=", "debug", "error", "info", "warning")]
    [TestCase("templater render --template ng", "nginx", "nginx-http")]
    [TestCase("templater run --ipv6 ", "false", "true")]
    [TestCase("templater templates c", "centauri")]
    [TestCase("templater help r", "render", "rollback", "run")]
    [TestCase("templater help ", "--help", "certs", "check", "completion", "doctor", "explain", "healthcheck", "help", "labels", "model", "render", "rollback", "run", "settings", "snapshot", "status", "templates")]
    [TestCase("templater --v", "--version")]
    [TestCase("templater settings --format ", "json", "markdown", "text")]
    [TestCase("templater run --from ")]
    [TestCase("templater check ")]
    [TestCase("templater check si")]
    [TestCase("templater render -")]
    public async Task ValuesAreSuggestedAndNothingWhereAFileIsMeant(string line, params string[] expected)
    {
        var words = (await CommandRun.Of($"[suggest:{line.Length}]", line)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (line.EndsWith(" -", StringComparison.Ordinal))
            Assert.That(words, Is.Not.Empty.And.All.StartsWith("--"));
        else
            Assert.That(words, Is.EqualTo(expected));
    }

    [Test]
    public async Task WhatStandsBehindTheCursorIsNotLookedAt() =>
        Assert.That((await CommandRun.Of("[suggest:13]", "templater render --template nginx")).Output, Is.EqualTo("render\n"));

    [TestCase("zsh", "#compdef templater")]
    [TestCase("fish", "complete -c templater")]
    public async Task EveryShellGetsItsScript(string shell, string part) => Assert.That((await CommandRun.Of("completion", shell)).Output, Does.Contain(part));

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

    // As bash splits them: = is a word of its own.
    [TestCase("--log-level d", "--log-level d", "debug")]
    [TestCase("--log-level=d", "--log-level = d", "debug")]
    [TestCase("--log-level=", "--log-level =", "debug error info warning")]
    [TestCase("--from my", "--from my", "my file.json")]
    public async Task BashCompletesValuesAndFiles(string typed, string words, string expected)
    {
        using var directory = new TempDirectory();
        directory.Write("my file.json", "");
        var script = directory.Write("completion.bash", (await CommandRun.Of("completion", "bash")).Output);
        var line = "templater render " + typed;
        var answer = directory.Write("answer", (await CommandRun.Of($"[suggest:{line.Length}]", line)).Output);
        var test = directory.Write("test.sh", $$"""
            cd '{{directory.Path}}'
            templater() { [ "$1" = '[suggest:{{line.Length}}]' ] && [ "$2" = '{{line}}' ] && cat '{{answer}}'; }
            source '{{script}}'
            COMP_LINE='{{line}}'; COMP_POINT={{line.Length}}; COMP_WORDS=(templater render {{words}}); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _templater
            IFS=' '; printf '%s\n' "${COMPREPLY[*]}"
            """);
        Assert.That((await ChildProcess.RunAsync("bash", [test])).MustSucceed().Output, Is.EqualTo(expected + "\n"));
    }
}
