using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

/// <summary>A real proxy on loopback that answers with one word out of its configuration, and nobody else's process.</summary>
internal class FaultProxy : IDisposable
{
    public const string Nginx = "nginx";
    public const string HAProxy = "haproxy";

    /// <summary>Stands in for Centauri where it reads a file: there is no such program on this machine.</summary>
    public const string Centauri = "centauri";

    /// <summary>A client that fetches its configuration as Centauri does.</summary>
    public const string PushedCentauri = "centauri-push";

    // Nobody's: what root alone may read it may not.
    private const string OtherUser = "65533";

    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero }) { Timeout = TimeSpan.FromSeconds(5) };

    // Texts of the template, which no container chooses, need no quoting in a map.
    private const string WordsInMap =
        "{{ capture words }}{{ for host in virtual_hosts }}{{ for word in ['one', 'two', 'three'] }}{{ if word == host.data['word'] }}{0} {{ word }}{1}\n{{ end }}{{ end }}{{ end }}{{ end -}}\n";

    private Process? _process;

    protected FaultProxy(string kind, string program, string directory)
    {
        (Kind, Program, Folder) = (kind, program, directory);
        Port = FreePort.Next();
    }

    public string Kind { get; }

    public string Program { get; }

    /// <summary>Where it listens, or is told where to fetch its configuration; a template may put it elsewhere.</summary>
    public int Port { get; set; }

    public string FileName => Kind switch { Nginx => "nginx.conf", HAProxy => "haproxy.cfg", _ => "centauri.conf" };

    public virtual string Reload => Kind == HAProxy ? $"haproxy:{Folder}/master.sock" : $"pidfile:{Folder}/{Kind}.pid";

    /// <summary>Its settings' word for the format of its template.</summary>
    public string Format => Kind is Nginx or HAProxy ? Kind : Centauri;

    /// <summary>What it is given to check a file, whose path comes last.</summary>
    public string CheckArguments => Kind == Nginx ? "-t -e stderr -c" : "-c -f";

    /// <summary>It runs as a user who may read neither what root alone may, nor write anywhere else.</summary>
    public bool IsUnprivileged { get; init; }

    /// <summary>Runs what follows as that user.</summary>
    public static string[] AsOtherUser => ["setpriv", "--reuid", OtherUser, "--regid", OtherUser, "--clear-groups"];

    /// <summary>What it wrote since it was started.</summary>
    public string Errors { get; private set; } = "";

    public int Pid => _process!.Id;

    public bool Runs => _process is { HasExited: false };

    /// <summary>Whether its configuration can be seen to be live, so that it is called proven.</summary>
    public virtual bool CanBeProven => true;

    /// <summary>Where its pid file or socket lies.</summary>
    protected string Folder { get; }

    /// <param name="kind">One of the names above.</param>
    /// <param name="directory">Where its pid file or socket lies.</param>
    /// <param name="isUnprivileged">Another user runs it.</param>
    public static FaultProxy Of(string kind, string directory, bool isUnprivileged = false) => kind switch
    {
        PushedCentauri => new PushedFaultProxy(directory),
        Centauri => new FaultProxy(kind, CentauriStandIn.Write(directory), directory),
        _ => new FaultProxy(kind, ProxyPrograms.Require(kind), directory) { IsUnprivileged = isUnprivileged },
    };

    /// <summary>A template of one host whose word lies in a further file: what is served is of one generation, or is none.</summary>
    public string GroupTemplate() => Kind == Nginx
        ? Template(word: "$word", countsReloads: true).Replace("  server {", WordsInMap.Replace("{0}", "default", StringComparison.Ordinal).Replace("{1}", ";", StringComparison.Ordinal)
            + "  map $host $word { include {{ output_file 'maps/words.map' words }}; }\n  server {", StringComparison.Ordinal)
        : Template(word: "WORD").Replace("string WORD", "lf-string %[str(a),map({{ output_file 'maps/words.map' words }})]", StringComparison.Ordinal)
            .Replace("frontend web", WordsInMap.Replace("{0}", "a", StringComparison.Ordinal).Replace("{1}", "", StringComparison.Ordinal) + "frontend web", StringComparison.Ordinal);

    /// <summary>A template of one host, whose word is served, or always the same one.</summary>
    /// <param name="extra">A line at the end of its server or front end.</param>
    /// <param name="word">The word; null for the host's.</param>
    /// <param name="countsReloads">nginx logs what <see cref="ReloadsAsync"/> counts.</param>
    public string Template(string extra = "", string? word = null, bool countsReloads = false) => Format switch
    {
        Nginx => $$"""
            {{"{{# format: nginx #}}"}}worker_processes 1;
            # {{"{{ generation }}"}}
            pid {{Folder}}/nginx.pid;
            error_log stderr{{(countsReloads ? " notice" : "")}};
            events {}
            http {
              access_log off;
              server {
                listen 127.0.0.1:{{Port}};
                location / { return 200 {{Word(word)}}; }
                {{extra}}
              }
            }

            """,
        HAProxy => $$"""
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
              http-request return status 200 content-type text/plain string {{Word(word)}}
              {{extra}}

            """,
        _ => $$"""
            {{"{{# format: centauri #}}"}}# {{"{{ generation }}"}}
            route a.example.com
                upstream 127.0.0.1:8080
                {{CentauriStandIn.WordDirective}} {{Word(word)}}
                {{extra}}

            """,
    };

    public virtual void Start(string config)
    {
        string[] arguments = Kind switch
        {
            Nginx => [Program, "-e", "stderr", "-c", config, "-g", "daemon off;"],
            HAProxy => [Program, "-W", "-db", "-S", $"{Folder}/master.sock", "-f", config],
            _ => [Program, config, Port.ToString(CultureInfo.InvariantCulture), $"{Folder}/{Kind}.pid"],
        };
        string[] words = IsUnprivileged ? [.. AsOtherUser, .. arguments] : arguments;
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardError = true, RedirectStandardOutput = true };
        Errors = "";
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Errors += line.Data + "\n";
        _process.BeginErrorReadLine();
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
    }

    /// <summary>Kills master and workers.</summary>
    public virtual void Kill()
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
    public virtual async Task<string?> AskAsync()
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
        if (Kind == Nginx)
            return Errors.Split('\n').Count(static line => line.Contains(", reconfiguring", StringComparison.Ordinal));
        using var socket = await ConnectToMasterAsync();
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

    private string Word(string? word) =>
        word ?? $"{{{{ for host in virtual_hosts }}}}{{{{ host.data['word'] | {Format}.{(Format == Centauri ? "token" : "string")} }}}}{{{{ else }}}}none{{{{ end }}}}";

    // Its worker serves before the master itself listens again.
    private async Task<Socket> ConnectToMasterAsync()
    {
        for (var clock = Stopwatch.StartNew(); ;)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint($"{Folder}/master.sock"));
                return socket;
            }
            catch (SocketException) when (clock.Elapsed < FaultSite.Patience)
            {
                socket.Dispose();
                await Task.Delay(15);
            }
        }
    }
}
