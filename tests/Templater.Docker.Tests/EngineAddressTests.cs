using Templater.Testing;

namespace Templater.Docker.Tests;

public sealed class EngineAddressTests
{
    [TestCase("unix:///var/run/docker.sock", "unix:///var/run/docker.sock")]
    [TestCase(" unix:///run/user/1000/docker.sock ", "unix:///run/user/1000/docker.sock")]
    [TestCase("tcp://socket-proxy:2375", "tcp://socket-proxy:2375")]
    [TestCase("tcp://socket-proxy", "tcp://socket-proxy")]
    [TestCase("tcp://[::1]:2375/", "tcp://[::1]:2375")]
    [TestCase("http://10.0.0.1:80", "tcp://10.0.0.1:80")]
    [TestCase("https://engine.example.com:443", "https://engine.example.com:443")]
    public void ReadsWhatDockerReads(string text, string expected) =>
        Assert.That(EngineAddress.Parse(text).ToString(), Is.EqualTo(expected));

    [TestCase("tcp://h", false, 2375)]
    [TestCase("tcp://h", true, 2376)]
    [TestCase("tcp://h:80", true, 80)]
    [TestCase("https://h", true, 2376)]
    public void HasDockersDefaultPorts(string text, bool tls, int port) =>
        Assert.That(EngineAddress.Parse(text).PortOr(tls), Is.EqualTo(port));

    [TestCase("", "expected unix://")]
    [TestCase(null, "expected unix://")]
    [TestCase("/var/run/docker.sock", "Write unix:///var/run/docker.sock")]
    [TestCase("unix://relative", "expected unix://")]
    [TestCase("unix:///a\0b", "expected unix://")]
    [TestCase("tcp://", "expected unix://")]
    [TestCase("tcp://h:99999", "expected unix://")]
    [TestCase("tcp://h:0", "expected unix://")]
    [TestCase("tcp://h/path", "expected unix://")]
    [TestCase("tcp://user:secret@h", "expected unix://")]
    [TestCase("ftp://h", "expected unix://")]
    [TestCase("ssh://me@h", "not supported")]
    [TestCase("npipe:////./pipe/docker_engine", "not supported")]
    [TestCase("line\nbreak", "line break")]
    public void RefusesTheRestInOneLine(string? text, string expected)
    {
        Assert.That(EngineAddress.TryParse(text, out var address, out var error), Is.False);
        Assert.That(address, Is.Null);
        Assert.That(error, Does.Contain(expected).And.Not.Contain("\n"));
    }

    [Test]
    public void RefusesAPathThatNoSocketCanHave()
    {
        var longest = "unix:///" + new string('x', EngineAddress.MaxSocketPathBytes - 1);

        Assert.That(EngineAddress.TryParse(longest, out _, out _), Is.True);
        Assert.That(EngineAddress.TryParse(longest + "x", out _, out var error), Is.False);
        Assert.That(error, Does.Contain("at most 107 bytes"));
    }

    [Test]
    public void ReadsTheVariablesOfTheDockerCommand()
    {
        using var files = new TempDirectory();
        files.Write("ca.pem", "");
        files.Write("cert.pem", "");
        files.Write("key.pem", "");
        files.Write("home/.docker/ca.pem", "");

        var plain = From([]);
        var tcp = From(new() { ["DOCKER_HOST"] = "tcp://h:1" });
        var verified = From(new() { ["DOCKER_HOST"] = "tcp://h:1", ["DOCKER_TLS_VERIFY"] = "1", ["DOCKER_CERT_PATH"] = files.Path });
        var atHome = From(new() { ["DOCKER_HOST"] = "tcp://h:1", ["DOCKER_TLS_VERIFY"] = "1", ["HOME"] = files["home"] });
        var socket = From(new() { ["DOCKER_TLS_VERIFY"] = "1", ["DOCKER_CERT_PATH"] = files.Path });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(plain.Address, Is.EqualTo(EngineAddress.Default));
            Assert.That(plain.Tls, Is.Null);
            Assert.That(tcp.Tls, Is.Null);
            Assert.That(verified.Tls, Is.EqualTo(new EngineTls { CaFile = files["ca.pem"], CertificateFile = files["cert.pem"], KeyFile = files["key.pem"] }));
            Assert.That(atHome.Tls, Is.EqualTo(new EngineTls { CaFile = files["home/.docker/ca.pem"] }));
            Assert.That(socket.Tls, Is.Null, "a unix socket has no TLS");
        }
    }

    [Test]
    public void RefusesUnusableTlsFiles()
    {
        using var files = new TempDirectory();
        files.Write("cert.pem", "rubbish");

        Assert.That(Reason(() => EngineTls.FromDirectory(files["missing"])), Is.EqualTo(DockerErrorReason.InvalidSettings));
        Assert.That(Reason(() => EngineTls.FromDirectory(files.Path)), Is.EqualTo(DockerErrorReason.InvalidSettings), "a certificate without its key");
        files.Write("key.pem", "rubbish");
        files.Write("ca.pem", "rubbish");
        var options = new EngineOptions { Address = EngineAddress.Parse("tcp://h"), Tls = EngineTls.FromDirectory(files.Path) };
        Assert.That(Reason(() => new DockerClient(options).Dispose()), Is.EqualTo(DockerErrorReason.InvalidSettings));
        Assert.That(Reason(() => new DockerClient(options with { Address = EngineAddress.Default }).Dispose()), Is.EqualTo(DockerErrorReason.InvalidSettings));
    }

    [Test]
    public void RefusesBoundsThatAreNone()
    {
        Assert.That(() => new EngineOptions { CallTimeout = TimeSpan.Zero }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new EngineOptions { MaxResponseBytes = 0 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new LogsRequest { Tail = 0 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [TestCase("1.41", true)]
    [TestCase("1", false)]
    [TestCase("", false)]
    [TestCase("1.41.2", false)]
    [TestCase("1.-4", false)]
    [TestCase("1.99999999999", false)]
    public void ReadsApiVersions(string text, bool isVersion) => Assert.That(ApiVersion.TryParse(text, out _), Is.EqualTo(isVersion));

    [Test]
    public void OrdersApiVersionsAsNumbers() => Assert.That(new ApiVersion(1, 9), Is.LessThan(new ApiVersion(1, 41)));

    private static EngineOptions From(Dictionary<string, string> variables) => EngineOptions.FromEnvironment(variables.GetValueOrDefault);

    private static DockerErrorReason? Reason(Action act)
    {
        try
        {
            act();
            return null;
        }
        catch (DockerException e)
        {
            return e.Reason;
        }
    }
}
