using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

/// <summary>A real proxy on loopback that answers with one word out of its configuration, and nobody else's process.</summary>
internal sealed class FaultProxy : IDisposable
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero }) { Timeout = TimeSpan.FromSeconds(5) };

    private readonly string _directory;
    private Process? _process;

    /// <param name="kind"><c>nginx</c> or <c>haproxy</c>.</param>
    /// <param name="directory">Where its pid file or socket lies.</param>
    public FaultProxy(string kind, string directory)
    {
        Program = ProxyPrograms.Require(kind);
        (Kind, _directory) = (kind, directory);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public string Kind { get; }

    public string Program { get; }

    /// <summary>Where it listens; a template may put it elsewhere.</summary>
    public int Port { get; set; }

    public string FileName => Kind == "nginx" ? "nginx.conf" : "haproxy.cfg";

    public string Reload => Kind == "nginx" ? $"pidfile:{_directory}/nginx.pid" : $"haproxy:{_directory}/master.sock";

    /// <summary>What it wrote since it was started.</summary>
    public string Errors { get; private set; } = "";

    public int Pid => _process!.Id;

    public bool Runs => _process is { HasExited: false };

    /// <summary>A template of one host, whose word is served, or always the same one.</summary>
    /// <param name="extra">A line at the end of its server or front end.</param>
    /// <param name="word">The word; null for the host's.</param>
    /// <param name="countsReloads">nginx logs what <see cref="ReloadsAsync"/> counts.</param>
    public string Template(string extra = "", string? word = null, bool countsReloads = false) => Kind == "nginx"
        ? $$"""
            {{"{{# format: nginx #}}"}}worker_processes 1;
            # {{"{{ generation }}"}}
            pid {{_directory}}/nginx.pid;
            error_log stderr{{(countsReloads ? " notice" : "")}};
            events {}
            http {
              access_log off;
              server {
                listen 127.0.0.1:{{Port}};
                location / { return 200 {{word ?? "{{ for host in virtual_hosts }}{{ host.data['word'] | nginx.string }}{{ else }}none{{ end }}"}}; }
                {{extra}}
              }
            }

            """
        : $$"""
            {{"{{# format: haproxy #}}"}}global
              maxconn 100
              set-var proc.templater_generation str({{"{{ generation }}"}})
            defaults
              mode http
              timeout connect 5s
              timeout client 5s
              timeout server 5s
            frontend web
              bind 127.0.0.1:{{Port}}
              http-request return status 200 content-type text/plain string {{word ?? "{{ for host in virtual_hosts }}{{ host.data['word'] | haproxy.string }}{{ else }}none{{ end }}"}}
              {{extra}}

            """;

    public void Start(string config)
    {
        string[] arguments = Kind == "nginx"
            ? ["-e", "stderr", "-c", config, "-g", "daemon off;"]
            : ["-W", "-db", "-S", $"{_directory}/master.sock", "-f", config];
        var start = new ProcessStartInfo(Program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        Errors = "";
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Errors += line.Data + "\n";
        _process.BeginErrorReadLine();
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
    }

    /// <summary>Kills master and workers.</summary>
    public void Kill()
    {
        if (_process is null)
            return;
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public async Task SignalAsync(string signal) =>
        (await ChildProcess.RunAsync("kill", ["-s", signal, Pid.ToString(CultureInfo.InvariantCulture)])).MustSucceed();

    /// <summary>What it serves on a fresh connection; null when nobody answers.</summary>
    public async Task<string?> AskAsync()
    {
        try
        {
            return await Client.GetStringAsync(new Uri($"http://127.0.0.1:{Port}/"));
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    /// <summary>How often it was reloaded since it was started.</summary>
    public async Task<int> ReloadsAsync()
    {
        if (Kind == "nginx")
            return Errors.Split('\n').Count(static line => line.Contains(", reconfiguring", StringComparison.Ordinal));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint($"{_directory}/master.sock"));
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync("show proc\n"u8.ToArray());
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var master = "";
        // A master that answers keeps the connection open.
        while (!master.Contains(" master ", StringComparison.Ordinal))
            master = await reader.ReadLineAsync().WaitAsync(Client.Timeout) ?? throw new IOException("the master does not tell of itself");
        return int.Parse(master.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2], CultureInfo.InvariantCulture);
    }

    public void Dispose() => Kill();
}
