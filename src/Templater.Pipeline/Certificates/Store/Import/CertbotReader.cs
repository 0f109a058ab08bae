using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Templater.Acme.Protocol;

namespace Templater.Pipeline.Certificates.Store.Import;

/// <summary>
/// What certbot keeps below <c>/etc/letsencrypt</c>: <c>live/NAME/fullchain.pem</c> with <c>privkey.pem</c>, and
/// <c>accounts/HOST/PATH/ID/</c> with <c>private_key.json</c> (a JWK, RFC 7517) and <c>regr.json</c>.
/// </summary>
internal static class CertbotReader
{
    private const string KeyFile = "private_key.json";

    public static void Read(string folder, ImportCollector collector)
    {
        foreach (var pair in ImportCollector.FoldersIn(Path.Combine(folder, CertificateDirectory.LiveFolder)))
            collector.AddCertificate(Path.Combine(pair, "fullchain.pem"), Path.Combine(pair, "privkey.pem"));
        var accounts = Path.Combine(folder, "accounts");
        foreach (var file in ImportCollector.FilesBelow(accounts, KeyFile))
            collector.AddAccount(file, () => Account(file, accounts));
    }

    private static ImportedAccount Account(string file, string accounts)
    {
        var own = Path.GetDirectoryName(file)!;
        var directory = new Uri($"https://{Path.GetRelativePath(accounts, Path.GetDirectoryName(own)!)}");
        var registration = ImportCollector.Json(Path.Combine(own, "regr.json"));
        return new ImportedAccount(file, directory.Authority, directory, Key(ImportCollector.Json(file)!.Value), ImportCollector.Url(ImportCollector.Member(registration, "uri")), []);
    }

    private static PrivateKey Key(JsonElement key)
    {
        using AsymmetricAlgorithm algorithm = ImportCollector.Member(key, "kty") switch
        {
            "RSA" => RSA.Create(new RSAParameters
            {
                Modulus = Bytes(key, "n"),
                Exponent = Bytes(key, "e"),
                D = Bytes(key, "d"),
                P = Bytes(key, "p"),
                Q = Bytes(key, "q"),
                DP = Bytes(key, "dp"),
                DQ = Bytes(key, "dq"),
                InverseQ = Bytes(key, "qi"),
            }),
            "EC" => ECDsa.Create(new ECParameters
            {
                Curve = ImportCollector.Member(key, "crv") == "P-384" ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = Bytes(key, "x"), Y = Bytes(key, "y") },
                D = Bytes(key, "d"),
            }),
            _ => throw new FormatException("it is no key of RSA or on an elliptic curve"),
        };
        return PrivateKey.FromPem(algorithm.ExportPkcs8PrivateKeyPem());
    }

    private static byte[] Bytes(JsonElement key, string member)
    {
        if (ImportCollector.Member(key, member) is not { } text)
            throw new FormatException($"the key in it lacks its member '{member}'");
        try
        {
            return Base64Url.DecodeFromChars(text);
        }
        catch (FormatException)
        {
            throw new FormatException($"the member '{member}' of the key in it is not base64url");
        }
    }
}
