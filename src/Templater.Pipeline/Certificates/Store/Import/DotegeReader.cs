using Directory = System.IO.Directory;

namespace Templater.Pipeline.Certificates.Store.Import;

/// <summary>
/// What Dotege 1 writes for HAProxy (<c>DOTEGE_CERT_DESTINATION</c>): <c>NAME.pem</c> with chain and key, or the chain alone with
/// <c>NAME.key</c> beside it. Its account is in a file of its own, and is not read.
/// </summary>
internal static class DotegeReader
{
    private const string Suffix = ".pem";

    public static void Read(string folder, ImportCollector collector)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var file in Directory.EnumerateFiles(folder, "*" + Suffix).Take(ImportCollector.MaxEntries).Order(StringComparer.Ordinal))
            if (file[..^Suffix.Length] + ".key" is var key && File.Exists(key))
                collector.AddCertificate(file, key);
            else
                collector.AddCombined(file);
    }
}
