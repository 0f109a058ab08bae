using System.Security.Cryptography;
using Mono.Unix.Native;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Rendering;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Certificates;

public sealed class CertificateDirectoryTests
{
    private readonly FakeTimeProvider _time = new();
    private TempDirectory _directory = null!;

    [SetUp]
    public void Create() => _directory = new TempDirectory();

    [TearDown]
    public void Remove() => _directory.Dispose();

    [Test]
    public void FindsAllLayouts()
    {
        Write("a.example.com.crt", "a.example.com.key", TestCertificates.Make("a.example.com"));
        Write("b/fullchain.pem", "b/privkey.pem", TestCertificates.MakeRsa("b.example.com", "*.b.example.com", "192.0.2.1"));
        WriteCombined("c.pem", TestCertificates.Make("c.example.com"));
        WriteCombined("haproxy/c.pem", TestCertificates.Make("c.example.com"));
        var reading = Read();
        Assert.That(reading.Findings, Is.Empty);
        Assert.That(reading.Pairs.Select(pair => $"{pair.Name} {InDirectory(pair.ChainPath)} {InDirectory(pair.KeyPath)} {string.Join(',', pair.Names)}"), Is.EqualTo(new[]
        {
            "a.example.com /certs/a.example.com.crt /certs/a.example.com.key a.example.com",
            "b /certs/b/fullchain.pem /certs/b/privkey.pem *.b.example.com,192.0.2.1,b.example.com",
            "c /certs/c.pem /certs/c.pem c.example.com",
            "c /certs/haproxy/c.pem /certs/haproxy/c.pem c.example.com",
        }));
        Assert.That(reading.Pairs[0].NotAfter, Is.EqualTo(TestCertificates.Start.AddDays(90)));
        Assert.That(reading.Pairs[0].Fingerprint, Has.Length.EqualTo(64));
    }

    [Test]
    public void AMissingDirectoryHasNoPairs() =>
        Assert.That(new CertificateDirectory(_directory["none"], _time).Read(CancellationToken.None).Pairs, Is.Empty);

    [Test]
    public void PassesOverFilesInTheMakingAndOtherFiles()
    {
        WriteCombined(".new.pem", TestCertificates.Make("a.example.com"));
        _directory.Write("dhparam.pem", "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n");
        _directory.Write("ca.pem", TestCertificates.Make("ca.example.com").Chain);
        _directory.Write("lonely.crt", TestCertificates.Make("lonely.example.com").Chain);
        _directory.Write("readme.txt", "hello");
        var reading = Read();
        Assert.That(reading.Pairs, Is.Empty);
        Assert.That(reading.Findings, Is.Empty);
    }

    [Test]
    public void RefusesAKeyOfAnotherCertificate()
    {
        Write("a.crt", "a.key", (TestCertificates.Make("a.example.com").Chain, TestCertificates.Make("a.example.com").Key));
        Write("b.crt", "b.key", (TestCertificates.Make("b.example.com").Chain, TestCertificates.MakeRsa("b.example.com").Key));
        Assert.That(Read().Findings.Select(finding => finding.Message), Has.Exactly(2).Contains("does not belong to"));
    }

    [TestCase("", "a.crt is empty")]
    [TestCase("garbage", "contains no certificate")]
    [TestCase("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be decoded")]
    public void NamesAFileThatIsNoCertificate(string chain, string expected)
    {
        Write("a.crt", "a.key", (chain, TestCertificates.Make("a.example.com").Key));
        var finding = Read().Findings.Single();
        Assert.That(finding.Reason, Is.EqualTo(ReasonIds.CertificateInvalid));
        Assert.That(finding.Message, Does.Contain(expected).And.Contain("a.crt"));
    }

    [Test]
    public void RefusesAnEncryptedKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var encrypted = key.ExportEncryptedPkcs8PrivateKeyPem("x", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1));
        Write("a.crt", "a.key", (TestCertificates.Make("a.example.com").Chain, encrypted));
        Assert.That(Read().Findings.Single().Message, Does.Contain("is encrypted"));
    }

    [Test]
    public void RefusesAFileThatIsTooLarge()
    {
        Write("a.crt", "a.key", (new string('x', 1024 * 1024 + 1), "x"));
        Assert.That(Read().Findings.Single().Message, Does.Contain("larger than 1 MiB"));
    }

    [Test, CancelAfter(10_000), Platform("Linux")]
    public async Task WhatIsNoFileIsNeverWaitedForAndNamed(CancellationToken cancellationToken)
    {
        Assert.That(Syscall.mkfifo(_directory["a.pem"], FilePermissions.DEFFILEMODE), Is.Zero);
        File.CreateSymbolicLink(_directory["b.pem"], "/dev/zero");
        Write("c.crt", "c.key", TestCertificates.Make("c.example.com"));
        File.Delete(_directory["c.key"]);
        Assert.That(Syscall.mkfifo(_directory["c.key"], FilePermissions.DEFFILEMODE), Is.Zero);

        var reading = await Task.Run(Read, cancellationToken).WaitAsync(cancellationToken);

        Assert.That(reading.Findings.Select(finding => InDirectory(finding.Message)), Is.EqualTo(new[]
        {
            "the certificate \"a\" is not used: /certs/a.pem is a pipe; a file was expected. Replace the file or remove it.",
            "the certificate \"b\" is not used: /certs/b.pem is a device; a file was expected. Replace the file or remove it.",
            "the certificate \"c\" is not used: /certs/c.key is a pipe; a file was expected. Replace the file or remove it.",
        }));
        Assert.That(reading.Unusable.Single(pair => pair.Name == "c").Names, Is.EqualTo(new[] { "c.example.com" }));
    }

    [Test]
    public void NeverShowsKeyMaterial()
    {
        var pair = TestCertificates.Make("a.example.com");
        Write("a.crt", "a.key", ("broken", pair.Key));
        var secret = pair.Key.Split('\n')[1];
        Assert.That(string.Join('\n', Read().Findings), Does.Not.Contain(secret));
    }

    [Test]
    public void FollowsSymbolicLinksAndNoticesTheirChange()
    {
        Write("live/fullchain.pem", "live/privkey.pem", TestCertificates.Make("a.example.com"));
        File.CreateSymbolicLink(_directory["a.crt"], _directory["live/fullchain.pem"]);
        File.CreateSymbolicLink(_directory["a.key"], _directory["live/privkey.pem"]);
        var reader = new CertificateDirectory(_directory.Path, _time);
        var before = reader.Read(CancellationToken.None).Pairs.Single(pair => pair.Name == "a");
        Write("live/fullchain.pem", "live/privkey.pem", TestCertificates.Make("a.example.com", "b.example.com"));
        var after = reader.Read(CancellationToken.None).Pairs.Single(pair => pair.Name == "a");
        Assert.That(after.ContentDigest, Is.Not.EqualTo(before.ContentDigest));
        Assert.That(after.Names, Has.Length.EqualTo(2));
    }

    [Test]
    public void DoesNotReadAnUnchangedFileAgain()
    {
        Write("a.crt", "a.key", TestCertificates.Make("a.example.com"));
        var reader = new CertificateDirectory(_directory.Path, _time);
        var first = reader.Read(CancellationToken.None).Pairs.Single();
        Assert.That(reader.Read(CancellationToken.None).Pairs.Single(), Is.SameAs(first));
    }

    [Test]
    public void NoticesAChangeThatKeepsTimeAndLength()
    {
        var pair = TestCertificates.Make("a.example.com");
        Write("a.crt", "a.key", pair);
        var reader = new CertificateDirectory(_directory.Path, _time);
        reader.Read(CancellationToken.None);
        var time = File.GetLastWriteTimeUtc(_directory["a.crt"]);
        File.WriteAllText(_directory["a.crt"], new string('x', pair.Chain.Length));
        File.SetLastWriteTimeUtc(_directory["a.crt"], time);
        reader.Read(CancellationToken.None);
        _time.Advance(RenewalGrace.Patience);
        Assert.That(reader.Read(CancellationToken.None).Pairs, Is.Empty);
    }

    [Test]
    public void ReportsAnUnreadableFile()
    {
        Write("a.crt", "a.key", TestCertificates.Make("a.example.com"));
        File.Delete(_directory["a.key"]);
        File.CreateSymbolicLink(_directory["a.key"], _directory["gone"]);
        Assert.That(Read().Findings.Single().Message, Does.Contain("gone").Or.Contain("a.key"));
    }

    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    [TestCase(0, "Give it to a group that Templater is in, with mode 0640.", "600")]
    [TestCase(0x20, "Add group_add: [\"0\"] to the service, or --group-add 0.", "640")]
    public void APairThatMayNotBeReadIsNamedWithTheWayOutAndTakenOnceItMay(int group, string remedy, string mode)
    {
        Nobody.Require();
        Write("a.crt", "a.key", TestCertificates.Make("a.example.com"));
        File.SetUnixFileMode(_directory.Path, (UnixFileMode)0x1ED);
        File.SetUnixFileMode(_directory["a.key"], (UnixFileMode)(0x180 | group));
        var reader = new CertificateDirectory(_directory.Path, _time);
        var denied = Nobody.Do(() => reader.Read(CancellationToken.None));
        File.SetUnixFileMode(_directory["a.key"], (UnixFileMode)0x1A4);
        var allowed = Nobody.Do(() => reader.Read(CancellationToken.None));

        Assert.That(denied.Findings.Single().Message, Is.EqualTo(
            $"the certificate \"a\" is not used: {_directory["a.key"]} belongs to 0:0 (mode 0{mode}) and Templater runs as 0:0. {remedy}"));
        Assert.That(denied.Unusable.Single().Names, Is.EqualTo(new[] { "a.example.com" }));
        Assert.That(allowed.Pairs.Single().Name, Is.EqualTo("a"));
    }

    [TestCase("rsa-1024", "its RSA key has 1024 bits, and proxies refuse less than 2048")]
    [TestCase("sha-1", "it is signed with SHA-1, which proxies refuse")]
    [TestCase("rsa-2048", null)]
    [TestCase("sha-1 root", null)]
    public async Task RefusesWhatAProxyWouldRefuseToLoad(string kind, string? problem)
    {
        var (chain, key) = TestCertificates.MakeWeak(kind);
        Write("a.crt", "a.key", (chain, key));
        var config = $$"""
            events {}
            http { server { listen 127.0.0.1:1 ssl; ssl_certificate {{_directory["a.crt"]}}; ssl_certificate_key {{_directory["a.key"]}}; } }

            """;
        Assert.That(await RealChecker.IsAcceptedByNginx(config), Is.EqualTo(problem is null));
        var reading = Read();
        Assert.That(reading.Pairs, Has.Length.EqualTo(problem is null ? 1 : 0));
        if (problem is not null)
            Assert.That(reading.Findings.Single().Message, Is.EqualTo($"the certificate \"a\" is not used: {_directory["a.crt"]}: {problem}. Replace the file or remove it."));
    }

    [TestCase("a.example.com", "exact")]
    [TestCase("b.example.com", "wildcard")]
    [TestCase("x.b.example.com", null)]
    [TestCase("*.example.com", "wildcard")]
    [TestCase("*.b.example.com", null)]
    [TestCase("example.com", null)]
    public void TheBestPairIsExactThenWildcard(string host, string? expected)
    {
        CertificatePair[] pairs = [Pair("wildcard", 60, "*.example.com"), Pair("exact", 30, "a.example.com")];
        Assert.That(CertificateSelection.For([.. pairs], host, ProxyKind.Nginx, TestCertificates.Start)?.Name, Is.EqualTo(expected));
    }

    [Test]
    public void AmongEqualsTheOneThatIsValidLongestWins()
    {
        CertificatePair[] pairs = [Pair("short", 30, "a.example.com"), Pair("long", 60, "a.example.com"), Pair("expired", -1, "a.example.com")];
        Assert.That(CertificateSelection.For([.. pairs], "a.example.com", ProxyKind.Nginx, TestCertificates.Start)?.Name, Is.EqualTo("long"));
    }

    [Test]
    public void AnExpiredPairComesLastAndBeforeNone()
    {
        CertificatePair[] pairs = [Pair("expired", -1, "a.example.com"), Pair("long-expired", -9, "a.example.com"), Pair("wildcard", 1, "*.example.com")];
        Assert.That(CertificateSelection.For([.. pairs], "a.example.com", ProxyKind.Nginx, TestCertificates.Start)?.Name, Is.EqualTo("wildcard"));
        Assert.That(CertificateSelection.For([.. pairs[..2]], "a.example.com", ProxyKind.Nginx, TestCertificates.Start)?.Name, Is.EqualTo("expired"));
    }

    [Test]
    public void HAProxyOnlyUsesFilesOfItsFolder()
    {
        var split = Pair("split", 30, "a.example.com");
        var combined = split with { ChainPath = "/etc/haproxy/certs/x.pem", KeyPath = "/etc/haproxy/certs/x.pem" };
        var own = split with { ChainPath = "/certs/haproxy/x.pem", KeyPath = "/certs/haproxy/x.pem", IsInHAProxyFolder = true };
        Assert.That(CertificateSelection.For([split, combined], "a.example.com", ProxyKind.HAProxy, TestCertificates.Start), Is.Null);
        Assert.That(CertificateSelection.For([split, own], "a.example.com", ProxyKind.HAProxy, TestCertificates.Start), Is.EqualTo(own));
    }

    private static CertificatePair Pair(string name, int days, params string[] names) => new()
    {
        Name = name,
        ChainPath = $"/certs/{name}.crt",
        KeyPath = $"/certs/{name}.key",
        Names = [.. names],
        NotBefore = TestCertificates.Start.AddDays(-30),
        NotAfter = TestCertificates.Start.AddDays(days),
        Fingerprint = new string('0', 64),
        ContentDigest = new string('1', 64),
    };

    private string InDirectory(string path) => path.Replace(_directory.Path, "/certs", StringComparison.Ordinal);

    private CertificateReading Read() => new CertificateDirectory(_directory.Path, _time).Read(CancellationToken.None);

    private void Write(string chainFile, string keyFile, (string Chain, string Key) pair)
    {
        _directory.Write(chainFile, pair.Chain);
        _directory.Write(keyFile, pair.Key);
    }

    private void WriteCombined(string file, (string Chain, string Key) pair) => _directory.Write(file, pair.Chain + pair.Key);
}
