using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Templater.Pipeline.Certificates;

/// <summary>The public facts of a pair.</summary>
internal sealed record PairContent(
    ImmutableArray<string> Names, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Fingerprint, string Digest);

/// <summary>
/// Reads a chain and its key and holds them against each other. Key bytes live in pinned buffers that are wiped before
/// the call returns.
/// </summary>
internal static class PairFiles
{
    private const int MaxFileBytes = 1024 * 1024;
    private const string CertificateLabel = "CERTIFICATE";
    private const string KeyLabelEnd = "PRIVATE KEY";
    private const string EncryptedLabel = "ENCRYPTED PRIVATE KEY";

    /// <summary>Reads a pair.</summary>
    /// <returns>
    /// The content, or a problem as a sentence; neither when a single file does not hold both a certificate and a
    /// key, because then it is something else (a CA, DH parameters, a chain alone).
    /// </returns>
    public static (PairContent? Content, string? Problem) Read(string chainFile, string keyFile)
    {
        byte[] chain = [];
        byte[] key = [];
        try
        {
            chain = ReadFile(chainFile);
            key = string.Equals(chainFile, keyFile, StringComparison.Ordinal) ? chain : ReadFile(keyFile);
            return Examine(chainFile, keyFile, chain, key);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, $"{exception.Message.TrimEnd('.')}.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(chain);
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static byte[] ReadFile(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (stream.Length > MaxFileBytes)
            throw new IOException($"{file} is larger than 1 MiB");
        var buffer = GC.AllocateArray<byte>((int)stream.Length, pinned: true);
        stream.ReadExactly(buffer);
        return buffer;
    }

    private static (PairContent? Content, string? Problem) Examine(string chainFile, string keyFile, byte[] chain, byte[] key)
    {
        var chainText = Characters(chain);
        var keyText = Characters(key);
        try
        {
            var labels = Labels(chainText);
            var keyLabel = Labels(keyText).FirstOrDefault(label => label.EndsWith(KeyLabelEnd, StringComparison.Ordinal));
            var isOneFile = ReferenceEquals(chain, key);
            if (isOneFile && (keyLabel is null || !labels.Contains(CertificateLabel)))
                return (null, null);
            if (!labels.Contains(CertificateLabel))
                return (null, $"{chainFile} contains no certificate.");
            if (keyLabel is null)
                return (null, $"{keyFile} contains no private key.");
            if (string.Equals(keyLabel, EncryptedLabel, StringComparison.Ordinal))
                return (null, $"the key in {keyFile} is encrypted, and no proxy could ask for its password.");
            return Verified(chainFile, keyFile, chainText, keyText, Digest(chain, isOneFile ? [] : key));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(chainText.AsSpan()));
            CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(keyText.AsSpan()));
        }
    }

    private static (PairContent? Content, string? Problem) Verified(
        string chainFile, string keyFile, char[] chainText, char[] keyText, string digest)
    {
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(chainText);
            var leaf = chain[0];
            return KeyMatches(leaf, keyText) switch
            {
                null => (null, $"{chainFile} has a key type that is neither RSA nor ECDSA."),
                false => (null, $"the key in {keyFile} does not belong to the certificate in {chainFile}."),
                true => (new PairContent(
                    Names(leaf), leaf.NotBefore.ToUniversalTime(), leaf.NotAfter.ToUniversalTime(),
                    Convert.ToHexStringLower(leaf.GetCertHash(HashAlgorithmName.SHA256)), digest), null),
            };
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return (null, $"{chainFile} or {keyFile} cannot be decoded ({exception.Message.TrimEnd('.')}).");
        }
        finally
        {
            foreach (var certificate in chain)
                certificate.Dispose();
        }
    }

    private static bool? KeyMatches(X509Certificate2 leaf, ReadOnlySpan<char> keyText)
    {
        using var rsaPublic = leaf.GetRSAPublicKey();
        if (rsaPublic is not null)
        {
            using var rsa = RSA.Create();
            return Imports(rsa, keyText) && Same(rsaPublic, rsa);
        }

        using var ecPublic = leaf.GetECDsaPublicKey();
        if (ecPublic is null)
            return null;
        using var ec = ECDsa.Create();
        return Imports(ec, keyText) && Same(ecPublic, ec);
    }

    // A key of another algorithm has another label, or the same PKCS#8 label and contents that do not decode: both
    // mean that it is not this certificate's.
    private static bool Imports(AsymmetricAlgorithm algorithm, ReadOnlySpan<char> keyText)
    {
        try
        {
            algorithm.ImportFromPem(keyText);
            return true;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    private static bool Same(AsymmetricAlgorithm certificateKey, AsymmetricAlgorithm privateKey) =>
        certificateKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(privateKey.ExportSubjectPublicKeyInfo());

    private static ImmutableArray<string> Names(X509Certificate2 leaf)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var extension in leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            names.UnionWith(extension.EnumerateDnsNames().Select(name => name.TrimEnd('.').ToLowerInvariant()));
            names.UnionWith(extension.EnumerateIPAddresses().Select(address => address.ToString()));
        }

        // Old private CAs put the name into the subject alone; clients that accept that decide for themselves.
        if (names.Count == 0 && leaf.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } common)
            names.Add(common.ToLowerInvariant());
        return [.. names];
    }

    private static List<string> Labels(ReadOnlySpan<char> text)
    {
        List<string> labels = [];
        while (PemEncoding.TryFind(text, out var fields))
        {
            labels.Add(text[fields.Label].ToString());
            text = text[fields.Location.End..];
        }

        return labels;
    }

    private static char[] Characters(byte[] bytes)
    {
        var text = GC.AllocateArray<char>(bytes.Length, pinned: true);
        Encoding.Latin1.GetChars(bytes, text);
        return text;
    }

    private static string Digest(ReadOnlySpan<byte> chain, ReadOnlySpan<byte> key)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(chain);
        hash.AppendData(key);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
