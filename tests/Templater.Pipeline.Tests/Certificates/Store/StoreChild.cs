using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Store;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Certificates.Store;

/// <summary>Stores one certificate, by itself or, for <see cref="StoreKillTests"/>, in a process that is traced and killed.</summary>
[Platform("Linux")]
public sealed class StoreChild
{
    /// <summary>Names the folder with <c>certs</c>, <c>chain.pem</c> and <c>key.pem</c>.</summary>
    public const string Variable = "TESTS_STORE_CHILD";

    /// <summary>All layouts, so that every step is there.</summary>
    public const StoreLayouts Layouts = StoreLayouts.Live | StoreLayouts.HAProxy | StoreLayouts.NginxProxy;

    /// <summary>The name of the certificate.</summary>
    public const string Name = "a.example.com";

    [Test]
    public async Task StoresACertificate()
    {
        using var scratch = new TempDirectory();
        if (Environment.GetEnvironmentVariable(Variable) is not { } folder)
            Prepare(folder = scratch.Path);
        var chain = CertificateChain.Parse(File.ReadAllText(Path.Combine(folder, "chain.pem")));
        using var key = PrivateKey.FromPem(File.ReadAllText(Path.Combine(folder, "key.pem")));
        var store = new CertificateStore(new StoreOptions { Directory = Path.Combine(folder, "certs"), Layouts = Layouts }, TimeProvider.System);

        await store.SaveAsync(new StoredCertificate { Name = Name, Names = [Name], Chain = chain, Key = key, StoredAt = DateTimeOffset.UnixEpoch }, CancellationToken.None);

        Assert.That(store.Find(Name)!.Key.Public.Thumbprint, Is.EqualTo(key.Public.Thumbprint));
    }

    private static void Prepare(string folder)
    {
        var now = TimeProvider.System.GetUtcNow();
        var (chain, key) = TestCertificates.Make(now.AddHours(-1), now.AddDays(10), Name);
        File.WriteAllText(Path.Combine(folder, "chain.pem"), chain);
        File.WriteAllText(Path.Combine(folder, "key.pem"), key);
    }
}
