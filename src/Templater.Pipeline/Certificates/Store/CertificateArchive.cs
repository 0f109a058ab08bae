using System.Globalization;
using System.Text;
using System.Text.Json;
using Templater.Acme.Protocol;
using Templater.Pipeline.Deployment;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>
/// All certificates of the store, by file name: <c>archive/NAME/N/</c> holds one whole version, which never changes but for the mark
/// <c>revoked</c>, and the link <c>archive/NAME/current</c> says which one holds. Whatever proxies read leads here or is made of it.
/// </summary>
/// <param name="options">Where, and how.</param>
/// <param name="files">Writes.</param>
internal sealed class CertificateArchive(StoreOptions options, StoreFiles files)
{
    /// <summary>Folder of the archive in the certificates directory.</summary>
    public const string Folder = "archive";

    /// <summary>The link to the version that holds.</summary>
    public const string Current = "current";

    /// <summary>Chain with the certificate.</summary>
    public const string FullChainFile = "fullchain.pem";

    /// <summary>The key.</summary>
    public const string KeyFile = "privkey.pem";

    /// <summary>Chain without the certificate; not there where that is nothing.</summary>
    public const string ChainFile = "chain.pem";

    private const string CertificateFile = "cert.pem";
    private const string FactsFile = "certificate.json";
    private const string RevokedMark = "revoked";
    private const string RemovedPrefix = ".removed-";
    private const int MaxFileBytes = 1024 * 1024;

    private string Root => Path.Combine(options.Directory, Folder);

    /// <summary>File names of all certificates, in ordinal order.</summary>
    public IReadOnlyList<string> Stems => !Directory.Exists(Root) ? []
        : [.. Directory.EnumerateDirectories(Root).Select(path => Path.GetFileName(path)).Where(static name => !name.StartsWith('.')).Order(StringComparer.Ordinal)];

    /// <summary>Folder of a certificate.</summary>
    public string FolderOf(string stem) => Path.Combine(Root, stem);

    /// <summary>Number of the version that holds; null where the link names none.</summary>
    public int? CurrentOf(string stem) => new FileInfo(Path.Combine(FolderOf(stem), Current)).LinkTarget is { } target ? NumberOf(target) : null;

    /// <summary>Numbers of all versions, from the newest.</summary>
    public IReadOnlyList<int> VersionsOf(string stem) => !Directory.Exists(FolderOf(stem)) ? []
        : [.. Directory.EnumerateDirectories(FolderOf(stem)).Select(static path => NumberOf(Path.GetFileName(path))).OfType<int>().OrderDescending()];

    /// <summary>When a version was written; equal stamps mean the same version.</summary>
    public FileStamp StampOf(string stem, int version) => FileStamp.Of(Path.Combine(FolderOf(stem), Name(version), FactsFile));

    /// <summary>A version; null where it is not whole.</summary>
    /// <exception cref="StateDirectoryException">A newer version of Templater wrote it.</exception>
    /// <exception cref="IOException">It cannot be read, which does not mean that it is not there.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public StoredCertificate? Read(string stem, int version)
    {
        var folder = Path.Combine(FolderOf(stem), Name(version));
        try
        {
            var path = Path.Combine(folder, FactsFile);
            if (StateForm.Parse(BytesOf(path), StoreJson.Default.CertificateFacts, path) is not { } facts)
                return null;
            var chain = CertificateChain.Parse(Encoding.Latin1.GetString(BytesOf(Path.Combine(folder, FullChainFile)).Span));
            return StoredCertificate.Of(facts, chain, PrivateKey.FromPem(Encoding.Latin1.GetString(BytesOf(Path.Combine(folder, KeyFile)).Span)));
        }
        catch (Exception error) when (error is FormatException or FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Writes a further version, complete and synced, and reads it again; it does not hold yet.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="IOException">It cannot be written; nothing is left behind.</exception>
    public int Write(string stem, StoredCertificate certificate)
    {
        files.MakeFolder(Root);
        files.MakeFolder(FolderOf(stem));
        var version = VersionsOf(stem) is [var newest, ..] ? newest + 1 : 1;
        var folder = Path.Combine(FolderOf(stem), Name(version));
        var unfinished = StoreFiles.UnfinishedOf(folder);
        try
        {
            Delete(unfinished);
            files.MakeFolder(unfinished);
            WriteFiles(unfinished, certificate);
            UnixFile.SyncDirectory(unfinished);
            if (PairFiles.Read(Path.Combine(unfinished, FullChainFile), Path.Combine(unfinished, KeyFile), mayBeSomethingElse: false) is { Problem: { } problem })
                throw new IOException($"what was written cannot be used: {problem}");
            StoreFiles.Finish(folder);
            return version;
        }
        catch
        {
            Remove(unfinished);
            Remove(folder);
            throw;
        }
    }

    /// <summary>Makes a version the one that holds.</summary>
    /// <exception cref="IOException">That failed; the former one holds.</exception>
    public void PointTo(string stem, int version) => StoreFiles.Link(Path.Combine(FolderOf(stem), Current), Name(version));

    /// <summary>True for a version that is known to be revoked.</summary>
    public bool IsRevoked(string stem, int version) => File.Exists(Path.Combine(FolderOf(stem), Name(version), RevokedMark));

    /// <summary>Notes that a version was revoked.</summary>
    /// <exception cref="IOException">That cannot be noted.</exception>
    public void MarkRevoked(string stem, int version)
    {
        if (IsRevoked(stem, version))
            return;
        var folder = Path.Combine(FolderOf(stem), Name(version));
        files.Write(Path.Combine(folder, RevokedMark), [], isSecret: false);
        UnixFile.SyncDirectory(folder);
    }

    /// <summary>Gives all versions the owner and modes of new ones.</summary>
    /// <exception cref="IOException">That is not allowed.</exception>
    public void Correct(string stem)
    {
        files.Correct(Root, isSecret: false);
        files.Correct(FolderOf(stem), isSecret: false);
        foreach (var folder in VersionsOf(stem).Select(version => Path.Combine(FolderOf(stem), Name(version))))
        {
            files.Correct(folder, isSecret: false);
            foreach (var file in Directory.EnumerateFiles(folder))
                files.Correct(file, isSecret: Path.GetFileName(file) == KeyFile);
        }
    }

    /// <summary>Removes all versions but some, and what was left unfinished. What cannot be removed does no harm.</summary>
    public void Prune(string stem, params IEnumerable<int?> kept)
    {
        foreach (var version in VersionsOf(stem).Where(version => !kept.Contains(version)))
            Remove(Path.Combine(FolderOf(stem), Name(version)));
        foreach (var entry in Directory.EnumerateFileSystemEntries(FolderOf(stem)).Where(static path => StoreFiles.IsUnfinished(Path.GetFileName(path))).ToList())
            Remove(entry);
    }

    /// <summary>Removes a certificate with all its versions.</summary>
    /// <exception cref="IOException">That failed; it is all there.</exception>
    public void RemoveAll(string stem)
    {
        var removed = Path.Combine(Root, RemovedPrefix + stem);
        Delete(removed);
        UnixFile.Rename(FolderOf(stem), removed);
        UnixFile.SyncDirectory(Root);
        Remove(removed);
    }

    /// <summary>Removes what was to be removed when a process ended.</summary>
    public void RemoveLeftovers()
    {
        if (!Directory.Exists(Root))
            return;
        foreach (var removed in Directory.EnumerateDirectories(Root, RemovedPrefix + "*").ToList())
            Remove(removed);
    }

    private void WriteFiles(string folder, StoredCertificate certificate)
    {
        var chain = certificate.Chain.ToPem();
        var leaf = certificate.Chain.Leaf.ExportCertificatePem() + "\n";
        files.Write(Path.Combine(folder, KeyFile), Encoding.ASCII.GetBytes(certificate.Key.ToPem()), isSecret: true);
        files.Write(Path.Combine(folder, FullChainFile), Encoding.ASCII.GetBytes(chain), isSecret: false);
        files.Write(Path.Combine(folder, CertificateFile), Encoding.ASCII.GetBytes(leaf), isSecret: false);
        if (chain.Length > leaf.Length)
            files.Write(Path.Combine(folder, ChainFile), Encoding.ASCII.GetBytes(chain[leaf.Length..]), isSecret: false);
        files.Write(Path.Combine(folder, FactsFile), JsonSerializer.SerializeToUtf8Bytes(CertificateFacts.Of(certificate), StoreJson.Default.CertificateFacts), isSecret: false);
    }

    private static ReadOnlyMemory<byte> BytesOf(string path) => NamedFile.ReadBytes(path, MaxFileBytes);

    private static string Name(int version) => version.ToString(CultureInfo.InvariantCulture);

    private static int? NumberOf(string name) => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private static void Remove(string path)
    {
        try
        {
            if (new FileInfo(path).LinkTarget is not null || File.Exists(path))
                File.Delete(path);
            else
                Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is tried again after the next write.
        }
    }
}
