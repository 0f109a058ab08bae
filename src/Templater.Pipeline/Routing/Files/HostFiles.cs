using System.Collections.Immutable;
using System.Text;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;

namespace Templater.Pipeline.Routing.Files;

/// <summary>
/// The operator's files by host and path. Of several that fit, the one for the path comes before the one for the host, and that one
/// before the one for all hosts. Case does not matter, as in host names. Pure.
/// </summary>
internal sealed class HostFiles
{
    private const string AuthoritySuffix = ".ca.crt";
    private const string RevocationSuffix = ".crl.pem";
    private const string CommonAuthority = "ca.crt";

    private readonly Dictionary<string, OperatorFile> _files = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool _hasHashedPaths;

    /// <summary>Sorts the files.</summary>
    /// <param name="files">The files that are there, in order of kind and name.</param>
    public HostFiles(ImmutableArray<OperatorFile> files)
    {
        foreach (var file in files)
        {
            // Found by a label alone.
            if (file.Digest.Length == 0 && file.Problem == OperatorFile.Missing)
                continue;
            IsEmpty = false;
            _hasHashedPaths |= file.Name.Contains('_', StringComparison.Ordinal);
            var key = Key(file.Kind, file.Name);
            // Of two that differ in case the lower one is called like the host.
            if (!_files.TryGetValue(key, out var known) || !IsLower(known.Name))
                _files[key] = file;
        }
    }

    /// <summary>True when there is no file at all, as on most machines.</summary>
    public bool IsEmpty { get; } = true;

    /// <summary>Directives for the host as a whole: <c>HOST</c>, else <c>default</c>.</summary>
    public OperatorFile? Server(HostPattern host) => OfHost(OperatorFile.Include, host, "") ?? Find(OperatorFile.Include, HostFileNames.Default);

    /// <summary>Directives for a path: <c>HOST_&lt;sha1&gt;_location</c>, else <c>HOST_location</c>, else <c>default_location</c>.</summary>
    public OperatorFile? Location(HostPattern host, PathPattern path) =>
        OfPath(OperatorFile.Include, host, path, HostFileNames.Location)
        ?? OfHost(OperatorFile.Include, host, HostFileNames.Location)
        ?? Find(OperatorFile.Include, HostFileNames.Default + HostFileNames.Location);

    /// <summary>What stands in the place of a path: <c>HOST_&lt;sha1&gt;_location_override</c>, and of the root also <c>HOST_location_override</c>.</summary>
    public OperatorFile? Override(HostPattern host, PathPattern path) =>
        OfPath(OperatorFile.Include, host, path, HostFileNames.Override)
        ?? (path == PathPattern.Root ? OfHost(OperatorFile.Include, host, HostFileNames.Override) : null);

    /// <summary>Users of a path: <c>HOST_&lt;sha1&gt;</c>, else <c>HOST</c>.</summary>
    public OperatorFile? Passwords(HostPattern host, PathPattern path) =>
        PasswordsOfPath(host, path) ?? OfHost(OperatorFile.Passwords, host, "");

    /// <summary>Users of that path alone.</summary>
    public OperatorFile? PasswordsOfPath(HostPattern host, PathPattern path) => OfPath(OperatorFile.Passwords, host, path, "");

    /// <summary>Authorities of clients: <c>HOST.ca.crt</c>, else <c>ca.crt</c>.</summary>
    public OperatorFile? Authority(HostPattern host) => OfHost(OperatorFile.Authority, host, AuthoritySuffix) ?? Find(OperatorFile.Authority, CommonAuthority);

    /// <summary>Those that hold for a host with these words: the one for all hosts closes, without a word, only those that have https.</summary>
    public OperatorFile? Authority(HostPattern host, HostSettings words) =>
        words.VerifiesClients == ClientAuthMode.Off || Authority(host) is not { } file
            || (words.VerifiesClients is null && words.Https == HttpsMode.Off && file.Name == CommonAuthority)
            ? null
            : file;

    /// <summary>What the authorities took back: <c>HOST.crl.pem</c> beside <c>HOST.ca.crt</c>, <c>ca.crl.pem</c> beside <c>ca.crt</c>.</summary>
    public OperatorFile? Revocations(OperatorFile authority) =>
        Find(OperatorFile.Revocations, authority.Name[..^(authority.Name.EndsWith(AuthoritySuffix, StringComparison.Ordinal) ? AuthoritySuffix.Length : ".crt".Length)] + RevocationSuffix);

    /// <summary>What the authorities of a file took back that a label names: the file beside it, else the one that is called like the host.</summary>
    /// <param name="host">The host.</param>
    /// <param name="authority">Name of the file with the authorities.</param>
    public OperatorFile? Revocations(HostPattern host, string authority) =>
        (authority == CommonAuthority ? Find(OperatorFile.Revocations, "ca" + RevocationSuffix)
            : authority.EndsWith(AuthoritySuffix, StringComparison.OrdinalIgnoreCase) ? Find(OperatorFile.Revocations, authority[..^AuthoritySuffix.Length] + RevocationSuffix)
            : null)
        ?? OfHost(OperatorFile.Revocations, host, RevocationSuffix);

    /// <summary>The file that says for nginx-proxy which clients are internal.</summary>
    public OperatorFile? InternalClients => Find(OperatorFile.Replacement, "network_internal.conf");

    /// <summary>
    /// A text that is the same for hosts with the same files: what is called like one of them holds for it alone.
    /// </summary>
    /// <param name="host">The host.</param>
    /// <param name="paths">Its paths.</param>
    public string Signature(HostPattern host, IEnumerable<PathPattern> paths)
    {
        if (IsEmpty)
            return "";
        var text = new StringBuilder();
        Add(text, Server(host));
        Add(text, Authority(host));
        Add(text, OfHost(OperatorFile.Revocations, host, RevocationSuffix));
        foreach (var path in paths)
        {
            Add(text, Location(host, path));
            Add(text, Override(host, path));
            Add(text, Passwords(host, path));
        }

        return text.ToString();
    }

    private static void Add(StringBuilder text, OperatorFile? file) => text.Append(file?.Path).Append('\n');

    private OperatorFile? OfHost(string kind, HostPattern host, string suffix)
    {
        foreach (var name in HostFileNames.Of(host))
            if (Find(kind, name + suffix) is { } file)
                return file;
        return null;
    }

    private OperatorFile? OfPath(string kind, HostPattern host, PathPattern path, string suffix)
    {
        if (!_hasHashedPaths)
            return null;
        foreach (var text in HostFileNames.Of(path))
            if (OfHost(kind, host, $"_{HostFileNames.Sha1(text)}{suffix}") is { } file)
                return file;
        return null;
    }

    private OperatorFile? Find(string kind, string name) => _files.GetValueOrDefault(Key(kind, name));

    private static string Key(string kind, string name) => $"{kind}/{name}";

    private static bool IsLower(string name) => !name.Any(char.IsUpper);
}
