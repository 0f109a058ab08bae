using Templater.Cli.Tests.Running;
using Templater.Cli.Tests.Status;
using Templater.Pipeline.Deployment;

namespace Templater.Cli.Tests.Commands;

/// <summary><c>templater rollback</c>: with a Templater that runs, and all that may be missing.</summary>
[CancelAfter(60_000)]
[Platform("Linux")]
public sealed class RollbackCommandTests : StateFixture
{
    [Test]
    public async Task AGenerationIsPutBackAndStaysUntilItIsResumed(CancellationToken cancellationToken)
    {
        using var bench = new RunBench();
        var template = bench.Template("one {{ for host in virtual_hosts }}{{ host.name }}\n{{ end }}");
        bench.Settings(bench.State, template, "reload: none", "validate: none");
        bench.StartFromFile();
        await bench.Output("one a.example.com\n", cancellationToken);
        bench.Template("two {{ for host in virtual_hosts }}{{ host.name }}\n{{ end }}");
        await bench.Output("two a.example.com\n", cancellationToken);
        var state = bench.Directory["state"];

        var back = await CommandRun.Now("rollback", "1", "--state-dir", state);
        Assert.That((back.ExitCode, back.Error), Is.EqualTo((0, "")));
        Assert.That(back.Output, Does.Contain(": generation 1 (").And.Contain(" is live").And.Contain("stays until templater rollback --resume"));
        await bench.Output("one a.example.com\n", cancellationToken);
        var status = await CommandRun.Now("status", "--state-dir", state);
        Assert.That(status.Output, Does.Match(@"\n  pinned      to generation 1 \(\w{6}\) by rollback since .*, 2 \(\w{6}\) waits\n"));
        Assert.That((await CommandRun.Now("status", "--json", "--state-dir", state)).Output, Does.Contain("\"pinned_number\":1,").And.Contain("\"waiting_number\":2"));

        var on = await CommandRun.Now("rollback", "--resume", "--state-dir", state);
        Assert.That((on.ExitCode, on.Output.EndsWith(": it follows its inputs again\n", StringComparison.Ordinal)), Is.EqualTo((0, true)), on.Error);
        await bench.Output("two a.example.com\n", cancellationToken);
        Assert.That((await CommandRun.Now("rollback", "--resume", "--state-dir", state)).Output, Does.EndWith(" is not pinned\n"));
        Assert.That(await bench.End(), Is.Zero);
    }

    [TestCase(2, "error invalid-input: there are several outputs, a, b. Name one: templater rollback 1 a.", "rollback", "1", "--state-dir")]
    [TestCase(3, "error invalid-input: there is no output \"c\"; there are a, b.", "rollback", "1", "c", "--state-dir")]
    [TestCase(3, "error invalid-input: output \"a\" has no generation \"9\" to go back to. Kept are 2 (bbbb00), 1 (aaaa00).", "rollback", "9", "a", "--state-dir")]
    [TestCase(3, "error invalid-input: output \"b\" has no generation \"1\" to go back to. None is kept yet.", "rollback", "1", "b", "--state-dir")]
    [TestCase(3, "error invalid-input: output \"a\" has no generation \"zz\" to go back to.", "rollback", "zz", "a", "--state-dir")]
    [TestCase(4, "error templater-not-running: no Templater runs with the state directory ", "rollback", "1", "a", "--state-dir")]
    [TestCase(4, "error templater-not-running: no Templater runs with the state directory ", "rollback", "bbb", "a", "--state-dir")]
    [TestCase(2, "error invalid-input: --resume takes the name of an output and no generation.", "rollback", "--resume", "1", "a", "--state-dir")]
    [TestCase(2, "error invalid-input: there are several outputs, a, b. Name one: templater rollback --resume a.", "rollback", "--resume", "--state-dir")]
    public async Task WhatCannotBeAskedIsSaid(int exitCode, string error, params string[] arguments)
    {
        Fill();
        var run = await CommandRun.Now([.. arguments, State]);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((exitCode, "")), run.Error);
        Assert.That(run.Error, Does.StartWith(error));
        Assert.That(Directory.GetFiles(Path.Combine(State, "requests")), Is.Empty, "nothing is asked");
    }

    [TestCase("torn", "not the JSON that was written")]
    [TestCase("{ \"format\": 99 }", "it is of a newer Templater (format 99, ")]
    public async Task AJournalThatCannotBeReadIsNotTakenForOneThatIsNotPinned(string journal, string why)
    {
        Fill();
        Scratch.Write("state/journal/a.json", journal);
        var run = await CommandRun.Now("rollback", "--resume", "a", "--state-dir", State);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((4, "")), run.Error);
        Assert.That(run.Error, Does.StartWith("error state-unusable: the journal of output \"a\" in the state directory ").And.Contain($" cannot be read: {why}"));
        Assert.That(Directory.GetFiles(Path.Combine(State, "requests")), Is.Empty, "nothing is asked");
    }

    [Test]
    public async Task WhatIsKeptIsListed()
    {
        Fill();
        var run = await CommandRun.Now("rollback", "--state-dir", State);
        Assert.That(run.ExitCode, Is.EqualTo(2), "there are two outputs");
        File.Delete(Path.Combine(State, "journal/b.json"));
        run = await CommandRun.Now("rollback", "--state-dir", State);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((0, "2 (bbbb00)  live at 2026-11-26 11:58:00Z  web started\n1 (aaaa00)  live at 2026-11-26 11:57:00Z  start\n")));
    }

    [Test]
    public async Task WithoutAStateDirectoryNothingIsCreated()
    {
        var run = await CommandRun.Now("rollback", "1", "--state-dir", Scratch["none"]);
        Assert.That((run.ExitCode, Directory.Exists(Scratch["none"])), Is.EqualTo((4, false)));
        Assert.That(run.Error, Does.StartWith("error state-unusable: no Templater has used the state directory "));
    }

    private void Fill()
    {
        StateDirectory.Open(State);
        foreach (var output in (string[])["a", "b"])
            Scratch.Write($"state/journal/{output}.json", "{ \"format\": 1, \"history\": [] }");
        Scratch.Write("state/archive/a/1.json", Record(1, "aaaa000000000001", "11:57", "start"));
        Scratch.Write("state/archive/a/2.json", Record(2, "bbbb000000000002", "11:58", "web started"));
        Scratch.Write("state/archive/a/3.json", "torn");
    }

    private static string Record(int number, string generation, string time, string cause) =>
        $$"""{ "format": 1, "generation": "{{generation}}", "number": {{number}}, "content": "c", "at": "2026-11-26T{{time}}:00+00:00", "cause": "{{cause}}" }""";
}
