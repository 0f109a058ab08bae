using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>The messages about certificates that are not stored, beside those about disks: one method per message.</summary>
internal static class StoreProblem
{
    /// <summary>Somebody else's file or folder is where the certificate has to be.</summary>
    /// <param name="path">What is there.</param>
    public static OutputFileException Foreign(string path) => Make(
        ReasonIds.OutputFailed,
        $"no certificate can be stored as {ShownText.OneLine(path)}: what is there was not made by Templater, and is left alone. Move it away, or have it renewed by the program that made it.");

    /// <summary>A certificate that no proxy could use.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="mistake">What is wrong, as a clause.</param>
    public static OutputFileException Unusable(string name, string mistake) => Make(
        ReasonIds.CertificateInvalid, $"the certificate for {ShownText.OneLine(name)} is not stored: {mistake}. The former one, where there is one, stays.");

    /// <summary>A former version of a certificate that is no better than the one that holds.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="mistake">What is wrong with it, as a clause.</param>
    public static OutputFileException NotRestored(string name, string mistake) => Make(
        ReasonIds.CertificateInvalid, $"the former certificate for {ShownText.OneLine(name)} is not restored: {mistake}. The present one stays.");

    /// <summary>The link to what holds led nowhere.</summary>
    /// <param name="name">The certificate's name.</param>
    /// <param name="link">The link.</param>
    /// <param name="version">Where it leads now.</param>
    public static Finding LedNowhere(string name, string link, int version) => new(
        FindingSeverity.Warning, ReasonIds.CertificateInvalid, $"{link} did not lead to a whole certificate for {ShownText.OneLine(name)}, and leads to version {version} again, the newest that is whole.");

    private static OutputFileException Make(string reason, string message) => new(new Finding(FindingSeverity.Error, reason, message), null);
}
