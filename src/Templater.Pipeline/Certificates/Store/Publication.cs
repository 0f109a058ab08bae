using System.Text;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>
/// What proxies read of one certificate. All but HAProxy's file are links through the archive's <c>current</c>, and never change; what is
/// there and was not made by the store is never replaced nor removed.
/// </summary>
/// <param name="options">Where, and how.</param>
/// <param name="archive">All certificates.</param>
/// <param name="files">Writes.</param>
/// <param name="stem">The certificate's file name.</param>
internal sealed class Publication(StoreOptions options, CertificateArchive archive, StoreFiles files, string stem)
{
    /// <summary>Folder of the layout <see cref="StoreLayouts.Live"/>.</summary>
    public const string LiveFolder = CertificateDirectory.LiveFolder;

    private const int MaxFileBytes = 2 * 1024 * 1024;
    private const string Chain = ".chain.pem";
    private const string Key = ".key";
    private const string Certificate = ".crt";

    private string LiveLink => Path.Combine(options.Directory, LiveFolder, stem);

    private string CombinedFile => Path.Combine(options.Directory, CertificateDirectory.HAProxyFolder, stem + ".pem");

    private bool HasIssuers => File.Exists(Path.Combine(archive.FolderOf(stem), CertificateArchive.Current, CertificateArchive.ChainFile));

    // In this order a reader finds a certificate only where its key is.
    private IEnumerable<(string Path, string Target)> NginxProxyLinks => new[] { (Chain, CertificateArchive.ChainFile), (Key, CertificateArchive.KeyFile), (Certificate, CertificateArchive.FullChainFile) }
        .Select(pair => (Path.Combine(options.Directory, stem + pair.Item1), $"{CertificateArchive.Folder}/{stem}/{CertificateArchive.Current}/{pair.Item2}"));

    private string LiveTarget => $"../{CertificateArchive.Folder}/{stem}/{CertificateArchive.Current}";

    /// <summary>The layouts to keep: those that are wanted, and those in which it lies already.</summary>
    private StoreLayouts Layouts => options.Layouts
        | (IsLink(LiveLink, LiveTarget) ? StoreLayouts.Live : StoreLayouts.None)
        | (NginxProxyLinks.Any(static link => IsLink(link.Path, link.Target)) ? StoreLayouts.NginxProxy : StoreLayouts.None)
        | (IsOurCombined() ? StoreLayouts.HAProxy : StoreLayouts.None);

    /// <summary>Paths of the files with the chain, where a reader of certificates finds them.</summary>
    public IEnumerable<string> ChainPaths => [Path.Combine(LiveLink, CertificateArchive.FullChainFile), CombinedFile, NginxProxyLinks.Last().Path];

    /// <summary>Paths of the files with the chain or the key in all layouts.</summary>
    public IEnumerable<string> Files =>
        [Path.Combine(LiveLink, CertificateArchive.FullChainFile), Path.Combine(LiveLink, CertificateArchive.KeyFile), CombinedFile, .. NginxProxyLinks.Reverse().Select(static link => link.Path)];

    /// <summary>What is in the place of something that is to be made; null when nothing is.</summary>
    public string? ForeignEntry()
    {
        if (options.Layouts.HasFlag(StoreLayouts.Live) && IsThere(LiveLink) && !IsLink(LiveLink, LiveTarget))
            return LiveLink;
        if (options.Layouts.HasFlag(StoreLayouts.NginxProxy) && NginxProxyLinks.FirstOrDefault(static link => IsThere(link.Path) && !IsLink(link.Path, link.Target)) is { Path: { } path })
            return path;
        return options.Layouts.HasFlag(StoreLayouts.HAProxy) && IsThere(CombinedFile) && !IsOurCombined() ? CombinedFile : null;
    }

    /// <summary>Writes what may need space, before anything changes.</summary>
    /// <exception cref="IOException">It cannot be written; nothing has changed.</exception>
    public void Prepare(StoredCertificate certificate)
    {
        if (!Layouts.HasFlag(StoreLayouts.HAProxy))
            return;
        files.MakeFolder(Path.GetDirectoryName(CombinedFile)!);
        files.Prepare(CombinedFile, Combined(certificate), isSecret: true);
    }

    /// <summary>Shows the version that holds. To be called again it needs no <see cref="Prepare"/>.</summary>
    /// <exception cref="IOException">Something cannot be shown; what was there is there.</exception>
    public void Publish(StoredCertificate certificate)
    {
        var layouts = Layouts;
        if (layouts.HasFlag(StoreLayouts.HAProxy))
            PublishCombined(certificate);

        if (layouts.HasFlag(StoreLayouts.Live))
        {
            files.MakeFolder(Path.GetDirectoryName(LiveLink)!);
            StoreFiles.Link(LiveLink, LiveTarget);
        }

        if (layouts.HasFlag(StoreLayouts.NginxProxy))
            foreach (var (path, target) in NginxProxyLinks)
                if (HasIssuers || !path.EndsWith(Chain, StringComparison.Ordinal))
                    StoreFiles.Link(path, target);
                else
                    RemoveLink(path, target);
    }

    private void PublishCombined(StoredCertificate certificate)
    {
        var content = Combined(certificate);
        if (IsThat(CombinedFile, content))
        {
            Discard();
            return;
        }

        if (!IsThat(StoreFiles.UnfinishedOf(CombinedFile), content))
            Prepare(certificate);
        StoreFiles.Finish(CombinedFile);
    }

    /// <summary>Gives what is shown the owner and mode of new ones.</summary>
    /// <exception cref="IOException">That is not allowed.</exception>
    public void Correct()
    {
        if (IsOurCombined())
            files.Correct(CombinedFile, isSecret: true);
    }

    /// <summary>Removes what was made ready and is not to be shown.</summary>
    public void Discard() => UnixFile.Discard(StoreFiles.UnfinishedOf(CombinedFile));

    /// <summary>Takes everything away again that the store made.</summary>
    /// <exception cref="IOException">Something cannot be taken away.</exception>
    public void Withdraw()
    {
        foreach (var (path, target) in NginxProxyLinks.Reverse())
            RemoveLink(path, target);
        RemoveLink(LiveLink, LiveTarget);
        if (IsOurCombined())
            File.Delete(CombinedFile);
        Discard();
    }

    // Chain first, as HAProxy's documentation has it; each block ends with one line break, so that none is empty and none is missing.
    private static byte[] Combined(StoredCertificate certificate) => Encoding.ASCII.GetBytes(certificate.Chain.ToPem() + certificate.Key.ToPem());

    private bool IsOurCombined() => Bytes(CombinedFile) is { } bytes
        && archive.VersionsOf(stem).Select(version => archive.Read(stem, version)).OfType<StoredCertificate>().Any(version => bytes.Span.SequenceEqual(Combined(version)));

    private static bool IsThat(string path, byte[] content) => Bytes(path) is { } bytes && bytes.Span.SequenceEqual(content);

    private static ReadOnlyMemory<byte>? Bytes(string path) => File.Exists(path) ? NamedFile.ReadBytes(path, MaxFileBytes) : null;

    private static bool IsThere(string path) => new FileInfo(path).LinkTarget is not null || File.Exists(path) || Directory.Exists(path);

    private static bool IsLink(string path, string target) => new FileInfo(path).LinkTarget == target;

    private static void RemoveLink(string path, string target)
    {
        if (IsLink(path, target))
            File.Delete(path);
    }
}
