using System.Text;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Certificates;
using Templater.Pipeline.Tests.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Inventory;

/// <summary>Files of the operator: only those that labels name are read, and what cannot be used closes the route.</summary>
public sealed class OperatorFileTests : IDisposable
{
    private const string Good = "ops:$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.";

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private OperatorFileReader Reader() => new(_directory.Path, _directory.Path, "templater");

    private RoutingResult Routed(ProxyKind kind, params (string Key, string Value)[] labels)
    {
        var snapshot = Given.Snapshot(Given.Proxy(), Given.Hosted("shop", "shop.example.com", labels));
        return Given.Routed(snapshot with { OperatorFiles = Reader().Read(snapshot.Containers) }, kind: kind);
    }

    [TestCase("templater.auth.basic.file", "good", null)]
    [TestCase("templater.auth.basic.file", "apr1", null, ReasonIds.AuthUnusable)]
    [TestCase("templater.auth.basic.file", "missing", ReasonIds.AuthUnusable)]
    [TestCase("templater.auth.basic.file", "empty", ReasonIds.AuthUnusable)]
    [TestCase("templater.auth.basic.file", "plain", ReasonIds.AuthUnusable)]
    [TestCase("templater.auth.basic.file", "binary", ReasonIds.AuthUnusable)]
    [TestCase("templater.auth.basic.file", "folder", ReasonIds.AuthUnusable)]
    [TestCase("templater.auth.basic.file", "long", ReasonIds.AuthUnusable)]
    [TestCase("templater.auth.basic.file", ".hidden", ReasonIds.InvalidValue)]
    [TestCase("templater.auth.basic.file", "../good", ReasonIds.InvalidValue)]
    [TestCase("templater.auth.basic.file", "", ReasonIds.InvalidValue)]
    [TestCase("templater.upstream.verify", "ca.pem", null)]
    [TestCase("templater.upstream.verify", "true", null)]
    [TestCase("templater.upstream.verify", "no", null)]
    [TestCase("templater.upstream.verify", "missing", ReasonIds.CertificateMissing)]
    [TestCase("templater.upstream.verify", "good", ReasonIds.CertificateMissing)]
    [TestCase("templater.upstream.verify", "empty", ReasonIds.CertificateMissing)]
    [TestCase("templater.upstream.verify", "folder", ReasonIds.CertificateMissing)]
    [TestCase("templater.upstream.verify", "a/b", ReasonIds.InvalidValue)]
    [TestCase("templater.upstream.verify", "", ReasonIds.InvalidValue)]
    public void AFileThatCannotBeUsedClosesTheRoute(string key, string value, string? nginx, string? haproxy = null)
    {
        using var authority = new TestAuthority("own");
        foreach (var (name, text) in new[] { ("good", Good), ("apr1", "ops:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/"), ("empty", ""), ("plain", "ops:secret"), (".hidden", Good), ("ca.pem", authority.Pem) })
            _directory.Write(name, text);
        File.WriteAllBytes(_directory["binary"], [0xff, 0xfe, 0x00]);
        File.WriteAllBytes(_directory["long"], Encoding.UTF8.GetBytes(new string('\n', OperatorFileReader.MaxBytes + 1)));
        Directory.CreateDirectory(_directory["folder"]);

        foreach (var (kind, reason) in new[] { (ProxyKind.Nginx, nginx), (ProxyKind.HAProxy, haproxy ?? nginx), (ProxyKind.Centauri, "any") })
        {
            var result = Routed(kind, ("templater.protocol", kind == ProxyKind.Centauri ? "http" : "https"), (key, value));
            var route = result.Host("shop.example.com").Routes.Single();
            if (kind == ProxyKind.Centauri && value == "no")
                continue;
            using (Assert.EnterMultipleScope())
            {
                Assert.That(result.FateOf("shop").Reason, kind == ProxyKind.Centauri ? Is.Not.Null : Is.EqualTo(reason), kind.ToString());
                Assert.That((route.IsClosed, route.Upstream.Servers.Length), Is.EqualTo(reason is null ? (false, 1) : (true, 0)), kind.ToString());
                Assert.That(Given.Dump(result), Does.Not.Contain("secret"));
            }
        }
    }

    [Test]
    public void AnOtherFileIsAnotherVerificationForAReplica()
    {
        using var authority = new TestAuthority("own");
        _directory.Write("a.pem", authority.Pem);
        _directory.Write("b.pem", authority.Pem);
        var snapshot = Given.Snapshot(
            Given.Proxy(),
            Given.Hosted("shop1", "shop.example.com", ("templater.protocol", "https"), ("templater.upstream.verify", "a.pem")).Since(TimeSpan.FromHours(3)),
            Given.Hosted("shop2", "shop.example.com", ("templater.protocol", "https"), ("templater.upstream.verify", "b.pem")).Since(TimeSpan.FromHours(2)),
            Given.Hosted("shop3", "shop.example.com", ("templater.protocol", "https")).Since(TimeSpan.FromHours(9)));
        var result = Given.Routed(snapshot with { OperatorFiles = Reader().Read(snapshot.Containers) });
        var upstream = result.Host("shop.example.com").Routes.Single().Upstream;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((upstream.Verify?.File, upstream.Servers.Length), Is.EqualTo(("a.pem", 2)));
            Assert.That(result.Messages(ReasonIds.ConflictValue), Has.Exactly(2).Contains("upstream.verify differs"));
        }
    }

    [Test]
    public void FilesThatLabelsNameAndThoseThatAreCalledLikeHostsAreRead()
    {
        foreach (var name in new[] { "auth/good", "auth/shop.example.com", "auth/.half", "auth/deep/x", "vhost.d/default", "certs/a.pem", "certs/a.ca.crt", "certs/ca.crl.pem", "certs/a.dhparam.pem", "certs/a.crt", "proxy.conf", "network_internal.conf", "nginx.conf", "dhparam/dhparam.pem" })
            _directory.Write(name, "client_max_body_size 1m; location ^~ /.well-known/acme-challenge/ { root /x; }");
        var reader = new OperatorFileReader(_directory["auth"], _directory["certs"], "templater") { VhostDirectory = _directory["vhost.d"], NginxDirectory = _directory.Path };
        var files = reader.Read([Given.Hosted("shop", "shop.example.com", ("templater.upstream.verify", "a.pem"), ("elsewhere.upstream.verify", "b.pem"))]);
        Assert.That(
            files.Select(file => $"{file.Kind}/{file.Name} {file.Directives}".Trim()),
            Is.EqualTo(new[]
            {
                "authority/a.ca.crt", "authority/a.pem", "include/default acme-challenge client_max_body_size location", "parameters/a.dhparam.pem", "passwords/deep", "passwords/good", "passwords/shop.example.com",
                "replacement/dhparam/dhparam.pem acme-challenge client_max_body_size location", "replacement/network_internal.conf acme-challenge client_max_body_size location",
                "replacement/proxy.conf acme-challenge client_max_body_size location", "revocations/ca.crl.pem",
            }));
        Assert.That(files.Where(file => file.Text.Length > 0).Select(file => file.Kind).Distinct(), Is.EqualTo(new[] { OperatorFile.Passwords }));
    }

    // An engine makes a directory where a file that is to be mounted is missing.
    [TestCase("directory", "it is a directory")]
    [TestCase("dead", "it is a link that leads to no file")]
    [TestCase("loop", "it is a link that leads to no file")]
    [TestCase("huge", "it cannot be read: it is larger than 1048576 bytes")]
    [TestCase("binary", "it cannot be read: it is not UTF-8")]
    [TestCase("pipe", "it cannot be read: it is a pipe; a file was expected")]
    [TestCase("good", null)]
    [TestCase("link", null)]
    public void WhatIsCalledLikeAHostAndIsNoFileThatCanBeUsedClosesIt(string what, string? problem)
    {
        var path = _directory[$"of-{what}/shop.example.com"];
        _directory.Write($"of-{what}/other", Good);
        _directory.Write("elsewhere", Good);
        switch (what)
        {
            case "directory": Directory.CreateDirectory(path); break;
            case "dead": File.CreateSymbolicLink(path, _directory["none"]); break;
            case "loop": File.CreateSymbolicLink(path, path); break;
            case "huge": File.WriteAllBytes(path, new byte[OperatorFileReader.MaxBytes + 1]); break;
            case "binary": File.WriteAllBytes(path, [0x80, 0x41]); break;
            case "pipe": Assert.That(Mono.Unix.Native.Syscall.mkfifo(path, Mono.Unix.Native.FilePermissions.S_IRUSR), Is.Zero); break;
            case "link": File.CreateSymbolicLink(path, _directory["elsewhere"]); break;
            default: File.WriteAllText(path, Good); break;
        }

        var snapshot = Given.Snapshot(Given.Proxy(), Given.Container("shop").WithEnv(("VIRTUAL_HOST", "shop.example.com")));
        var files = new OperatorFileReader(_directory["of-" + what], _directory["certs"], "templater").Read(snapshot.Containers);
        var result = Given.Routed(snapshot with { OperatorFiles = files });
        var route = result.Host("shop.example.com").Routes.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(files.Single(static file => file.Name == "shop.example.com").Problem, Is.EqualTo(problem));
            Assert.That((route.IsClosed, route.Auth is not null, result.FateOf("shop").Reason), Is.EqualTo((problem is not null, problem is null, problem is null ? null : ReasonIds.AuthUnusable)));
            if (problem is not null)
                Assert.That(result.Messages(ReasonIds.AuthUnusable).Single(), Does.Contain(path).And.Contain(problem));
        }
    }

    [Test]
    public void ADirectoryThatCannotBeListedLeavesEverythingAsItIs()
    {
        _directory.Write("file", "");
        var reader = new OperatorFileReader(_directory["missing"], _directory["missing"], "templater") { VhostDirectory = _directory["file"] };
        var failure = Assert.Throws<SnapshotFailedException>(() => reader.Read([]));
        Assert.That(failure.Reason, Is.EqualTo(ReasonIds.SnapshotFailed));
        Assert.That(failure.Message, Does.Contain($"the directory {_directory["file"]} cannot be listed"));
    }

    [Test]
    public void AChangedFileIsReadAgain()
    {
        var reader = Reader();
        var shop = Given.Hosted("shop", "shop.example.com", ("templater.auth.basic.file", "users"));
        var missing = reader.Read([shop]).Single();
        _directory.Write("users", Good);
        var present = reader.Read([shop]).Single();
        _directory.Write("users", Good + "\nann:x");
        Assert.That((missing.Problem, present.Text, reader.Read([shop]).Single().Text), Is.EqualTo(("there is no such file", Good, Good + "\nann:x")));
    }

    [Test]
    public void TheRecordedFormHoldsThemAndReadsFilesWithoutThem()
    {
        _directory.Write("good", Good);
        var plain = Given.Snapshot(Given.Hosted("shop", "shop.example.com", ("templater.auth.basic.file", "good")));
        var full = plain with { OperatorFiles = Reader().Read(plain.Containers) };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Encoding.UTF8.GetString(SnapshotFile.ToBytes(plain)), Does.Not.Contain("operator_files"));
            Assert.That(SnapshotFile.Read(SnapshotFile.ToBytes(plain), "x").OperatorFiles, Is.Empty);
            Assert.That(SnapshotFile.Read(SnapshotFile.ToBytes(full), "x").OperatorFiles, Is.EqualTo(full.OperatorFiles));
        }
    }
}
