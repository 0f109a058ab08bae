using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Templater.Acme.Protocol;

/// <summary>
/// The private key of an account or of a certificate; one key is never both (RFC 8555 section 11.1). Thread-safe. Its
/// <see cref="ToString"/> tells the thumbprint alone.
/// </summary>
public sealed class PrivateKey : IDisposable
{
    /// <summary>Smallest RSA key that CAs take, in bits.</summary>
    public const int MinRsaBits = 2048;

    /// <summary>Biggest RSA key that CAs take, in bits.</summary>
    public const int MaxRsaBits = 4096;

    private const string RsaLabel = "RSA PRIVATE KEY";

    // RFC 5958, RFC 5915, RFC 8017 appendix A.1.2.
    private static readonly string[] Labels = ["PRIVATE KEY", "EC PRIVATE KEY", RsaLabel];

    private readonly AsymmetricAlgorithm _key;

    // Instances of ECDsa and RSA are not documented as thread-safe, and orders run beside each other with one account key.
    private readonly Lock _lock = new();

    private PrivateKey(AsymmetricAlgorithm key)
    {
        _key = key;
        Public = key is ECDsa ec ? JsonWebKey.Of(ec) : JsonWebKey.Of((RSA)key);
    }

    /// <summary>The public half.</summary>
    public JsonWebKey Public { get; }

    /// <summary>The "alg" of its signatures (RFC 7518 section 3.1): ES256, ES384 or RS256.</summary>
    public string Algorithm => _key switch
    {
        ECDsa { KeySize: 256 } => "ES256",
        ECDsa => "ES384",
        _ => "RS256",
    };

    private HashAlgorithmName Hash => Algorithm == "ES384" ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;

    /// <summary>Makes a new key.</summary>
    /// <param name="type">Its kind.</param>
    public static PrivateKey Generate(KeyType type = KeyType.Ec256) => new(type switch
    {
        KeyType.Ec256 => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        KeyType.Ec384 => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        KeyType.Rsa2048 => RSA.Create(2048),
        KeyType.Rsa3072 => RSA.Create(3072),
        KeyType.Rsa4096 => RSA.Create(4096),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a kind of key"),
    });

    /// <summary>Reads a key as <see cref="ToPem"/>, OpenSSL or another client wrote it: PKCS #8, SEC 1 or PKCS #1, not encrypted.</summary>
    /// <param name="pem">The text.</param>
    /// <exception cref="FormatException">No such key, or one that CAs do not take. The message holds nothing of the text.</exception>
    public static PrivateKey FromPem(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        AsymmetricAlgorithm? key = null;
        try
        {
            key = Imported(pem);
            if (key is RSA { KeySize: < MinRsaBits or > MaxRsaBits })
                throw new FormatException($"an RSA key of {key.KeySize} bits is none that CAs accept; it must have {MinRsaBits} to {MaxRsaBits}");
            return new PrivateKey(key);
        }
        catch (ArgumentException exception)
        {
            key?.Dispose();
            throw new FormatException(key is null ? "it is no private key in PEM form without a password" : exception.Message.Split(" (Parameter", 2)[0], exception);
        }
        catch (CryptographicException exception)
        {
            throw new FormatException("it is no private key on an elliptic curve and none of RSA", exception);
        }
        catch (FormatException)
        {
            key?.Dispose();
            throw;
        }
    }

    /// <summary>The key as PKCS #8 in PEM form, with a line break at its end. A secret.</summary>
    public string ToPem()
    {
        lock (_lock)
            return _key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>The signature over some bytes in the form of JWS (RFC 7518 section 3.4: R and S side by side; section 3.3: PKCS #1 v1.5).</summary>
    /// <param name="data">What is signed.</param>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            return _key is ECDsa ec
                ? ec.SignData(data, Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
                : ((RSA)_key).SignData(data, Hash, RSASignaturePadding.Pkcs1);
        }
    }

    /// <summary>Whether a certificate is for this key.</summary>
    /// <param name="certificate">The certificate; only its public key is read.</param>
    public bool Fits(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        lock (_lock)
            return _key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(certificate.PublicKey.ExportSubjectPublicKeyInfo());
    }

    /// <summary>Begins a certificate or a request that this key signs.</summary>
    /// <param name="subject">The subject; may be empty.</param>
    /// <param name="make">Signs it with what it is given; nothing else may use the key in the meantime.</param>
    internal T WithRequest<T>(X500DistinguishedName subject, Func<CertificateRequest, T> make)
    {
        lock (_lock)
        {
            return make(_key is ECDsa ec
                ? new CertificateRequest(subject, ec, Hash)
                : new CertificateRequest(subject, (RSA)_key, Hash, RSASignaturePadding.Pkcs1));
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Algorithm} key {Public.Thumbprint}";

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    // OpenSSL writes the parameters of a curve in a block in front of the key.
    private static string? PrivateLabel(string pem)
    {
        for (var rest = pem.AsSpan(); PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
        {
            var label = rest[fields.Label].ToString();
            if (Labels.Contains(label))
                return label;
        }

        return null;
    }

    private static AsymmetricAlgorithm Imported(string pem)
    {
        // The platform takes a public key, too.
        if (PrivateLabel(pem) is not { } label)
            throw new ArgumentException("no block is a private key without a password");
        // The label PRIVATE KEY does not tell the algorithm: the one that does not fit refuses.
        if (label != RsaLabel)
        {
            var ec = ECDsa.Create();
            try
            {
                ec.ImportFromPem(pem);
                return ec;
            }
            catch (CryptographicException)
            {
                ec.Dispose();
            }
            catch (ArgumentException)
            {
                ec.Dispose();
                throw;
            }
        }

        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            return rsa;
        }
        catch
        {
            rsa.Dispose();
            throw;
        }
    }
}
