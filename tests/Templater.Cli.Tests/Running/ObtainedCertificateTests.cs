using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Templater.Cli.Tests.Faults;
using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>From an empty disk to https: a real authority, a real proxy that answers its challenge, and nothing faked but names and containers.</summary>
[CancelAfter(60_000)]
[Platform("Linux")]
public sealed class ObtainedCertificateTests : IAsyncDisposable
{
    private const string Host = "shop.example.test";

    private readonly RunBench _bench = new();
    private readonly FakeDockerEngine _engine = new();
    private Uri? _directoryUrl;

    [TestCase(FaultProxy.Nginx)]
    [TestCase(FaultProxy.HAProxy)]
    public async Task AHostGetsItsCertificateThroughItsProxy(string kind, CancellationToken cancellationToken)
    {
        await using var pebble = await Pebble.StartAsync(cancellationToken: cancellationToken);
        using var proxy = FaultProxy.Of(kind, _bench.Directory.Path);
        Settings(pebble, proxy);
        Add("shop", Host);
        _bench.Start();
        await StartAsync(proxy, cancellationToken);

        var pending = await HttpAsync(pebble, cancellationToken);
        Assert.That(pending, Is.Not.EqualTo(HttpStatusCode.PermanentRedirect), "http is served until the pair is there");
        using var first = await HttpsAsync(pebble, proxy, cancellationToken);
        Assert.That(first.NotAfter, Is.GreaterThan(DateTime.Now));
        Assert.That(await HttpAsync(pebble, cancellationToken), Is.EqualTo(HttpStatusCode.PermanentRedirect));
        await TellsAsync(", ends ", cancellationToken);

        var renewed = await CommandRun.Now("certs", "renew", Host, "--state-dir", _bench.Directory["state"]);
        Assert.That((renewed.ExitCode, renewed.Error), Is.EqualTo((0, "")), _bench.Log);
        Assert.That(renewed.Output, Does.Contain($"{Host}: renewed, ends "));
        await _bench.Until(() => Shown(proxy, first.Issuer) is { } shown && shown != first.SerialNumber, cancellationToken);
        Assert.That((await CommandRun.Now("certs", "check", "--state-dir", _bench.Directory["state"])).ExitCode, Is.Zero);
        if (kind == FaultProxy.Nginx)
            await RevokedAsync(proxy, first, cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
        AssertThatNoSecretIsTold();
    }

    // The same authority stands for its staging directory: what it issues is thrown away.
    private async Task DryRunAsync(X509Certificate2 first, FaultProxy proxy)
    {
        var config = _bench.Directory["t.yaml"];
        var serial = Shown(proxy, first.Issuer);
        var none = await CommandRun.Now("certs", "issue", Host, "--dry-run", "--config", config);
        Assert.That((none.ExitCode, none.Error), Is.EqualTo((4, $"error acme-failed: {Host}: the dry run failed: no staging directory of the CA 127-0-0-1 is known; name one in the settings by cas.127-0-0-1.staging. Nothing has changed here.\n")));

        var trial = _bench.Directory.Write("trial.yaml", _bench.Directory.Read("t.yaml") + $"cas: {{ 127-0-0-1: {{ url: {_directoryUrl}, staging: {_directoryUrl} }} }}\n");
        var run = await CommandRun.Now("certs", "issue", Host, "--dry-run", "--config", trial);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")), run.Output);
        Assert.That(run.Output, Does.Match($"^{Host}: ordered at the staging directory of 127-0-0-1, by http-01\n{Host}: the dry run succeeded; what .* issued was thrown away"));
        Assert.That(Shown(proxy, first.Issuer), Is.EqualTo(serial));
    }

    // By its own key at the authority, and another one with another key takes its place.
    private async Task RevokedAsync(FaultProxy proxy, X509Certificate2 first, CancellationToken cancellationToken)
    {
        var config = _bench.Directory["t.yaml"];
        var there = await CommandRun.Now("certs", "issue", Host, "--config", config);
        Assert.That((there.ExitCode, there.Error.Contains($"the certificate for {Host} is there, and ends ", StringComparison.Ordinal)), Is.EqualTo((3, true)), there.Error);
        await DryRunAsync(first, proxy);
        var (key, serial) = (await File.ReadAllTextAsync(_bench.Directory[$"certs/live/{Host}/privkey.pem"], cancellationToken), Shown(proxy, first.Issuer));

        var revoked = await CommandRun.Now("certs", "revoke", Host, "--reason", "keyCompromise", "--config", config);

        Assert.That((revoked.ExitCode, revoked.Error), Is.EqualTo((0, "")), _bench.Log);
        Assert.That(revoked.Output, Does.Match($"^{Host}: revoked at .* \\(keyCompromise\\)\n(.*\n)*{Host}: renewed, ends "));
        await _bench.Until(() => Shown(proxy, first.Issuer) is { } shown && shown != serial, cancellationToken);
        Assert.That(await File.ReadAllTextAsync(_bench.Directory[$"certs/live/{Host}/privkey.pem"], cancellationToken), Is.Not.EqualTo(key));
        var shown = await CommandRun.Now("certs", "show", Host, "--config", config);
        Assert.That(shown.Output, Does.Contain($"  issuer       ").And.Contain("  renewal      about ").And.Contain("  key          EC P-256\n"));
    }

    [Test]
    public async Task AnAuthorityThatRefusesIsToldAndHttpIsServedMeanwhile(CancellationToken cancellationToken)
    {
        await using var pebble = await Pebble.StartAsync(cancellationToken: cancellationToken);
        using var proxy = FaultProxy.Of(FaultProxy.Nginx, _bench.Directory.Path);
        Settings(pebble, proxy);
        Add("shop", Pebble.BlockedName);
        _bench.Start();
        await StartAsync(proxy, cancellationToken);
        await _bench.Says($"warning acme-failed: no certificate was obtained for {Pebble.BlockedName}: ", cancellationToken);
        await TellsAsync("not there yet, next attempt", cancellationToken);
        var state = _bench.Directory["state"];
        var listed = await CommandRun.Now("certs", "--json", "--state-dir", state);
        Assert.That(listed.Output, Does.StartWith("[{\"name\":\"" + Pebble.BlockedName).And.Contain("\"failed\":1"));
        var check = await CommandRun.Now("certs", "check", "--state-dir", state);
        Assert.That((check.ExitCode, check.Output.Contains("  failed: ", StringComparison.Ordinal)), Is.EqualTo((3, true)), check.Output);
        var unknown = await CommandRun.Now("certs", "renew", "shop", "--state-dir", state);
        Assert.That((unknown.ExitCode, unknown.Error), Is.EqualTo((3, $"error invalid-input: no certificate \"shop\" is wanted; there are {Pebble.BlockedName}.\n")));
        var again = await CommandRun.Now("certs", "issue", Pebble.BlockedName, "--state-dir", state);
        Assert.That((again.ExitCode, again.Error.StartsWith($"error acme-failed: {Pebble.BlockedName}: ", StringComparison.Ordinal)), Is.EqualTo((4, true)), again.Error);
        Assert.That((await CommandRun.Now("certs", "check", "--state-dir", state)).Output, Does.Contain("  failed 2 times: "), "at once, not after the pause");
        Assert.That(await HttpAsync(pebble, cancellationToken, Pebble.BlockedName), Is.Not.EqualTo(HttpStatusCode.PermanentRedirect));
        Assert.That(await _bench.End(), Is.Zero);

        var ended = await CommandRun.Now("certs", "renew", Pebble.BlockedName, "--state-dir", state);
        Assert.That((ended.ExitCode, ended.Error.Contains("so nobody would renew a certificate", StringComparison.Ordinal)), Is.EqualTo((4, true)), ended.Error);
    }

    [Test]
    public async Task WhereNoneAreObtainedNothingIsListed(CancellationToken cancellationToken)
    {
        _bench.Settings(_bench.State, _bench.Template("x"), "reload: none", "validate: none");
        _bench.StartFromFile();
        await _bench.Says(" delivered to ", cancellationToken);
        var run = await CommandRun.Now("certs", "--state-dir", _bench.Directory["state"]);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((4, "")));
        Assert.That(run.Error, Does.Contain("They are obtained where acme_email is set."));
        Assert.That(await _bench.End(), Is.Zero);
    }

    public async ValueTask DisposeAsync()
    {
        _bench.Dispose();
        await _engine.DisposeAsync();
    }

    private string Config(FaultProxy proxy) => _bench.Directory[$"config/{proxy.FileName}"];

    private void Settings(Pebble pebble, FaultProxy proxy, params string[] more)
    {
        _directoryUrl = pebble.DirectoryUrl;
        Directory.CreateDirectory(_bench.Directory["certs"]);
        _bench.Directory.Write("authority.pem", pebble.Transport.Authority.ExportCertificatePem() + "\n");
        if (proxy.Kind == FaultProxy.Nginx)
            _bench.Directory.Write("config/main.d/pid.conf", $"pid {_bench.Directory["nginx.pid"]};\n");
        else
            Directory.CreateDirectory(_bench.Directory["config"]);
        _bench.Directory.Write("t.yaml", string.Join('\n',
        [
            $"template: {proxy.Kind}", $"output: {Config(proxy)}", $"reload: {proxy.Reload}", $"certs_dir: {_bench.Directory["certs"]}", _bench.State,
            $"docker_host: {_engine.Host}", "swarm: off", $"http_port: {pebble.HttpPort}", $"https_port: {proxy.Port}",
            "acme_email: ops@example.com", $"acme_ca: {pebble.DirectoryUrl}", $"acme_ca_bundle: {_bench.Directory["authority.pem"]}",
            // Names resolve at the authority alone.
            "acme_preflight: false", .. more, "",
        ]));
    }

    private void Add(string name, string host) => _engine.AddContainer(name, container => container.Label("templater.host", host).Expose(80).Network("front"));

    private async Task StartAsync(FaultProxy proxy, CancellationToken cancellationToken)
    {
        await _bench.Until(() => File.Exists(Config(proxy)), cancellationToken);
        proxy.Start(Config(proxy));
    }

    // Waits until somebody answers.
    private async Task<HttpStatusCode> HttpAsync(Pebble pebble, CancellationToken cancellationToken, string host = Host)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
        HttpStatusCode? status = null;
        while (status is null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{pebble.HttpPort}/")) { Headers = { Host = host } };
            try
            {
                using var answer = await client.SendAsync(request, cancellationToken);
                status = answer.StatusCode;
            }
            catch (HttpRequestException)
            {
                Assert.That(_bench.HasEnded, Is.False, _bench.Log);
                await Task.Delay(20, cancellationToken);
            }
        }

        return status.Value;
    }

    private async Task TellsAsync(string part, CancellationToken cancellationToken)
    {
        while (!(await CommandRun.Now("certs", "--state-dir", _bench.Directory["state"])).Output.Contains(part, StringComparison.Ordinal))
            await Task.Delay(100, cancellationToken);
    }

    // Its serial, whoever signed it, as long as that is the same one.
    private static string? Shown(FaultProxy proxy, string issuer)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", proxy.Port);
            using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate?.Issuer == issuer);
            stream.AuthenticateAsClient(Host);
            return stream.RemoteCertificate!.GetSerialNumberString();
        }
        catch (Exception error) when (error is SocketException or IOException or AuthenticationException)
        {
            return null;
        }
    }

    // The certificate that is shown for the name, once its chain leads to the authority's root.
    private async Task<X509Certificate2> HttpsAsync(Pebble pebble, FaultProxy proxy, CancellationToken cancellationToken)
    {
        using var root = X509Certificate2.CreateFromPem(await pebble.RootAsync(cancellationToken: cancellationToken));
        X509Certificate2? shown = null;
        await _bench.Until(() => (shown = Shown(proxy, root)) is not null, cancellationToken);
        return shown!;
    }

    private static X509Certificate2? Shown(FaultProxy proxy, X509Certificate2 root)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", proxy.Port);
            using var stream = new SslStream(client.GetStream());
            stream.AuthenticateAsClient(new SslClientAuthenticationOptions
            {
                TargetHost = Host,
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { root } },
            });
            return new X509Certificate2(stream.RemoteCertificate!);
        }
        catch (Exception error) when (error is SocketException or IOException or AuthenticationException)
        {
            return null;
        }
    }

    // Lines of keys in PEM, and private numbers of keys in JSON, from wherever they are kept.
    private void AssertThatNoSecretIsTold()
    {
        var lines = new[] { "certs", "state/acme" }
            .SelectMany(folder => Directory.EnumerateFiles(_bench.Directory[folder], "*", SearchOption.AllDirectories))
            .Where(static file => new FileInfo(file).LinkTarget is null)
            .Select(File.ReadAllText).Where(static text => text.Contains("PRIVATE KEY", StringComparison.Ordinal) || text.Contains("\"d\"", StringComparison.Ordinal))
            .SelectMany(static text => text.Split(['\n', '"'])).Where(static word => word.Length >= 43 && !word.Contains(' ', StringComparison.Ordinal)).ToList();
        Assert.That(lines, Is.Not.Empty);
        Assert.That(lines.Where(_bench.Log.Contains), Is.Empty);
        Assert.That(_bench.Log, Does.Not.Contain("PRIVATE KEY"));
    }
}
