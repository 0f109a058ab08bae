using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Tests.Deployment;
using Templater.Testing;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Tests.Certificates.Store;

/// <summary>A certificates directory of its own for each test, and an authority that signs. The clock stands at the true time, as certificates are looked at by it.</summary>
[Platform("Linux")]
public abstract class StoreBench : DirectoryFixture
{
    private protected const string Name = "a.example.com";
    private protected static readonly Uri Authority = new("https://ca.example/dir");
    private protected static readonly StoreLayouts[] EachLayout = [StoreLayouts.Live, StoreLayouts.HAProxy, StoreLayouts.NginxProxy];
    private TestAuthority _authority = null!;

    private protected FakeTimeProvider Time { get; private set; } = null!;

    private protected List<Finding> Notices { get; } = [];

    private protected string Certs => Scratch["certs"];

    [OneTimeSetUp]
    public void MakeAuthority() => _authority = new TestAuthority("store");

    [OneTimeTearDown]
    public void DisposeAuthority() => _authority.Dispose();

    [SetUp]
    public void Prepare()
    {
        Notices.Clear();
        Time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        Directory.CreateDirectory(Certs);
    }

    /// <summary>The store as another start of the program, or another process, has it.</summary>
    private protected CertificateStore Store(StoreLayouts layouts = StoreLayouts.Live) => Store(new StoreOptions { Directory = Certs, Layouts = layouts });

    private protected CertificateStore Store(StoreOptions options) => new(options, Time, Notices.Add);

    /// <summary>A new certificate with a new key.</summary>
    private protected StoredCertificate Issued(params string[] names)
    {
        using var certificate = _authority.Issue(names.Length > 0 ? names : [Name]);
        using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificate)!;
        var issued = new IssuedCertificate(
            CertificateChain.Parse(certificate.ExportCertificatePem() + "\n" + _authority.Pem),
            PrivateKey.FromPem(key.ExportPkcs8PrivateKeyPem()),
            [.. (names.Length > 0 ? names : [Name]).Select(Identifier.Parse)])
        { Profile = "classic" };
        return StoredCertificate.Of(names.Length > 0 ? names[0] : Name, issued, Authority, Time.GetUtcNow());
    }

    private protected async Task<StoredCertificate> SavedAsync(CertificateStore store, params string[] names)
    {
        var certificate = Issued(names);
        await store.SaveAsync(certificate, CancellationToken.None);
        return certificate;
    }

    /// <summary>What the rest of Templater finds in the directory.</summary>
    private protected CertificateReading Reading() => new CertificateDirectory(Certs, Time).Read(CancellationToken.None);

    /// <summary>The pairs that the rest of Templater finds, by path; nothing else may be wrong with the directory.</summary>
    private protected string[] Found()
    {
        var reading = Reading();
        Assert.That(reading.Findings, Is.Empty);
        Assert.That(reading.Unusable, Is.Empty);
        return [.. reading.Pairs.Select(pair => $"{pair.Name} {Path.GetRelativePath(Certs, pair.ChainPath)} {string.Join(',', pair.Names)}")];
    }

    /// <summary>The serial number that the rest of Templater finds.</summary>
    private protected string FingerprintFound() => Reading().Pairs.Select(static pair => pair.Fingerprint).Distinct().Single();

    private protected static string Fingerprint(StoredCertificate certificate) =>
        Convert.ToHexStringLower(certificate.Chain.Leaf.GetCertHash(System.Security.Cryptography.HashAlgorithmName.SHA256));

    /// <summary>Every file and link below the directory, but for the store's own.</summary>
    private protected string[] Entries() =>
    [
        .. Directory.EnumerateFileSystemEntries(Certs, "*", new EnumerationOptions { AttributesToSkip = 0, RecurseSubdirectories = true, MaxRecursionDepth = 4 })
            .Where(static path => !Directory.Exists(path) || new FileInfo(path).LinkTarget is not null)
            .Select(path => Path.GetRelativePath(Certs, path))
            .Where(static path => !path.StartsWith(".templater-store", StringComparison.Ordinal) && !path.Contains("/current/", StringComparison.Ordinal) && !path.StartsWith("live/a.example.com/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];
}
