using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

/// <summary>The program is killed at every step of a deployment, once for each, and started again.</summary>
[CancelAfter(900_000)]
[Platform("Linux")]
public sealed class KillMatrixTests
{
    // Each step is a start, of half a second or more. With an odd number each part meets each of the two forms in its turn.
    private const int ShortParts = 13;

    // Of a group two generations are kept: the third one is written again each time.
    private static readonly string[] Words = ["one", "two", "three"];

    private static readonly (string Proxy, string Form)[] Sites = [("nginx", "file"), ("nginx", "group"), ("haproxy", "group"), ("haproxy", "file")];

    /// <summary>Which proxy, and whether its configuration is one file or has further ones.</summary>
    public static IEnumerable<TestCaseData> Cases => Rotation.Of(Sites, parts: 2).Select(static site => new TestCaseData(site.Proxy, site.Form).SetArgDisplayNames(site.Proxy, site.Form));

    // A start for each of its steps takes minutes.
    private static IEnumerable<TestCaseData> InTheFullTier => Rotation.IsFullTier ? Cases : [];

    [TestCaseSource(nameof(Cases))]
    public async Task AfterAKillAtAnyStepTheWantedGenerationGoesLive(string kind, string form)
    {
        FaultProgram.RequireStrace();
        var shares = await Shares.RunAsync(share => KillAtItsStepsAsync(kind, form, share));
        var steps = shares.Sum(static share => share.Steps);
        string[] missed = [.. shares.SelectMany(static share => share.Missed)];
        string[] twice = [.. shares.SelectMany(static share => share.Twice)];
        TestContext.Out.WriteLine($"{kind} | {form} | killed at {steps - missed.Length} of {steps} steps | told once {steps - twice.Length} | twice {twice.Length}: {string.Join(", ", twice)} | not at {string.Join(", ", missed)}");
        // strace counts by thread, and threads take turns as they like: hardly ever another one makes the call.
        Assert.That(missed, Has.Length.LessThanOrEqualTo(2 + (steps / 10)), string.Join('\n', missed));
    }

    /// <summary>The same from the first call on: while it opens its state and looks around.</summary>
    [TestCaseSource(nameof(InTheFullTier))]
    public async Task AfterAKillWhileItStartsTheWantedGenerationGoesLive(string kind, string form)
    {
        FaultProgram.RequireStrace();
        var shares = await Shares.RunAsync(share => KillWhileItStartsAsync(kind, form, share));
        var (steps, killed) = (shares.Sum(static share => share.Steps), shares.Sum(static share => share.Killed));
        TestContext.Out.WriteLine($"{kind} | {form} | killed while it starts at {killed} of {steps} steps");
        Assert.That(killed, Is.GreaterThan(steps / 2));
    }

    private static async Task<(int Steps, List<string> Missed, List<string> Twice)> KillAtItsStepsAsync(string kind, string form, int share)
    {
        await using var site = Site(kind, form, "resync: 60s");
        await site.OpenAsync(Words[0]);
        var generations = new List<string>();
        // What is archived is archived once: the steps are those of generations that were live before.
        foreach (var word in (string[])[Words[1], Words[2], Words[0], Words[1]])
        {
            generations.Add(await site.GenerationAsync());
            await site.TellAsync(word);
            await site.LiveAsync(word);
        }

        const int Traced = 2;
        // The status is written whenever there is something to tell, also late: its steps come from a start.
        var steps = (await site.StepsAsync(Words[Traced])).Where(static step => step.Path?.Contains("status.json", StringComparison.Ordinal) != true).ToList();
        Assert.That(steps, Has.Count.GreaterThan(30), string.Join('\n', steps));
        if (form == "group")
            Assert.That(steps.Select(static step => step.Name), Is.SupersetOf(new[] { "mkdir", "symlink", "unlink", "rmdir" }), string.Join('\n', steps));

        // Until it is told, or its master is asked what it runs, no proxy was reloaded.
        var untold = steps.Take(1 + steps.FindIndex(step => step.Name == (kind == "nginx" ? "kill" : "connect"))).ToHashSet();
        Assert.That(untold, Is.Not.Empty, string.Join('\n', steps));

        // Between what the others do nothing changes that a crash leaves behind.
        steps = [.. Rotation.IsFullTier ? steps.Where(step => Shares.Of(step, site, generations) == share)
            : Rotation.Of(steps.FindAll(static step => step.Name is not ("write" or "pwrite64" or "ftruncate" or "fchmod" or "fchown")), ShortParts)];
        var missed = new List<string>();
        var twice = new List<string>();
        var turn = Traced;
        foreach (var there in steps)
        {
            if (form == "group")
                turn = await site.MakeOrderAsync(Words, turn, live => site.HasSets(generations[live], generations[(live + Words.Length - 1) % Words.Length]));
            turn = (turn + 1) % Words.Length;
            var (word, step) = (Words[turn], there with { Path = there.Path is { } path ? Moved(path, generations, turn - Traced) : null });
            var reloads = await site.Proxy.ReloadsAsync();
            if (!await KillAtAsync(site, step, word))
                missed.Add(step.ToString());
            await site.LiveAsync(word);
            // What was told and not noted may be told again: HAProxy is asked first what it runs, nginx without an endpoint cannot be.
            var told = await site.Proxy.ReloadsAsync() - reloads;
            Assert.That(told, Is.InRange(1, untold.Contains(there) ? 1 : 2), $"killed at {step}: reloads until it was live");
            if (told == 2)
                twice.Add(step.ToString());
            Assert.That(site.Remains(), Is.Empty, $"killed at {step}: what lies beside the files");
        }

        await site.SurvivesARestartAsync("killed at each of them", Words[turn]);
        return (steps.Count, missed, twice);
    }

    private static async Task<(int Steps, int Killed)> KillWhileItStartsAsync(string kind, string form, int share)
    {
        await using var site = Site(kind, form);
        await site.OpenAsync(Words[0]);
        await site.Program!.EndAsync();
        await site.KeepAsync();
        var all = await StepsOfAStartAsync(site);
        Assert.That(all, Has.Count.GreaterThan(40));
        // With its state it does the same in both forms.
        var steps = all.Where(step => form == "file" || step.Path?.StartsWith(Path.GetDirectoryName(site.Config)!, StringComparison.Ordinal) == true)
            .Where(step => Shares.Of(step, site, []) == share).ToList();
        var killed = 0;
        foreach (var step in steps)
        {
            await site.ResetAsync(Words[0]);
            site.Say(Words[1]);
            // Not with --seccomp-bpf, which lets calls with the path pass untouched.
            site.Start([.. Trace(step, "signal=KILL")]);
            var isKilled = await IsKilledAsync(site, Words[1]);
            await site.IsWholeAsync($"killed at {step}", Words);
            if (isKilled)
                site.Start();
            await site.LiveAsync(Words[1]);
            Assert.That(site.Remains(), Is.Empty, $"killed at {step}: what lies beside the files");
            killed += isKilled ? 1 : 0;
        }

        await site.SurvivesARestartAsync("killed at each of them", Words[1]);
        return (steps.Count, killed);
    }

    private static FaultSite Site(string kind, string form, params string[] settings)
    {
        var site = new FaultSite(kind, ["reload_interval: 0s", .. settings]);
        site.UseTemplate(form == "group" ? site.Proxy.GroupTemplate() : site.Proxy.Template(countsReloads: true));
        return site;
    }

    // Files are called by their generation: of the word that was traced, and of those before it.
    private static string Moved(string path, List<string> generations, int by) => Shares.Generation().Replace(path, match =>
        generations.IndexOf(match.Value) is >= 0 and var known ? generations[(((known + by) % Words.Length) + Words.Length) % Words.Length] : match.Value);

    private static async Task<bool> KillAtAsync(FaultSite site, TracedCall step, string word)
    {
        bool killed;
        await using (await FaultProgram.AttachAsync(site.Program!.Pid, [.. Trace(step, "signal=KILL")]))
        {
            await site.TellAsync(word);
            killed = await IsKilledAsync(site, word);
        }

        await site.IsWholeAsync($"killed at {step}", Words);
        // The last steps of all come when it is live already.
        killed |= site.Program!.HasExited;
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
