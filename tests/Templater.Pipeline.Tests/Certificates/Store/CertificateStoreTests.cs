using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;
using Templater.Testing;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Tests.Certificates.Store;

public sealed class CertificateStoreTests : StoreBench
{
    private const string Version = "archive/a.example.com/1/";

    [TestCase(StoreLayouts.Live, "a.example.com live/a.example.com/fullchain.pem a.example.com,b.example.com")]
    [TestCase(StoreLayouts.HAProxy, "a.example.com haproxy/a.example.com.pem a.example.com,b.example.com")]
    [TestCase(StoreLayouts.NginxProxy, "a.example.com a.example.com.crt a.example.com,b.example.com")]
    public async Task WhatIsStoredIsFoundOnceInEachLayout(StoreLayouts layout, string expected)
    {
        await SavedAsync(Store(layout), Name, "b.example.com");
        Assert.That(Found(), Is.EqualTo(new[] { expected }));
        Assert.That(Reading().Pairs.Select(Store(layout).Owns), Is.All.True);
    }

    [Test]
    public async Task AllLayoutsAtOnceHoldTheSame()
    {
        var store = Store(StoreLayouts.Live | StoreLayouts.HAProxy | StoreLayouts.NginxProxy);
        await SavedAsync(store);
        var certificate = await SavedAsync(store);
        Assert.That(Found(), Has.Length.EqualTo(3));
        Assert.That(FingerprintFound(), Is.EqualTo(Fingerprint(certificate)));
    }

    [Test]
    public async Task APersonFindsWhatCertbotHas()
    {
        var certificate = await SavedAsync(Store());
        Assert.That(Entries(), Is.EqualTo(new[]
        {
            Version + "cert.pem", Version + "certificate.json", Version + "chain.pem", Version + "fullchain.pem", Version + "privkey.pem", "archive/a.example.com/current", "live/a.example.com",
        }));
        var live = Path.Combine(Certs, "live", Name);
        Assert.Multiple(() =>
        {
            Assert.That(File.ReadAllText(Path.Combine(live, "cert.pem")) + File.ReadAllText(Path.Combine(live, "chain.pem")), Is.EqualTo(File.ReadAllText(Path.Combine(live, "fullchain.pem"))));
            Assert.That(File.ReadAllText(Path.Combine(live, "fullchain.pem")), Is.EqualTo(certificate.Chain.ToPem()));
            Assert.That(File.ReadAllText(Path.Combine(live, "privkey.pem")), Is.EqualTo(certificate.Key.ToPem()));
            Assert.That(Directory.EnumerateFiles(live).Where(static file => !file.EndsWith("privkey.pem", StringComparison.Ordinal)).Select(File.ReadAllText), Is.All.Not.Contains("PRIVATE KEY"));
        });
    }

    [Test]
    public async Task WhatIsStoredComesBack()
    {
        var certificate = await SavedAsync(Store(), "*.example.com", "192.0.2.1");
        var found = Store().Find("*.example.com")!;
        Assert.Multiple(() =>
        {
            Assert.That((found.Name, found.Authority, found.Profile, found.StoredAt), Is.EqualTo((certificate.Name, Authority, "classic", Time.GetUtcNow())));
            Assert.That(found.Names, Is.EqualTo(new[] { "*.example.com", "192.0.2.1" }));
            Assert.That(found.Key.Public.Thumbprint, Is.EqualTo(certificate.Key.Public.Thumbprint));
            Assert.That(found.Life, Is.EqualTo(certificate.Life));
            Assert.That(found.RenewalId, Is.Not.Null.And.EqualTo(certificate.RenewalId));
            Assert.That(found.ToString(), Does.Not.Contain(certificate.Key.ToPem().Split('\n')[1]));
            Assert.That(Store().All.Single().Name, Is.EqualTo("*.example.com"));
            Assert.That(Store().Find("example.com"), Is.Null);
        });
    }

    [Test]
    public async Task NamesThatLookAlikeDoNotMeet()
    {
        var store = Store(StoreLayouts.Live | StoreLayouts.HAProxy | StoreLayouts.NginxProxy);
        string[] names = ["example.com", "*.example.com", "www.example.com", "2001:db8::1", string.Join('.', Enumerable.Repeat(new string('a', 60), 4)), "live", "archive", "haproxy"];
        foreach (var name in names)
            await SavedAsync(store, name);
        Assert.That(store.All.Select(static one => one.Name), Is.EquivalentTo(names));
        Assert.That(Found(), Has.Length.EqualTo(3 * names.Length));
        Assert.That(Reading().Pairs.GroupBy(static pair => pair.Names.Single()).Select(static pairs => (pairs.Key, pairs.Select(static pair => pair.Fingerprint).Distinct().Count())), Is.EquivalentTo(names.Select(static name => (name, 1))));
    }

    [TestCase(0b110_100_000)]
    [TestCase(0b110_000_000)]
    public async Task KeysHaveTheirModeAndNothingElseIsHidden(int mode)
    {
        await Store(new StoreOptions { Directory = Certs, Mode = mode, Layouts = StoreLayouts.HAProxy | StoreLayouts.Live }).SaveAsync(Issued(), CancellationToken.None);
        foreach (var entry in Directory.EnumerateFileSystemEntries(Certs, "*", new EnumerationOptions { RecurseSubdirectories = true }))
        {
            var expected = Directory.Exists(entry) ? 0b111_101_101 : entry.EndsWith("privkey.pem", StringComparison.Ordinal) || entry.Contains("/haproxy/", StringComparison.Ordinal) ? mode : 0b110_100_100;
            Assert.That(UnixFile.Owner(entry)!.Value.Mode, Is.EqualTo(expected), entry);
        }
    }

    [Test]
    public async Task FilesBelongToWhomTheyAreFor()
    {
        Missing.UnlessRoot("giving files away");
        await Store(new StoreOptions { Directory = Certs, Owner = 65532, Group = 99, Layouts = StoreLayouts.HAProxy | StoreLayouts.Live }).SaveAsync(Issued(), CancellationToken.None);
        foreach (var entry in Directory.EnumerateFileSystemEntries(Certs, "*", new EnumerationOptions { RecurseSubdirectories = true }))
            Assert.That((UnixFile.Owner(entry)!.Value.Uid, UnixFile.Owner(entry)!.Value.Gid), Is.EqualTo((65532u, 99u)), entry);
    }

    [Test]
    public async Task FilesFollowSettingsThatChanged()
    {
        Missing.UnlessRoot("giving files away");
        var layouts = StoreLayouts.HAProxy | StoreLayouts.Live;
        await SavedAsync(Store(layouts));
        var keys = new[] { Path.Combine(Certs, "haproxy", Name + ".pem"), Path.Combine(Certs, "archive", Name, "1", "privkey.pem") };
        UnixFile.SetMode(keys[1], 0b110_100_100);

        await Store(new StoreOptions { Directory = Certs, Layouts = layouts, Group = 99, Mode = 0b100_100_000 }).RepairAsync(CancellationToken.None);

        foreach (var key in keys)
            Assert.That((UnixFile.Owner(key)!.Value.Gid, UnixFile.Owner(key)!.Value.Mode), Is.EqualTo((99u, 0b100_100_000u)), key);
        Assert.That(UnixFile.Owner(Path.Combine(Certs, "archive", Name, "1", "fullchain.pem")), Is.EqualTo(new FileOwner(0, 99, 0b110_100_100)));
        Assert.That(Found(), Has.Length.EqualTo(2));
    }

    [Test]
    public async Task HAProxysFileHasChainThenKeyAndNoEmptyLine()
    {
        var certificate = await SavedAsync(Store(StoreLayouts.HAProxy));
        var text = File.ReadAllText(Path.Combine(Certs, "haproxy", Name + ".pem"));
        Assert.That(text, Is.EqualTo(certificate.Chain.ToPem() + certificate.Key.ToPem()));
        Assert.That(text, Does.Not.Contain("\n\n").And.Not.Contain("----------").And.EndWith("\n"));
    }

    [TestCaseSource(nameof(EachLayout))]
    public async Task ANewVersionTakesThePlaceOfTheOldAndTheOldIsKept(StoreLayouts layout)
    {
        var first = await SavedAsync(Store(layout));
        var second = await SavedAsync(Store(layout));
        Assert.That(FingerprintFound(), Is.EqualTo(Fingerprint(second)));
        var third = await SavedAsync(Store(layout));
        Assert.That(Directory.GetDirectories(Path.Combine(Certs, "archive", Name)).Select(Path.GetFileName), Is.EquivalentTo(new[] { "2", "3", "current" }));

        var restored = await Store(layout).RestorePreviousAsync(Name, CancellationToken.None);

        Assert.That(Fingerprint(restored!), Is.EqualTo(Fingerprint(second)));
        Assert.That(FingerprintFound(), Is.EqualTo(Fingerprint(second)));
        Assert.That(Fingerprint(Store(layout).Find(Name)!), Is.EqualTo(Fingerprint(second)));
        Assert.That(await Store(layout).RestorePreviousAsync(Name, CancellationToken.None), Is.Null, "there is none before it");
        var fourth = await SavedAsync(Store(layout));
        Assert.That(FingerprintFound(), Is.EqualTo(Fingerprint(fourth)));
        Assert.That(Fingerprint((await Store(layout).RestorePreviousAsync(Name, CancellationToken.None))!), Is.EqualTo(Fingerprint(second)), "that which was taken back is not gone back to");
        Assert.That(new[] { first, third }.Select(Fingerprint), Has.None.EqualTo(FingerprintFound()));
    }

    [Test]
    public async Task ARunningReaderNoticesTheChange()
    {
        var store = Store();
        var reader = new Pipeline.Certificates.CertificateDirectory(Certs, Time);
        var first = await SavedAsync(store);
        Assert.That(reader.Read(CancellationToken.None).Pairs.Single().Fingerprint, Is.EqualTo(Fingerprint(first)));
        var stamp = FileStamp.Of(Certs);
        var second = await SavedAsync(store);
        Assert.That(reader.Read(CancellationToken.None).Pairs.Single().Fingerprint, Is.EqualTo(Fingerprint(second)));
        Assert.That(FileStamp.Of(Certs), Is.Not.EqualTo(stamp));
        await store.RestorePreviousAsync(Name, CancellationToken.None);
        Assert.That(reader.Read(CancellationToken.None).Pairs.Single().Fingerprint, Is.EqualTo(Fingerprint(first)));
    }

    [TestCaseSource(nameof(EachLayout))]
    public async Task WhatWasRevokedIsNotGoneBackTo(StoreLayouts layout)
    {
        var first = await SavedAsync(Store(layout));
        await Store(layout).NoteRevokedAsync(Name, first.Life.Id, CancellationToken.None);
        await Store(layout).NoteRevokedAsync(Name, first.Life.Id, CancellationToken.None);
        Assert.That(FingerprintFound(), Is.EqualTo(Fingerprint(first)), "until there is another one");
        var second = await SavedAsync(Store(layout));

        await Assert.ThatAsync(
            () => Store(layout).RestorePreviousAsync(Name, CancellationToken.None),
            Throws.TypeOf<OutputFileException>().With.Message.EqualTo($"the former certificate for {Name} is not restored: it was revoked. The present one stays."));

        Assert.That(FingerprintFound(), Is.EqualTo(Fingerprint(second)));
        await SavedAsync(Store(layout));
        Assert.That(Fingerprint((await Store(layout).RestorePreviousAsync(Name, CancellationToken.None))!), Is.EqualTo(Fingerprint(second)), "that one was not");
    }

    [Test]
    public async Task WhatIsInTheWayKeepsTheStoreFromGoingBack()
    {
        await SavedAsync(Store());
        var second = await SavedAsync(Store());
        var link = Path.Combine(Certs, "live", Name);
        File.Delete(link);
        Directory.CreateDirectory(link);

        await Assert.ThatAsync(
            () => Store().RestorePreviousAsync(Name, CancellationToken.None), Throws.TypeOf<OutputFileException>().With.Message.StartsWith($"no certificate can be stored as {link}: "));

        Assert.That(Fingerprint(Store().Find(Name)!), Is.EqualTo(Fingerprint(second)));
    }

    // A folder is in the place of the layout's own.
    [Test]
    public async Task WhatCannotBeShownIsNotGoneBackTo()
    {
        var first = await SavedAsync(Store());
        var second = await SavedAsync(Store());
        Scratch.Write("certs/haproxy", "");
        var store = Store(StoreLayouts.Live | StoreLayouts.HAProxy);

        await Assert.ThatAsync(() => store.RestorePreviousAsync(Name, CancellationToken.None), Throws.TypeOf<OutputFileException>());
        Assert.That(FingerprintFound(), Is.EqualTo(Fingerprint(second)));

        File.Delete(Scratch["certs/haproxy"]);
        Assert.That(Fingerprint((await store.RestorePreviousAsync(Name, CancellationToken.None))!), Is.EqualTo(Fingerprint(first)));
        Assert.That(FingerprintFound(), Is.EqualTo(Fingerprint(first)));
    }

    [Test]
    public async Task TheSameAgainIsNoNewVersion()
    {
        var certificate = await SavedAsync(Store());
        await Store().SaveAsync(certificate, CancellationToken.None);
        Assert.That(Directory.Exists(Path.Combine(Certs, "archive", Name, "2")), Is.False);
    }

    [Test]
    public async Task WhatElseIsKnownOfItIsKeptWithoutAnythingLeftBehind()
    {
        var certificate = await SavedAsync(Store(StoreLayouts.HAProxy));
        await Store(StoreLayouts.HAProxy).SaveAsync(certificate with { Profile = "shortlived" }, CancellationToken.None);
        Assert.That(Store().Find(Name)!.Profile, Is.EqualTo("shortlived"));
        Assert.That(Entries().Where(static entry => entry.StartsWith("haproxy", StringComparison.Ordinal)), Is.EqualTo(new[] { "haproxy/a.example.com.pem" }));
    }

    [Test]
    public async Task WhatNoProxyCouldUseIsNotStored()
    {
        var before = await SavedAsync(Store());
        var (good, other) = (Issued(), Issued());
        using var expired = new TestAuthority("expired");
        (StoredCertificate Certificate, string Says)[] bad =
        [
            (good with { Key = other.Key }, "its first certificate is for another key"),
            (good with { Names = [Name, "b.example.com"] }, "it is for a.example.com and not for a.example.com, b.example.com"),
            (good with { Chain = CertificateChain.Parse(good.Chain.ToPem() + other.Chain.ToPem()) }, "its certificates do not sign one another"),
        ];
        foreach (var (certificate, says) in bad)
            Assert.That(async () => await Store().SaveAsync(certificate, CancellationToken.None), Throws.TypeOf<OutputFileException>().With.Message.EqualTo($"the certificate for a.example.com is not stored: {says}. The former one, where there is one, stays."));
        Time.Advance(TimeSpan.FromDays(365));
        Assert.That(async () => await Store().SaveAsync(good, CancellationToken.None), Throws.TypeOf<OutputFileException>().With.Message.Contains("it has ended already"));
        Assert.That(Fingerprint(Store().Find(Name)!), Is.EqualTo(Fingerprint(before)));
        Assert.That(Directory.GetDirectories(Path.Combine(Certs, "archive", Name)).Select(Path.GetFileName), Is.EquivalentTo(new[] { "1", "current" }));
    }

    [TestCase(StoreLayouts.Live, "live/a.example.com/fullchain.pem", "live/a.example.com")]
    [TestCase(StoreLayouts.HAProxy, "haproxy/a.example.com.pem", "haproxy/a.example.com.pem")]
    [TestCase(StoreLayouts.NginxProxy, "a.example.com.key", "a.example.com.key")]
    public void WhatSomebodyElseMadeIsLeftAlone(StoreLayouts layout, string file, string named)
    {
        Scratch.Write("certs/" + file, "mine");
        Assert.That(Store(layout).Obstacle(Name)!.Message, Does.StartWith($"no certificate can be stored as {Path.Combine(Certs, named)}: what is there was not made by Templater"));
        Assert.That(Store(layout).Obstacle("b.example.com"), Is.Null);
        Assert.That(async () => await SavedAsync(Store(layout)), Throws.TypeOf<OutputFileException>());
        Assert.That(Scratch.Read("certs/" + file), Is.EqualTo("mine"));
        Assert.That(Entries(), Is.EqualTo(new[] { file }).Or.Empty, "nothing is left behind");
    }

    [Test]
    public async Task ALayoutThatIsNotWantedAnyMoreIsKeptUpToDate()
    {
        await SavedAsync(Store(StoreLayouts.HAProxy));
        var certificate = await SavedAsync(Store(StoreLayouts.Live));
        Assert.That(Found(), Has.Length.EqualTo(2));
        Assert.That(FingerprintFound(), Is.EqualTo(Fingerprint(certificate)));
    }

    [Test]
    public async Task ALinkThatLeadsNowhereIsMended()
    {
        var first = await SavedAsync(Store());
        await SavedAsync(Store());
        Directory.Delete(Path.Combine(Certs, "archive", Name, "2"), recursive: true);
        Assert.That(Store().Find(Name), Is.Null);

        await Store().RepairAsync(CancellationToken.None);

        Assert.That(FingerprintFound(), Is.EqualTo(Fingerprint(first)));
        Assert.That(Notices.Single().Message, Does.Contain("did not lead to a whole certificate for a.example.com, and leads to version 1 again"));
    }

    [TestCase("privkey.pem", "torn")]
    [TestCase("fullchain.pem", "")]
    [TestCase("certificate.json", "{}")]
    public async Task AVersionThatIsNotWholeIsNone(string file, string text)
    {
        var first = await SavedAsync(Store());
        await SavedAsync(Store());
        Scratch.Write($"certs/archive/{Name}/2/{file}", text);
        Assert.That(Store().Find(Name), Is.Null);
        await Store().RepairAsync(CancellationToken.None);
        Assert.That(Fingerprint(Store().Find(Name)!), Is.EqualTo(Fingerprint(first)));
    }

    [Test]
    public async Task WhatANewerVersionWroteIsLeftAlone()
    {
        await SavedAsync(Store());
        Scratch.Write($"certs/archive/{Name}/1/certificate.json", "{\"format\": 7}");
        var before = Entries();
        Assert.That(async () => await Store().RepairAsync(CancellationToken.None), Throws.TypeOf<StateDirectoryException>().With.Property("Reason").EqualTo(StateDirectoryReason.NewerFormat));
        Assert.That(Entries(), Is.EqualTo(before));
    }

    [Test]
    public async Task OnlyOneOrdersACertificateAtATime()
    {
        using (Store().TryClaim(Name))
        {
            Assert.That(Store().TryClaim(Name), Is.Null);
            using var other = Store().TryClaim("b.example.com");
            Assert.That(other, Is.Not.Null);
            Assert.That(async () => await SavedAsync(Store()), Throws.Nothing, "it is stored meanwhile");
        }

        using var again = Store().TryClaim(Name);
        Assert.That(again, Is.Not.Null);
        Assert.That(Found(), Has.Length.EqualTo(1));
        await Task.CompletedTask;
    }

    [Test]
    public async Task OneThatStandsStillIsNotWaitedForForEver()
    {
        await SavedAsync(Store());
        using var held = StoreGate.TryOpen(Path.Combine(Certs, ".templater-store/lock"));
        var waiting = SavedAsync(Store(), "b.example.com");
        while (!waiting.IsCompleted)
            await Task.WhenAny(waiting, Time.AdvanceWhenWaitingAsync(StoreGate.MaxWait));
        Assert.That(async () => await waiting, Throws.TypeOf<StateDirectoryException>().With.Property("Reason").EqualTo(StateDirectoryReason.InUse).And.Message.Contains("find the one that stands still"));
    }

    [Test]
    public async Task ManyAtOnceAllGetThere()
    {
        var store = Store(StoreLayouts.HAProxy | StoreLayouts.Live);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => SavedAsync(store, $"n{i % 4}.example.com"))));
        Assert.That(Found(), Has.Length.EqualTo(8));
        Assert.That(store.All, Has.Length.EqualTo(4));
    }
}
