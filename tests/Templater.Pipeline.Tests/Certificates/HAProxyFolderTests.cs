using Templater.Pipeline.Certificates;
using Templater.Pipeline.Tests.Rendering;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Certificates;

/// <summary>What lies in the folder that HAProxy loads as a whole, held against the real HAProxy.</summary>
[Platform("Linux")]
public sealed class HAProxyFolderTests
{
    private const string Junk = "hello\n";

    private static readonly (string Chain, string Key) Pair = TestCertificates.Make("a.example.com");
    private static readonly (string Chain, string Key) Other = TestCertificates.Make("b.example.com");

    public static IEnumerable<TestCaseData<string, string>> Files()
    {
        foreach (var name in (string[])["README", "x.pem", "x.pem.bak", "x.pem~", "x.PEM", "x.crt", "x.csr", "x.txt", "x.pem.rsa", "key", "x.KEY", ".x.pem", "x.key", "x.pem.key", "x.issuer", "x.ocsp", "x.sctl", "folder/x.pem"])
            yield return new TestCaseData<string, string>(name, Junk);
        yield return new TestCaseData<string, string>("x.pem", "");
        yield return new TestCaseData<string, string>("x.pem", Pair.Chain);
        yield return new TestCaseData<string, string>("x.pem", Pair.Key);
        yield return new TestCaseData<string, string>("x.pem", Pair.Chain + Other.Key);
        yield return new TestCaseData<string, string>("x.pem", Pair.Chain[..300]);
        yield return new TestCaseData<string, string>("x.pem", Pair.Key + Pair.Chain);
        yield return new TestCaseData<string, string>("x.crt", Pair.Chain + Pair.Key);
        yield return new TestCaseData<string, string>("dh.pem", "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n");
    }

    [TestCaseSource(nameof(Files))]
    public async Task WhateverHAProxyWouldChokeOnIsNamedAndNothingElse(string name, string content)
    {
        using var directory = new TempDirectory();
        directory.Write("haproxy/good.pem", Other.Chain + Other.Key);
        directory.Write("haproxy/" + name, content);
        var findings = Read(directory);
        Assert.That(findings, Has.Length.EqualTo(await IsAccepted(directory) ? 0 : 1));
        if (findings.Length == 0)
            return;
        Assert.That(findings[0].Severity, Is.EqualTo(FindingSeverity.Error));
        Assert.That(findings[0].Message, Does.StartWith($"HAProxy loads every file of /certs/haproxy/ and may neither reload nor start because of {name}: ").And.Contain("move it elsewhere"));
    }

    [Test]
    public async Task AKeyMayLieBesideItsChain()
    {
        using var directory = new TempDirectory();
        directory.Write("haproxy/x.pem", Pair.Chain);
        directory.Write("haproxy/x.pem.key", Pair.Key);
        Assert.That((await IsAccepted(directory), Read(directory).Length), Is.EqualTo((true, 0)));
        directory.Write("haproxy/x.pem.key", Other.Key);
        Assert.That((await IsAccepted(directory), Read(directory).Length), Is.EqualTo((false, 1)));
    }

    [Test]
    public async Task ALinkToNowhereIsNamed()
    {
        using var directory = new TempDirectory();
        Directory.CreateDirectory(directory["haproxy"]);
        File.CreateSymbolicLink(directory["haproxy/x.pem"], directory["gone"]);
        Assert.That((await IsAccepted(directory), Read(directory).Length), Is.EqualTo((false, 1)));
    }

    private static System.Collections.Immutable.ImmutableArray<Finding> Read(TempDirectory directory) =>
        [.. new CertificateDirectory(directory.Path, TimeProvider.System).Read(CancellationToken.None).Findings
            .Select(finding => finding with { Message = finding.Message.Replace(directory.Path, "/certs", StringComparison.Ordinal) })];

    private static Task<bool> IsAccepted(TempDirectory directory) => RealChecker.IsAcceptedByHAProxy(
        $"defaults\n    mode http\n    timeout connect 1s\n    timeout client 1s\n    timeout server 1s\nfrontend f\n    bind 127.0.0.1:1 ssl strict-sni crt {directory["haproxy"]}/\n");
}
