using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary><c>tests/run</c> and <c>.ci/run</c> with stand-ins for every program they call: what they call a success.</summary>
public sealed class TestScriptTests
{
    private const string Project = "Some.Tests";
    // It runs beside the steps after the build.
    private const string Beside = "Templater.Pipeline.Tests";
    private const string Passed = "  succeeded: 3\n  failed: 0\n  skipped: 0";

    [Test]
    public async Task PassesWhenEveryTestDid()
    {
        var run = await RunAsync("tests/run", report: Passed);

        Assert.That(run.ExitCode, Is.Zero, run.Output);
        Assert.That(run.Output, Does.EndWith("6 passed, 0 failed, 0 skipped\n"), "build, format, publish and three tests");
    }

    [TestCase(0, "  succeeded: 3\n  failed: 0\n  skipped: 0", "6 passed, 0 failed, 0 skipped\n")]
    [TestCase(2, "  succeeded: 2\n  failed: 1\n  skipped: 0", "5 passed, 1 failed, 0 skipped\n")]
    [TestCase(134, "", "3 passed, 1 failed, 0 skipped\n")]
    public async Task WhatRunsBesideTheStepsCountsToo(int exitCode, string report, string expected)
    {
        var run = await RunAsync("tests/run", report, exitCode, project: Beside);

        Assert.That(run.ExitCode == 0, Is.EqualTo(exitCode == 0), run.Output);
        Assert.That(run.Output, Does.EndWith(expected).And.Contain($"\n{Beside} "));
    }

    [TestCase(2, "  succeeded: 2\n  failed: 1\n  skipped: 0", TestName = "FailsWhenATestDid")]
    [TestCase(8, "  succeeded: 0\n  failed: 0\n  skipped: 0", TestName = "FailsWhenAProjectRanNoTest")]
    [TestCase(134, "", TestName = "FailsWhenAProjectCrashed")]
    public async Task Fails(int exitCode, string report)
    {
        var run = await RunAsync("tests/run", report, exitCode);

        Assert.That(run.ExitCode, Is.Not.Zero, run.Output);
        Assert.That(run.Output, Does.Contain(" 1 failed, 0 skipped\n"));
    }

    [TestCase("tests/run", 0, "  succeeded: 2\n  failed: 0\n  skipped: 1", ExpectedResult = true, TestName = "LetsADeveloperSkip")]
    [TestCase("tests/run", 8, "  succeeded: 0\n  failed: 0\n  skipped: 3", ExpectedResult = true, TestName = "LetsADeveloperSkipAll")]
    [TestCase(".ci/run", 0, "  succeeded: 2\n  failed: 0\n  skipped: 1", ExpectedResult = false, TestName = "LetsCiSkipNothing")]
    [TestCase(".ci/run", 0, Passed, ExpectedResult = true, TestName = "LetsCiPassWhatIsComplete")]
    public async Task<bool> Skips(string script, int exitCode, string report) => (await RunAsync(script, report, exitCode)).ExitCode == 0;

    [Test]
    public async Task SaysSoAndFailsInCiWhenAPackageCannotBeInstalled()
    {
        var developer = await RunAsync("tests/run", Passed, installs: false);
        var ci = await RunAsync(".ci/run", Passed, installs: false);

        Assert.That(developer.ExitCode, Is.Zero, developer.Output);
        Assert.That(ci.ExitCode, Is.Not.Zero);
        Assert.That(ci.Output, Does.Contain("with CI=true nothing may be skipped").And.Contain("haproxy").And.Not.Contain("== build"));
    }

    [Test]
    public async Task RefusesAProjectThatIsNotThere()
    {
        var run = await RunAsync("tests/run", Passed, arguments: "Other.Tests");

        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Is.EqualTo("there is no test project Other.Tests\n"));
    }

    private static async Task<ChildResult> RunAsync(string script, string report, int exitCode = 0, bool installs = true, string arguments = "", string project = Project)
    {
        using var tree = new TempDirectory();
        foreach (var name in new[] { "tests/run", ".ci/run" })
            tree.Write(name, await File.ReadAllTextAsync(Repository.PathOf(name)));
        Directory.CreateDirectory(tree[Path.Combine("tests", project)]);
        WriteProgram(tree, $"artifacts/bin/{project}/debug/{project}", $"cat <<'END'\n{report}\nEND\nexit {exitCode}");
        WriteProgram(tree, "bin/dotnet", "exit 0");
        WriteProgram(tree, "bin/id", "echo 0");
        WriteProgram(tree, "bin/dpkg-query", installs ? "echo install ok installed" : "exit 1");
        WriteProgram(tree, "bin/apt-get", installs ? "exit 0" : "exit 100");
        var variables = new Dictionary<string, string?> { ["PATH"] = tree["bin"] + ":/usr/bin:/bin", ["CI"] = null };
        return await ChildProcess.RunAsync("bash", [tree[script], .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)], variables);
    }

    private static void WriteProgram(TempDirectory tree, string name, string text) =>
        File.SetUnixFileMode(tree.Write(name, "#!/bin/sh\n" + text + "\n"), (UnixFileMode)0b111_101_101);
}
