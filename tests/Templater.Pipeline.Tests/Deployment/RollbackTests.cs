using System.Text;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>Going back to a generation that was live, which then stays.</summary>
[Platform("Linux")]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class RollbackTests
{
    private DeployerBench _bench = null!;

    [SetUp]
    public void CreateBench() => _bench = new DeployerBench();

    [TearDown]
    public void RemoveBench() => _bench.Dispose();

    private static string IdOf(string text) => DeployerBench.Rendered(text).Generation;

    private static string[] Pinned(DeployOutcome outcome) =>
        [.. outcome.Findings.Where(finding => finding.Reason == ReasonIds.Pinned).Select(finding => finding.Message)];

    private async Task DeployAllAsync(params string[] texts)
    {
        foreach (var text in texts)
            Assert.That(await _bench.DeployLaterAsync(text), Is.InstanceOf<DeployOutcome.Live>());
    }

    [Test]
    public async Task AGenerationThatWasLiveIsPutBackAndProven()
    {
        await DeployAllAsync("one", "two", "three");
        _bench.Requests.AskFor(IdOf("one"));

        Assert.That(await _bench.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>().With.Property("Generation").EqualTo(IdOf("one")));

        Assert.That((_bench.OnDisk[..3], _bench.Proxy.Live![..3], _bench.Requests.IsPending), Is.EqualTo(("one", "one", false)));
        var current = _bench.Deployer.Status.Current!;
        Assert.That((current.Number, current.Cause, current.Phase), Is.EqualTo((1, "rollback to generation 1", DeliveryPhase.Proven)));
    }

    [Test]
    public async Task AfterAStartItWaitsForNoContainers()
    {
        await DeployAllAsync("one", "two");
        _bench.Reopen();
        _bench.Requests.AskFor(IdOf("one"));

        Assert.That(await _bench.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>().With.Property("Generation").EqualTo(IdOf("one")));
        Assert.That((_bench.OnDisk[..3], _bench.Proxy.Live![..3], _bench.Requests.IsPending), Is.EqualTo(("one", "one", false)));
        Assert.That(Pinned(await _bench.DeployLaterAsync("two")).Single(), Does.Contain("generation 2 waits"));
    }

    [TestCase(true, 1, TestName = "Before the first look nothing is known that could be resumed to")]
    [TestCase(false, 0, TestName = "Before the first look a generation that is not kept is said not to be")]
    public async Task ARequestThatNeedsNoFileIsTakenAtOnceToo(bool isResume, int pinned)
    {
        await DeployAllAsync("one", "two");
        if (isResume)
        {
            _bench.Requests.AskFor(IdOf("one"));
            await _bench.SettleLaterAsync();
        }

        _bench.Reopen();
        Assert.That(_bench.Deployer.Status.Current!.Number, Is.EqualTo(2 - pinned));
        if (isResume)
            _bench.Requests.AskToResume();
        else
            _bench.Requests.AskFor("0123456789abcdef");

        var outcome = await _bench.SettleLaterAsync();

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Unchanged>());
        Assert.That(outcome!.Findings.Any(static finding => finding.Message.Contains("it is not kept", StringComparison.Ordinal)), Is.EqualTo(!isResume));
        Assert.That(_bench.Requests.IsPending, Is.False);
        await _bench.DeployLaterAsync("two");
        Assert.That((_bench.OnDisk[..3], _bench.Deployer.Status.Current!.Number), Is.EqualTo(("two", 2)));
    }

    [Test]
    public async Task AnArchiveThatCannotBeReadIsSaidAndEverythingElseGoesOn()
    {
        await DeployAllAsync("one", "two");
        var unreadable = Path.Combine(_bench.StatePath, "archive/nginx/9.json");
        File.CreateSymbolicLink(unreadable, unreadable);
        _bench.Requests.AskFor(IdOf("one"));

        var outcome = await _bench.DeployLaterAsync("two");

        Assert.That(outcome.Findings.Select(static finding => finding.Message), Has.Some.Contains("it is not kept"));
        Assert.That(_bench.Requests.IsPending, Is.False);
        Assert.That(await _bench.DeployLaterAsync("three"), Is.InstanceOf<DeployOutcome.Live>());
        Assert.That(_bench.OnDisk[..5], Is.EqualTo("three"));
    }

    [Test]
    public async Task ItStaysAndEachChangeIsSaidToWait()
    {
        await DeployAllAsync("one", "two");
        _bench.Requests.AskFor(IdOf("one"));
        await _bench.SettleLaterAsync();
        var reloads = _bench.Proxy.Reloads;

        var same = await _bench.DeployLaterAsync("two");
        var other = await _bench.DeployLaterAsync("three");
        var another = await _bench.DeployLaterAsync("four");
        var again = await _bench.DeployLaterAsync("four");

        Assert.That(new[] { same, other, another, again }, Is.All.InstanceOf<DeployOutcome.Unchanged>());
        Assert.That((_bench.OnDisk[..3], _bench.Proxy.Reloads), Is.EqualTo(("one", reloads)));
        Assert.That(Pinned(same).Single(), Is.EqualTo("output \"nginx\" is pinned to generation 1 by rollback, generation 2 waits (test): no change goes live until templater rollback --resume nginx."));
        Assert.That(Pinned(other).Single(), Does.Contain("generation 3 waits"));
        Assert.That((Pinned(another).Single().Contains("generation 4 waits", StringComparison.Ordinal), Pinned(again).Single()), Is.EqualTo((true, Pinned(another).Single())));
    }

    [Test]
    public async Task ItStaysAcrossARestartAlsoWhenTheFileIsGone()
    {
        await DeployAllAsync("one", "two");
        _bench.Requests.AskFor(IdOf("one"));
        await _bench.SettleLaterAsync();
        _bench.Reopen();
        Assert.That(await _bench.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Unchanged>());
        File.Delete(_bench.Path);
        _bench.Reopen();

        await _bench.Deployer.WriteFirstAsync(_bench.FileOf("empty"), CancellationToken.None);
        Assert.That(_bench.OnDisk[..3], Is.EqualTo("one"));

        await _bench.DeployAsync("two");
        Assert.That(_bench.OnDisk[..3], Is.EqualTo("one"));
    }

    [Test]
    public async Task WhatWaitedGoesLiveWhenItIsResumed()
    {
        await DeployAllAsync("one", "two");
        _bench.Requests.AskFor(IdOf("one"));
        await _bench.SettleLaterAsync();
        await _bench.DeployLaterAsync("three");
        _bench.Requests.AskToResume();

        var outcome = await _bench.SettleLaterAsync();

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>().With.Property("Generation").EqualTo(IdOf("three")));
        Assert.That((Pinned(outcome!), _bench.Deployer.Status.Current!.Number), Is.EqualTo((Array.Empty<string>(), 3)));
        await DeployAllAsync("four");
    }

    [Test]
    public async Task ARequestIsNoticedBetweenTwoLooks()
    {
        await DeployAllAsync("one", "two");
        using var end = new CancellationTokenSource();
        var loop = _bench.Deployer.RunDebtAsync(end.Token);
        _bench.Requests.AskFor(IdOf("one"));

        for (var i = 0; i < 1000 && _bench.Settled.Count == 0; i++)
        {
            _bench.Time.Advance(Deployer.RequestPoll);
            await Task.Delay(5, CancellationToken.None);
        }

        await end.CancelAsync();
        Assert.That(async () => await loop, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_bench.Settled.First(), Is.InstanceOf<DeployOutcome.Live>().With.Property("Generation").EqualTo(IdOf("one")));
    }

    [Test]
    public async Task ALookTakesARequestToo()
    {
        await DeployAllAsync("one", "two");
        _bench.Requests.AskFor(IdOf("one"));
        Assert.That(await _bench.DeployLaterAsync("three"), Is.InstanceOf<DeployOutcome.Live>().With.Property("Generation").EqualTo(IdOf("one")));
    }

    [Test]
    public async Task OneThatIsRefusedNowLeavesInPlaceWhatIsThere()
    {
        await DeployAllAsync("one", "two");
        _bench.Proxy.Judge = text => text.StartsWith("one", StringComparison.Ordinal) ? new ProofResult.Refused("its certificate is gone") : null;
        _bench.Requests.AskFor(IdOf("one"));

        var outcome = await _bench.SettleLaterAsync();

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True);
        Assert.That((_bench.OnDisk[..3], Pinned(outcome!).Length), Is.EqualTo(("two", 1)));
        var reloads = _bench.Proxy.Reloads;
        await _bench.DeployLaterAsync("three");
        Assert.That((_bench.OnDisk[..3], _bench.Proxy.Reloads <= reloads + 1), Is.EqualTo(("two", true)), "it is not tried again and again");

        _bench.Proxy.Judge = _ => null;
        _bench.Requests.AskFor(IdOf("one"));
        Assert.That(await _bench.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>(), "who asks again means it");
    }

    [Test]
    public async Task AGroupIsPutBackWhole()
    {
        await _bench.DeployGroupAsync("one", "a 1\n");
        var first = _bench.OnDisk;
        foreach (var text in (string[])["two", "three", "four"])
            await _bench.DeployGroupAsync(text, text);
        _bench.Requests.AskFor(_bench.Group("one", (GroupBench.Map, "a 1\n")).Generation);
        var seen = "";
        _bench.Proxy.Check = candidate => { seen = candidate; return new Templater.Pipeline.Deployment.Checks.CheckResult.Accepted(); };

        Assert.That(await _bench.SettleLaterAsync(), Is.InstanceOf<DeployOutcome.Live>());

        Assert.That((_bench.OnDisk, _bench.OnDiskMap()), Is.EqualTo((first, "a 1\n")));
        Assert.That(seen, Does.Contain(".templater/nginx/gen/").And.Not.Contain("/current/"), "the checker reads its own files");
    }

    [Test]
    public async Task TheFilesThatItNamesAreThereAgain()
    {
        const string Side = ".nginx.auth-0000000000000001";
        await _bench.DeployFileAsync(_bench.FileOf("one " + Side) with { SideFiles = [new SideFile(Side, "secret"u8.ToArray())] });
        await DeployAllAsync("two", "three");
        Assert.That(File.Exists(_bench.InFolder(Side)), Is.False);
        _bench.Requests.AskFor(IdOf("one " + Side));

        await _bench.SettleLaterAsync();

        Assert.That(File.ReadAllText(_bench.InFolder(Side)), Is.EqualTo("secret"));
    }

    [Test]
    public async Task TheNewestAreKept()
    {
        var texts = Enumerable.Range(1, GenerationArchive.MaxGenerations + 2).Select(number => $"text {number}").ToArray();
        await DeployAllAsync(texts);
        Assert.That(_bench.Requests.Generations().Select(kept => kept.Number), Is.EqualTo(Enumerable.Range(3, GenerationArchive.MaxGenerations).Reverse()));
        Assert.That(Directory.GetFiles(Path.Combine(_bench.StatePath, "archive/nginx")), Has.Length.EqualTo(3 * GenerationArchive.MaxGenerations));
    }

    [Test]
    public async Task AGenerationThatComesBackIsTheNewest()
    {
        var texts = Enumerable.Range(1, GenerationArchive.MaxGenerations).Select(number => $"text {number}").ToArray();
        await DeployAllAsync([.. texts, texts[0], "other"]);
        Assert.That(_bench.Requests.Generations()[..2].Select(kept => kept.Generation), Is.EqualTo(new[] { IdOf("other"), IdOf(texts[0]) }), "kept still");
        Assert.That(_bench.Requests.Generations().Select(kept => kept.Generation), Does.Not.Contain(IdOf(texts[1])));

        await DeployAllAsync(texts[1]);
        Assert.That(_bench.Requests.Generations()[0].Generation, Is.EqualTo(IdOf(texts[1])), "kept anew");
    }

    [Test]
    public async Task WhatWasRefusedIsNotKept()
    {
        await DeployAllAsync("one");
        _bench.Proxy.Judge = text => text.StartsWith("two", StringComparison.Ordinal) ? new ProofResult.Refused("no") : null;
        await _bench.DeployLaterAsync("two");
        Assert.That(_bench.Requests.Generations().Select(kept => kept.Generation), Is.EqualTo(new[] { IdOf("one") }));
    }

    [TestCase("rollback 0123456789abcdef", "it is not kept")]
    [TestCase("rollback ../../etc", "was not understood")]
    [TestCase("rollback", "was not understood")]
    [TestCase("", "was not understood")]
    [TestCase("resume now", "was not understood")]
    [TestCase("rollback 0123456789abcdef 0123456789abcdef 0123456789abcdef 0123456789abcdef 0123456789abcdef 0123456789abcdef 0123456789abcdef 0123456789abcdef 0123456789abcdef 0123456789abcdef 0123456789abcdef 0123456789abcdef 0123456789abcdef 0123456789abcdef 0123456789abcdef 0123456789abcdef", "was not understood")]
    public async Task WhatIsAskedAndCannotBeIsSaidAndThrownAway(string request, string problem)
    {
        await DeployAllAsync("one", "two");
        File.WriteAllText(Path.Combine(_bench.StatePath, "requests/nginx"), request);

        var outcome = await _bench.SettleLaterAsync();

        Assert.That((Pinned(outcome!).Single().Contains(problem, StringComparison.Ordinal), _bench.Requests.IsPending), Is.EqualTo((true, false)));
        Assert.That((_bench.OnDisk[..3], _bench.Deployer.Status.AsJournal.Pin), Is.EqualTo(("two", (PinnedGeneration?)null)));
    }

    [TestCase(".set")]
    [TestCase(".json")]
    public async Task AGenerationThatIsNotAsItWasKeptIsNotPutBack(string suffix)
    {
        await DeployAllAsync("one", "two");
        _bench.Requests.AskFor(IdOf("one"));
        await _bench.SettleLaterAsync();
        File.WriteAllText(Path.Combine(_bench.StatePath, "archive/nginx/1" + suffix), "torn");
        File.WriteAllText(_bench.Path, "by hand");
        _bench.Reopen();

        var outcome = await _bench.DeployAsync("two");

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Failed>().With.Property("Reason").Contains("is not kept any more"));
        Assert.That(_bench.OnDisk, Is.EqualTo("by hand"));
    }

    [Test]
    public async Task ARequestIsTakenOnceMoreAfterACrashBetweenItsNoteAndItsEnd()
    {
        await DeployAllAsync("one", "two");
        _bench.Requests.AskFor(IdOf("one"));
        await _bench.SettleLaterAsync();
        _bench.Requests.AskFor(IdOf("one"));
        _bench.Reopen();
        Assert.That(await _bench.DeployAsync("two"), Is.InstanceOf<DeployOutcome.Unchanged>());
        Assert.That((_bench.OnDisk[..3], _bench.Requests.IsPending), Is.EqualTo(("one", false)));
    }

    [Test]
    public void ASetIsReadAsItWasWritten()
    {
        var set = new OutputSet("conf:\n"u8.ToArray(), [new FurtherFile("a/b", "x"u8.ToArray()), new FurtherFile("c", ReadOnlyMemory<byte>.Empty)]);
        var read = OutputSet.Of(set.ToBytes());
        Assert.That((read.Digest, string.Join(' ', read.Files.Select(file => file.Name))), Is.EqualTo((set.Digest, "a/b c")));
        var cut = set.ToBytes()[..^1];
        Assert.That(OutputSet.Of(Encoding.UTF8.GetBytes("plain")).IsGroup, Is.False);
        Assert.That(OutputSet.Of(cut.Append((byte)'x').ToArray()).Digest, Is.Not.EqualTo(set.Digest));
    }
}
