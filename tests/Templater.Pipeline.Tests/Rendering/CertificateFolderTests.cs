using System.Text;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>Which folders of pairs may change while HAProxy runs, and what it tells of pairs.</summary>
public sealed class CertificateFolderTests
{
    private const string Folder = "/certs/haproxy";

    [TestCase("    bind :443 ssl strict-sni crt '/certs/haproxy/' alpn h2", true)]
    [TestCase("bind :443 ssl crt /certs/haproxy strict-sni", true)]
    [TestCase("bind :443 ssl crt /certs/a.pem crt '/certs/haproxy/'", true)]
    [TestCase("bind :443 ssl strict-sni crt '/certs/haproxy/'\nbind :444 ssl crt-list /certs/haproxy/list", true)]
    [TestCase("bind :443 ssl crt '/certs/haproxy/'", false)]
    [TestCase("bind :443 ssl crt '/certs/haproxy/' crt /certs/a.pem", false)]
    [TestCase("bind :443 ssl strict-sni crt '/certs/haproxy/'\nbind :444 ssl crt /certs/haproxy", false)]
    [TestCase("bind :443 ssl strict-sni crt /certs/haproxy/a.pem", false)]
    [TestCase("bind :443 ssl strict-sni crt-list /certs/haproxy", false)]
    [TestCase("# bind :443 ssl strict-sni crt /certs/haproxy", false)]
    [TestCase("server s 10.0.0.1:443 ssl crt /certs/haproxy", false)]
    [TestCase("bind :443 ssl strict-sni crt ", false)]
    [TestCase("", false)]
    public void AFolderIsOpenWhereNobodyIsShownItsFirstPair(string content, bool expected) =>
        Assert.That(CertificateFolder.IsOpen(Encoding.UTF8.GetBytes(content), Folder), Is.EqualTo(expected));

    [TestCase("# transaction\n*/c/new.pem\n\n# filename\n/c/a.pem\n/c/b.pem\n\n", "/c/a.pem /c/b.pem")]
    [TestCase("# filename\n\n", "")]
    [TestCase("\n", "")]
    [TestCase("Permission denied\n", null)]
    public void LoadedPairsAreRead(string answer, string? expected) =>
        Assert.That(HAProxyCertificates.Loaded(answer) is { } names ? string.Join(' ', names.Order(StringComparer.Ordinal)) : null, Is.EqualTo(expected));

    [TestCase("# /certs/haproxy\n/certs/haproxy/a.pem\n/certs/haproxy/b.pem [alpn h2] b.example\n\n", "/certs/haproxy/a.pem /certs/haproxy/b.pem")]
    [TestCase("# /certs/haproxy\n\n", "")]
    [TestCase("# /certs/haproxy-2\n/x\n", null)]
    [TestCase("didn't find the specified filename\n", null)]
    public void ListsAreRead(string answer, string? expected) =>
        Assert.That(HAProxyCertificates.Listed(answer, Folder) is { } names ? string.Join(' ', names.Order(StringComparer.Ordinal)) : null, Is.EqualTo(expected));

    [TestCase("Status: Used\nSHA1 FingerPrint: AB\nChain Subject: /CN=one\n", "ab", "one", true)]
    [TestCase("SHA1 FingerPrint: AB\n", "ab", "", true)]
    [TestCase("SHA1 FingerPrint: ABCD\n", "ab", "", false)]
    [TestCase("SHA1 FingerPrint: AB\n", "ab", "one", false)]
    [TestCase("SHA1 FingerPrint: AB\nChain Subject: /CN=one\n", "ab", "", false)]
    [TestCase("SHA1 FingerPrint: AB\nChain Subject: /CN=one\n", "ab", "two", false)]
    public void APairIsKnownByItsFingerprintAndTheNamesOfItsIssuers(string answer, string fingerprint, string issuers, bool expected) =>
        Assert.That(HAProxyCertificates.Has(answer, fingerprint, [.. issuers.Split(' ', StringSplitOptions.RemoveEmptyEntries)]), Is.EqualTo(expected));
}
