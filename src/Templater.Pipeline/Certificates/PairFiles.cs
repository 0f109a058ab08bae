using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Templater.Pipeline.Certificates;

/// <summary>The public facts of a pair.</summary>
internal sealed record PairContent(
    ImmutableArray<string> Names, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Fingerprint, string Digest, string IssuersDigest)
{
    /// <summary>The pair, once it is known what it is called and where it lies.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="chainPath">The file with the chain.</param>
    /// <param name="keyPath">The file with the key.</param>
    public CertificatePair ToPair(string name, string chainPath, string keyPath) => new()
    {
        Name = name,
        ChainPath = chainPath,
        KeyPath = keyPath,
        Names = Names,
        NotBefore = NotBefore,
        NotAfter = NotAfter,
        Fingerprint = Fingerprint,
        ContentDigest = Digest,
        IssuersDigest = IssuersDigest,
    };
}

/// <summary>What a pair of files holds: a content, or a problem; neither when they are something else.</summary>
/// <param name="Content">The content of a usable pair.</param>
/// <param name="Problem">What is wrong with it, as a sentence.</param>
/// <param name="Names">Names that the certificate is for; empty when it cannot be read.</param>
internal sealed record PairFileReading(PairContent? Content, string? Problem, ImmutableArray<string> Names)
{
    /// <summary>Files that are no pair and are not meant to be one.</summary>
    public static PairFileReading SomethingElse { get; } = new(null, null, []);

    /// <summary>A pair that cannot be used.</summary>
    public static PairFileReading Unusable(string problem, ImmutableArray<string> names) => new(null, problem, names);

    /// <summary>What to do about it, as a sentence; null when only another file helps.</summary>
    public string? Remedy { get; init; }
}

/// <summary>
/// Reads a chain and its key and holds them against each other. Key bytes live in pinned buffers that are wiped before
/// the call returns.
/// </summary>
internal static class PairFiles
{
    private const uint GroupMayRead = 0x20;
    private const int MaxFileBytes = 1024 * 1024;
    private const string CertificateLabel = "CERTIFICATE";
    private const string KeyLabelEnd = "PRIVATE KEY";
    private const string BlockStart = "-----BEGIN ";
    private const string OldEncryption = "Proc-Type: 4,ENCRYPTED";
    private const string EncryptedLabel = "ENCRYPTED PRIVATE KEY";

    /// <summary>Reads a pair.</summary>
    /// <param name="chainFile">The file with the chain.</param>
    /// <param name="keyFile">The file with the key; the same one for a combined file.</param>
    /// <param name="mayBeSomethingElse">
    /// True where a single file that does not hold both a certificate and a key is something else (a CA, DH parameters, a chain
    /// alone) and not a bad pair.
    /// </param>
    public static PairFileReading Read(string chainFile, string keyFile, bool mayBeSomethingElse)
    {
        byte[] chain = [];
        byte[] key = [];
        try
        {
            chain = ReadFile(chainFile);
            key = string.Equals(chainFile, keyFile, StringComparison.Ordinal) ? chain : ReadFile(keyFile);
            return Examine(chainFile, keyFile, chain, key, mayBeSomethingElse);
        }
        catch (IOException exception)
        {
            return PairFileReading.Unusable($"{exception.Message.TrimEnd('.')}.", Names(chain));
        }
        catch (UnauthorizedAccessException)
        {
            return Unreadable(chain.Length == 0 ? chainFile : keyFile, Names(chain));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(chain);
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static PairFileReading Unreadable(string file, ImmutableArray<string> names)
    {
        if (UnixFile.Owner(file) is not { } owner)
            return PairFileReading.Unusable($"{file} may not be read as {UnixFile.OwnIdentity}.", names) with { Remedy = "Make it readable for that user." };
        return PairFileReading.Unusable($"{file} belongs to {owner.Describe()} and Templater runs as {UnixFile.OwnIdentity}.", names) with
        {
            Remedy = (owner.Mode & GroupMayRead) != 0
                ? $"Add group_add: [\"{owner.Gid}\"] to the service, or --group-add {owner.Gid}."
                : "Give it to a group that Templater is in, with mode 0640.",
        };
    }

    private static byte[] ReadFile(string file)
    {
        // Opening a pipe could wait for ever, and a device may have no end.
        if (NamedFile.Instead(file) is { } instead)
            throw new IOException($"{file} is {instead}; a file was expected");
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (stream.Length > MaxFileBytes)
            throw new IOException($"{file} is larger than 1 MiB");
        var buffer = GC.AllocateArray<byte>((int)stream.Length, pinned: true);
        stream.ReadExactly(buffer);
        return buffer;
    }

    private static PairFileReading Examine(string chainFile, string keyFile, byte[] chain, byte[] key, bool mayBeSomethingElse)
    {
        var chainText = Characters(chain);
        var keyText = Characters(key);
        try
        {
            var labels = Labels(chainText);
            var keyLabel = Labels(keyText).FirstOrDefault(label => label.EndsWith(KeyLabelEnd, StringComparison.Ordinal));
            var isOneFile = ReferenceEquals(chain, key);
            var isPair = keyLabel is not null && labels.Contains(CertificateLabel);
            if (isOneFile && !isPair && mayBeSomethingElse && labels.Count > 0 && !HasBrokenBlock(chainText))
                return PairFileReading.SomethingElse;
            return FirstProblem(chainFile, keyFile, chainText, keyText, keyLabel) is { } problem
                ? PairFileReading.Unusable(problem, Names(chainText))
                : Verified(chainFile, keyFile, chainText, keyText, Digest(chain, isOneFile ? [] : key));
        }
        finally
        {
            Wipe(chainText);
            Wipe(keyText);
        }
    }

    private static string? FirstProblem(string chainFile, string keyFile, char[] chainText, char[] keyText, string? keyLabel)
    {
        if (chainText.Length == 0 || keyText.Length == 0)
            return $"{(chainText.Length == 0 ? chainFile : keyFile)} is empty.";
        if (string.Equals(keyLabel, EncryptedLabel, StringComparison.Ordinal) || keyText.AsSpan().Contains(OldEncryption, StringComparison.Ordinal))
            return $"the key in {keyFile} is encrypted, and no proxy could ask for its password.";
        // A proxy refuses a chain that is cut off in a later certificate, too.
        if (HasBrokenBlock(chainText) || HasBrokenBlock(keyText))
            return $"{(HasBrokenBlock(chainText) ? chainFile : keyFile)} is cut off or damaged: it has a block that does not end.";
        if (!Labels(chainText).Contains(CertificateLabel))
            return $"{chainFile} contains no certificate.";
        return keyLabel is null ? $"{keyFile} contains no private key." : null;
    }

    private static PairFileReading Verified(string chainFile, string keyFile, char[] chainText, char[] keyText, string digest)
    {
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(chainText);
            var leaf = chain[0];
            var names = Names(leaf);
            if (WeakCertificates.Problem(chain) is { } weakness)
                return PairFileReading.Unusable($"{chainFile}: {weakness}.", names);
            return KeyMatches(leaf, keyText) switch
            {
                null => PairFileReading.Unusable($"{chainFile} has a key type that is neither RSA nor ECDSA.", names),
                false => PairFileReading.Unusable($"the key in {keyFile} does not belong to the certificate in {chainFile}.", names),
                true => new PairFileReading(
                    new PairContent(
                        names, leaf.NotBefore.ToUniversalTime(), leaf.NotAfter.ToUniversalTime(),
                        Convert.ToHexStringLower(leaf.GetCertHash(HashAlgorithmName.SHA256)), digest, IssuersDigest(chain)),
                    null,
                    names),
            };
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return PairFileReading.Unusable($"{chainFile} or {keyFile} cannot be decoded ({exception.Message.TrimEnd('.')}).", []);
        }
        finally
        {
            foreach (var certificate in chain)
                certificate.Dispose();
        }
    }

    private static string IssuersDigest(X509Certificate2Collection chain)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 1; i < chain.Count; i++)
            hash.AppendData(chain[i].RawData);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static ImmutableArray<string> Names(byte[] chain)
    {
        var text = Characters(chain);
        try
        {
            return Names(text);
        }
        finally
        {
            Wipe(text);
        }
    }

    /// <summary>The names of the first certificate of a text, even if the rest of it is cut off; none when there is no such certificate.</summary>
    private static ImmutableArray<string> Names(char[] chainText)
    {
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(chainText);
            return chain.Count > 0 ? Names(chain[0]) : [];
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return [];
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

    /// <summary>True when a block begins that is none: it has no end, or what lies in it cannot be read.</summary>
    private static bool HasBrokenBlock(ReadOnlySpan<char> text) => text.Count(BlockStart) > Labels(text).Count;

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

    private static void Wipe(char[] text) => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(text.AsSpan()));

    private static string Digest(ReadOnlySpan<byte> chain, ReadOnlySpan<byte> key)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(chain);
        hash.AppendData(key);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
