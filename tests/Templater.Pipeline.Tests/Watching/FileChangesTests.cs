using Templater.Pipeline.Watching;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Watching;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class FileChangesTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public void NothingIsNewAtTheFirstLook()
    {
        _directory.Write("site.scriban", "a");
        Assert.That(Watch("site.scriban").Look(), Is.Empty);
    }

    [Test]
    public void WhatChangedSinceItWasReadIsNoticedAtTheFirstLook()
    {
        _directory.Write("edited", "a");
        _directory.Write("same", "a");
        _directory.Write("unread", "a");
        string[] read = [_directory["edited"], _directory["same"], _directory["missing"]];
        var stamps = FileStamps.Of(read);
        _directory.Write("edited", "ab");
        _directory.Write("missing", "a");
        var changes = new FileChanges(() => new WatchedFiles([.. read, _directory["unread"]], []), stamps);
        Assert.That((changes.Look(), changes.Look()), Is.EqualTo((new[] { _directory["edited"], _directory["missing"] }, Array.Empty<string>())));
    }

    [Test]
    public void AWrittenAReplacedAnAddedAndARemovedFileAreNoticed()
    {
        var path = _directory.Write("t/site.scriban", "a");
        var changes = Watch("t");
        changes.Look();
        var seen = new List<bool>();
        foreach (var act in new Action[]
        {
            () => _directory.Write("t/site.scriban", "ab"),
            () => File.Move(_directory.Write("other", "abc"), path, overwrite: true),
            () => _directory.Write("t/parts/more.scriban", "x"),
            () => File.Delete(path),
            () => { },
        })
        {
            act();
            seen.Add(changes.Look().Length > 0);
        }

        Assert.That(seen, Is.EqualTo(new[] { true, true, true, true, false }));
    }

    [Test, System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public void AFileThatMayBeReadAtLastIsNoticed()
    {
        _directory.Write("site.scriban", "a");
        var changes = Watch("site.scriban");
        changes.Look();
        File.SetUnixFileMode(_directory["site.scriban"], UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.That((changes.Look().Length, changes.Look().Length), Is.EqualTo((1, 0)));
    }

    [Test]
    public void AFileBehindALinkIsNoticedWhenTheLinkMoves()
    {
        _directory.Write("v1/site.scriban", "a");
        _directory.Write("v2/site.scriban", "a");
        File.CreateSymbolicLink(_directory["site.scriban"], _directory["v1/site.scriban"]);
        var changes = Watch("site.scriban");
        changes.Look();
        File.Delete(_directory["site.scriban"]);
        File.CreateSymbolicLink(_directory["site.scriban"], _directory["v2/site.scriban"]);
        Assert.That(changes.Look(), Is.EqualTo(new[] { _directory["site.scriban"] }));
    }

    [Test]
    public void OwnOutputsAndHalfWrittenFilesWakeNobody()
    {
        _directory.Write("t/site.scriban", "a");
        var changes = new FileChanges(() => new WatchedFiles([_directory["t"]], [_directory["t/nginx.conf"]]));
        changes.Look();
        _directory.Write("t/nginx.conf", "ours");
        _directory.Write("t/.nginx.conf.new", "ours");
        Assert.That(changes.Look(), Is.Empty);
    }

    [Test]
    public void AFileThatIsNotThereYetIsNoticedWhenItComes()
    {
        var changes = Watch("site.scriban");
        changes.Look();
        _directory.Write("site.scriban", "a");
        Assert.That(changes.Look(), Has.Length.EqualTo(1));
    }

    [Test]
    public void APathThatIsNewlyLookedAtCountsAsChangedOnce()
    {
        // It was read before it was looked at, and may have changed in between.
        string[] paths = [_directory.Write("site.scriban", "a")];
        var changes = new FileChanges(() => new WatchedFiles([.. paths], []));
        changes.Look();
        paths = [.. paths, _directory["part.scriban"]];
        Assert.That((changes.Look().Single(), changes.Look().Length), Is.EqualTo((_directory["part.scriban"], 0)));
    }

    private FileChanges Watch(string path) => new(() => new WatchedFiles([_directory[path]], []));
}
