using Templater.Acme.Protocol;

namespace Templater.Pipeline.Certificates.Store.Import;

/// <summary>
/// What acme.sh keeps: <c>NAME/</c> or <c>NAME_ecc/</c> with <c>fullchain.cer</c>, <c>NAME.key</c> and <c>NAME.conf</c>, and
/// <c>ca/HOST/PATH/</c> with <c>account.key</c> and <c>ca.conf</c>; of acme-companion, which has such a folder for each address of mail.
/// </summary>
internal static class AcmeShReader
{
    private const string CaFolder = "ca";
    private const string KeyFile = "account.key";

    public static void Read(string folder, ImportCollector collector)
    {
        ReadHome(folder, collector);
        foreach (var home in ImportCollector.FoldersIn(folder).Where(static home => Path.GetFileName(home) != CaFolder))
            ReadHome(home, collector);
    }

    private static void ReadHome(string home, ImportCollector collector)
    {
        foreach (var pair in ImportCollector.FoldersIn(home))
        {
            var name = Path.GetFileName(pair) is var whole && whole.EndsWith("_ecc", StringComparison.Ordinal) ? whole[..^4] : whole;
            collector.AddCertificate(Path.Combine(pair, "fullchain.cer"), Path.Combine(pair, name + ".key"), ImportCollector.Url(Setting(Path.Combine(pair, name + ".conf"), "Le_API")));
        }

        var authorities = Path.Combine(home, CaFolder);
        foreach (var file in ImportCollector.FilesBelow(authorities, KeyFile))
            collector.AddAccount(file, () => Account(file, authorities));
    }

    private static ImportedAccount Account(string file, string authorities)
    {
        var own = Path.GetDirectoryName(file)!;
        var place = Path.GetRelativePath(authorities, own);
        var host = place.Split('/')[0];
        var settings = Path.Combine(own, "ca.conf");
        // Versions of before 2021 kept the host alone.
        return new ImportedAccount(
            file, host, place == host ? null : ImportCollector.Url($"https://{place}"), PrivateKey.FromPem(ImportCollector.Text(file)),
            ImportCollector.Url(Setting(settings, "ACCOUNT_URL")), ImportCollector.Contacts(Setting(settings, "CA_EMAIL")));
    }

    // Such a file is a shell script, which is not run: of interest are lines like NAME='value'.
    private static string? Setting(string file, string name)
    {
        if (!File.Exists(file))
            return null;
        var line = ImportCollector.Text(file).Split('\n').LastOrDefault(line => line.StartsWith(name + "=", StringComparison.Ordinal));
        return line?[(name.Length + 1)..].Trim().Trim('\'', '"');
    }
}
