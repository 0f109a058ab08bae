using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

/// <summary>
/// Each write fails of whoever asks for a former generation, and of the program that takes the request: what is served stays what it was or becomes
/// what was asked for, and it can be asked again.
/// </summary>
[CancelAfter(600_000)]
[Platform("Linux")]
public sealed class RollbackFaultTests
{
    private const string Strace = "/usr/bin/strace";
    private const string First = "one";
    private const string Second = "two";

    private static readonly string[] InTheFullTier = Rotation.IsFullTier ? ["nginx", "haproxy"] : [];

    [TestCaseSource(nameof(InTheFullTier))]
    public async Task WhatCannotBeAskedIsSaidAndChangesNothing(string kind)
    {
        FaultProgram.RequireStrace();
        await using var site = await OpenAsync(kind);
        var trace = Path.Combine(site.Root, "trace");
        foreach (var (arguments, before, after) in (IEnumerable<(string[], string, string)>)[(["1"], Second, First), (["--resume"], First, Second)])
        {
            await AskAsync(site, arguments, "-y", "-o", trace, "-e", "trace=execve," + TracedCall.Changing);
            await ServesAsync(site, after);
            var calls = TracedCall.Read(await File.ReadAllLinesAsync(trace), site.State, isWhole: true);
            string[] back = arguments[0] == "1" ? ["--resume"] : ["1"];
            await AskAsync(site, back);
            await ServesAsync(site, before);
            var faults = WriteFault.Of(calls.Where(IsOfRequest), site, withState: true).DistinctBy(static fault => (fault.Call, fault.Error)).ToList();
            Assert.That(faults, Has.Count.GreaterThanOrEqualTo(3), string.Join('\n', calls));
            foreach (var fault in faults)
            {
                var result = await AskAsync(site, arguments, fault.Trace(trace));
                Assert.That(WriteFaultRun.IsInjected(trace), fault.ToString());
                Assert.That(result.ExitCode, Is.EqualTo(ExitCode.Environment), $"{fault}: {result.Error}");
                Assert.That(result.Error, Does.Contain($"error state-unusable: the state directory {site.State} cannot be used: ").And.Contain("Ask inside the container that runs Templater, as its user."), fault.ToString());
                Assert.That(result.Error.TrimEnd().Split('\n'), Has.Length.EqualTo(1), fault.ToString());
                await site.IsWholeAsync(fault.ToString(), before);
            }

            await AskAsync(site, arguments);
            await ServesAsync(site, after);
            TestContext.Out.WriteLine($"{kind}, rollback {arguments[0]}: {string.Join(", ", faults)}");
        }
    }

    [TestCaseSource(nameof(InTheFullTier))]
    public async Task WhatCannotBeNotedOrTakenAwayIsDoneAllTheSame(string kind)
    {
        FaultProgram.RequireStrace();
        await using var site = await OpenAsync(kind);
        var trace = Path.Combine(site.Root, "trace");
        await using (await FaultProgram.AttachAsync(site.Program!.Pid, "-y", "-o", trace, "-e", "trace=execve," + TracedCall.Changing))
        {
            await AskAsync(site, ["1"]);
            await ServesAsync(site, First);
        }

        var calls = TracedCall.Read(await File.ReadAllLinesAsync(trace), site.Root, isWhole: false);
        // What follows is a deployment like any other.
        var taken = calls.TakeWhile(call => call.Path?.StartsWith(Path.GetDirectoryName(site.Config)!, StringComparison.Ordinal) != true)
            .Where(static call => IsOfRequest(call) || call.Path?.Contains("/journal", StringComparison.Ordinal) == true);
        var faults = WriteFault.Of(taken, site, withState: true);
        Assert.That(faults.Select(static fault => fault.Call.Name), Does.Contain("unlink").And.Contain("rename"), string.Join('\n', calls));
        foreach (var fault in faults)
        {
            await AskAsync(site, ["--resume"]);
            await ServesAsync(site, Second);
            Task<ChildResult> asking;
            await using (await FaultProgram.AttachAsync(site.Program!.Pid, fault.Trace(trace)))
            {
                asking = AskAsync(site, ["1"]);
                await site.UntilAsync($"{fault}: {First} is served", async () => await site.Proxy.AskAsync() == First && site.IsWhole);
                Assert.That(WriteFaultRun.IsInjected(trace), fault.ToString());
            }

            Assert.That((await asking).ExitCode, Is.Zero, $"{fault}: {(await asking).Error}");
            await ServesAsync(site, First);
            await site.UntilAsync($"{fault}: the pin is noted, and nothing is amiss", async () =>
                await site.StatusAsync() is { } status && status["outputs"]![0]!["pinned"] is not null && WriteFaultRun.Told(status) is var told && told.StartsWith("pinned: ", StringComparison.Ordinal) && !told.Contains("; ", StringComparison.Ordinal));
        }

        TestContext.Out.WriteLine($"{kind}, taking a request: {string.Join(", ", faults)}");
    }

    private static async Task<FaultSite> OpenAsync(string kind)
    {
        var site = new FaultSite(kind, "reload_interval: 0s", "resync: 1s");
        await site.OpenAsync(First);
        await site.TellAsync(Second);
        await site.LiveAsync(Second);
        return site;
    }

    private static bool IsOfRequest(TracedCall call) => call.Path?.Contains("/requests/", StringComparison.Ordinal) == true;

    private static Task<ChildResult> AskAsync(FaultSite site, string[] arguments, params string[] trace)
    {
        string[] command = [FaultProgram.Path, "rollback", .. arguments, "--state-dir", site.State];
        return trace.Length == 0 ? ChildProcess.RunAsync(command[0], command[1..]) : ChildProcess.RunAsync(Strace, ["-f", .. trace, .. command]);
    }

    // While a generation is pinned another one is wanted.
    private static Task ServesAsync(FaultSite site, string word) => site.UntilAsync($"{word} is served and proven", async () =>
        await site.Proxy.AskAsync() == word && site.IsWhole && (string?)(await site.StatusAsync())?["outputs"]![0]!["current"]!["phase"] is "proven");
}
