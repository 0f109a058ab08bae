namespace Templater.Cli.Tests.Faults;

/// <summary>The program is killed at every step of a deployment, once for each, and started again.</summary>
[CancelAfter(900_000)]
[Platform("Linux")]
public sealed class KillMatrixTests
{
    // Each step is a start, of half a second or more.
    private const int ShortParts = 12;

    private static readonly string[] Words = ["one", "two"];

    // A start for each of its steps takes minutes.
    private static readonly string[] InTheFullTier = Rotation.IsFullTier ? ["nginx", "haproxy"] : [];

    [TestCase("nginx")]
    [TestCase("haproxy")]
    public async Task AfterAKillAtAnyStepTheWantedGenerationGoesLive(string kind)
    {
        FaultProgram.RequireStrace();
        await using var site = new FaultSite(kind, "reload_interval: 0s", "resync: 60s");
        site.UseTemplate(site.Proxy.Template(countsReloads: true));
        await site.OpenAsync(Words[0]);
        var first = await site.GenerationAsync();
        // What is archived is archived once: the steps are those of generations that were live before.
        foreach (var word in (string[])[Words[1], Words[0]])
        {
            await site.TellAsync(word);
            await site.LiveAsync(word);
        }

        // The status is written whenever there is something to tell, also late: its steps come from a start.
        var steps = (await site.StepsAsync(Words[1])).Where(static step => step.Path?.Contains("status.json", StringComparison.Ordinal) != true).ToList();
        var second = await site.GenerationAsync();
        Assert.That(steps, Has.Count.GreaterThan(30), string.Join('\n', steps));

        // Until it is told, or its master is asked what it runs, no proxy was reloaded.
        var untold = steps.Take(1 + steps.FindIndex(step => step.Name == (kind == "nginx" ? "kill" : "connect"))).ToHashSet();
        Assert.That(untold, Is.Not.Empty, string.Join('\n', steps));

        // Between what the others do nothing changes that a crash leaves behind.
        steps = [.. Rotation.IsFullTier ? steps : Rotation.Of(steps.FindAll(static step => step.Name is "openat" or "fsync" or "rename" or "kill" or "connect"), ShortParts)];
        var missed = new List<string>();
        var turn = 0;
        foreach (var there in steps)
        {
            // Candidates are called by their generation.
            var (word, step) = (Words[turn], turn == 1 ? there : there with { Path = there.Path?.Replace(second, first, StringComparison.Ordinal) });
            var reloads = await site.Proxy.ReloadsAsync();
            if (!await KillAtAsync(site, step, word))
                missed.Add(step.ToString());
            await site.LiveAsync(word);
            // What was told and not noted may be told again.
            Assert.That(await site.Proxy.ReloadsAsync() - reloads, Is.InRange(1, untold.Contains(there) ? 1 : 2), $"killed at {step}: reloads until it was live");
            Assert.That(Directory.EnumerateFiles(Path.GetDirectoryName(site.Config)!), Is.EqualTo(new[] { site.Config }), $"killed at {step}: what lies beside the file");
            if (Rotation.IsFullTier)
                await site.SurvivesARestartAsync($"killed at {step}", word);
            turn = 1 - turn;
        }

        TestContext.Out.WriteLine($"{kind}: killed at {steps.Count - missed.Count} steps; not at {string.Join(", ", missed)}");
        // strace counts by thread, and threads take turns as they like: hardly ever another one makes the call.
        Assert.That(missed, Has.Count.LessThanOrEqualTo(2 + (steps.Count / 10)), string.Join('\n', missed));
    }

    /// <summary>The same from the first call on: while it opens its state and looks around.</summary>
    [TestCaseSource(nameof(InTheFullTier))]
    public async Task AfterAKillWhileItStartsTheWantedGenerationGoesLive(string kind)
    {
        FaultProgram.RequireStrace();
        await using var site = new FaultSite(kind, "reload_interval: 0s");
        await site.OpenAsync(Words[0]);
        await site.Program!.EndAsync();
        await site.KeepAsync();
        var steps = await StepsOfAStartAsync(site);
        foreach (var step in steps)
        {
            await site.ResetAsync(Words[0]);
            site.Say(Words[1]);
            site.Start([.. Trace(step, "signal=KILL")]);
            var killed = await IsKilledAsync(site, Words[1]);
            await site.IsWholeAsync($"killed at {step}", Words);
            if (killed)
                site.Start();
            await site.LiveAsync(Words[1]);
            await site.SurvivesARestartAsync($"killed at {step}", Words[1]);
        }

        Assert.That(steps, Has.Count.GreaterThan(40));
    }

    private static async Task<bool> KillAtAsync(FaultSite site, TracedCall step, string word)
    {
        bool killed;
        await using (await FaultProgram.AttachAsync(site.Program!.Pid, [.. Trace(step, "signal=KILL")]))
        {
            await site.TellAsync(word);
            killed = await IsKilledAsync(site, word);
        }

        await site.IsWholeAsync($"killed at {step}", Words);
        if (killed)
            site.Start();
        return killed;
    }

    private static IEnumerable<string> Trace(TracedCall step, string fault) =>
        [.. step.Path is { } path ? ["-P", path] : Array.Empty<string>(), "-o", "/dev/null", "-e", "trace=" + step.Name, "-e", $"inject={step.Name}:{fault}:when={step.Ordinal}"];

    private static async Task<IReadOnlyList<TracedCall>> StepsOfAStartAsync(FaultSite site)
    {
        await site.ResetAsync(Words[0]);
        site.Say(Words[1]);
        var trace = Path.Combine(site.Root, "trace");
        site.Start("--seccomp-bpf", "-y", "-o", trace, "-e", "trace=execve," + TracedCall.Changing);
        await site.LiveAsync(Words[1]);
        await site.Program!.EndAsync();
        return TracedCall.Read(await File.ReadAllLinesAsync(trace), site.Root, isWhole: true);
    }

    // Killed it is at once, or the step never comes.
    private static async Task<bool> IsKilledAsync(FaultSite site, string word)
    {
        await site.UntilAsync("killed or live", async () =>
            site.Program!.HasExited || (await site.Proxy.AskAsync() == word && await site.StatusAsync() is { } status && site.IsLive(status, word)));
        return site.Program!.HasExited;
    }
}
