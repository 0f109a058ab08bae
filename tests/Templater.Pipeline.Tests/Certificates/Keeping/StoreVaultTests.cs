using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Tests.Certificates.Store;

namespace Templater.Pipeline.Tests.Certificates.Keeping;

/// <summary>What a keeper sees of a store that others share.</summary>
public sealed class StoreVaultTests : StoreBench
{
    [Test]
    public async Task WhatAnotherProcessStoredIsSeenByWhoLooksAnew()
    {
        var vault = new StoreVault(Store(), new AcmeState(StateDirectory.Open(Scratch["state"]), Time).Orders, new Dictionary<string, Uri>(), Time);
        Assert.That(vault.Held, Is.Empty);

        var stored = await SavedAsync(Store());

        Assert.That(vault.Held, Is.Empty, "what was read holds for a while");
        Assert.That(vault.IdOf(Name), Is.EqualTo(stored.Life.Id));
        Assert.That(vault.Held[Name].Life.Id, Is.EqualTo(stored.Life.Id));
    }
}
