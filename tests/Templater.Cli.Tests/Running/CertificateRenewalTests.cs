using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Templater.Cli.Tests.Commands;
using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>What a site with https goes through while its pair is replaced under a program that runs.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux")]
public sealed class CertificateRenewalTests : IDisposable
{
    private const int Limit = 60_000;
    private const string Redirected = "return 308 https://$host$request_uri;";

    private readonly TempDirectory _directory = new();
    private readonly ProcessSignals _signals = new();
    private readonly StringWriter _log = new();

    [Test, CancelAfter(Limit)]
    public async Task ABotchedRenewalNeverTurnsTheSiteIntoPlainHttpAndAGoodOneHeals(CancellationToken cancellationToken)
    {
        var (chain, key) = Pair();
        var (newChain, newKey) = Pair();
        Write(chain, key);
        var run = CommandRun.Daemon(_signals, _log, "run", "--template", "nginx", "--from", Containers("a.example.com"), "--output", _directory["out.txt"],
            "--state-dir", _directory["state"], "--certs-dir", _directory["certs"], "--validate", "none", "--reload", "none");
        await Output(text => text.Contains(Redirected), cancellationToken);
        var good = _directory.Read("out.txt");

        _directory.Write("certs/a.crt", newChain);
        await Log("error certificate-invalid: a.example.com has no https: ", cancellationToken);
        await Output(text => text != good, cancellationToken);
        Assert.That(_directory.Read("out.txt"), Does.Not.Contain("proxy_pass").And.Not.Contain("ssl_certificate ").And.Contain("server_name a.example.com;").And.Contain("return 503;"));

        _directory.Write("certs/a.key", newKey);
        await Output(text => text.Contains(Redirected), cancellationToken);
        await Log("certificate-invalid: resolved: ", cancellationToken);
        _signals.End(ProcessSignals.Terminate);
        Assert.That((await run.WaitAsync(cancellationToken)).ExitCode, Is.Zero);
    }

    [Test, CancelAfter(Limit)]
    public async Task WhatWasRefusedBecauseOfAStrayFileIsTriedAgainWithoutIt(CancellationToken cancellationToken)
    {
        var stray = _directory["certs/haproxy/README"];
        var checker = _directory.Write("check.sh", $"[ ! -e {stray} ] || {{ echo unable to load {stray}; exit 1; }}\n");
        var run = CommandRun.Daemon(_signals, _log, "run", "--template", "haproxy", "--from", Containers("a.example.com"), "--output", _directory["out.txt"],
            "--state-dir", _directory["state"], "--certs-dir", _directory["certs"], "--validate", $"command:/bin/sh {checker}", "--reload", "none");
        await Output(text => text.Contains("a.example.com"), cancellationToken);
        _directory.Write("certs/haproxy/README", "hello");
        Containers("b.example.com");
        await Log("error config-refused: ", cancellationToken);
        await Log("may neither reload nor start because of README: ", cancellationToken);
        File.Delete(stray);
        await Output(text => text.Contains("b.example.com"), cancellationToken);
        _signals.End(ProcessSignals.Terminate);
        await run.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _signals.Dispose();
        _log.Dispose();
        _directory.Dispose();
    }

    private static (string Chain, string Key) Pair()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=a.example.com", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("a.example.com");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private void Write(string chain, string key)
    {
        _directory.Write("certs/a.crt", chain);
        _directory.Write("certs/a.key", key);
    }

    private string Containers(string host) => _directory.Write("containers.json", RenderFixture.Containers("shop", "templater.host", host));

    private async Task Output(Func<string, bool> isExpected, CancellationToken cancellationToken)
    {
        while (!File.Exists(_directory["out.txt"]) || !isExpected(_directory.Read("out.txt")))
            await Task.Delay(20, cancellationToken);
    }

    private async Task Log(string part, CancellationToken cancellationToken)
    {
        while (!_log.ToString().Contains(part, StringComparison.Ordinal))
            await Task.Delay(20, cancellationToken);
    }
}
