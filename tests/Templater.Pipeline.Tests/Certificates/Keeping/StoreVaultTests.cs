using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Tests.Certificates.Store;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>What a keeper sees of a store that others share.</summary>
public sealed class StoreVaultTests : StoreBench
{
    [Test]
    public async Task WhatAnotherProcessStoredIsSeenByWhoLooksAnew()
    {
        var vault = Vault();
        Assert.That(vault.Held, Is.Empty);

        var stored = await SavedAsync(Store());

        Assert.That(vault.Held, Is.Empty, "what was read holds for a while");
        Assert.That(vault.IdOf(Name), Is.EqualTo(stored.Life.Id));
        Assert.That(vault.Held[Name].Life.Id, Is.EqualTo(stored.Life.Id));
    }

    [Test]
    public async Task WhatIsRestoredAndThenRevokedIsKnownToBeRevokedAtOnce()
    {
        var first = await SavedAsync(Store());
        var second = await SavedAsync(Store());
        var vault = Vault();
        Assert.That((vault.Held[Name].Life.Id, vault.Held[Name].IsRevoked), Is.EqualTo((second.Life.Id, false)));
        await Store().RestorePreviousAsync(Name, CancellationToken.None);

        await vault.NoteRevokedAsync(Name, first.Life.Id, CancellationToken.None);

        Assert.That((vault.Held[Name].Life.Id, vault.Held[Name].IsRevoked), Is.EqualTo((first.Life.Id, true)));
        await SavedAsync(Store());
        _ = vault.IdOf(Name);
        Assert.That(vault.Held[Name].IsRevoked, Is.False);
    }

    [Test]
    public async Task WhatIsRevokedBesideAnUnreadablePairIsKnownWhenThatCanBeReadAgain()
    {
        var stored = await SavedAsync(Store());
        var key = Path.Combine(Certs, "archive", Name, "1", "privkey.pem");
        var vault = Vault();
        await Store().NoteRevokedAsync(Name, stored.Life.Id, CancellationToken.None);
        // Nobody may read a file that is none.
        File.Move(key, key + ".away");
        Directory.CreateDirectory(key);
        Assert.That(vault.Held, Is.Empty);
        Assert.That(() => vault.NoteRevokedAsync(Name, stored.Life.Id, CancellationToken.None), Throws.InstanceOf<IOException>());
        Directory.Delete(key);
        File.Move(key + ".away", key);
        Time.Advance(StoreVault.MaxAge);
        Assert.That(vault.Held[Name].IsRevoked, Is.True, "also for who was told nothing, or another process was");
    }

    [TestCase("../a")]
    [TestCase("b.example.com")]
    public async Task WhatIsNotKeptIsNotNoted(string name)
    {
        var vault = Vault();
        await vault.NoteRevokedAsync(name, "id", CancellationToken.None);
        Assert.That(vault.Held, Is.Empty);
    }

    private StoreVault Vault() => new(Store(), new AcmeState(StateDirectory.Open(Scratch["state"]), Time).Orders, new Dictionary<string, Uri>(), Time);
}
