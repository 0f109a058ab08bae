using System.Security.Cryptography;
using System.Text;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>
/// Names of files for certificates and CAs: no two names give the same, none leads elsewhere, none is too long, and none differs
/// from another in the case of its letters alone.
/// </summary>
internal static class StoreName
{
    // A file may be called by 255 bytes; a dot in front, suffixes and the mark of a file in the making take some of them.
    private const int MaxLength = 160;
    private const int DigestLength = 16;

    // No character of names, so that a shortened one is nobody else's.
    private const char Shortened = '~';

    /// <summary>
    /// The name for a certificate. A wildcard's star becomes an underscore, as all ACME clients write it, and so do the colons of an
    /// address; neither is in any other name.
    /// </summary>
    /// <param name="name">A name of the DNS, which may begin with <c>*.</c>, or an address.</param>
    /// <exception cref="ArgumentException">Neither.</exception>
    public static string OfCertificate(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!IsCertificate(name))
            throw new ArgumentException($"'{Shown(name)}' is no name of a certificate in lower case", nameof(name));
        return Short(name.Replace('*', '_').Replace(':', '_'), name);
    }

    /// <summary>True for what <see cref="OfCertificate"/> takes.</summary>
    public static bool IsCertificate(string name)
    {
        var rest = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
        return rest.Length > 0 && rest[0] is not ('.' or '-') && rest.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or ':');
    }

    /// <summary>The name for a CA.</summary>
    /// <param name="directory">Its directory.</param>
    public static string OfAuthority(Uri directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        var text = directory.AbsoluteUri;
        var name = Deployment.StateDirectory.FileNameOf(directory.Scheme == Uri.UriSchemeHttps ? text[(Uri.UriSchemeHttps.Length + Uri.SchemeDelimiter.Length)..] : text);
        // Paths may differ in case alone.
        return text.Any(char.IsAsciiLetterUpper) || name.Length > MaxLength ? $"{Cut(name)}{Shortened}{Digest(text)}" : name;
    }

    private static string Short(string stem, string whole) => stem.Length <= MaxLength ? stem : $"{Cut(stem)}{Shortened}{Digest(whole)}";

    private static string Cut(string name) => name[..Math.Min(name.Length, MaxLength)];

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..DigestLength];

    private static string Shown(string text) => Deployment.ShownText.OneLine(text);
}
