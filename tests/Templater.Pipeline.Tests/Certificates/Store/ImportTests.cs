using System.Buffers.Text;
using System.Security.Cryptography;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Store.Import;

namespace Templater.Pipeline.Tests.Certificates.Store;

/// <summary>Certificates and accounts of other clients, in the files that those write.</summary>
public sealed class ImportTests : StoreBench
{
    private const string LetsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";
    private const string Account = "https://acme-v02.api.letsencrypt.org/acme/acct/1";

    [Test]
    public async Task CertbotsPairsAreTakenOver()
    {
        var certificate = Issued(Name, "b.example.com");
        Write("live/whatever/fullchain.pem", certificate.Chain.ToPem());
        Write("live/whatever/privkey.pem", certificate.Key.ToPem());
        Write("live/README", "This directory contains your keys and certificates.");

        var reading = Read();

        Assert.That(reading.Findings, Is.Empty);
        var stored = reading.Certificates.Single().ToStored(Time.GetUtcNow());
        await Store().SaveAsync(stored, CancellationToken.None);
        Assert.That(Found(), Is.EqualTo(new[] { "a.example.com live/a.example.com/fullchain.pem a.example.com,b.example.com" }));
        Assert.That(Store().Find(Name)!.Authority, Is.Null);
    }

    [TestCase("rsa")]
    [TestCase("P-256")]
    [TestCase("P-384")]
    public void CertbotsAccountsAreTakenOver(string kind)
    {
        var (pem, jwk) = Key(kind);
        const string folder = "accounts/acme-v02.api.letsencrypt.org/directory/0123456789abcdef";
        Write(folder + "/private_key.json", jwk);
        Write(folder + "/regr.json", $"{{\"body\": {{}}, \"uri\": \"{Account}\"}}");
        Write(folder + "/meta.json", "{\"creation_host\": \"h\"}");

        var account = Read().Accounts.Single();

        using var key = PrivateKey.FromPem(pem);
        Assert.That((account.Directory, account.Host, account.Url, account.Key.Public.Thumbprint), Is.EqualTo((new Uri(LetsEncrypt), "acme-v02.api.letsencrypt.org", new Uri(Account), key.Public.Thumbprint)));
    }

    [TestCase(true, "accounts/acme-v02.api.letsencrypt.org/ops@example.com/account.json", "accounts/acme-v02.api.letsencrypt.org/ops@example.com/keys/ops@example.com.key", LetsEncrypt)]
    [TestCase(false, "accounts/acme-v02.api.letsencrypt.org/ops@example.com/EC256/account.json", "accounts/acme-v02.api.letsencrypt.org/ops@example.com/EC256/ops@example.com.key", LetsEncrypt)]
    [TestCase(true, "accounts/localhost_14000/ops@example.com/account.json", "accounts/localhost_14000/ops@example.com/keys/ops@example.com.key", null)]
    public void LegosPairsAndAccountsAreTakenOver(bool isBundled, string facts, string keyFile, string? directory)
    {
        var certificate = Issued("*.example.com");
        var chain = certificate.Chain.ToPem();
        var leaf = certificate.Chain.Leaf.ExportCertificatePem() + "\n";
        Write("certificates/_.example.com.crt", isBundled ? chain : leaf);
        Write("certificates/_.example.com.issuer.crt", chain[leaf.Length..]);
        Write("certificates/_.example.com.key", certificate.Key.ToPem());
        Write("certificates/_.example.com.json", "{\"domain\": \"*.example.com\"}");
        using var key = PrivateKey.Generate();
        Write(facts, $"{{\"email\": \"ops@example.com\", \"registration\": {{\"body\": {{\"status\": \"valid\"}}, \"uri\": \"{Account}\"}}}}");
        Write(keyFile, key.ToPem());

        var reading = Read();

        Assert.That(reading.Findings, Is.Empty);
        Assert.That(reading.Certificates.Single().Chain.ToPem(), Is.EqualTo(chain));
        Assert.That(reading.Certificates.Single().ToStored(Time.GetUtcNow()).Name, Is.EqualTo("*.example.com"));
        var account = reading.Accounts.Single();
        Assert.That((account.Directory?.ToString(), account.Url, account.Key.Public.Thumbprint), Is.EqualTo((directory, new Uri(Account), key.Public.Thumbprint)));
        Assert.That(account.Contacts, Is.EqualTo(new[] { "ops@example.com" }));
        if (directory is null)
            Assert.That(account.Host, Is.EqualTo("localhost:14000"));
    }

    [TestCase("", "a.example.com_ecc")]
    [TestCase("ops@example.com/", "a.example.com")]
    public void AcmeShsPairsAndAccountsAreTakenOver(string home, string folder)
    {
        var certificate = Issued();
        Write($"{home}{folder}/fullchain.cer", certificate.Chain.ToPem());
        Write($"{home}{folder}/a.example.com.cer", certificate.Chain.Leaf.ExportCertificatePem() + "\n");
        Write($"{home}{folder}/a.example.com.key", certificate.Key.ToPem());
        Write($"{home}{folder}/a.example.com.conf", $"Le_Domain='a.example.com'\nLe_API='{LetsEncrypt}'\nLe_Keylength='ec-256'\n");
        using var key = PrivateKey.Generate();
        Write($"{home}ca/acme-v02.api.letsencrypt.org/directory/account.key", key.ToPem());
        Write($"{home}ca/acme-v02.api.letsencrypt.org/directory/account.json", "{\"status\": \"valid\"}");
        Write($"{home}ca/acme-v02.api.letsencrypt.org/directory/ca.conf", $"CA_KEY_HASH='x'\nACCOUNT_URL='{Account}'\nCA_EMAIL='ops@example.com'\n");

        var reading = Read();

        Assert.That(reading.Findings, Is.Empty);
        Assert.That((reading.Certificates.Single().Authority, reading.Certificates.Single().Key.Public.Thumbprint), Is.EqualTo((new Uri(LetsEncrypt), certificate.Key.Public.Thumbprint)));
        var account = reading.Accounts.Single();
        Assert.That((account.Directory, account.Url, account.Key.Public.Thumbprint, account.Contacts.Single()), Is.EqualTo((new Uri(LetsEncrypt), new Uri(Account), key.Public.Thumbprint, "ops@example.com")));
    }

    [TestCase(true, true)]
    [TestCase(true, false, Description = "the key first")]
    [TestCase(false, true)]
    public void DotegesPairsAreTakenOver(bool isCombined, bool isChainFirst)
    {
        var certificate = Issued("*.example.com");
        var (chain, key) = (certificate.Chain.ToPem(), certificate.Key.ToPem());
        Write("_.example.com.pem", !isCombined ? chain : isChainFirst ? chain + key : key + chain);
        if (!isCombined)
            Write("_.example.com.key", key);
        Write("other.chain.pem", chain);
        Write("dhparam.pem", "-----BEGIN DH PARAMETERS-----\nMAA=\n-----END DH PARAMETERS-----\n");

        var reading = Read();

        Assert.That(reading.Findings, Is.Empty);
        var stored = reading.Certificates.Single().ToStored(Time.GetUtcNow());
        Assert.That((stored.Name, stored.Chain.ToPem(), stored.Key.Public.Thumbprint), Is.EqualTo(("*.example.com", chain, certificate.Key.Public.Thumbprint)));
    }

    [Test]
    public void WhatCannotBeUsedIsNamedWithoutAnythingOfTheKey()
    {
        var (one, other) = (Issued(), Issued());
        Write("live/swapped/fullchain.pem", one.Chain.ToPem());
        Write("live/swapped/privkey.pem", other.Key.ToPem());
        Write("live/smuggled/fullchain.pem", one.Chain.ToPem() + one.Key.ToPem());
        Write("live/smuggled/privkey.pem", one.Key.ToPem());
        Write("swapped.pem", one.Chain.ToPem() + other.Key.ToPem());
        Write("certificates/torn.crt", one.Chain.ToPem());
        Write("certificates/torn.key", one.Key.ToPem()[..80]);
        Write("accounts/ca.example/dir/1/private_key.json", "{\"kty\": \"EC\", \"crv\": \"P-256\", \"d\": \"geheim\"}");
        Write("ca/ca.example/dir/account.key", "geheim");

        var reading = Read();

        Assert.That((reading.Certificates.Length, reading.Accounts.Length), Is.EqualTo((0, 0)));
        Assert.That(reading.Findings.Select(finding => finding.Message.Replace(Scratch["other"], "", StringComparison.Ordinal)), Is.EqualTo(new[]
        {
            "/accounts/ca.example/dir/1/private_key.json is not taken over: the key in it lacks its member 'x'.",
            "/ca/ca.example/dir/account.key is not taken over: it is no private key in PEM form without a password.",
            "/certificates/torn.crt is not taken over: it is no private key in PEM form without a password.",
            "/live/smuggled/fullchain.pem is not taken over: it has a block that is no certificate but a private key.",
            "/live/swapped/fullchain.pem is not taken over: the key in /live/swapped/privkey.pem is for another certificate.",
            "/swapped.pem is not taken over: the key in /swapped.pem is for another certificate.",
        }));
    }

    [Test]
    public void WhereNothingIsNothingIsFound()
    {
        var reading = CertificateImport.Read(Scratch["nowhere"]);
        Assert.That((reading.Certificates.Length, reading.Accounts.Length, reading.Findings.Length), Is.EqualTo((0, 0, 0)));
    }

    private void Write(string file, string text) => Scratch.Write("other/" + file, text);

    private ImportReading Read() => CertificateImport.Read(Scratch["other"]);

    // RFC 7517 and 7518: what certbot's library writes.
    private static (string Pem, string Jwk) Key(string kind)
    {
        if (kind == "rsa")
        {
            using var rsa = RSA.Create(2048);
            var secret = rsa.ExportParameters(includePrivateParameters: true);
            (string, byte[]?)[] members = [("n", secret.Modulus), ("e", secret.Exponent), ("d", secret.D), ("p", secret.P), ("q", secret.Q), ("dp", secret.DP), ("dq", secret.DQ), ("qi", secret.InverseQ)];
            return (rsa.ExportPkcs8PrivateKeyPem(), Jwk("\"kty\": \"RSA\"", members));
        }

        using var ec = ECDsa.Create(kind == "P-256" ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384);
        var point = ec.ExportParameters(includePrivateParameters: true);
        return (ec.ExportPkcs8PrivateKeyPem(), Jwk($"\"kty\": \"EC\", \"crv\": \"{kind}\"", [("x", point.Q.X), ("y", point.Q.Y), ("d", point.D)]));
    }

    private static string Jwk(string kind, IEnumerable<(string Name, byte[]? Value)> members) =>
        $"{{{kind}, {string.Join(", ", members.Select(static member => $"\"{member.Name}\": \"{Base64Url.EncodeToString(member.Value)}\""))}}}";
}
