using System.Collections.Concurrent;
using System.Collections.Immutable;
using Templater.Acme.Protocol;
using Templater.Pipeline.Deployment;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>
/// The certificates that Templater obtained, in the certificates directory, where proxies find them in one or more layouts. A certificate
/// and its key change together, by one rename; whatever happens, the old pair or the new one is there, whole. The version before is kept.
/// Several processes may share a store. Thread-safe. Not for Windows.
/// </summary>
public sealed class CertificateStore
{
    /// <summary>The least time for which a process has to see that nobody uses a certificate before it removes it, whatever the clock says.</summary>
    public static readonly TimeSpan LeastWatch = TimeSpan.FromHours(1);

    /// <summary>Folder of what is the store's own: its name begins with a dot, so that nobody reads certificates there.</summary>
    internal const string OwnFolder = ".templater-store";

    private const string MarkSuffix = ".used";
    private const string LeaseSuffix = ".lock";

    // How exactly it is known when a certificate was used last.
    private const int MarksInKeep = 8;

    private readonly StoreOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<Finding>? _notice;
    private readonly StoreFiles _files;
    private readonly CertificateArchive _archive;
    private readonly StoreGate _gate;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _unusedSince = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _unshown = new(StringComparer.Ordinal);

    /// <summary>Names a store; nothing is read or written yet.</summary>
    /// <param name="options">Where, and how.</param>
    /// <param name="time">The clock.</param>
    /// <param name="notice">Is told of what was mended; from any thread.</param>
    public CertificateStore(StoreOptions options, TimeProvider time, Action<Finding>? notice = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = time;
        _notice = notice;
        _files = new StoreFiles(options);
        _archive = new CertificateArchive(options, _files);
        _gate = new StoreGate(InOwnFolder("lock"), time);
    }

    /// <summary>All certificates that can be read, by name.</summary>
    /// <exception cref="StateDirectoryException">A newer version wrote some of them.</exception>
    public ImmutableArray<StoredCertificate> All => [.. Stems().Select(Readable).OfType<StoredCertificate>().OrderBy(static one => one.Name, StringComparer.Ordinal)];

    /// <summary>A certificate; null where there is none.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="IOException">It cannot be read, which does not mean that there is none.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public StoredCertificate? Find(string name) => Read(StoreName.OfCertificate(name));

    /// <summary>True when this process has stored something that could not be put where proxies look; <see cref="RepairAsync"/> does that.</summary>
    public bool HasUnshown => !_unshown.IsEmpty;

    /// <summary>False for a certificate that this process has stored and could not put where proxies look.</summary>
    /// <param name="name">Its name.</param>
    public bool IsShown(string name) => !StoreName.IsCertificate(name) || !_unshown.ContainsKey(StoreName.OfCertificate(name));

    /// <summary>True for what can be the name of a certificate.</summary>
    /// <param name="name">The name.</param>
    public static bool IsName(string name) => StoreName.IsCertificate(name);

    /// <summary>The files in which proxies find a certificate and its key, as far as they are there.</summary>
    /// <param name="name">Its name.</param>
    public ImmutableArray<string> FilesOf(string name) => [.. PublicationOf(StoreName.OfCertificate(name)).Files.Where(File.Exists)];

    /// <summary>True for a pair that this store wrote, in whatever layout.</summary>
    /// <param name="pair">A pair of the certificates directory.</param>
    public bool Owns(CertificatePair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return Directory.Exists(_archive.FolderOf(pair.Name)) && PublicationOf(pair.Name).ChainPaths.Contains(pair.ChainPath, StringComparer.Ordinal);
    }

    /// <summary>What would be in the way of any certificate; null where nothing is. Nothing is changed.</summary>
    public Finding? Obstacle()
    {
        var directory = Directory.Exists(_options.Directory) ? _options.Directory : Path.GetDirectoryName(_options.Directory) ?? "/";
        return UnixFile.CannotWrite(directory, isDirectory: true) is { } error ? OutputProblem.From(_options.Directory, error).Finding : null;
    }

    /// <summary>What would be in the way of a certificate of this name; null where nothing is. Worth to be asked before it is ordered.</summary>
    /// <param name="name">The name.</param>
    public Finding? Obstacle(string name)
    {
        if (Obstacle() is { } obstacle)
            return obstacle;
        return PublicationOf(StoreName.OfCertificate(name)).ForeignEntry() is { } entry ? StoreProblem.Foreign(entry).Finding : null;
    }

    /// <summary>Claims the right to order a certificate: nobody else who shares the store does meanwhile, in whatever process.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>To be disposed of when the order has ended; null where somebody else has it.</returns>
    /// <exception cref="OutputFileException">The store cannot be written.</exception>
    public IDisposable? TryClaim(string name)
    {
        var path = InOwnFolder(StoreName.OfCertificate(name) + LeaseSuffix);
        try
        {
            MakeOwnFolder();
            return StoreGate.TryOpen(path);
        }
        catch (Exception error) when (OutputProblem.IsFailure(error))
        {
            throw OutputProblem.From(path, error);
        }
    }

    /// <summary>
    /// Stores a certificate in place of the one of its name, after it was looked at: the chain fits the key, is for exactly those names and
    /// has not ended. When this returns, it is on the disk, and proxies that look find it.
    /// </summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="cancellationToken">Gives up before anything was done.</param>
    /// <exception cref="OutputFileException">It cannot be written, or must not be; the message says why. The former one is there as before.</exception>
    public Task SaveAsync(StoredCertificate certificate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var stem = StoreName.OfCertificate(certificate.Name);
        if (certificate.Chain.Mistake(certificate.Key, Identifiers(certificate), _time.GetUtcNow()) is { } mistake)
            throw StoreProblem.Unusable(certificate.Name, mistake);
        return ChangeAsync(stem, () => Save(stem, certificate), cancellationToken);
    }

    /// <summary>
    /// Goes back to the version of a certificate before the one that holds, after it was looked at as in <see cref="SaveAsync"/>. One that
    /// was revoked (<see cref="NoteRevokedAsync"/>) is not gone back to, nor one with the key of the one that holds where that was revoked.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Gives up before anything was done.</param>
    /// <returns>The version that holds now; null where there was none to go back to.</returns>
    /// <exception cref="OutputFileException">It cannot be written, or must not be gone back to; the message says why. The present one is there as before.</exception>
    public async Task<StoredCertificate?> RestorePreviousAsync(string name, CancellationToken cancellationToken)
    {
        var stem = StoreName.OfCertificate(name);
        StoredCertificate? restored = null;
        await ChangeAsync(stem, () => restored = Restore(stem), cancellationToken);
        return restored;
    }

    /// <summary>Notes that a certificate was revoked, so that nobody goes back to it.</summary>
    /// <param name="certificate">The certificate; nothing happens where it is not kept any more.</param>
    /// <param name="cancellationToken">Gives up before anything was done.</param>
    /// <exception cref="OutputFileException">That cannot be noted.</exception>
    public Task NoteRevokedAsync(StoredCertificate certificate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var stem = StoreName.OfCertificate(certificate.Name);
        return ChangeAsync(
            stem,
            () =>
            {
                foreach (var version in _archive.VersionsOf(stem).Where(version => _archive.Read(stem, version)?.Life.Id == certificate.Life.Id))
                    _archive.MarkRevoked(stem, version);
            },
            cancellationToken);
    }

    /// <summary>
    /// Mends what a crash, or a hand, left behind: unfinished files are removed, a link that leads nowhere leads to the newest whole
    /// version, what proxies read is what holds, and files belong to whom the settings say. What cannot be mended is told of, and is as it was.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StateDirectoryException">A newer version wrote some of it; nothing was touched.</exception>
    public async Task RepairAsync(CancellationToken cancellationToken)
    {
        _ = All;
        foreach (var stem in Stems())
        {
            try
            {
                await ChangeAsync(stem, () => Repair(stem), cancellationToken);
            }
            catch (OutputFileException error)
            {
                _notice?.Invoke(error.Finding);
            }
        }
    }

    /// <summary>
    /// Removes certificates that nobody has wanted for <see cref="StoreOptions.Keep"/>, and that no configuration mentions that may be live.
    /// To be called now and then, which is what keeps the others; and never before it is known what is wanted.
    /// </summary>
    /// <param name="wanted">Names of certificates that are wanted.</param>
    /// <param name="references">Configurations that may be live.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Names of those that were removed.</returns>
    public async Task<ImmutableArray<string>> CollectAsync(IReadOnlySet<string> wanted, CertificateReferences references, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(references);
        var removed = ImmutableArray.CreateBuilder<string>();
        foreach (var certificate in All)
        {
            try
            {
                if (IsOver(certificate, wanted.Contains(certificate.Name) || references.Mention(certificate.Name)) && await RemoveAsync(certificate.Name, cancellationToken))
                    removed.Add(certificate.Name);
            }
            catch (Exception error) when (error is OutputFileException || OutputProblem.IsFailure(error))
            {
                _notice?.Invoke((error as OutputFileException ?? OutputProblem.From(_archive.FolderOf(StoreName.OfCertificate(certificate.Name)), error)).Finding);
            }
        }

        return removed.ToImmutable();
    }

    // What is in the chain is taken as it is: other programs may have obtained it for names that would not be ordered here.
    private static List<Identifier> Identifiers(StoredCertificate certificate)
    {
        var own = certificate.Chain.Identifiers;
        return [.. certificate.Names.Select(name => own.FirstOrDefault(one => one.Value == name) ?? new Identifier(Identifier.DnsType, name))];
    }

    private void Save(string stem, StoredCertificate certificate)
    {
        var publication = PublicationOf(stem);
        if (publication.ForeignEntry() is { } entry)
            throw StoreProblem.Foreign(entry);
        var current = _archive.CurrentOf(stem);
        if (current is { } same && _archive.Read(stem, same) is { } there && IsSame(there, certificate))
        {
            Publish(stem, publication, there);
            return;
        }

        var version = _archive.Write(stem, certificate);
        try
        {
            publication.Prepare(certificate);
            _archive.PointTo(stem, version);
        }
        catch
        {
            publication.Discard();
            _archive.Prune(stem, _archive.VersionsOf(stem).Where(one => one != version || one == _archive.CurrentOf(stem)).Cast<int?>());
            throw;
        }

        Publish(stem, publication, certificate);
        _archive.Prune(stem, version, current);
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

    private StoredCertificate? Restore(string stem)
    {
        if (_archive.CurrentOf(stem) is not { } current || NewestBelow(stem, current) is not ({ } former, var version))
            return null;
        if (Objection(stem, former, version, current) is { } objection)
            throw StoreProblem.NotRestored(former.Name, objection);
        var publication = PublicationOf(stem);
        if (publication.ForeignEntry() is { } entry)
            throw StoreProblem.Foreign(entry);
        try
        {
            publication.Prepare(former);
            _archive.PointTo(stem, version);
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
            _archive.PointTo(stem, current);
            throw;
        }

        return former;
    }

    private string? Objection(string stem, StoredCertificate former, int version, int current)
    {
        if (_archive.IsRevoked(stem, version))
            return "it was revoked";
        if (_archive.IsRevoked(stem, current) && _archive.Read(stem, current)?.Key.Public.Thumbprint == former.Key.Public.Thumbprint)
            return "it has the key of the one after it, which was revoked";
        return former.Chain.Mistake(former.Key, Identifiers(former), _time.GetUtcNow());
    }

    private void Repair(string stem)
    {
        _archive.RemoveLeftovers();
        var current = _archive.CurrentOf(stem);
        var (certificate, version) = current is { } named && _archive.Read(stem, named) is { } whole ? (whole, named) : NewestBelow(stem, int.MaxValue);
        if (certificate is null)
        {
            // A first version that was never finished, or one that only a person can read.
            _unshown.TryRemove(stem, out _);
            _archive.Prune(stem, _archive.VersionsOf(stem).Cast<int?>());
            return;
        }

        if (version != current)
        {
            _archive.PointTo(stem, version);
            _notice?.Invoke(StoreProblem.LedNowhere(certificate.Name, Path.Combine(_archive.FolderOf(stem), CertificateArchive.Current), version));
        }

        if (PublicationOf(stem).ForeignEntry() is { } entry)
            throw StoreProblem.Foreign(entry);
        Publish(stem, PublicationOf(stem), certificate);
        // What is newer than what holds was not finished.
        _archive.Prune(stem, version, NewestBelow(stem, version).Version);
        // The settings may say something else than when it was written.
        _archive.Correct(stem);
        PublicationOf(stem).Correct();
    }

    private (StoredCertificate? Certificate, int Version) NewestBelow(string stem, int version) => _archive.VersionsOf(stem)
        .Where(one => one < version).Select(one => (_archive.Read(stem, one), one)).FirstOrDefault(static one => one.Item1 is not null);

    private static bool IsSame(StoredCertificate one, StoredCertificate other) =>
        one.Name == other.Name && one.Chain.ToPem() == other.Chain.ToPem() && one.Key.Public.Thumbprint == other.Key.Public.Thumbprint && one.Authority == other.Authority && one.Profile == other.Profile;

    private bool IsOver(StoredCertificate certificate, bool isUsed)
    {
        var mark = InOwnFolder(StoreName.OfCertificate(certificate.Name) + MarkSuffix);
        var now = _time.GetUtcNow();
        DateTimeOffset? marked = File.Exists(mark) ? File.GetLastWriteTimeUtc(mark) : null;
        if (isUsed || marked is null || marked > now)
        {
            _unusedSince.Remove(certificate.Name);
            if (marked is null || marked > now || now - marked >= _options.Keep / MarksInKeep)
                Mark(mark, now);
            return false;
        }

        _unusedSince.TryAdd(certificate.Name, _time.GetTimestamp());
        // A mark from before the certificate was made by a clock that was wrong.
        var since = marked < certificate.Life.NotBefore ? certificate.Life.NotBefore : marked.Value;
        return now - since >= _options.Keep && _time.GetElapsedTime(_unusedSince[certificate.Name]) >= (_options.Keep < LeastWatch ? _options.Keep : LeastWatch);
    }

    // Whoever shares the store keeps what he wants by it, too.
    private void Mark(string mark, DateTimeOffset now)
    {
        MakeOwnFolder();
        File.WriteAllBytes(mark, []);
        File.SetLastWriteTimeUtc(mark, now.UtcDateTime);
    }

    private async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        var stem = StoreName.OfCertificate(name);
        using var claim = TryClaim(name);
        if (claim is null)
            return false;
        await ChangeAsync(
            stem,
            () =>
            {
                PublicationOf(stem).Withdraw();
                _archive.RemoveAll(stem);
                UnixFile.Discard(InOwnFolder(stem + MarkSuffix));
                _unshown.TryRemove(stem, out _);
            },
            cancellationToken);
        _unusedSince.Remove(name);
        return true;
    }

    private async Task ChangeAsync(string stem, Action change, CancellationToken cancellationToken)
    {
        try
        {
            MakeOwnFolder();
            using var held = await _gate.EnterAsync(cancellationToken);
            change();
        }
        catch (Exception error) when (OutputProblem.IsFailure(error) && error is not StateDirectoryException)
        {
            throw OutputProblem.From(_archive.FolderOf(stem), error);
        }
    }

    private IReadOnlyList<string> Stems() => _archive.Stems;

    private StoredCertificate? Readable(string stem)
    {
        try
        {
            return Read(stem);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException && error is not StateDirectoryException)
        {
            return null;
        }
    }

    private StoredCertificate? Read(string stem)
    {
        if (_archive.CurrentOf(stem) is not { } version)
            return null;
        var stamp = _archive.StampOf(stem, version);
        lock (_lock)
        {
            if (_known.TryGetValue(stem, out var known) && known.Version == version && known.Stamp == stamp)
                return known.Certificate;
            var certificate = _archive.Read(stem, version);
            _known[stem] = new Known(version, stamp, certificate);
            return certificate;
        }
    }

    private Publication PublicationOf(string stem) => new(_options, _archive, _files, stem);

    private string InOwnFolder(string name) => Path.Combine(_options.Directory, OwnFolder, name);

    private void MakeOwnFolder()
    {
        _files.MakeFolder(_options.Directory);
        _files.MakeFolder(Path.Combine(_options.Directory, OwnFolder));
    }

    private sealed record Known(int Version, FileStamp Stamp, StoredCertificate? Certificate);
}
