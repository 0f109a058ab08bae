using Templater.Acme.Protocol;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Certificates.Store.Import;

/// <summary>
/// What lego keeps: <c>certificates/NAME.crt</c> with <c>.key</c>, and <c>accounts/HOST/ID/account.json</c> with <c>keys/ID.key</c>
/// (version 4) or <c>accounts/HOST/ID/TYPE/</c> with both (version 5). Of a CA it keeps the host alone.
/// </summary>
internal static class LegoReader
{
    private const string AccountFile = "account.json";
    private const string Chain = ".crt";
    private const string Issuer = ".issuer.crt";

    // Of hosts that have one directory.
    private static readonly Dictionary<string, Uri> Known = new(StringComparer.Ordinal)
    {
        ["acme-v02.api.letsencrypt.org"] = new("https://acme-v02.api.letsencrypt.org/directory"),
        ["acme-staging-v02.api.letsencrypt.org"] = new("https://acme-staging-v02.api.letsencrypt.org/directory"),
        ["acme.zerossl.com"] = new("https://acme.zerossl.com/v2/DV90"),
        ["dv.acme-v02.api.pki.goog"] = new("https://dv.acme-v02.api.pki.goog/directory"),
    };

    public static void Read(string folder, ImportCollector collector)
    {
        foreach (var file in ImportCollector.FilesBelow(Path.Combine(folder, "certificates"), "*" + Chain).Where(static file => !file.EndsWith(Issuer, StringComparison.Ordinal)))
            collector.AddCertificate(file, file[..^Chain.Length] + ".key", issuersFile: file[..^Chain.Length] + Issuer);
        var accounts = Path.Combine(folder, "accounts");
        foreach (var facts in ImportCollector.FilesBelow(accounts, AccountFile))
            if (KeyOf(facts) is { } key)
                collector.AddAccount(key, () => Account(facts, key, accounts));
    }

    private static string? KeyOf(string facts)
    {
        var own = Path.GetDirectoryName(facts)!;
        var keys = Path.Combine(own, "keys");
        return Directory.EnumerateFiles(Directory.Exists(keys) ? keys : own, "*.key").Order(StringComparer.Ordinal).FirstOrDefault();
    }

    private static ImportedAccount Account(string facts, string keyFile, string accounts)
    {
        // The colon in front of a port is an underscore there.
        var host = Path.GetRelativePath(accounts, facts).Split('/')[0].Replace('_', ':');
        var account = ImportCollector.Json(facts);
        return new ImportedAccount(
            keyFile, host, Known.GetValueOrDefault(host), PrivateKey.FromPem(ImportCollector.Text(keyFile)),
            ImportCollector.Url(ImportCollector.Member(account, "registration", "uri")), ImportCollector.Contacts(ImportCollector.Member(account, "email")));
    }
}
