using Templater.Testing;

namespace Templater.Cli.Tests;

/// <summary>The real program before files of the operator's that it has no right to read: what they close stays closed, and one line says why.</summary>
[Platform("Linux"), System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class UnreadableFileTests : IDisposable
{
    private const string Host = "a.example.com";

    private readonly TempDirectory _directory = new();

    [TestCase("auth/staff", "templater.auth.basic.file=staff")]
    [TestCase("auth/a.example.com", "")]
    [TestCase("certs/ca.pem", "templater.tls.client-auth=required templater.tls.client-ca=ca.pem")]
    [TestCase("certs/a.example.com.crl.pem", "templater.tls.client-auth=required templater.tls.client-ca=good.pem")]
    public async Task WhatAFileClosesStaysClosed(string name, string labels)
    {
        var file = _directory.Write(name, "x");
        _directory.Write("certs/good.pem", Authority());
        File.SetUnixFileMode(file, UnixFileMode.None);
        var run = await WithoutRights(
            "render", "--template", "nginx", "--from", Containers(labels), "--certs-dir", _directory["certs"], "--auth-dir", _directory["auth"], "--output", "-");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.Zero, run.Error);
            Assert.That(run.Output.Split($"# ==== {Host} ====")[1], Does.Contain("return 503;").And.Not.Contain("proxy_pass "));
            Assert.That(run.Error.Split('\n').Count(line => line.Contains(file, StringComparison.Ordinal)), Is.EqualTo(1), run.Error);
            Assert.That(run.Error, Does.Contain("Templater's user has no right to read it; give it that right."));
        }
    }

    [Test]
    public async Task WithTheRightItIsServed()
    {
        _directory.Write("auth/staff", "ops:$2b$04$B9Vp61n4dEKT3QwFiG3M1ulN0LdqQ8zI7iDFQPKn0pZrMQszDZw6a\n");
        var run = await WithoutRights("render", "--template", "nginx", "--from", Containers("templater.auth.basic.file=staff"), "--auth-dir", _directory["auth"], "--output", _directory["out/nginx.conf"]);
        Assert.That((run.ExitCode, _directory.Read("out/nginx.conf").Contains("proxy_pass ", StringComparison.Ordinal)), Is.EqualTo((0, true)), run.Error);
    }

    public void Dispose()
    {
        foreach (var file in Directory.EnumerateFiles(_directory.Path, "*", SearchOption.AllDirectories))
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _directory.Dispose();
    }

    private string Containers(string labels)
    {
        var more = string.Concat(labels.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static label => $",\"{label.Replace("=", "\":\"", StringComparison.Ordinal)}\""));
        return _directory.Write("containers.json", Commands.RenderCommandTests.Containers("shop", "templater.host", Host).Replace($"\"{Host}\"", $"\"{Host}\"{more}", StringComparison.Ordinal));
    }

    private static string Authority()
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        using var certificate = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=own", key, System.Security.Cryptography.HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return certificate.ExportCertificatePem();
    }

    // Root reads everything. Without two capabilities it has the rights of an owner, as anybody; another user could perhaps not read
    // the program itself.
    private static Task<ChildResult> WithoutRights(params string[] arguments)
    {
        string[] program = ["dotnet", Path.Combine(AppContext.BaseDirectory, "templater.dll"), .. arguments];
        return Environment.IsPrivilegedProcess
            ? ChildProcess.RunAsync("setpriv", ["--bounding-set=-dac_override,-dac_read_search", .. program])
            : ChildProcess.RunAsync(program[0], program[1..]);
    }
}
