using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;
using Templater.Testing;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Tests.Certificates.Store;

/// <summary>Disks that are full or read-only: a pair is old or new, and whole. Needs root.</summary>
public sealed class StoreDiskTests : StoreBench
{
    private const StoreLayouts Every = StoreLayouts.Live | StoreLayouts.HAProxy | StoreLayouts.NginxProxy;
    private const int PageSize = 4096;

    // More than a certificate takes in all layouts.
    private const int MostPages = 16;
    private const int MostFiles = 24;

    [Test]
    public async Task AFullDiskLeavesTheOldPairOrTheNewOne()
    {
        using var disk = await Mounts.SmallTmpfsAsync(Certs, 512);
        var held = await SavedAsync(Store(Every));
        var failures = 0;
        for (var pages = 0; pages <= MostPages; pages++)
        {
            Fill(pages);
            (held, var failed) = await TriedAsync(held);
            failures += failed ? 1 : 0;
            File.Delete(Filler);
        }

        Assert.That(failures, Is.InRange(5, MostPages), "there was too little space, and there was enough");
        await MustHoldAsync(held);
    }

    [Test]
    public async Task ADiskWithoutRoomForAFirstPairLeavesNothing()
    {
        using var disk = await Mounts.SmallTmpfsAsync(Certs, 512);
        for (var pages = 0; pages < 4; pages++)
        {
            Fill(pages);
            Assert.That(async () => await SavedAsync(Store(Every)), Throws.TypeOf<OutputFileException>().With.Message.Contains("no space is left on its file system. Free some"));
            Assert.That(Found(), Is.Empty);
            File.Delete(Filler);
        }

        await MustHoldAsync(await SavedAsync(Store(Every)));
    }

    [Test]
    public async Task ADiskWithoutRoomForFilesLeavesTheOldPairOrTheNewOne()
    {
        using var disk = await Mounts.MountAsync(Certs, "-t", "tmpfs", "-o", "size=512k,nr_inodes=100,mode=0755", "tmpfs");
        var held = await SavedAsync(Store(Every));
        var failures = 0;
        for (var files = 0; files <= MostFiles; files++)
        {
            var fillers = FillFiles(files);
            (held, var failed) = await TriedAsync(held);
            failures += failed ? 1 : 0;
            foreach (var filler in fillers)
                File.Delete(filler);
        }

        Assert.That(failures, Is.InRange(5, MostFiles));
        await MustHoldAsync(held);
    }

    [Test]
    public async Task AReadOnlyDiskIsNamedAndKeepsWhatItHas()
    {
        using var disk = await Mounts.SmallTmpfsAsync(Certs, 512);
        var held = await SavedAsync(Store(Every));
        using (await Mounts.BindAsync(Certs, Certs))
        {
            _ = await Mounts.MountAsync(Certs, "-o", "remount,bind,ro");
            Assert.That(Store(Every).Obstacle(Name)!.Message, Does.Contain("mounted read-only here"));
            Assert.That(async () => await SavedAsync(Store(Every)), Throws.TypeOf<OutputFileException>().With.Message.Contains("mounted read-only here"));
            await Store(Every).RepairAsync(CancellationToken.None);
            Assert.That(Notices.Select(static notice => notice.Message), Has.One.Contains("mounted read-only here"));
            Assert.That(Fingerprint(Store(Every).Find(Name)!), Is.EqualTo(Fingerprint(held)));
        }
    }

    [Test]
    public async Task AFullStateDirectoryLosesNoKey()
    {
        var state = Directory.CreateDirectory(Scratch["state"]).FullName;
        using var disk = await Mounts.SmallTmpfsAsync(state, 128);
        var opened = new AcmeState(StateDirectory.Open(state), Time, aside => Notices.Add(aside.Finding));
        var account = await opened.Accounts.ObtainAsync(Authority, Templater.Acme.Protocol.KeyType.Ec256, CancellationToken.None);
        using (var filler = File.Create(Path.Combine(state, "filler")))
            Mounts.Fill(filler);

        Assert.That(async () => await opened.Accounts.BeginRollOverAsync(Authority, Templater.Acme.Protocol.KeyType.Ec256, CancellationToken.None), Throws.InstanceOf<IOException>());
        Assert.That(async () => await opened.Accounts.NoteAsync(Authority, new Uri("https://ca.example/account/1"), [], CancellationToken.None), Throws.InstanceOf<IOException>());
        Assert.That(async () => await opened.Accounts.ObtainAsync(new Uri("https://other.example/dir"), Templater.Acme.Protocol.KeyType.Ec256, CancellationToken.None), Throws.InstanceOf<IOException>());
        File.Delete(Path.Combine(state, "filler"));

        var again = new AcmeState(StateDirectory.Open(state), Time, aside => Notices.Add(aside.Finding)).Accounts;
        Assert.That(again.Find(Authority)!.Key.Public.Thumbprint, Is.EqualTo(account.Key.Public.Thumbprint));
        Assert.That((again.Find(Authority)!.NextKey, again.Find(new Uri("https://other.example/dir"))), Is.EqualTo(((object?)null, (object?)null)));
        Assert.That(Notices, Is.Empty);
    }

    private string Filler => Path.Combine(Certs, ".filler");

    private async Task<(StoredCertificate Held, bool Failed)> TriedAsync(StoredCertificate held)
    {
        var next = Issued();
        try
        {
            await Store(Every).SaveAsync(next, CancellationToken.None);
            MustBe(next, next);
            return (next, false);
        }
        catch (OutputFileException error)
        {
            Assert.That(error.Message, Does.Contain("no space is left on its file system"));
            MustBe(held, next);
            return (Store(Every).Find(Name)!, true);
        }
    }

    // What each layout shows is whole, and one of two; where some space is free again, all show the same.
    private void MustBe(StoredCertificate old, StoredCertificate @new)
    {
        string[] allowed = [Fingerprint(old), Fingerprint(@new)];
        Assert.That(Found(), Has.Length.EqualTo(3));
        Assert.That(Reading().Pairs.Select(static pair => pair.Fingerprint), Is.All.AnyOf(allowed));
        Assert.That(allowed, Does.Contain(Fingerprint(Store(Every).Find(Name)!)));
    }

    private async Task MustHoldAsync(StoredCertificate certificate)
    {
        await Store(Every).RepairAsync(CancellationToken.None);
        Assert.That(FingerprintFound(), Is.EqualTo(Fingerprint(certificate)));
        Assert.That(Entries().Where(static entry => entry.Contains(".templater-new-", StringComparison.Ordinal)), Is.Empty);
        await MustSaveAsync();
    }

    private async Task MustSaveAsync()
    {
        var next = await SavedAsync(Store(Every));
        Assert.That(FingerprintFound(), Is.EqualTo(Fingerprint(next)));
    }

    // All but some pages.
    private void Fill(int pages)
    {
        using var filler = File.Create(Filler);
        Mounts.Fill(filler);
        filler.SetLength(Math.Max(0, filler.Length - ((long)pages * PageSize)));
    }

    private List<string> FillFiles(int left)
    {
        var fillers = new List<string>();
        try
        {
            while (true)
            {
                var path = Path.Combine(Certs, $".filler{fillers.Count}");
                File.Create(path).Dispose();
                fillers.Add(path);
            }
        }
        catch (IOException)
        {
            // Full.
        }

        foreach (var filler in fillers.TakeLast(left))
            File.Delete(filler);
        return [.. fillers.SkipLast(left)];
    }
}
