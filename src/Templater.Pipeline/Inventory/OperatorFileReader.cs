using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Templater.Pipeline.Inventory;

/// <summary>
/// Reads the operator's files: those that labels name, and those that are called like hosts. One that did not change since the last
/// reading (by times and size) is not read again. Not safe for use from several threads at once.
/// </summary>
/// <param name="authDirectory">Directory of the password files.</param>
/// <param name="certsDirectory">The certificates directory.</param>
/// <param name="labelPrefix">Prefix of native labels, without dot.</param>
public sealed class OperatorFileReader(string authDirectory, string certsDirectory, string labelPrefix)
{
    /// <summary>Most bytes of one file.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Most files that labels name; those that name more find none.</summary>
    public const int MaxFiles = 1000;

    /// <summary>Names of the files by which nginx-proxy's users replace parts of its configuration.</summary>
    public static readonly ImmutableArray<string> Replacements = ["proxy.conf", "network_internal.conf", "dhparam/dhparam.pem"];

    private const int MaxName = 253;

    private static readonly ImmutableArray<KeyValuePair<string, string>> Keys =
    [
        new(".auth.basic.file", OperatorFile.Passwords),
        new(".upstream.verify", OperatorFile.Authority),
        new(".tls.client-ca", OperatorFile.Authority),
    ];

    private Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>Directory of the include files; empty = there is none.</summary>
    public string VhostDirectory { get; init; } = "";

    /// <summary>Directory of the files that replace parts of nginx-proxy's configuration; empty = there is none.</summary>
    public string NginxDirectory { get; init; } = "";

    /// <summary>True for the name of a file: no path, and nothing that begins with a dot.</summary>
    /// <param name="text">The text.</param>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= MaxName && text[0] != '.' && !Routing.Names.Untrusted.HasControl(text) && text.IndexOfAny(['/', '\\']) < 0;

    /// <summary>Reads the files that the labels of these containers name, and those that are called like hosts.</summary>
    /// <param name="containers">The containers.</param>
    /// <returns>One for each name and kind, in order of kind and name.</returns>
    /// <exception cref="SnapshotFailedException">A directory is there and cannot be listed.</exception>
    public ImmutableArray<OperatorFile> Read(ImmutableArray<Container> containers)
    {
        var files = new SortedDictionary<string, OperatorFile>(StringComparer.Ordinal);
        var known = new Dictionary<string, Known>(StringComparer.Ordinal);
        foreach (var container in containers)
            foreach (var label in container.Labels)
                if (KindOf(label.Key) is { } kind && files.Count < MaxFiles && label.Value.Trim() is var name && IsName(name) && !files.ContainsKey($"{kind}/{name}"))
                    files[$"{kind}/{name}"] = Read(kind, name, Path.Combine(kind == OperatorFile.Passwords ? authDirectory : certsDirectory, name), known);
        foreach (var found in new OperatorFolders(authDirectory, VhostDirectory, certsDirectory, NginxDirectory).Find())
            if (!files.ContainsKey($"{found.Kind}/{found.Name}"))
                files[$"{found.Kind}/{found.Name}"] = Read(found.Kind, found.Name, found.Path, known);
        _known = known;
        return [.. files.Values];
    }

    private string? KindOf(string label)
    {
        if (!label.StartsWith(labelPrefix, StringComparison.Ordinal))
            return null;
        foreach (var key in Keys)
            if (label.EndsWith(key.Key, StringComparison.Ordinal))
                return key.Value;
        return null;
    }

    private OperatorFile Read(string kind, string name, string path, Dictionary<string, Known> known)
    {
        var stamp = FileStamp.Of(path);
        var key = $"{kind}/{name}";
        var file = _known.TryGetValue(key, out var before) && before.Stamp == stamp ? before.File : Read(kind, name, path);
        // What cannot be read may be readable the next time, without any change of the file.
        if (file.Problem is null)
            known[key] = new Known(stamp, file);
        return file;
    }

    private static OperatorFile Read(string kind, string name, string path)
    {
        try
        {
            var text = NamedFile.ReadText(path, MaxBytes);
            var problem = kind == OperatorFile.Authority && !HoldsCertificate(text) ? "it holds no certificate in PEM form" : null;
            return new OperatorFile
            {
                Kind = kind,
                Name = name,
                Path = path,
                Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))),
                Text = kind == OperatorFile.Passwords ? text : "",
                Problem = problem,
                Directives = kind is OperatorFile.Include or OperatorFile.Replacement ? NginxWords.Of(text) : "",
            };
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Unreadable(kind, name, path, Instead(path) ?? OperatorFile.Missing);
        }
        catch (UnauthorizedAccessException)
        {
            return Unreadable(kind, name, path, Instead(path) ?? "Templater's user has no right to read it; give it that right");
        }
        catch (IOException exception)
        {
            return Unreadable(kind, name, path, Instead(path) ?? "it cannot be read: " + exception.Message.TrimEnd('.'));
        }
    }

    private static string? Instead(string path) =>
        Directory.Exists(path) ? OperatorFile.Folder
        : new FileInfo(path).LinkTarget is not null && LeadsNowhere(path) ? OperatorFile.DeadLink
        : null;

    // A dead link counts as an existing file everywhere else.
    private static bool LeadsNowhere(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true) is not { Exists: true };
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static OperatorFile Unreadable(string kind, string name, string path, string problem) =>
        new() { Kind = kind, Name = name, Path = path, Digest = "", Text = "", Problem = problem };

    private static bool HoldsCertificate(string text)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
            return certificates.Count > 0;
        }
        catch (CryptographicException)
        {
            return false;
        }
        finally
        {
            foreach (var certificate in certificates)
                certificate.Dispose();
        }
    }

    private sealed record Known(FileStamp Stamp, OperatorFile File);
}
