namespace Templater.Pipeline.Certificates;

/// <summary>
/// Reads the pairs in a certificates directory: <c>NAME.crt</c> with <c>NAME.key</c>, <c>NAME.pem</c> with chain and key
/// in one file, <c>NAME/fullchain.pem</c> with <c>NAME/privkey.pem</c>, the same below <c>live</c>, and <c>haproxy/NAME.pem</c>.
/// Names that begin with a dot are passed over: they are files in the making. Nothing is written. A file that did not change since
/// the last reading (by times and size) is not read again. A pair that is being replaced stays what it was for a moment
/// (<see cref="RenewalGrace"/>). Not safe for use from several threads at once.
/// </summary>
/// <param name="path">The directory as Templater sees it; it may be missing, which means that there are no pairs.</param>
/// <param name="time">The clock.</param>
public sealed class CertificateDirectory(string path, TimeProvider time)
{
    /// <summary>Subdirectory with the files that HAProxy loads as a whole.</summary>
    public const string HAProxyFolder = "haproxy";

    /// <summary>Subdirectory with a folder for each pair, as certbot and <see cref="Store.CertificateStore"/> have it.</summary>
    public const string LiveFolder = "live";

    private const int MaxEntries = 20_000;
    private const string ChainFile = "fullchain.pem";
    private const string KeySuffix = ".key";
    private const string KeyFile = "privkey.pem";

    private static readonly EnumerationOptions Visible = new() { IgnoreInaccessible = false, AttributesToSkip = 0, RecurseSubdirectories = false };

    /// <summary>Files that HAProxy passes over in its folder, beside those whose name begins with a dot.</summary>
    private static readonly string[] PassedOverByHAProxy = [KeySuffix, ".issuer", ".ocsp", ".sctl"];

    private readonly RenewalGrace _grace = new(time);
    private Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>Reads the directory.</summary>
    /// <param name="cancellationToken">Ends the reading between two files.</param>
    public CertificateReading Read(CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var found = new Dictionary<string, FoundPair>(StringComparer.Ordinal);
        var known = new Dictionary<string, Known>(StringComparer.Ordinal);
        foreach (var candidate in Candidates(findings))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var outcome = Outcome(candidate);
            known[candidate.Chain] = outcome;
            if (outcome.Found is { } pair)
                found[candidate.Chain] = pair;
        }

        _known = known;
        var (holding, again) = _grace.Judge(found);
        var unusable = holding.Select(item => item.Unusable).OfType<UnusablePair>().Select(Named).ToArray();
        return new CertificateReading(
            [.. holding.Select(item => item.Pair).OfType<CertificatePair>().OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.ChainPath, StringComparer.Ordinal)],
            [.. unusable.OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.ChainPath, StringComparer.Ordinal)],
            [.. findings.Concat(unusable.Select(Finding)).OrderBy(finding => finding.Message, StringComparer.Ordinal)])
        {
            AgainAfter = again,
        };
    }

    private Known Outcome(Candidate candidate)
    {
        var stamp = (FileStamp.Of(candidate.Chain), FileStamp.Of(candidate.Key));
        if (_known.TryGetValue(candidate.Chain, out var before) && before.Stamp == stamp)
            return before;
        var reading = PairFiles.Read(candidate.Chain, candidate.Key, mayBeSomethingElse: !candidate.IsInHAProxyFolder);
        return new Known(stamp, reading switch
        {
            { Content: { } content } => new FoundPair(Pair(candidate, content), null),
            { Problem: { } problem } => new FoundPair(null, Unusable(candidate, problem, reading)),
            _ => null,
        });
    }

    private static CertificatePair Pair(Candidate candidate, PairContent content) =>
        content.ToPair(candidate.Name, candidate.Chain, candidate.Key) with { IsInHAProxyFolder = candidate.IsInHAProxyFolder };

    private static UnusablePair Unusable(Candidate candidate, string problem, PairFileReading reading) => new()
    {
        Name = candidate.Name,
        ChainPath = candidate.Chain,
        IsInHAProxyFolder = candidate.IsInHAProxyFolder,
        Names = reading.Names,
        Problem = problem,
        Remedy = reading.Remedy,
    };

    // Where nothing else tells, the file is called like what it is for; ACME clients write a wildcard's star as an underscore.
    private static UnusablePair Named(UnusablePair pair)
    {
        var name = pair.Name.ToLowerInvariant();
        return pair.Names.Length > 0 ? pair : pair with { Names = [name.StartsWith("_.", StringComparison.Ordinal) ? "*" + name[1..] : name] };
    }

    private static Finding Finding(UnusablePair pair) => pair.IsInHAProxyFolder
        ? new Finding(
            FindingSeverity.Error,
            ReasonIds.CertificateInvalid,
            $"HAProxy loads every file of {pair.ChainPath[..(pair.ChainPath.LastIndexOf('/') + 1)]} and may neither reload nor start because of {pair.ChainPath[(pair.ChainPath.LastIndexOf('/') + 1)..]}: {pair.Problem} {pair.Remedy ?? "Replace the file or move it elsewhere; names that begin with a dot are passed over."} A HAProxy that runs keeps what it has until then.")
        : new Finding(
            FindingSeverity.Warning,
            ReasonIds.CertificateInvalid,
            $"the certificate \"{pair.Name}\" is not used: {pair.Problem} {pair.Remedy ?? "Replace the file or remove it."}");

    /// <summary>Pairs of files that ought to belong together, each file existing at the time of listing.</summary>
    private IEnumerable<Candidate> Candidates(List<Finding> findings)
    {
        var root = List(path, findings);
        var files = root.Files.ToHashSet(StringComparer.Ordinal);
        foreach (var name in root.Files)
        {
            var stem = Path.GetFileNameWithoutExtension(name);
            if (name.EndsWith(".crt", StringComparison.Ordinal) && files.Contains(stem + KeySuffix))
                yield return new Candidate(stem, Path.Combine(path, name), Path.Combine(path, stem + KeySuffix));
            else if (name.EndsWith(".pem", StringComparison.Ordinal))
                yield return new Candidate(stem, Path.Combine(path, name), Path.Combine(path, name));
        }

        foreach (var folder in root.Folders)
        {
            var inside = Path.Combine(path, folder);
            if (string.Equals(folder, HAProxyFolder, StringComparison.Ordinal))
            {
                var present = List(inside, findings).Files.ToHashSet(StringComparer.Ordinal);
                foreach (var name in present.Where(IsLoadedByHAProxy))
                {
                    // HAProxy looks for the key of x.pem in x.pem.key, too.
                    var key = present.Contains(name + KeySuffix) ? name + KeySuffix : name;
                    yield return new Candidate(Path.GetFileNameWithoutExtension(name), Path.Combine(inside, name), Path.Combine(inside, key)) { IsInHAProxyFolder = true };
                }
            }
            else
            {
                var below = string.Equals(folder, LiveFolder, StringComparison.Ordinal) ? List(inside, findings).Folders.Select(name => Path.Combine(inside, name)) : [];
                foreach (var pair in below.Prepend(inside).Where(IsPair))
                    yield return new Candidate(Path.GetFileName(pair), Path.Combine(pair, ChainFile), Path.Combine(pair, KeyFile));
            }
        }
    }

    private static bool IsPair(string folder) => File.Exists(Path.Combine(folder, ChainFile)) && File.Exists(Path.Combine(folder, KeyFile));

    private static bool IsLoadedByHAProxy(string name) => !PassedOverByHAProxy.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal));

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

    private sealed record Candidate(string Name, string Chain, string Key)
    {
        public bool IsInHAProxyFolder { get; init; }
    }

    /// <param name="Stamp">Of both files when they were read.</param>
    /// <param name="Found">What they were; null for something else than a pair.</param>
    private sealed record Known((FileStamp Chain, FileStamp Key) Stamp, FoundPair? Found);
}
