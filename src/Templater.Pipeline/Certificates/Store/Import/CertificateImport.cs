namespace Templater.Pipeline.Certificates.Store.Import;

/// <summary>
/// Reads certificates and accounts that another ACME client keeps: certbot, lego, acme.sh and acme-companion, told from one another by what
/// lies in their folders, and certificates that Dotege wrote. Writes nothing, and asks nobody.
/// </summary>
public static class CertificateImport
{
    /// <summary>Reads a folder.</summary>
    /// <param name="folder">For example <c>/etc/letsencrypt</c>, <c>.lego</c>, <c>~/.acme.sh</c> or <c>/etc/acme.sh</c>.</param>
    /// <exception cref="IOException">It cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be listed.</exception>
    public static ImportReading Read(string folder)
    {
        var collector = new ImportCollector();
        CertbotReader.Read(folder, collector);
        LegoReader.Read(folder, collector);
        AcmeShReader.Read(folder, collector);
        DotegeReader.Read(folder, collector);
        return collector.ToReading();
    }
}
