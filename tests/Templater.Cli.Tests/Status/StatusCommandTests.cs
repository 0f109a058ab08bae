using System.Text.Json;
using System.Text.Json.Serialization;
using Templater.Cli.Tests.Faults;
using Templater.Cli.Tests.Running;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Tests.Status;

/// <summary><c>templater status</c> over state directories as they are found, good and bad.</summary>
[CancelAfter(60_000)]
public sealed class StatusCommandTests : StateFixture
{
    private static readonly JsonSerializerOptions AsWritten = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter() },
    };

    [Test]
    public async Task ARunningTemplaterIsToldOf(CancellationToken cancellationToken)
    {
        using var bench = new RunBench();
        bench.Settings(bench.State, bench.Template("{{ for host in virtual_hosts }}{{ host.name }}\n{{ end }}"), "reload: none", "validate: none");
        bench.StartFromFile();
        await bench.Output("a.example.com\n", cancellationToken);
        var run = await CommandRun.Now("status", "--json", "--state-dir", bench.Directory["state"]);
        while (run.ExitCode != 0 || !run.Output.Contains("\"phase\":\"not-needed\"", StringComparison.Ordinal) || !run.Output.Contains("\"hosts\":1", StringComparison.Ordinal))
        {
            await Task.Delay(50, cancellationToken);
            run = await CommandRun.Now("status", "--json", "--state-dir", bench.Directory["state"]);
        }

        using (var document = JsonDocument.Parse(run.Output))
        {
            var output = document.RootElement.GetProperty("outputs")[0];
            Assert.That((output.GetProperty("wanted_number").GetInt32(), output.GetProperty("current").GetProperty("cause").GetString()), Is.EqualTo((1, "start")));
        }

        Assert.That(await bench.End(), Is.Zero);
        var after = await CommandRun.Now("status", "--state-dir", bench.Directory["state"]);
        Assert.That((after.ExitCode, after.Output.Split('\n')[0]), Is.EqualTo((4, after.Output.Split('\n')[0])));
        Assert.That(after.Output, Does.StartWith("templater   not running: it ended at ").And.Contain("  generation  1 ("));
        Assert.That(after.Error, Does.StartWith("warning templater-not-running: no Templater runs with the state directory "));
    }

    [Test]
    public async Task AKilledTemplaterIsNotTakenForOneThatRuns(CancellationToken cancellationToken)
    {
        using var bench = new RunBench();
        bench.Settings(bench.State, bench.Template("{{ for host in virtual_hosts }}{{ host.name }}\n{{ end }}"), "reload: none", "validate: none");
        using var program = FaultProgram.Start(["run", "--config", bench.Directory["t.yaml"], "--from", bench.Containers("a.example.com")]);
        while ((await CommandRun.Now("status", "--state-dir", bench.Directory["state"])).ExitCode != 0)
            await Task.Delay(20, cancellationToken);

        await program.SignalAsync("KILL");
        while (!program.HasExited)
            await Task.Delay(5, cancellationToken);
        var run = await CommandRun.Now("status", "--state-dir", bench.Directory["state"]);

        Assert.That(run.ExitCode, Is.EqualTo(4));
        Assert.That(run.Output, Does.StartWith("templater   not running: it was last heard at "));
        Assert.That(run.Error, Does.StartWith("warning templater-not-running: "));
    }

    [Test]
    public async Task WithoutAStateDirectoryTheEnvironmentIsAtFaultAndNothingIsCreated()
    {
        var run = await CommandRun.Of("status", "--state-dir", Scratch["none"]);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((4, "")));
        Assert.That(run.Error, Does.StartWith($"error state-unusable: no Templater has used the state directory {Scratch["none"]}, which does not exist"));
        Assert.That(Directory.Exists(Scratch["none"]), Is.False);
    }

    [TestCase("a file", "is a file.")]
    [TestCase("empty", "no Templater has used the state directory ")]
    [TestCase("newer", "was written by a newer Templater (format 99, this version knows up to 1)")]
    [TestCase("format is a directory", "format is a directory.")]
    public async Task WhatIsNoStateDirectoryOfThisVersionIsSaid(string kind, string said)
    {
        switch (kind)
        {
            case "a file":
                Scratch.Write("state", "");
                break;
            case "newer":
                Scratch.Write("state/format", "99\n");
                break;
            case "format is a directory":
                Directory.CreateDirectory(Path.Combine(State, "format"));
                break;
            default:
                Directory.CreateDirectory(State);
                break;
        }

        var run = await CommandRun.Of("status", "--state-dir", State);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((4, "")));
        Assert.That(run.Error, Does.StartWith("error state-unusable: ").And.Contain(said));
    }

    [TestCase("", "not the JSON that was written")]
    [TestCase("{\"format\":1,\"current\":", "not the JSON that was written")]
    [TestCase("{}", "no format number")]
    [TestCase("{\"format\":1,\"current\":{\"generation\":\"a\",\"content\":\"b\",\"phase\":\"Levitating\"}}", "not the JSON that was written")]
    [TestCase("{\"format\":1,\"history\":[null]}", "a generation lacks its id or content")]
    [TestCase("{\"format\":1,\"current\":{\"generation\":null,\"content\":\"b\",\"phase\":\"Proven\"}}", "a generation lacks its id or content")]
    [TestCase("{\"format\":2}", "it is of a newer Templater (format 2, this version knows up to 1)")]
    public async Task ADamagedJournalIsNamedAndTheOthersAreTold(string text, string problem)
    {
        Fill(StatusSamples.Journal, "domains");
        Scratch.Write("state/journal/nginx.json", text);
        var run = await CommandRun.Now("status", "--state-dir", State);
        Assert.That(run.ExitCode, Is.EqualTo(3));
        Assert.That(run.Error, Does.StartWith($"error invalid-input: the journal of output \"nginx\" in {State} cannot be understood: {problem}."));
        Assert.That(run.Output, Does.Contain($"  journal     cannot be understood: {problem}\n").And.Contain("  generation  17 (aaaa00), live, proven"));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(State, "journal", "nginx.json")), Is.EqualTo(text), "it is only looked at");
    }

    [TestCase("x", "it is not the JSON that was written")]
    [TestCase("[]", "it has no format number")]
    [TestCase("{\"format\":7}", "it is of another version (format 7, this one knows 1)")]
    [TestCase("{\"format\":1}", "it is not the JSON that was written")]
    public async Task AStatusFileThatCannotBeUnderstoodIsNamedAndTheJournalsAreTold(string text, string problem)
    {
        Fill(StatusSamples.Journal, "nginx");
        Scratch.Write("state/status.json", text);
        var run = await CommandRun.Now("status", "--state-dir", State);
        Assert.That(run.ExitCode, Is.EqualTo(3));
        Assert.That(run.Error, Does.StartWith($"error invalid-input: {State}/status.json cannot be understood: {problem}."));
        Assert.That(run.Output, Does.Contain("  generation  17 (aaaa00), live, proven"));
    }

    [Test]
    public async Task AnEntryOfAnEarlierVersionIsReadWithoutWhatItDidNotNote()
    {
        Fill(StatusSamples.Journal, "nginx");
        Scratch.Write("state/journal/nginx.json", """
            { "format": 1, "current": { "generation": "aaaa000000000017", "number": 17, "content": "c", "phase": "Proven", "cause": "start",
              "desired": "2026-11-26T11:58:00+00:00", "swapped": "2026-11-26T11:58:01+00:00", "settled": "2026-11-26T11:58:02+00:00", "targets": [] } }
            """);
        var run = await CommandRun.Now("status", "--state-dir", State, "--history");
        Assert.That(run.Output, Does.Contain("  generation  17 (aaaa00), live, proven\n").And.Contain("took 2.0 s").And.Not.Contain("checked"), run.Error);
    }

    [Test]
    public async Task WhatCannotBeReadIsNotTakenForNothing()
    {
        Fill(StatusSamples.Journal, "nginx");
        File.Delete(Path.Combine(State, "journal", "nginx.json"));
        Directory.CreateDirectory(Path.Combine(State, "journal", "nginx.json"));
        await new StatusFile(State).WriteAsync(StatusSamples.Running with { Written = DateTimeOffset.MaxValue }, CancellationToken.None);
        var run = await CommandRun.Now("status", "--state-dir", State);
        Assert.That(run.Output, Does.Contain("output nginx  /config/nginx.conf\n"));
    }

    private void Fill(JournalState journal, string output)
    {
        StateDirectory.Open(State);
        Scratch.Write($"state/journal/{output}.json", JsonSerializer.Serialize(journal, AsWritten));
    }
}
