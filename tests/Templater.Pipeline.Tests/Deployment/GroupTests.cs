using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>All files of an output go live at once, or none.</summary>
[Platform("Linux")]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class GroupTests
{
    private DeployerBench _bench = null!;

    [SetUp]
    public void CreateBench() => _bench = new DeployerBench();

    [TearDown]
    public void RemoveBench() => _bench.Dispose();

    [Test]
    public async Task ItsFilesAreFoundThroughRelativeLinksUnderNamesThatStay()
    {
        var file = _bench.Group("one", (GroupBench.Map, "a 1\n"));

        Assert.That(await _bench.DeployFileAsync(file), Is.InstanceOf<DeployOutcome.Live>());

        Assert.That(new FileInfo(_bench.Path).LinkTarget, Is.EqualTo(".templater/nginx/current/nginx.conf"));
        Assert.That(new FileInfo(_bench.InFolder(".templater/nginx/current")).LinkTarget, Is.EqualTo("gen/" + file.Generation));
        Assert.That((_bench.OnDisk, _bench.OnDiskMap()), Is.EqualTo((System.Text.Encoding.UTF8.GetString(file.Content.Span), "a 1\n")));
        Assert.That(await _bench.DeployFileAsync(file), Is.InstanceOf<DeployOutcome.Unchanged>());
    }

    [Test]
    public async Task ASwapCreatesAndRemovesNothingThatAGlobOfTheProxyMatches()
    {
        await _bench.DeployGroupAsync("one", "a 1\n");
        var before = Inode(_bench.Path);

        await _bench.DeployGroupAsync("two", "a 2\n");

        Assert.That(Directory.GetFileSystemEntries(_bench.Folder()).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal), Is.EqualTo(new[] { ".templater", "nginx.conf" }));
        Assert.That(Inode(_bench.Path), Is.EqualTo(before), "the link itself stays");
        Assert.That((_bench.OnDisk.StartsWith("two", StringComparison.Ordinal), _bench.OnDiskMap()), Is.EqualTo((true, "a 2\n")));
    }

    [Test]
    public async Task AMapAloneIsAChange()
    {
        await _bench.DeployGroupAsync("one", "a 1\n");
        var file = _bench.Group("one", (GroupBench.Map, "a 1\n"));
        var other = file with { Files = [new FurtherFile(GroupBench.Map, "a 2\n"u8.ToArray())] };

        Assert.That(await _bench.DeployFileAsync(other), Is.InstanceOf<DeployOutcome.Live>());

        Assert.That((_bench.OnDiskMap(), _bench.Sets()), Is.EqualTo(("a 2\n", new[] { file.Generation, file.Generation + "-2" })));
    }

    [Test]
    public async Task ChangesThatKeepTheIdDoNotPileUp()
    {
        var file = _bench.Group("one", (GroupBench.Map, "a 0\n"));
        for (var change = 0; change <= 105; change++)
            await _bench.DeployFileAsync(file with { Files = [new FurtherFile(GroupBench.Map, System.Text.Encoding.UTF8.GetBytes($"a {change}\n"))] });

        Assert.That(_bench.OnDiskMap(), Is.EqualTo("a 105\n"));
        Assert.That(_bench.Sets(), Has.Length.LessThanOrEqualTo(3), "the present one, the former one, and one that was proven");
    }

    [TestCase("map", "a 1\n", TestName = "A checker reads the further files of the candidate, not the live ones")]
    [TestCase("names {0}/x", "{1}", TestName = "Also where they name one another")]
    public async Task TheCheckerSeesTheCandidatesOwnFiles(string map, string seen)
    {
        await _bench.DeployGroupAsync("one", "former");
        var current = _bench.InFolder(".templater/nginx/current");
        var file = _bench.Group("two", (GroupBench.Map, seen.Replace("{1}", current + "/x", StringComparison.Ordinal)), ("x", map));
        var (text, read, other) = ("", "", "");
        _bench.Proxy.Check = candidate =>
        {
            text = candidate.TrimEnd();
            var named = text.Split(' ')[2];
            read = File.ReadAllText(named);
            other = File.ReadAllText(seen == "{1}" ? read : text.Split(' ')[3]);
            return new CheckResult.Refused("no", null);
        };

        Assert.That(await _bench.DeployFileAsync(file), Is.InstanceOf<DeployOutcome.Refused>());

        Assert.That(text, Does.Not.Contain(current).And.Contain(_bench.InFolder(".templater/nginx/gen/")));
        Assert.That(other, Is.EqualTo(map));
        Assert.That((_bench.OnDiskMap(), _bench.Sets().Length), Is.EqualTo(("former", 1)), "nothing of it is left");
        Assert.That(Directory.GetFiles(_bench.Folder()), Is.EqualTo(new[] { _bench.Path }));
    }

    [Test]
    public async Task ARefusedSetIsTakenBackWhole()
    {
        await _bench.DeployGroupAsync("one", "a 1\n");
        var good = _bench.OnDisk;
        _bench.Proxy.Judge = text => text.StartsWith("two", StringComparison.Ordinal) ? new ProofResult.Refused("no") : null;

        Assert.That(await _bench.DeployGroupAsync("two", "a 2\n"), Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);

        Assert.That((_bench.OnDisk, _bench.OnDiskMap()), Is.EqualTo((good, "a 1\n")));
        Assert.That(new FileInfo(_bench.Path).LinkTarget, Is.Not.Null);
    }

    [Test]
    public async Task ARefusedSetIsKeptWhole()
    {
        _bench.KeepsFailed = true;
        _bench.Reopen();
        _bench.Proxy.Check = _ => new CheckResult.Refused("no", null);

        await _bench.DeployGroupAsync("one", "a 1\n");

        var folder = Path.Combine(_bench.StatePath, "failed/nginx/1");
        Assert.That(File.ReadAllText(Path.Combine(folder, FailedSets.FilesFolder, GroupBench.Map)), Is.EqualTo("a 1\n"));
        Assert.That(File.ReadAllText(Path.Combine(folder, "nginx.conf")), Does.StartWith("one"));
    }

    [Test]
    public async Task WhatIsPutBackIsWrittenAgainWhereSomebodyRemovedIt()
    {
        await _bench.DeployGroupAsync("one", "a 1\n");
        var good = _bench.Sets().Single();
        _bench.Proxy.OnReload = () =>
        {
            Directory.Delete(_bench.InFolder(".templater/nginx/gen/" + good), recursive: true);
            _bench.Proxy.OnReload = () => { };
        };
        _bench.Proxy.Judge = text => text.StartsWith("two", StringComparison.Ordinal) ? new ProofResult.Refused("no") : null;

        await _bench.DeployGroupAsync("two", "a 2\n");

        Assert.That(_bench.OnDiskMap(), Is.EqualTo("a 1\n"));
    }

    [Test]
    public async Task SetsOfFormerGenerationsGoAndForeignFilesStay()
    {
        await _bench.DeployGroupAsync("one", "a 1\n");
        Directory.CreateDirectory(_bench.InFolder(".templater/nginx/gen/of the operator"));
        File.WriteAllText(_bench.InFolder(".templater/nginx/notes"), "");
        foreach (var text in (string[])["two", "three", "four"])
            await _bench.DeployGroupAsync(text, text);

        var kept = new[] { _bench.Group("four", (GroupBench.Map, "four")).Generation, _bench.Group("three", (GroupBench.Map, "three")).Generation, "of the operator" };
        Assert.That(_bench.Sets(), Is.EquivalentTo(kept));
        Assert.That(File.Exists(_bench.InFolder(".templater/nginx/notes")), Is.True);
    }

    [Test]
    public async Task AFileOfTemplatersOwnBecomesTheLinkAndAGroupBecomesAFileAgain()
    {
        await _bench.DeployAsync("single");
        Assert.That(Directory.Exists(_bench.InFolder(".templater")), Is.False, "a single file has no directory");

        Assert.That(await _bench.DeployGroupAsync("group", "a 1\n"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(new FileInfo(_bench.Path).LinkTarget, Is.Not.Null);

        var set = _bench.OnDisk;
        Assert.That(await _bench.DeployLaterAsync("alone"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That((new FileInfo(_bench.Path).LinkTarget, _bench.OnDisk[..5]), Is.EqualTo(((string?)null, "alone")));
        Assert.That(File.ReadAllText(_bench.InFolder(".templater/nginx/current/nginx.conf")), Is.EqualTo(set), "workers that end may still read it");

        Assert.That(await _bench.DeployGroupAsync("again", "a 2\n"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That((new FileInfo(_bench.Path).LinkTarget is not null, _bench.OnDiskMap()), Is.EqualTo((true, "a 2\n")));
    }

    [Test]
    public async Task ASingleFileIsPutBackInPlaceOfALink()
    {
        await _bench.DeployAsync("single");
        _bench.Proxy.Judge = text => text.StartsWith("group", StringComparison.Ordinal) ? new ProofResult.Refused("no") : null;

        await _bench.DeployGroupAsync("group", "a 1\n");

        Assert.That((new FileInfo(_bench.Path).LinkTarget, _bench.OnDisk[..6]), Is.EqualTo(((string?)null, "single")));
    }

    [TestCase(false, false, TestName = "A foreign file is not replaced")]
    [TestCase(true, false, TestName = "A foreign link is not replaced")]
    [TestCase(false, true, TestName = "A foreign file is replaced when it may be adopted")]
    [TestCase(true, true, TestName = "A foreign link is replaced when it may be adopted")]
    public async Task AForeignEntryIsReplacedOnlyWhenItMayBeAdopted(bool isLink, bool adopts)
    {
        _bench.Adopts = adopts;
        _bench.Reopen();
        File.WriteAllText(_bench.InFolder("theirs"), "by hand\n");
        if (isLink)
            File.CreateSymbolicLink(_bench.Path, "theirs");
        else
            File.Move(_bench.InFolder("theirs"), _bench.Path);

        var outcome = await _bench.DeployGroupAsync("one", "a 1\n");

        if (adopts)
            Assert.That((outcome is DeployOutcome.Live, _bench.OnDiskMap()), Is.EqualTo((true, "a 1\n")));
        else
            Assert.That(((DeployOutcome.Failed)outcome).Reason, Does.StartWith($"cannot write {_bench.Path}: ").And.Contain("--adopt").And.Contain(isLink ? "a link to theirs" : "not written by Templater"));
        Assert.That(_bench.OnDisk, adopts ? Does.StartWith("one") : Is.EqualTo("by hand\n"));
    }

    [Test]
    public async Task AFileOnItsWayThatADeadOneLeftIsNotInTheWay()
    {
        await _bench.DeployGroupAsync("one", "a 1\n");
        var next = _bench.Group("two", (GroupBench.Map, "a 2\n"));
        Directory.CreateDirectory(_bench.InFolder(".templater/nginx/gen/.new-" + next.Generation + "/maps"));
        Directory.CreateDirectory(_bench.InFolder(".templater/nginx/gen/" + next.Generation));
        File.WriteAllText(_bench.InFolder(".templater/nginx/gen/" + next.Generation + "/nginx.conf"), "half");
        File.CreateSymbolicLink(_bench.InFolder(".templater/nginx/.current-" + next.Generation), "gen/x");

        Assert.That(await _bench.DeployFileAsync(next), Is.InstanceOf<DeployOutcome.Live>());

        Assert.That(_bench.OnDiskMap(), Is.EqualTo("a 2\n"));
        _bench.Reopen();
        Assert.That(Directory.GetFileSystemEntries(_bench.InFolder(".templater/nginx")).Concat(_bench.Sets()), Has.None.Contains(".new-").And.None.Contains(".current-"));
    }

    [Test]
    public async Task ASetThatSomebodyChangedIsNotTakenForTheOneThatWasProven()
    {
        await _bench.DeployGroupAsync("one", "a 1\n");
        File.WriteAllText(_bench.InFolder($".templater/nginx/current/{GroupBench.Map}"), "changed\n");

        Assert.That(await _bench.DeployGroupAsync("one", "a 1\n"), Is.InstanceOf<DeployOutcome.Live>());

        Assert.That(_bench.OnDiskMap(), Is.EqualTo("a 1\n"));
    }

    private static string Inode(string path) => Mono.Unix.Native.Syscall.lstat(path, out var stat) == 0 ? stat.st_ino.ToString() : "";
}
