using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Templater.Cli.Tests.Faults;
using Templater.Cli.Tests.Running;
using Templater.Testing;

namespace Templater.Cli.Tests.Certificates;

/// <summary>A Templater in this process that obtains certificates of real CAs for names behind a real proxy on loopback; the engine is played.</summary>
internal sealed class AcmeBench : IAsyncDisposable
{
    public const string Host = "shop.example.test";

    private readonly FakeDockerEngine _engine = new();
    private readonly List<Pebble> _pebbles = [];

    private AcmeBench(string kind) => Proxy = FaultProxy.Of(kind, Run.Directory.Path);

    public RunBench Run { get; } = new();

    public FaultProxy Proxy { get; }

    /// <summary>The CA, or the first of them.</summary>
    public Pebble Pebble => _pebbles[0];

    public string State => Run.Directory["state"];

    /// <summary>Starts a CA; nothing else runs yet.</summary>
    /// <param name="kind">The proxy, as <see cref="FaultProxy"/> calls it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<AcmeBench> OpenAsync(string kind, CancellationToken cancellationToken)
    {
        var bench = new AcmeBench(kind);
        try
        {
            await bench.AddAuthorityAsync(cancellationToken);
            return bench;
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more CA, which asks the same proxy.</summary>
    public async Task<Pebble> AddAuthorityAsync(CancellationToken cancellationToken)
    {
        var pebble = await Pebble.StartAsync(new PebbleOptions { HttpPort = _pebbles is [var first, ..] ? first.HttpPort : null }, cancellationToken);
        _pebbles.Add(pebble);
        return pebble;
    }

    /// <summary>Writes the settings.</summary>
    /// <param name="authorities">Settings of the CAs; null for the only one.</param>
    /// <param name="more">More lines.</param>
    public void Settings(string[]? authorities = null, params string[] more)
    {
        Directory.CreateDirectory(Run.Directory["certs"]);
        Directory.CreateDirectory(Run.Directory["config"]);
        if (Proxy.Kind == FaultProxy.Nginx)
            Run.Directory.Write("config/main.d/pid.conf", $"pid {Run.Directory["nginx.pid"]};\n");
        Run.Directory.Write("authority.pem", string.Concat(_pebbles.Select(static pebble => pebble.Bundle)));
        Run.Directory.Write("t.yaml", string.Join('\n',
        [
            $"template: {Proxy.Kind}", $"output: {Config}", $"reload: {Proxy.Reload}", $"certs_dir: {Run.Directory["certs"]}", Run.State,
            $"docker_host: {_engine.Host}", "swarm: off", $"http_port: {Pebble.HttpPort}", $"https_port: {Proxy.Port}",
            "acme_email: ops@example.com", $"acme_ca_bundle: {Run.Directory["authority.pem"]}", .. authorities ?? [$"acme_ca: {Pebble.DirectoryUrl}"],
            // Names resolve at the authority alone, and where none is asked for, it takes a profile by chance.
            "acme_preflight: false", "acme_profile: classic", .. more, "",
        ]));
    }

    /// <summary>Adds a container that asks for a host, and at whose address nobody listens.</summary>
    public void Add(string name, string host, params (string Key, string Value)[] labels) => _engine.AddContainer(name, container =>
    {
        container.Label("templater.host", host).Expose(80).Network("front", "127.0.0.1");
        foreach (var (key, value) in labels)
            container.Label(key, value);
    });

    /// <summary>Starts Templater and, as soon as it has something to read, the proxy.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Run.Start();
        await Run.Until(() => File.Exists(Config), cancellationToken);
        Proxy.Start(Config);
    }

    /// <summary>What plain http answers; waits until somebody does.</summary>
    public async Task<HttpStatusCode> HttpAsync(CancellationToken cancellationToken, string host = Host)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
        HttpStatusCode? status = null;
        while (status is null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{Pebble.HttpPort}/")) { Headers = { Host = host } };
            try
            {
                using var answer = await client.SendAsync(request, cancellationToken);
                status = answer.StatusCode;
            }
            catch (HttpRequestException)
            {
                Assert.That(Run.HasEnded, Is.False, Run.Log);
                await Task.Delay(20, cancellationToken);
            }
        }

        return status.Value;
    }

    /// <summary>Waits until plain http redirects to https: for a moment nginx's former workers answer as before, and https is answered by the new ones.</summary>
    public async Task RedirectsAsync(CancellationToken cancellationToken)
    {
        while (await HttpAsync(cancellationToken) != HttpStatusCode.PermanentRedirect)
            await Task.Delay(20, cancellationToken);
    }

    /// <summary>The certificate that is shown for a name, once its chain leads to the root and it has another serial number than this.</summary>
    public async Task<X509Certificate2> HttpsAsync(X509Certificate2 root, CancellationToken cancellationToken, string host = Host, string? not = null)
    {
        X509Certificate2? shown = null;
        await Run.Until(() => (shown = Shown(root, host)) is not null && shown.SerialNumber != not, cancellationToken);
        return shown!;
    }

    /// <summary>A constant load of verified TLS connections.</summary>
    public TlsLoad Load(string host, X509Certificate2 root) => TlsLoad.Start(new IPEndPoint(IPAddress.Loopback, Proxy.Port), host, root);

    /// <summary>Waits until <c>certs</c> tells this.</summary>
    public async Task TellsAsync(string part, CancellationToken cancellationToken)
    {
        while (!(await CertsAsync()).Output.Contains(part, StringComparison.Ordinal))
            await Task.Delay(100, cancellationToken);
    }

    /// <summary>Runs <c>certs</c> with more words.</summary>
    public Task<CommandRun> CertsAsync(params string[] words) => CommandRun.Now(["certs", .. words, "--state-dir", State]);

    public async ValueTask DisposeAsync()
    {
        Run.Dispose();
        Proxy.Dispose();
        await _engine.DisposeAsync();
        foreach (var pebble in _pebbles)
            await pebble.DisposeAsync();
    }

    private string Config => Run.Directory[$"config/{Proxy.FileName}"];

    private X509Certificate2? Shown(X509Certificate2 root, string host)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", Proxy.Port);
            using var stream = new SslStream(client.GetStream());
            stream.AuthenticateAsClient(new SslClientAuthenticationOptions
            {
                TargetHost = host,
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { root } },
            });
            return new X509Certificate2(stream.RemoteCertificate!);
        }
        catch (Exception error) when (error is SocketException or IOException or AuthenticationException)
        {
            return null;
        }
    }
}
