using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Inventory;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class FileSnapshotSourceTests
{
    private readonly FakeTimeProvider _time = new();

    [Test]
    public async Task CertificatesAndSlotsAreAddedToAnInspection()
    {
        using var directory = new TempDirectory();
        var full = Snapshots.Full();
        var assembler = new SnapshotAssembler(() => new CertificateReading(full.Certificates, full.UnusableCertificates, []), () => full.Slots, () => full.Quarantined);
        var source = new FileSnapshotSource(directory.Write("c.json", "[]"), EnvFilter.Default, assembler, _time);
        var snapshot = await source.ReadAsync(CancellationToken.None);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(snapshot.Certificates, Has.Length.EqualTo(1));
            Assert.That(snapshot.UnusableCertificates, Has.Length.EqualTo(1));
            Assert.That(snapshot.Slots, Has.Count.EqualTo(1));
            Assert.That(snapshot.Quarantined, Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task ARecordedSnapshotIsLeftAsItIs()
    {
        using var directory = new TempDirectory();
        await File.WriteAllBytesAsync(directory["s.json"], SnapshotFile.ToBytes(Snapshots.Full()));
        var source = new FileSnapshotSource(directory["s.json"], EnvFilter.Default, SnapshotAssembler.Nothing, _time);
        Assert.That((await source.ReadAsync(CancellationToken.None)).Certificates, Has.Length.EqualTo(1));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task ACertificateThatWasRenewedAfterTheFileWasWrittenIsUsedByAProgramThatStays(bool stays)
    {
        using var directory = new TempDirectory();
        var file = directory.Write("c.json", """[{"Id":"1","Name":"/a","Created":"2020-01-01T00:00:00Z","State":{"Status":"running"}}]""");
        var source = new FileSnapshotSource(file, EnvFilter.Default, SnapshotAssembler.Nothing, _time, followsClock: stays);
        var written = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.That(_time.GetUtcNow(), Is.GreaterThan(written));
        Assert.That((await source.ReadAsync(CancellationToken.None)).TakenAt, Is.EqualTo(stays ? _time.GetUtcNow() : written));
    }

    [Test]
    public async Task AFileThatIsAheadOfTheClockKeepsItsMoment()
    {
        using var directory = new TempDirectory();
        var file = directory.Write("c.json", """[{"Id":"1","Name":"/a","Created":"2090-01-01T00:00:00Z","State":{"Status":"running"}}]""");
        var source = new FileSnapshotSource(file, EnvFilter.Default, SnapshotAssembler.Nothing, _time, followsClock: true);
        Assert.That((await source.ReadAsync(CancellationToken.None)).TakenAt.Year, Is.EqualTo(2090));
    }

    [Test]
    public async Task AMissingFileIsReportedWithItsName()
    {
        var source = new FileSnapshotSource("/nowhere/c.json", EnvFilter.Default, SnapshotAssembler.Nothing, _time);
        await Assert.ThatAsync(
            () => source.ReadAsync(CancellationToken.None),
            Throws.TypeOf<SnapshotFailedException>().With.Message.StartsWith("/nowhere/c.json: cannot be read: "));
    }

    [TestCase(false, TestName = "A file that is written in place is noticed")]
    [TestCase(true, TestName = "A file that is replaced by renaming is noticed")]
    public async Task AChangeIsNoticed(bool byRename)
    {
        using var directory = new TempDirectory();
        var source = new FileSnapshotSource(directory.Write("c.json", "[]"), EnvFilter.Default, SnapshotAssembler.Nothing, _time);
        await using var changes = source.ChangesAsync(CancellationToken.None).GetAsyncEnumerator();
        await changes.MoveNextAsync();
        Assert.That(changes.Current.Kind, Is.EqualTo(SourceChangeKind.Reconnected));

        var next = changes.MoveNextAsync().AsTask();
        await _time.AdvanceWhenWaitingAsync(FileSnapshotSource.PollInterval);
        Assert.That(next.IsCompleted, Is.False);
        if (byRename)
            File.Move(directory.Write("c.json.new", "[ ]"), directory["c.json"], overwrite: true);
        else
            directory.Write("c.json", "[ ]");
        await _time.AdvanceWhenWaitingAsync(FileSnapshotSource.PollInterval);
        Assert.That(await next.WaitAsync(TimeSpan.FromSeconds(10)), Is.True);
        Assert.That(changes.Current, Is.EqualTo(new SourceChange(SourceChangeKind.Event, null, "", "c.json changed", true)));
    }
}
