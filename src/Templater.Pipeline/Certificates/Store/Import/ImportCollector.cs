using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Templater.Acme.Protocol;
using Templater.Pipeline.Deployment;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Certificates.Store.Import;

/// <summary>Collects what readers find, and says of what cannot be used why.</summary>
internal sealed class ImportCollector
{
    /// <summary>Most entries of a folder that are looked at.</summary>
    public const int MaxEntries = 10_000;

    private const string Certificate = "CERTIFICATE";
    private const string PrivateKeyEnd = "PRIVATE KEY";
    private const int MaxFileBytes = 1024 * 1024;
    private readonly List<ImportedCertificate> _certificates = [];
    private readonly List<ImportedAccount> _accounts = [];
    private readonly List<Finding> _findings = [];

    /// <summary>Everything that was found.</summary>
    public ImportReading ToReading() => new(
        [.. _certificates.OrderBy(static one => one.Source, StringComparer.Ordinal)],
        [.. _accounts.OrderBy(static one => one.Source, StringComparer.Ordinal)],
        [.. _findings.OrderBy(static one => one.Message, StringComparer.Ordinal)]);

    /// <summary>The folders in a folder; none where there is none.</summary>
    public static IEnumerable<string> FoldersIn(string folder) => Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Take(MaxEntries).Order(StringComparer.Ordinal) : [];

    /// <summary>The files of a name in a folder and those below it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name.</param>
    public static IEnumerable<string> FilesBelow(string folder, string name) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, name, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 6, AttributesToSkip = FileAttributes.ReparsePoint }).Take(MaxEntries).Order(StringComparer.Ordinal)
        : [];

    /// <summary>Takes a certificate, where its files are there.</summary>
    /// <param name="chainFile">The file with the chain.</param>
    /// <param name="keyFile">The file with the key.</param>
    /// <param name="authority">The CA's directory, where it is told.</param>
    /// <param name="issuersFile">A file with the rest of the chain, where the chain has its first certificate only.</param>
    public void AddCertificate(string chainFile, string keyFile, Uri? authority = null, string? issuersFile = null)
    {
        if (!File.Exists(chainFile) || !File.Exists(keyFile))
            return;
        Try(chainFile, () =>
        {
            var chain = CertificateChain.Parse(Text(chainFile));
            if (chain.Certificates.Count == 1 && issuersFile is not null && File.Exists(issuersFile))
                chain = CertificateChain.Parse(chain.ToPem() + CertificateChain.Parse(Text(issuersFile)).ToPem());
            Add(chainFile, chain, keyFile, Text(keyFile), authority);
        });
    }

    /// <summary>Takes a certificate out of a file with chain and key, as HAProxy reads it; what has not both is something else.</summary>
    /// <param name="file">The file.</param>
    public void AddCombined(string file) => Try(file, () =>
    {
        var text = Text(file);
        var (chain, key) = (Blocks(text, Certificate), Blocks(text, PrivateKeyEnd));
        if (chain.Length > 0 && key.Length > 0)
            Add(file, CertificateChain.Parse(chain), file, key, null);
    });

    private void Add(string chainFile, CertificateChain chain, string keyFile, string keyText, Uri? authority)
    {
        var key = PrivateKey.FromPem(keyText);
        if (!key.Fits(chain.Leaf))
            throw new FormatException($"the key in {keyFile} is for another certificate");
        if (chain.Identifiers.Count == 0 || !StoreName.IsCertificate(chain.Identifiers[0].Value))
            throw new FormatException(chain.Identifiers.Count == 0 ? "it is for no name" : $"'{chain.Identifiers[0].Value}' is no name that can be stored");
        _certificates.Add(new ImportedCertificate(chainFile, chain, key, authority));
    }

    private static string Blocks(string text, string label)
    {
        var blocks = new StringBuilder();
        for (var rest = text.AsSpan(); PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
            if (rest[fields.Label].EndsWith(label, StringComparison.Ordinal))
                blocks.Append(rest[fields.Location]).Append('\n');
        return blocks.ToString();
    }

    /// <summary>Takes an account.</summary>
    /// <param name="keyFile">The file with its key.</param>
    /// <param name="read">Reads it.</param>
    public void AddAccount(string keyFile, Func<ImportedAccount> read) => Try(keyFile, () => _accounts.Add(read()));

    /// <summary>The text of a small file.</summary>
    public static string Text(string file) => Encoding.UTF8.GetString(NamedFile.ReadBytes(file, MaxFileBytes).Span);

    /// <summary>A small file of JSON; null where there is none.</summary>
    public static JsonElement? Json(string file)
    {
        if (!File.Exists(file))
            return null;
        using var document = JsonDocument.Parse(NamedFile.ReadBytes(file, MaxFileBytes));
        return document.RootElement.Clone();
    }

    /// <summary>A text somewhere in an object; null where it is not there.</summary>
    /// <param name="element">The object.</param>
    /// <param name="path">Names of members, from the outermost.</param>
    public static string? Member(JsonElement? element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
            element = element is { ValueKind: JsonValueKind.Object } there && there.TryGetProperty(name, out var inner) ? inner : null;
        return element is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
    }

    /// <summary>An absolute URL of https; null for anything else.</summary>
    public static Uri? Url(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps ? url : null;

    /// <summary>Addresses of mail without their scheme.</summary>
    public static ImmutableArray<string> Contacts(params IEnumerable<string?> contacts) =>
        [.. contacts.OfType<string>().Select(static one => one.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) ? one[7..] : one).Where(static one => one.Contains('@', StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)];

    private void Try(string file, Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is FormatException or JsonException or CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            // What others say of a text may have a part of it, and this one may hold a key.
            var why = error is FormatException or IOException or UnauthorizedAccessException ? error.Message.TrimEnd('.') : "it cannot be read";
            _findings.Add(new Finding(FindingSeverity.Warning, ReasonIds.InvalidInput, $"{ShownText.OneLine(file)} is not taken over: {ShownText.OneLine(why)}."));
        }
    }
}
