using System.Collections.Immutable;
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

    private const string LeaseSuffix = ".lock";

    private readonly StoreOptions _options;
    private readonly Action<Finding>? _notice;
    private readonly StoreFiles _files;
    private readonly CertificateArchive _archive;
    private readonly CertificateVersions _versions;
    private readonly CertificateUse _use;
    private readonly StoreGate _gate;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>Names a store; nothing is read or written yet.</summary>
    /// <param name="options">Where, and how.</param>
    /// <param name="time">The clock.</param>
    /// <param name="notice">Is told of what was mended; from any thread.</param>
    public CertificateStore(StoreOptions options, TimeProvider time, Action<Finding>? notice = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _notice = notice;
        _files = new StoreFiles(options);
        _archive = new CertificateArchive(options, _files);
        _versions = new CertificateVersions(_archive, PublicationOf, time, notice);
        _use = new CertificateUse(InOwnFolder(""), options.Keep, time);
        _gate = new StoreGate(InOwnFolder("lock"), time);
    }

    /// <summary>All certificates that can be read, by name.</summary>
    /// <exception cref="StateDirectoryException">A newer version wrote some of them.</exception>
    public ImmutableArray<StoredCertificate> All => [.. _archive.Stems.Select(Readable).OfType<StoredCertificate>().OrderBy(static one => one.Name, StringComparer.Ordinal)];

    /// <summary>A certificate; null where there is none.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="IOException">It cannot be read, which does not mean that there is none.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public StoredCertificate? Find(string name) => Read(StoreName.OfCertificate(name));

    /// <summary>True when this process has stored something that could not be put where proxies look; <see cref="RepairAsync"/> does that.</summary>
    public bool HasUnshown => _versions.HasUnshown;

    /// <summary>False for a certificate that this process has stored and could not put where proxies look.</summary>
    /// <param name="name">Its name.</param>
    public bool IsShown(string name) => !StoreName.IsCertificate(name) || _versions.IsShown(StoreName.OfCertificate(name));

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
        return ChangeAsync(stem, () => _versions.Save(stem, certificate), cancellationToken);
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
        await ChangeAsync(stem, () => restored = _versions.Restore(stem), cancellationToken);
        return restored;
    }

    /// <summary>Notes that a certificate was revoked, so that nobody goes back to it, and all who share the store replace it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="id">What it is known by (<see cref="Renewal.CertificateLife.Id"/>); nothing happens where it is not kept any more.</param>
    /// <param name="cancellationToken">Gives up before anything was done.</param>
    /// <exception cref="OutputFileException">That cannot be noted.</exception>
    public Task NoteRevokedAsync(string name, string id, CancellationToken cancellationToken)
    {
        var stem = StoreName.OfCertificate(name);
        return ChangeAsync(stem, () => _versions.MarkRevoked(stem, id), cancellationToken);
    }

    /// <summary>True when it was noted that a certificate which holds was revoked; looked at anew.</summary>
    /// <param name="certificate">The certificate, as this store told it last.</param>
    public bool IsRevoked(StoredCertificate certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var stem = StoreName.OfCertificate(certificate.Name);
        int version;
        lock (_lock)
        {
            if (!_known.TryGetValue(stem, out var known) || known.Certificate?.Life.Id != certificate.Life.Id)
                return false;
            version = known.Version;
        }

        return _archive.IsRevoked(stem, version);
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
        foreach (var stem in _archive.Stems)
        {
            try
            {
                await ChangeAsync(stem, () => _versions.Repair(stem), cancellationToken);
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
            var stem = StoreName.OfCertificate(certificate.Name);
            try
            {
                MakeOwnFolder();
                var isUsed = wanted.Contains(certificate.Name) || references.Mention(certificate.Name);
                if (_use.IsOver(stem, certificate.Life.NotBefore, isUsed) && await RemoveAsync(certificate.Name, stem, cancellationToken))
                    removed.Add(certificate.Name);
            }
            catch (Exception error) when (error is OutputFileException || OutputProblem.IsFailure(error))
            {
                _notice?.Invoke((error as OutputFileException ?? OutputProblem.From(_archive.FolderOf(stem), error)).Finding);
            }
        }

        return removed.ToImmutable();
    }

    private async Task<bool> RemoveAsync(string name, string stem, CancellationToken cancellationToken)
    {
        using var claim = TryClaim(name);
        if (claim is null)
            return false;
        await ChangeAsync(stem, () => _versions.Remove(stem), cancellationToken);
        _use.Forget(stem);
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
