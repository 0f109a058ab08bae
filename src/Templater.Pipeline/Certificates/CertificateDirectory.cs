namespace Templater.Pipeline.Certificates;

/// <summary>
/// Reads the pairs in a certificates directory: <c>NAME.crt</c> with <c>NAME.key</c>, <c>NAME.pem</c> with chain and key
/// in one file, <c>NAME/fullchain.pem</c> with <c>NAME/privkey.pem</c>, and <c>haproxy/NAME.pem</c>. Names that begin
/// with a dot are passed over: they are files in the making. Nothing is written. A file that did not change since
/// the last reading (by time and size) is not read again. Not safe for use from several threads at once.
/// </summary>
/// <param name="path">The directory as Templater sees it; it may be missing, which means that there are no pairs.</param>
/// <param name="pathInProxy">The same directory as the proxy sees it.</param>
public sealed class CertificateDirectory(string path, string pathInProxy)
{
    /// <summary>Subdirectory with the files that HAProxy loads as a whole.</summary>
    public const string HAProxyFolder = "haproxy";

    private const int MaxEntries = 20_000;
    private const string ChainFile = "fullchain.pem";
    private const string KeyFile = "privkey.pem";

    private static readonly EnumerationOptions Visible = new() { IgnoreInaccessible = false, AttributesToSkip = 0, RecurseSubdirectories = false };

    private Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>Reads the directory.</summary>
    /// <param name="cancellationToken">Ends the reading between two files.</param>
    public CertificateReading Read(CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var pairs = new List<CertificatePair>();
        var known = new Dictionary<string, Known>(StringComparer.Ordinal);
        foreach (var candidate in Candidates(findings))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var outcome = Outcome(candidate);
            if (outcome is null)
                continue;
            known[candidate.Chain] = outcome;
            if (outcome.Pair is not null)
                pairs.Add(outcome.Pair);
            if (outcome.Finding is not null)
                findings.Add(outcome.Finding);
        }

        _known = known;
        return new CertificateReading(
            [.. pairs.OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.ChainPath, StringComparer.Ordinal)],
            [.. findings.OrderBy(finding => finding.Message, StringComparer.Ordinal)]);
    }

    private Known? Outcome(Candidate candidate)
    {
        var stamp = (FileStamp.Of(candidate.Chain), FileStamp.Of(candidate.Key));
        if (_known.TryGetValue(candidate.Chain, out var before) && before.Stamp == stamp)
            return before;
        var (content, problem) = PairFiles.Read(candidate.Chain, candidate.Key);
        if (problem is not null)
            return new Known(stamp, null, Unusable(candidate, problem));
        return content is null ? null : new Known(stamp, Pair(candidate, content), null);
    }

    private CertificatePair Pair(Candidate candidate, PairContent content) => new()
    {
        Name = candidate.Name,
        ChainPath = InProxy(candidate.Chain),
        KeyPath = InProxy(candidate.Key),
        Names = content.Names,
        NotBefore = content.NotBefore,
        NotAfter = content.NotAfter,
        Fingerprint = content.Fingerprint,
        ContentDigest = content.Digest,
    };

    private string InProxy(string file) => pathInProxy.TrimEnd('/') + "/" + Path.GetRelativePath(path, file);

    private static Finding Unusable(Candidate candidate, string problem) => new(
        FindingSeverity.Warning,
        ReasonIds.CertificateInvalid,
        $"the certificate \"{candidate.Name}\" is not used: {problem} Replace the file or remove it.");

    /// <summary>Pairs of files that ought to belong together, each file existing at the time of listing.</summary>
    private IEnumerable<Candidate> Candidates(List<Finding> findings)
    {
        var root = List(path, findings);
        var files = root.Files.ToHashSet(StringComparer.Ordinal);
        foreach (var name in root.Files)
        {
            var stem = Path.GetFileNameWithoutExtension(name);
            if (name.EndsWith(".crt", StringComparison.Ordinal) && files.Contains(stem + ".key"))
                yield return new Candidate(stem, Path.Combine(path, name), Path.Combine(path, stem + ".key"));
            else if (name.EndsWith(".pem", StringComparison.Ordinal))
                yield return new Candidate(stem, Path.Combine(path, name), Path.Combine(path, name));
        }

        foreach (var folder in root.Folders)
        {
            var inside = Path.Combine(path, folder);
            if (string.Equals(folder, HAProxyFolder, StringComparison.Ordinal))
            {
                foreach (var name in List(inside, findings).Files.Where(name => name.EndsWith(".pem", StringComparison.Ordinal)))
                    yield return new Candidate(Path.GetFileNameWithoutExtension(name), Path.Combine(inside, name), Path.Combine(inside, name));
            }
            else if (File.Exists(Path.Combine(inside, ChainFile)) && File.Exists(Path.Combine(inside, KeyFile)))
            {
                yield return new Candidate(folder, Path.Combine(inside, ChainFile), Path.Combine(inside, KeyFile));
            }
        }
    }

    private static (List<string> Files, List<string> Folders) List(string directory, List<Finding> findings)
    {
        List<string> files = [];
        List<string> folders = [];
        try
        {
            foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos("*", Visible).Take(MaxEntries + 1))
            {
                if (entry.Name.StartsWith('.'))
                    continue;
                if (files.Count + folders.Count == MaxEntries)
                {
                    findings.Add(Unlistable(directory, $"has more than {MaxEntries} entries; the rest is not looked at"));
                    break;
                }

                (Directory.Exists(entry.FullName) ? folders : files).Add(entry.Name);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // No directory: no pairs, until somebody makes it.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            findings.Add(Unlistable(directory, "cannot be listed: " + exception.Message));
        }

        files.Sort(StringComparer.Ordinal);
        folders.Sort(StringComparer.Ordinal);
        return (files, folders);
    }

    private static Finding Unlistable(string directory, string problem) =>
        new(FindingSeverity.Warning, ReasonIds.CertificateInvalid, $"the certificates directory {directory} {problem}.");

    private sealed record Candidate(string Name, string Chain, string Key);

    private sealed record Known((FileStamp Chain, FileStamp Key) Stamp, CertificatePair? Pair, Finding? Finding);

    private readonly record struct FileStamp(long Ticks, long Length, string Target)
    {
        // A symbolic link (as ACME clients make them) is judged by the file it ends at.
        public static FileStamp Of(string file)
        {
            try
            {
                var info = new FileInfo(file);
                if (info.LinkTarget is not null && info.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
                    info = target;
                return info.Exists ? new FileStamp(info.LastWriteTimeUtc.Ticks, info.Length, info.FullName) : default;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return default;
            }
        }
    }
}
