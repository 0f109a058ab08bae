using System.Diagnostics;
using Templater.Pipeline.Deployment;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

[Platform("Linux")]
public sealed class CommandRunnerTests
{
    private readonly CommandRunner _runner = new(TimeProvider.System);

    [Test]
    public async Task GivesExitCodeAndBothStreams()
    {
        var result = await RunAsync(10, "sh", "-c", "echo out; echo err >&2; exit 3");

        Assert.That(result.ExitCode, Is.EqualTo(3));
        Assert.That(result.Succeeded, Is.False);
        Assert.That(result.Output, Does.Contain("out\n").And.Contain("err\n"));
        Assert.That(result.Describe(), Does.StartWith("exit code 3: "));
    }

    [Test]
    public async Task PassesWordsAsTheyAre()
    {
        var result = await RunAsync(10, "printf", "%s|", "a b", "$HOME", "*", "");

        Assert.That(result.Output, Is.EqualTo("a b|$HOME|*||"));
    }

    [Test]
    public async Task AMissingProgramIsAnAnswer()
    {
        var result = await RunAsync(10, "no-such-program-here");

        Assert.That(result.Succeeded, Is.False);
        Assert.That(result.Problem, Does.Contain("no-such-program-here"));
    }

    [Test]
    public async Task AFileThatIsNotExecutableIsAnAnswer()
    {
        using var directory = new TempDirectory();

        Assert.That((await RunAsync(10, directory.Write("script", "#!/bin/sh\n"))).Problem, Is.Not.Null);
    }

    [Test]
    public async Task OutputIsBounded()
    {
        var result = await RunAsync(20, "sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x");

        Assert.That(result.Output, Has.Length.EqualTo(CommandRunner.MaxOutput));
        Assert.That(result.Succeeded, Is.True);
    }

    [Test]
    public async Task ATimeoutKillsTheWholeTreeEvenOrphans()
    {
        using var directory = new TempDirectory();
        // The inner shell ends at once, so that its child has no parent in the tree any more when the time is up.
        var script = $"(sleep 300 & echo $! > {directory["orphan"]}); sleep 300 & echo $! > {directory["child"]}; wait";

        var watch = Stopwatch.StartNew();
        var result = await RunAsync(0.5, "sh", "-c", script);

        Assert.That(result.Problem, Does.Contain("0.5 s"));
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)));
        foreach (var name in (string[])["orphan", "child"])
            Assert.That(() => IsRunning(int.Parse(directory.Read(name))), Is.False.After(5000, 50), name);
    }

    [Test]
    public async Task CancellingKillsToo()
    {
        using var directory = new TempDirectory();
        using var cancelling = new CancellationTokenSource(300);

        await Assert.ThatAsync(
            () => _runner.RunAsync(["sh", "-c", $"echo $$ > {directory["pid"]}; sleep 300"], TimeSpan.FromSeconds(60), cancelling.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => IsRunning(int.Parse(directory.Read("pid"))), Is.False.After(5000, 50));
    }

    [Test]
    public async Task AChildInTheBackgroundThatKeepsThePipeOpenDoesNotHoldUs()
    {
        var watch = Stopwatch.StartNew();
        var result = await RunAsync(30, "sh", "-c", "sleep 5 & echo done");

        Assert.That(result.Output, Is.EqualTo("done\n"));
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(4)));
    }

    private static bool IsRunning(int pid) =>
        File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);

    private Task<CommandResult> RunAsync(double seconds, params string[] words) =>
        _runner.RunAsync([.. words], TimeSpan.FromSeconds(seconds), CancellationToken.None);
}
