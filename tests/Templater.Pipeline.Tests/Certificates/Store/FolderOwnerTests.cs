using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Watching;
using Templater.Testing;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Tests.Certificates.Store;

/// <summary>What a command that is run as root leaves in directories of the user whose Templater runs.</summary>
public sealed class FolderOwnerTests : StoreBench
{
    private const uint User = 4242;
    private const uint Group = 4343;

    private string State => Scratch["state"];

    [SetUp]
    public void GiveAway()
    {
        Missing.UnlessRoot("giving files away");
        Directory.CreateDirectory(State);
        foreach (var folder in new[] { Certs, State })
            ChildProcess.RunAsync("chown", [$"{User}:{Group}", folder]).GetAwaiter().GetResult().MustSucceed();
    }

    [TestCaseSource(nameof(EachLayout))]
    public async Task WhatIsStoredIsTheirs(StoreLayouts layout)
    {
        var store = Store(layout);
        await SavedAsync(store);
        await SavedAsync(store);
        await store.RestorePreviousAsync(Name, CancellationToken.None);
        using (store.TryClaim(Name))
            Assert.That(OthersBelow(Certs), Is.Empty);
        Assert.That(Directory.GetFiles(Path.Combine(Certs, CertificateStore.OwnFolder)), Has.Length.GreaterThanOrEqualTo(2), "the locks are there");
    }

    [Test]
    public async Task KeysHaveTheirModeAndAGroupThatIsAskedForStays()
    {
        await SavedAsync(Store(new StoreOptions { Directory = Certs, Layouts = StoreLayouts.HAProxy, Group = 99 }));
        Assert.That(UnixFile.Owner(Path.Combine(Certs, "haproxy", Name + ".pem")), Is.EqualTo(new FileOwner(User, 99, (uint)StoreOptions.DefaultMode)));
    }

    [Test]
    public async Task WhatIsRememberedAndAskedForIsTheirs()
    {
        var state = StateDirectory.Open(State);
        var acme = new AcmeState(state, Time);
        await acme.Accounts.ObtainAsync(Authority, KeyType.Ec256, CancellationToken.None);
        await acme.Orders.JournalOf(Name).KeepAsync(new PendingOrder(Authority, new Uri("https://ca.example/order/1"), [Identifier.Dns(Name)], null), CancellationToken.None);
        using var running = await RunLock.TakeAsync(State, Time, CancellationToken.None);
        new KeeperRequests(State).Ask(new KeeperRequest(KeeperRequestKind.Renew, Name));
        new RollbackRequests(State, "nginx").AskToResume();
        Assert.That(OthersBelow(State), Is.Empty);
        Assert.That(Directory.GetFiles(State, "lock", SearchOption.AllDirectories), Is.Not.Empty);
    }

    [Test]
    public void NothingThatWasThereIsGivenAway()
    {
        Directory.CreateDirectory(Path.Combine(Certs, CertificateStore.OwnFolder));
        var secret = Scratch.Write("secret", "root's");
        File.CreateSymbolicLink(Path.Combine(Certs, CertificateStore.OwnFolder, $"{Name}.lock"), secret);
        Store().TryClaim(Name)?.Dispose();
        Assert.That(UnixFile.Owner(secret)!.Value.Uid, Is.Zero);
    }

    // Links have no content, and whoever owns their folder replaces them.
    private static string[] OthersBelow(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { AttributesToSkip = 0, RecurseSubdirectories = true })
            .Where(static path => new FileInfo(path).LinkTarget is null && UnixFile.Owner(path) is { } owner && (owner.Uid, owner.Gid) != (User, Group))];
}
