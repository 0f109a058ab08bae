using System.Text;
using Templater.Pipeline.Deployment;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

[Platform("Linux")]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class OutputFileTests
{
    private TempDirectory _directory = null!;

    private string Target => _directory["out/site.conf"];

    [SetUp]
    public void CreateDirectory()
    {
        _directory = new TempDirectory();
        Directory.CreateDirectory(_directory["out"]);
        Directory.CreateDirectory(_directory["scratch"]);
    }

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public void ANewFileHasTheDefaultModeWhateverTheUmask()
    {
        Assert.That(Write("one\n"), Is.Null);

        Assert.That(File.ReadAllText(Target), Is.EqualTo("one\n"));
        Assert.That(ModeOf(Target), Is.EqualTo("644"));
        Assert.That(Directory.GetFileSystemEntries(_directory["out"]), Is.EqualTo(new[] { Target }));
    }

    [Test]
    public void ModeAndOwnerAreThereBeforeTheFileIsVisible()
    {
        Missing.UnlessRoot("giving files away");
        var file = Output(new OutputFileOptions { Mode = 0b110_100_000, Owner = 1234, Group = 99 });

        using var candidate = file.WriteCandidate("secret\n"u8.ToArray(), "0123456789abcdef");

        Assert.That(File.Exists(Target), Is.False);
        Assert.That(Path.GetFileName(candidate.Path), Does.StartWith(".site.conf."));
        Assert.That(Path.GetDirectoryName(candidate.Path), Is.EqualTo(_directory["out"]));
        Assert.That(ModeOf(candidate.Path), Is.EqualTo("640"));
        Assert.That(UnixFile.Owner(candidate.Path), Is.EqualTo(new FileOwner(1234, 99, 0b110_100_000)));
    }

    [Test]
    public void AMissingDirectoryIsNamed()
    {
        var file = new OutputFile(_directory["none/x.conf"], new OutputFileOptions(), _directory["scratch"]);
        Assert.That(() => file.WriteCandidate("x"u8.ToArray(), "g"), Throws.InstanceOf<OutputFileException>().With.Message.StartsWith(
            $"cannot write {_directory["none/x.conf"]}: its directory does not exist. Create it, or mount a volume there."));
    }

    [Test]
    public void ACandidateThatACrashLeftInTheScratchDirectoryIsRemoved()
    {
        var target = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(Target)));
        var stale = _directory.Write($"scratch/.{target}.templater-0123456789abcdef", "half");
        var foreign = _directory.Write("scratch/.other.templater-0123456789abcdef", "of another output");

        Output(new OutputFileOptions()).RemoveStaleCandidates();

        Assert.That((File.Exists(stale), File.Exists(foreign)), Is.EqualTo((false, true)));
    }

    [TestCase(null, null, "7:8 -:8")]
    [TestCase(null, 99, "7:99 -:99")]
    [TestCase(5, 99, "5:99 refused")]
    public void WhereAnOwnerCannotBeGivenTheGroupAloneIsTried(int? owner, int? group, string expected)
    {
        var tried = new List<string>();
        void Change(uint uid, uint gid)
        {
            tried.Add($"{(uid == uint.MaxValue ? "-" : uid)}:{gid}");
            if (uid != uint.MaxValue)
                throw new UnixFileException(Mono.Unix.Native.Errno.EPERM, "change the owner");
        }

        try
        {
            OutputOwner.Give(new OutputFileOptions { Owner = owner, Group = group }, new FileOwner(7, 8, 0), Target, Change);
        }
        catch (OutputFileException)
        {
            tried.Add("refused");
        }

        Assert.That(string.Join(' ', tried), Is.EqualTo(expected));
    }

    [Test]
    public void AnExistingFilesModeAndOwnerAreKeptWhenNothingIsSaid()
    {
        Missing.UnlessRoot("giving files away");
        File.WriteAllText(Target, "old");
        File.SetUnixFileMode(Target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        ChildProcess.RunAsync("chown", ["321:123", Target]).GetAwaiter().GetResult().MustSucceed();

        Write("new\n");

        Assert.That(UnixFile.Owner(Target), Is.EqualTo(new FileOwner(321, 123, 0b110_000_000)));
        Assert.That(File.ReadAllText(Target), Is.EqualTo("new\n"));
    }

    // Large enough that a write in place would be seen half done; the reader runs as long as there are swaps.
    [Test, CancelAfter(30_000)]
    public async Task DotegeW14AReaderNeverSeesHalfAFile(CancellationToken cancellationToken)
    {
        var (one, two) = (new string('1', 1_000_000), new string('2', 1_000_000));
        Write(one);
        using var swapping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reader = Task.Run(
            () =>
            {
                var reads = 0;
                for (; !swapping.IsCancellationRequested; reads++)
                    Assert.That(File.ReadAllText(Target), Is.EqualTo(one).Or.EqualTo(two));
                return reads;
            },
            CancellationToken.None);

        for (var i = 0; i < 50; i++)
            Assert.That(Write(i % 2 == 0 ? two : one), Is.Null);
        await swapping.CancelAsync();

        Assert.That(await reader, Is.Positive);
    }

    [Test]
    public void ADiscardedCandidateLeavesNothingAndTheOldFile()
    {
        Write("old\n");

        Output().WriteCandidate("new\n"u8.ToArray(), "0123456789abcdef").Dispose();

        Assert.That(File.ReadAllText(Target), Is.EqualTo("old\n"));
        Assert.That(Directory.GetFileSystemEntries(_directory["out"]), Has.Length.EqualTo(1));
    }

    [TestCase("real/site.conf", true)]
    [TestCase("real/site.conf", false)]
    [TestCase("../real/site.conf", true)]
    public void ASymbolicLinkStaysALinkAndItsTargetIsReplaced(string link, bool targetExists)
    {
        Directory.CreateDirectory(_directory["out/real"]);
        Directory.CreateDirectory(_directory["real"]);
        var real = Path.GetFullPath(Path.Combine(_directory["out"], link));
        if (targetExists)
            File.WriteAllText(real, "old");
        File.CreateSymbolicLink(Target, link);

        Write("new\n");

        Assert.That(new FileInfo(Target).LinkTarget, Is.EqualTo(link));
        Assert.That(File.ReadAllText(real), Is.EqualTo("new\n"));
        Assert.That(new FileInfo(real).LinkTarget, Is.Null);
    }

    [Test]
    public void SomebodyElsesFileUnderTheCandidatesNameIsNeitherFollowedNorRemoved()
    {
        var victim = _directory.Write("victim", "untouched");
        var planted = _directory["out/.site.conf.templater-0123456789abcdef"];
        File.CreateSymbolicLink(planted, victim);

        Assert.That(() => Write("new\n"), Throws.TypeOf<OutputFileException>().With.Message.Contains(Target));
        Assert.That(File.ReadAllText(victim), Is.EqualTo("untouched"));
        Assert.That(File.Exists(planted), Is.True);
    }

    [Test]
    public async Task ABindMountedSingleFileIsWrittenInPlaceWithAWarning()
    {
        var source = _directory.Write("source", "a much longer old content\n");
        File.WriteAllText(Target, "");
        using var mount = await Mounts.BindAsync(source, Target);

        var warning = Write("new\n");

        Assert.That(warning!.ToString(), Is.EqualTo(
            $"warning single-file-mount: {Target} is mounted as a single file, so it is written in place: a crash in that moment leaves half a file. Mount the directory instead."));
        Assert.That(File.ReadAllText(source), Is.EqualTo("new\n"));
        Assert.That(Directory.GetFileSystemEntries(_directory["out"]), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task ABindMountedSingleFileInAReadOnlyDirectoryIsWrittenToo()
    {
        var source = _directory.Write("source", "old\n");
        File.WriteAllText(Target, "");
        using var directory = await Mounts.BindAsync(_directory["out"], _directory["out"]);
        using var file = await Mounts.BindAsync(source, Target);
        (await ChildProcess.RunAsync("mount", ["-o", "remount,ro,bind", _directory["out"]])).MustSucceed();

        Write("new\n");

        Assert.That(File.ReadAllText(source), Is.EqualTo("new\n"));
        Assert.That(Directory.GetFileSystemEntries(_directory["scratch"]), Is.Empty);
    }

    [Test]
    public async Task AFullDiskLeavesTheOldFileAndNoCandidate()
    {
        using var mount = await Mounts.SmallTmpfsAsync(_directory["out"], 64);
        Write("old\n");

        Assert.That(
            () => Write(new string('x', 200 * 1024)),
            Throws.TypeOf<OutputFileException>().With.Property("Finding").Property("Reason").EqualTo(ReasonIds.OutputFailed)
                .And.Message.Contains("no space is left"));
        Assert.That(File.ReadAllText(Target), Is.EqualTo("old\n"));
        Assert.That(Directory.GetFileSystemEntries(_directory["out"]), Has.Length.EqualTo(1));
        Assert.That(() => Write("small again\n"), Throws.Nothing);
    }

    [Test]
    public async Task AFullDiskLeavesTheOldContentInABindMountedSingleFile()
    {
        var disk = Directory.CreateDirectory(_directory["disk"]).FullName;
        using var full = await Mounts.SmallTmpfsAsync(disk, 64);
        var source = Path.Combine(disk, "source");
        File.WriteAllText(source, "old\n");
        File.WriteAllText(Target, "");
        using var mount = await Mounts.BindAsync(source, Target);

        Assert.That(
            () => Write(new string('x', 200 * 1024)),
            Throws.TypeOf<OutputFileException>().With.Property("Finding").Property("Reason").EqualTo(ReasonIds.OutputFailed)
                .And.Message.Contains("no space is left").And.Message.EndsWith("What was in the file was put back."));
        Assert.That(File.ReadAllText(source), Is.EqualTo("old\n"));
        Assert.That(() => Write("small again\n"), Throws.Nothing);
    }

    [Test]
    public async Task AReadOnlyMountIsNamedAsSuch()
    {
        using var mount = await Mounts.BindAsync(_directory["out"], _directory["out"]);
        (await ChildProcess.RunAsync("mount", ["-o", "remount,ro,bind", _directory["out"]])).MustSucceed();

        Assert.That(
            () => Write("new\n"),
            Throws.TypeOf<OutputFileException>().With.Property("Finding").Property("Reason").EqualTo(ReasonIds.OutputDenied).And.Message.Contains("read-only"));
        // It is known before anything is to be written, and in the same words.
        Assert.That(() => Write("new\n"), Throws.TypeOf<OutputFileException>().With.Property("Finding").EqualTo(Output().Obstacle()));
    }

    [Test]
    public void NothingIsInTheWayOfAnOrdinaryDirectory() => Assert.That(Output().Obstacle(), Is.Null);

    [Test]
    public void AMissingDirectoryIsInTheWay()
    {
        Directory.Delete(_directory["out"], recursive: true);
        Assert.That(() => Write("new\n"), Throws.TypeOf<OutputFileException>().With.Property("Finding").EqualTo(Output().Obstacle()).And.Message.Contains("its directory does not exist"));
    }

    [Test]
    public void ADirectoryOfSomebodyElseIsNamedWithItsOwner()
    {
        var error = OutputProblem.From("/proc/1/site.conf", new UnixFileException(Mono.Unix.Native.Errno.EACCES, "cannot create"));

        Assert.That(error.Finding.Reason, Is.EqualTo(ReasonIds.OutputDenied));
        Assert.That(error.Finding.Severity, Is.EqualTo(FindingSeverity.Error));
        Assert.That(error.Message, Does.Match(
            @"^cannot write /proc/1/site\.conf: the directory belongs to 0:0 \(mode 0555\) and Templater runs as \d+:\d+\. If another image filled the volume first, mount it there with ""nocopy"" and recreate the volume; otherwise chown it, or run with user: ""0:0""\. The proxy keeps its present configuration\.$"));
    }

    [Test]
    public void StaleCandidatesOfOursAreRemovedAndNothingElse()
    {
        _directory.Write("out/.site.conf.templater-0123456789abcdef", "stale");
        _directory.Write("out/.site.conf.swp", "an editor's");
        _directory.Write("out/.other.conf.templater-0123456789abcdef", "of another output");

        Output().RemoveStaleCandidates();

        Assert.That(Directory.GetFiles(_directory["out"]).Select(Path.GetFileName).Order(), Is.EqualTo(new[] { ".other.conf.templater-0123456789abcdef", ".site.conf.swp" }));
    }

    private static string ModeOf(string path) => Convert.ToString((int)File.GetUnixFileMode(path), 8);

    private OutputFile Output(OutputFileOptions? options = null) => new(Target, options ?? new OutputFileOptions(), _directory["scratch"]);

    private Finding? Write(string text)
    {
        using var candidate = Output().WriteCandidate(Encoding.UTF8.GetBytes(text), "0123456789abcdef");
        return candidate.Swap();
    }
}
