using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Templater.Cli.Running;
using Templater.Pipeline.Deployment.Preflight;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Watching;
using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>What <c>run</c> says of the set-up, as of everything else once; that it is said again when it changes is the log's.</summary>
[CancelAfter(30_000)]
[Platform("Linux")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class PreflightTests : IAsyncDisposable
{
    private const string KeyUnreadable = "error key-unreadable: the proxy \"edge\" runs as 99:99 and cannot read ";
    private readonly RunBench _bench = new();
    private readonly FakeDockerEngine _engine = new();

    [Test]
    public async Task AKeyThatTheProxysUserCannotReadIsSaidOnce(CancellationToken cancellationToken)
    {
        var key = Pair();
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        _engine.AddContainer("edge", static edge => edge.Label("templater.proxy", "nginx").Network("front").User("99:99"));
        _bench.Settings(_bench.State, $"docker_host: {_engine.Host}", "validate: none", "reload: none",
            $"template: {_bench.Directory.Write("nginx.nginx.scriban", "{{ for host in virtual_hosts }}# {{ host.name }};\n{{ end }}")}");
        _bench.Start();
        await _bench.Says(KeyUnreadable + key + " (", cancellationToken);

        _engine.AddContainer("shop", static shop => shop.Label("templater.host", "shop.example.com").Expose(80).Network("front"));
        await _bench.Until(() => File.ReadAllText(_bench.Directory["out.txt"]).Contains("shop.example.com", StringComparison.Ordinal), cancellationToken);
        Assert.That(_bench.Log.Split(KeyUnreadable), Has.Length.EqualTo(2), "it is said once");
        await _bench.End();
    }

    [Test]
    public async Task AProxyWithTheKeysGroupIsNotAccused(CancellationToken cancellationToken)
    {
        var key = Pair();
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var group = FileFacts.Above(key, key)[0].Gid.ToString(System.Globalization.CultureInfo.InvariantCulture);
        _engine.AddContainer("edge", edge => edge.Label("templater.proxy", "nginx").Network("front").User("99:99").GroupAdd(group));
        _bench.Settings(_bench.State, $"docker_host: {_engine.Host}", "validate: none", "reload: none",
            $"template: {_bench.Directory.Write("nginx.nginx.scriban", "{{ for host in virtual_hosts }}# {{ host.name }};\n{{ end }}")}");
        _bench.Start();
        await _bench.Says(" delivered to ", cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
        Assert.That(_bench.Log, Does.Not.Contain("key-unreadable"));
    }

    [TestCase("/state", "", true)]
    [TestCase("/state", "/state", false)]
    [TestCase(null, "", false, TestName = "Where no certificates are kept a quick trial is not warned")]
    public async Task AStateThatIsLostWithTheContainerIsSaid(string? directory, string mount, bool isSaid)
    {
        var self = new Container
        {
            Id = new ContainerId(new string('a', 64)),
            Name = "templater",
            Image = new ImageReference("", "templater", "1", ""),
            State = ContainerState.Running,
            Mounts = mount.Length == 0 ? [] : [new Mount("volume", "state", "", mount, ReadWrite: true)],
        };
        var memory = new SnapshotMemory(_bench.Directory["certs"], new OperatorFileReader(_bench.Directory["auth"], _bench.Directory["certs"], "templater"), null, [], TimeProvider.System);
        var pipeline = new OutputPipeline([], memory, TimeProvider.System) { StateDirectory = directory };

        var report = await pipeline.ApplyAsync(new Snapshot { TakenAt = DateTimeOffset.UnixEpoch, Containers = [self], Self = self.Id }, Cause.Start, CancellationToken.None);

        Assert.That(report.Findings.Select(static finding => finding.Reason), isSaid ? Is.EqualTo(new[] { "state-not-persistent" }) : Is.Empty);
    }

    public async ValueTask DisposeAsync()
    {
        _bench.Dispose();
        await _engine.DisposeAsync();
    }

    private string Pair()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=shop.example.com", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("shop.example.com");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(60));
        Directory.CreateDirectory(_bench.Directory["certs"]);
        _bench.Directory.Write("certs/shop.example.com.crt", certificate.ExportCertificatePem());
        return _bench.Directory.Write("certs/shop.example.com.key", key.ExportPkcs8PrivateKeyPem());
    }
}
