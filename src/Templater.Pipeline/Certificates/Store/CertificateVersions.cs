using System.Collections.Concurrent;
using Templater.Acme.Protocol;
using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>
/// Changes which version of a certificate holds: forward, back, and to what is whole after a crash. The archive changes first, then what
/// proxies read. For one who holds the <see cref="StoreGate"/>; only <see cref="HasUnshown"/> and <see cref="IsShown"/> may be asked by anyone.
/// </summary>
/// <param name="archive">All versions.</param>
/// <param name="publicationOf">What proxies read of a certificate, by its file name.</param>
/// <param name="time">The clock.</param>
/// <param name="notice">Is told of what was mended.</param>
internal sealed class CertificateVersions(CertificateArchive archive, Func<string, Publication> publicationOf, TimeProvider time, Action<Finding>? notice)
{
    private readonly ConcurrentDictionary<string, bool> _unshown = new(StringComparer.Ordinal);

    /// <summary>True when something holds that could not be put where proxies look.</summary>
    public bool HasUnshown => !_unshown.IsEmpty;

    /// <summary>False for a certificate that holds and could not be put where proxies look.</summary>
    /// <param name="stem">Its file name.</param>
    public bool IsShown(string stem) => !_unshown.ContainsKey(stem);

    /// <summary>Makes a certificate the version that holds, in place of the one that did, which is kept.</summary>
    /// <param name="stem">Its file name.</param>
    /// <param name="certificate">The certificate.</param>
    /// <exception cref="IOException">It cannot be written; the former one holds.</exception>
    /// <exception cref="OutputFileException">It cannot be used, or something foreign is in its place.</exception>
    public void Save(string stem, StoredCertificate certificate)
    {
        if (certificate.Chain.Mistake(certificate.Key, Identifiers(certificate), time.GetUtcNow()) is { } mistake)
            throw StoreProblem.Unusable(certificate.Name, mistake);
        var publication = publicationOf(stem);
        if (publication.ForeignEntry() is { } entry)
            throw StoreProblem.Foreign(entry);
        var current = archive.CurrentOf(stem);
        if (current is { } same && archive.Read(stem, same) is { } there && IsSame(there, certificate))
        {
            Publish(stem, publication, there);
            return;
        }

        var version = archive.Write(stem, certificate);
        try
        {
            publication.Prepare(certificate);
            archive.PointTo(stem, version);
        }
        catch
        {
            publication.Discard();
            archive.Prune(stem, archive.VersionsOf(stem).Where(one => one != version || one == archive.CurrentOf(stem)).Cast<int?>());
            throw;
        }

        Publish(stem, publication, certificate);
        archive.Prune(stem, version, current);
    }

    /// <summary>Makes the version before the one that holds hold again; it must be usable and not revoked.</summary>
    /// <param name="stem">The certificate's file name.</param>
    /// <returns>What holds now; null where there was none before.</returns>
    /// <exception cref="IOException">It cannot be written; what held holds.</exception>
    /// <exception cref="OutputFileException">It must not be gone back to, or something foreign is in its place.</exception>
    public StoredCertificate? Restore(string stem)
    {
        if (archive.CurrentOf(stem) is not { } current || NewestBelow(stem, current) is not ({ } former, var version))
            return null;
        if (Objection(stem, former, version, current) is { } objection)
            throw StoreProblem.NotRestored(former.Name, objection);
        var publication = publicationOf(stem);
        if (publication.ForeignEntry() is { } entry)
            throw StoreProblem.Foreign(entry);
        try
        {
            publication.Prepare(former);
            archive.PointTo(stem, version);
        }
        catch
        {
            publication.Discard();
            throw;
        }

        try
        {
            Publish(stem, publication, former);
        }
        catch
        {
            // Else who asks again would be told that there is none before it.
            archive.PointTo(stem, current);
            throw;
        }

        return former;
    }

    /// <summary>Notes that the versions with a certificate were revoked.</summary>
    /// <param name="stem">The certificate's file name.</param>
    /// <param name="id">The certificate (<see cref="Renewal.CertificateLife.Id"/>).</param>
    /// <exception cref="IOException">That cannot be noted.</exception>
    public void MarkRevoked(string stem, string id)
    {
        foreach (var version in archive.VersionsOf(stem).Where(version => archive.Read(stem, version)?.Life.Id == id))
            archive.MarkRevoked(stem, version);
    }

    /// <summary>Makes the newest whole version hold where none does, and shows what holds; see <see cref="CertificateStore.RepairAsync"/>.</summary>
    /// <param name="stem">The certificate's file name.</param>
    /// <exception cref="IOException">Something cannot be mended, and is as it was.</exception>
    /// <exception cref="OutputFileException">Something foreign is in its place.</exception>
    public void Repair(string stem)
    {
        archive.RemoveLeftovers();
        var current = archive.CurrentOf(stem);
        var (certificate, version) = current is { } named && archive.Read(stem, named) is { } whole ? (whole, named) : NewestBelow(stem, int.MaxValue);
        if (certificate is null)
        {
            // A first version that was never finished, or one that only a person can read.
            _unshown.TryRemove(stem, out _);
            archive.Prune(stem, archive.VersionsOf(stem).Cast<int?>());
            return;
        }

        if (version != current)
        {
            archive.PointTo(stem, version);
            notice?.Invoke(StoreProblem.LedNowhere(certificate.Name, Path.Combine(archive.FolderOf(stem), CertificateArchive.Current), version));
        }

        if (publicationOf(stem).ForeignEntry() is { } entry)
            throw StoreProblem.Foreign(entry);
        Publish(stem, publicationOf(stem), certificate);
        // What is newer than what holds was not finished.
        archive.Prune(stem, version, NewestBelow(stem, version).Version);
        // The settings may say something else than when it was written.
        archive.Correct(stem);
        publicationOf(stem).Correct();
    }

    /// <summary>Takes a certificate away from proxies, and removes all its versions.</summary>
    /// <param name="stem">Its file name.</param>
    /// <exception cref="IOException">Something cannot be removed.</exception>
    public void Remove(string stem)
    {
        publicationOf(stem).Withdraw();
        archive.RemoveAll(stem);
        _unshown.TryRemove(stem, out _);
    }

    private void Publish(string stem, Publication publication, StoredCertificate certificate)
    {
        try
        {
            publication.Publish(certificate);
            _unshown.TryRemove(stem, out _);
        }
        catch
        {
            _unshown[stem] = true;
            throw;
        }
    }

    private string? Objection(string stem, StoredCertificate former, int version, int current)
    {
        if (archive.IsRevoked(stem, version))
            return "it was revoked";
        if (archive.IsRevoked(stem, current) && archive.Read(stem, current)?.Key.Public.Thumbprint == former.Key.Public.Thumbprint)
            return "it has the key of the one after it, which was revoked";
        return former.Chain.Mistake(former.Key, Identifiers(former), time.GetUtcNow());
    }

    private (StoredCertificate? Certificate, int Version) NewestBelow(string stem, int version) => archive.VersionsOf(stem)
        .Where(one => one < version).Select(one => (archive.Read(stem, one), one)).FirstOrDefault(static one => one.Item1 is not null);

    private static bool IsSame(StoredCertificate one, StoredCertificate other) =>
        one.Name == other.Name && one.Chain.ToPem() == other.Chain.ToPem() && one.Key.Public.Thumbprint == other.Key.Public.Thumbprint && one.Authority == other.Authority && one.Profile == other.Profile;

    // What is in the chain is taken as it is: other programs may have obtained it for names that would not be ordered here.
    private static List<Identifier> Identifiers(StoredCertificate certificate)
    {
        var own = certificate.Chain.Identifiers;
        return [.. certificate.Names.Select(name => own.FirstOrDefault(one => one.Value == name) ?? new Identifier(Identifier.DnsType, name))];
    }
}
