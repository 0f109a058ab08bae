using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>A pair as it is said to HAProxy in one command.</summary>
/// <param name="Text">The blocks of the file, and nothing between them. Secret.</param>
/// <param name="Fingerprint">SHA-1 of the first certificate, hex.</param>
/// <param name="Issuers">Common names of the certificates that follow; empty where HAProxy would spell one in another way.</param>
internal sealed record PairPayload(string Text, string Fingerprint, ImmutableArray<string> Issuers)
{
    // What HAProxy takes at once is as big as one of its buffers (tune.bufsize), which is 16 kB.
    private const int MaxLength = 15_000;

    /// <summary>Reads a file.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="PairPayloadException">It cannot be said.</exception>
    public static PairPayload Read(string file)
    {
        try
        {
            var text = Blocks(file);
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(text);
            try
            {
                return certificates.Count == 0
                    ? throw new PairPayloadException($"{file} has no certificate")
                    : new PairPayload(text, certificates[0].GetCertHashString(), [.. certificates.Skip(1).Select(NameOf)]);
            }
            finally
            {
                foreach (var certificate in certificates)
                    certificate.Dispose();
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new PairPayloadException($"{file} cannot be read: {ShownText.OneLine(error.Message)}");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Fingerprint;

    private static string NameOf(X509Certificate2 certificate) =>
        certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is var name && name.All(static character => character is >= ' ' and <= '~') ? name : "";

    // An empty line would end the payload, and what follows be taken for commands: nothing but the blocks is sent.
    private static string Blocks(string file)
    {
        var text = new StringBuilder();
        var isWithin = false;
        foreach (var line in File.ReadLines(file))
        {
            var trimmed = line.Trim();
            isWithin |= trimmed.StartsWith("-----BEGIN ", StringComparison.Ordinal);
            if (isWithin && trimmed.Length > 0)
                text.Append(trimmed).Append('\n');
            isWithin &= !trimmed.StartsWith("-----END ", StringComparison.Ordinal);
            if (text.Length > MaxLength)
                throw new PairPayloadException($"{file} has more than {MaxLength} bytes");
        }

        return text.ToString();
    }
}

/// <summary>A pair cannot be said to HAProxy in a command.</summary>
/// <param name="message">One line.</param>
internal sealed class PairPayloadException(string message) : Exception(message);
