using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Pipeline.Deployment;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>
/// Pairs signed by themselves that stand for certificates which are not there yet, for proxies that do not start without. They lie in a
/// folder of the store that nobody reads certificates out of, so that none is ever taken for a real one, and their subject says what they
/// are. One goes when it has ended: until then a configuration may name it. Thread-safe. Not for Windows.
/// </summary>
/// <param name="options">The store.</param>
/// <param name="time">The clock.</param>
public sealed class PlaceholderPairs(StoreOptions options, TimeProvider time)
{
    /// <summary>Common name of their subject and issuer.</summary>
    public const string Subject = "Templater placeholder";

    private const string Folder = "placeholders";
    private const string Suffix = ".pem";

    private static readonly TimeSpan Backdated = TimeSpan.FromHours(1);
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);
    private static readonly TimeSpan LeastLeft = TimeSpan.FromDays(30);

    private readonly StoreFiles _files = new(options);
    private readonly Lock _lock = new();
    private volatile CertificatePair[]? _all;

    /// <summary>Those that are there, by name. Waits for no disk but the first time.</summary>
    /// <exception cref="IOException">They cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not be listed.</exception>
    public ImmutableArray<CertificatePair> All => [.. _all ??= Read()];

    private string Place => Path.Combine(options.Directory, CertificateStore.OwnFolder, Folder);

    /// <summary>Makes those that are missing, or end soon, and removes those that have ended. Names that no certificate can have get none.</summary>
    /// <param name="missing">Certificates that are not there.</param>
    /// <returns>True when there are others than before.</returns>
    /// <exception cref="OutputFileException">One cannot be written.</exception>
    public bool Show(IReadOnlyCollection<WantedCertificate> missing)
    {
        ArgumentNullException.ThrowIfNull(missing);
        lock (_lock)
        {
            try
            {
                var (before, now) = (Read(), time.GetUtcNow());
                foreach (var wanted in missing.Where(static wanted => StoreName.IsCertificate(wanted.Name)))
                    if (!before.Any(pair => pair.NotAfter - now > LeastLeft && pair.Names.SequenceEqual(wanted.Names)))
                        Make(Path.Combine(Place, StoreName.OfCertificate(wanted.Name) + Suffix), wanted.Names, now);
                foreach (var ended in before.Where(pair => pair.NotAfter <= now && !missing.Any(wanted => pair.Names.SequenceEqual(wanted.Names))))
                    File.Delete(ended.ChainPath);
                var (known, there) = (_all, Read());
                _all = there;
                return known is null || !there.Select(static pair => pair.ContentDigest).SequenceEqual(known.Select(static pair => pair.ContentDigest), StringComparer.Ordinal);
            }
            catch (Exception error) when (OutputProblem.IsFailure(error))
            {
                throw OutputProblem.From(Place, error);
            }
        }
    }

    private void Make(string path, ImmutableArray<string> names, DateTimeOffset now)
    {
        foreach (var folder in new[] { options.Directory, Path.GetDirectoryName(Place)!, Place })
            _files.MakeFolder(folder);
        _files.Prepare(path, Encoding.ASCII.GetBytes(Signed(names, now)), isSecret: true);
        StoreFiles.Finish(path);
    }

    // Chain and key in one file, so that they change together.
    private static string Signed(ImmutableArray<string> names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Subject}", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
            if (IPAddress.TryParse(name, out var address))
                alternatives.AddIpAddress(address);
            else
                alternatives.AddDnsName(name);
        request.CertificateExtensions.Add(alternatives.Build());
        using var certificate = request.CreateSelfSigned(now - Backdated, now + Lifetime);
        return $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    private CertificatePair[] Read()
    {
        if (!Directory.Exists(Place))
            return [];
        var found = new List<CertificatePair>();
        foreach (var file in Directory.EnumerateFiles(Place, "*" + Suffix).Where(static file => !StoreFiles.IsUnfinished(Path.GetFileName(file))).Order(StringComparer.Ordinal))
            if (PairFiles.Read(file, file, mayBeSomethingElse: false) is { Content: { } content })
                found.Add(content.ToPair(Path.GetFileNameWithoutExtension(file), file, file));
        return [.. found];
    }
}
