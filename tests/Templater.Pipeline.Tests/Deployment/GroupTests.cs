using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>All files of an output go live at once, or none.</summary>
[Platform("Linux")]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class GroupTests : DeployerFixture
{
    [Test]
    public async Task ItsFilesAreFoundThroughRelativeLinksUnderNamesThatStay()
    {
        var file = Bench.Group("one", (GroupBench.Map, "a 1\n"));

        Assert.That(await Bench.DeployFileAsync(file), Is.InstanceOf<DeployOutcome.Live>());

        Assert.That(new FileInfo(Bench.Path).LinkTarget, Is.EqualTo(".templater/nginx/current/nginx.conf"));
        Assert.That(new FileInfo(Bench.InFolder(".templater/nginx/current")).LinkTarget, Is.EqualTo("gen/" + file.Generation));
        Assert.That((Bench.OnDisk, Bench.OnDiskMap()), Is.EqualTo((System.Text.Encoding.UTF8.GetString(file.Content.Span), "a 1\n")));
        Assert.That(await Bench.DeployFileAsync(file), Is.InstanceOf<DeployOutcome.Unchanged>());
    }

    [Test]
    public async Task ASwapCreatesAndRemovesNothingThatAGlobOfTheProxyMatches()
    {
        await Bench.DeployGroupAsync("one", "a 1\n");
        var before = Inode(Bench.Path);

        await Bench.DeployGroupAsync("two", "a 2\n");

        Assert.That(Directory.GetFileSystemEntries(Bench.Folder()).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal), Is.EqualTo(new[] { ".templater", "nginx.conf" }));
        Assert.That(Inode(Bench.Path), Is.EqualTo(before), "the link itself stays");
        Assert.That((Bench.OnDisk.StartsWith("two", StringComparison.Ordinal), Bench.OnDiskMap()), Is.EqualTo((true, "a 2\n")));
    }

    [Test]
    public async Task AMapAloneIsAChange()
    {
        await Bench.DeployGroupAsync("one", "a 1\n");
        var file = Bench.Group("one", (GroupBench.Map, "a 1\n"));
        var other = file with { Files = [new FurtherFile(GroupBench.Map, "a 2\n"u8.ToArray())] };

        Assert.That(await Bench.DeployFileAsync(other), Is.InstanceOf<DeployOutcome.Live>());

        Assert.That((Bench.OnDiskMap(), Bench.Sets()), Is.EqualTo(("a 2\n", new[] { file.Generation, file.Generation + "-2" })));
    }

    [Test]
    public async Task ChangesThatKeepTheIdDoNotPileUp()
    {
        var file = Bench.Group("one", (GroupBench.Map, "a 0\n"));
        for (var change = 0; change <= 105; change++)
            await Bench.DeployFileAsync(file with { Files = [new FurtherFile(GroupBench.Map, System.Text.Encoding.UTF8.GetBytes($"a {change}\n"))] });

        Assert.That(Bench.OnDiskMap(), Is.EqualTo("a 105\n"));
        Assert.That(Bench.Sets(), Has.Length.LessThanOrEqualTo(3), "the present one, the former one, and one that was proven");
    }

    [TestCase("map", "a 1\n", TestName = "A checker reads the further files of the candidate, not the live ones")]
    [TestCase("names {0}/x", "{1}", TestName = "Also where they name one another")]
    public async Task TheCheckerSeesTheCandidatesOwnFiles(string map, string seen)
    {
        await Bench.DeployGroupAsync("one", "former");
        var current = Bench.InFolder(".templater/nginx/current");
        var file = Bench.Group("two", (GroupBench.Map, seen.Replace("{1}", current + "/x", StringComparison.Ordinal)), ("x", map));
        var (text, read, other) = ("", "", "");
        Bench.Proxy.Check = candidate =>
        {
            text = candidate.TrimEnd();
            var named = text.Split(' ')[2];
            read = File.ReadAllText(named);
            other = File.ReadAllText(seen == "{1}" ? read : text.Split(' ')[3]);
            return new CheckResult.Refused("no", null);
        };

        Assert.That(await Bench.DeployFileAsync(file), Is.InstanceOf<DeployOutcome.Refused>());

        Assert.That(text, Does.Not.Contain(current).And.Contain(Bench.InFolder(".templater/nginx/gen/")));
        Assert.That(other, Is.EqualTo(map));
        Assert.That((Bench.OnDiskMap(), Bench.Sets().Length), Is.EqualTo(("former", 1)), "nothing of it is left");
        Assert.That(Directory.GetFiles(Bench.Folder()), Is.EqualTo(new[] { Bench.Path }));
    }

    [Test]
    public async Task ARefusedSetIsTakenBackWhole()
    {
        await Bench.DeployGroupAsync("one", "a 1\n");
        var good = Bench.OnDisk;
        Bench.Proxy.Judge = text => text.StartsWith("two", StringComparison.Ordinal) ? new ProofResult.Refused("no") : null;

        Assert.That(await Bench.DeployGroupAsync("two", "a 2\n"), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);

        Assert.That((Bench.OnDisk, Bench.OnDiskMap()), Is.EqualTo((good, "a 1\n")));
        Assert.That(new FileInfo(Bench.Path).LinkTarget, Is.Not.Null);
    }

    [Test]
    public async Task ARefusedSetIsKeptWhole()
    {
        Bench.KeepsFailed = true;
        Bench.Reopen();
        Bench.Proxy.Check = _ => new CheckResult.Refused("no", null);

        await Bench.DeployGroupAsync("one", "a 1\n");

        var folder = Path.Combine(Bench.StatePath, "failed/nginx/1");
        Assert.That(File.ReadAllText(Path.Combine(folder, FailedSets.FilesFolder, GroupBench.Map)), Is.EqualTo("a 1\n"));
        Assert.That(File.ReadAllText(Path.Combine(folder, "nginx.conf")), Does.StartWith("one"));
    }

    [Test]
    public async Task WhatIsPutBackIsWrittenAgainWhereSomebodyRemovedIt()
    {
        await Bench.DeployGroupAsync("one", "a 1\n");
        var good = Bench.Sets().Single();
        Bench.Proxy.OnReload = () =>
        {
            Directory.Delete(Bench.InFolder(".templater/nginx/gen/" + good), recursive: true);
            Bench.Proxy.OnReload = () => { };
        };
        Bench.Proxy.Judge = text => text.StartsWith("two", StringComparison.Ordinal) ? new ProofResult.Refused("no") : null;

        await Bench.DeployGroupAsync("two", "a 2\n");

        Assert.That(Bench.OnDiskMap(), Is.EqualTo("a 1\n"));
    }

    [Test]
    public async Task SetsOfFormerGenerationsGoAndForeignFilesStay()
    {
        await Bench.DeployGroupAsync("one", "a 1\n");
        Directory.CreateDirectory(Bench.InFolder(".templater/nginx/gen/of the operator"));
        File.WriteAllText(Bench.InFolder(".templater/nginx/notes"), "");
        foreach (var text in (string[])["two", "three", "four"])
            await Bench.DeployGroupAsync(text, text);

        var kept = new[] { Bench.Group("four", (GroupBench.Map, "four")).Generation, Bench.Group("three", (GroupBench.Map, "three")).Generation, "of the operator" };
        Assert.That(Bench.Sets(), Is.EquivalentTo(kept));
        Assert.That(File.Exists(Bench.InFolder(".templater/nginx/notes")), Is.True);
    }

    [Test]
    public async Task AFileOfTemplatersOwnBecomesTheLinkAndAGroupBecomesAFileAgain()
    {
        await Bench.DeployAsync("single");
        Assert.That(Directory.Exists(Bench.InFolder(".templater")), Is.False, "a single file has no directory");

        Assert.That(await Bench.DeployGroupAsync("group", "a 1\n"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(new FileInfo(Bench.Path).LinkTarget, Is.Not.Null);

        var set = Bench.OnDisk;
        Assert.That(await Bench.DeployLaterAsync("alone"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That((new FileInfo(Bench.Path).LinkTarget, Bench.OnDisk[..5]), Is.EqualTo(((string?)null, "alone")));
        Assert.That(File.ReadAllText(Bench.InFolder(".templater/nginx/current/nginx.conf")), Is.EqualTo(set), "workers that end may still read it");

        Assert.That(await Bench.DeployGroupAsync("again", "a 2\n"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That((new FileInfo(Bench.Path).LinkTarget is not null, Bench.OnDiskMap()), Is.EqualTo((true, "a 2\n")));
    }

    [Test]
    public async Task ASingleFileIsPutBackInPlaceOfALink()
    {
        await Bench.DeployAsync("single");
        Bench.Proxy.Judge = text => text.StartsWith("group", StringComparison.Ordinal) ? new ProofResult.Refused("no") : null;

        await Bench.DeployGroupAsync("group", "a 1\n");

        Assert.That((new FileInfo(Bench.Path).LinkTarget, Bench.OnDisk[..6]), Is.EqualTo(((string?)null, "single")));
    }

    [TestCase(false, false, TestName = "A foreign file is not replaced")]
    [TestCase(true, false, TestName = "A foreign link is not replaced")]
    [TestCase(false, true, TestName = "A foreign file is replaced when it may be adopted")]
    [TestCase(true, true, TestName = "A foreign link is replaced when it may be adopted")]
    public async Task AForeignEntryIsReplacedOnlyWhenItMayBeAdopted(bool isLink, bool adopts)
    {
        Bench.Adopts = adopts;
        Bench.Reopen();
        File.WriteAllText(Bench.InFolder("theirs"), "by hand\n");
        if (isLink)
            File.CreateSymbolicLink(Bench.Path, "theirs");
        else
            File.Move(Bench.InFolder("theirs"), Bench.Path);

        var outcome = await Bench.DeployGroupAsync("one", "a 1\n");

        if (adopts)
            Assert.That((outcome is DeployOutcome.Live, Bench.OnDiskMap()), Is.EqualTo((true, "a 1\n")));
        else
            Assert.That(((DeployOutcome.Failed)outcome).Reason, Does.StartWith($"cannot write {Bench.Path}: ").And.Contain("--adopt").And.Contain(isLink ? "a link to theirs" : "not written by Templater"));
        Assert.That(Bench.OnDisk, adopts ? Does.StartWith("one") : Is.EqualTo("by hand\n"));
    }

    [Test]
    public async Task AFileOnItsWayThatADeadOneLeftIsNotInTheWay()
    {
        await Bench.DeployGroupAsync("one", "a 1\n");
        var next = Bench.Group("two", (GroupBench.Map, "a 2\n"));
        Directory.CreateDirectory(Bench.InFolder(".templater/nginx/gen/.new-" + next.Generation + "/maps"));
        Directory.CreateDirectory(Bench.InFolder(".templater/nginx/gen/" + next.Generation));
        File.WriteAllText(Bench.InFolder(".templater/nginx/gen/" + next.Generation + "/nginx.conf"), "half");
        File.CreateSymbolicLink(Bench.InFolder(".templater/nginx/.current-" + next.Generation), "gen/x");

        Assert.That(await Bench.DeployFileAsync(next), Is.InstanceOf<DeployOutcome.Live>());

        Assert.That(Bench.OnDiskMap(), Is.EqualTo("a 2\n"));
        Bench.Reopen();
        Assert.That(Directory.GetFileSystemEntries(Bench.InFolder(".templater/nginx")).Concat(Bench.Sets()), Has.None.Contains(".new-").And.None.Contains(".current-"));
    }

    [Test]
    public async Task ASetThatSomebodyChangedIsNotTakenForTheOneThatWasProven()
    {
        await Bench.DeployGroupAsync("one", "a 1\n");
        File.WriteAllText(Bench.InFolder($".templater/nginx/current/{GroupBench.Map}"), "changed\n");

        Assert.That(await Bench.DeployGroupAsync("one", "a 1\n"), Is.InstanceOf<DeployOutcome.Live>());

        Assert.That(Bench.OnDiskMap(), Is.EqualTo("a 1\n"));
    }

    private static string Inode(string path) => Mono.Unix.Native.Syscall.lstat(path, out var stat) == 0 ? stat.st_ino.ToString() : "";
}
