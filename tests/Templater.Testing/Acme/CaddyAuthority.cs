using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Templater.Testing;

/// <summary>
/// Another real CA: the <c>acme_server</c> of Caddy, which shares no code with Pebble. It asks for http-01 on port 80, knows neither
/// profiles nor renewal information, and signs its own TLS with the root that it issues by. Needs root.
/// </summary>
public sealed class CaddyAuthority : ITestAuthority
{
    private const int Attempts = 3;

    // What it looks up for http-01 it asks of the machine's resolvers: so it has its own file of them.
    private const string WithResolvers = "mount --bind \"$1\" /etc/resolv.conf && shift && exec \"$@\"";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly TempDirectory _directory = new("templater-caddy-");
    private readonly IPAddress _address;
    private Process? _process;
    private int _port;
    private string _said = "";

    private CaddyAuthority(IPAddress address) => _address = address;

    /// <inheritdoc/>
    public Uri DirectoryUrl => new(string.Create(CultureInfo.InvariantCulture, $"https://{_address}:{_port}/acme/local/directory"));

    /// <inheritdoc/>
    public string Bundle => _directory.Read("data/pki/authorities/local/root.crt");

    /// <summary>Starts it; the test is skipped where it was not fetched.</summary>
    /// <param name="address">Where it listens.</param>
    /// <param name="resolver">The DNS server that it asks, on port 53.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<CaddyAuthority> StartAsync(IPAddress address, IPAddress resolver, CancellationToken cancellationToken)
    {
        var program = FetchedPackage.Require("caddy", "usr/bin/caddy", "sid").Path;
        var caddy = new CaddyAuthority(address);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                caddy.Start(program, resolver);
                if (await caddy.AnswersAsync(cancellationToken))
                    return caddy;
                caddy.End();
                if (attempt == Attempts)
                    throw new InvalidOperationException($"caddy does not start: {caddy._said}");
            }
        }
        catch
        {
            await caddy.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<X509Certificate2> RootCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(X509Certificate2.CreateFromPem(Bundle));

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        End();
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Start(string program, IPAddress resolver)
    {
        _port = FreePort.Next();
        var settings = _directory.Write("Caddyfile", string.Create(CultureInfo.InvariantCulture, $$"""
            {
                admin off
                skip_install_trust
                auto_https disable_redirects
                storage file_system {{_directory["data"]}}
                http_port {{FreePort.Next()}}
                https_port {{_port}}
            }
            https://{{_address}}:{{_port}} {
                bind {{_address}}
                tls internal
                acme_server {
                    ca local
                    lifetime 12h
                    resolvers {{resolver}}:53
                    challenges http-01 dns-01
                }
            }

            """));
        var resolvers = _directory.Write("resolv.conf", $"nameserver {resolver}\n");
        string[] command = [program, "run", "--config", settings, "--adapter", "caddyfile"];
        var environment = new Dictionary<string, string?> { ["HOME"] = _directory.Path, ["XDG_DATA_HOME"] = _directory.Path };
        _process = new Process { StartInfo = ChildProcess.StartInfo("unshare", ["--mount", "sh", "-c", WithResolvers, "sh", resolvers, .. command], environment) };
        _process.OutputDataReceived += (_, line) => _said += line.Data + "\n";
        _process.ErrorDataReceived += (_, line) => _said += line.Data + "\n";
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (!_process!.HasExited && Stopwatch.GetElapsedTime(start) < StartLimit)
        {
            try
            {
                using var root = await RootCertificateAsync(cancellationToken);
                using var handler = new SocketsHttpHandler { UseProxy = false };
                handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { root } };
                using var http = new HttpClient(handler);
                await http.GetStringAsync(DirectoryUrl, cancellationToken);
                return true;
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                await Task.Delay(Pause, cancellationToken);
            }
        }

        return false;
    }

    private void End()
    {
        if (_process is null)
            return;
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }
}
