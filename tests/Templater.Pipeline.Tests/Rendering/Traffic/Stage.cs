using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Certificates;
using Templater.Pipeline.Tests.Deployment;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>A real proxy on loopback with the rendered configuration of its backends, which listen on addresses of 127.0.0.0/8.</summary>
internal sealed class Stage : IAsyncDisposable
{
    public const string NginxName = "nginx";
    public const string HAProxyName = "haproxy";

    private const int BackendPort = 8080;
    private const int FirstPort = 10_000;
    private const int PortSpan = 20_000;

    private static int _lastPort = Environment.ProcessId * 97 % PortSpan;
    private static int _lastStage;

    private readonly TempDirectory _directory = new();
    private readonly Dictionary<string, EchoBackend> _backends = [];
    private readonly int _number = Interlocked.Increment(ref _lastStage);
    private readonly Dictionary<string, IPEndPoint> _targets = [];
    private NameServer? _names;
    private bool _hasOneWorker;
    private RealProxy? _process;

    public Stage(string proxy)
    {
        ProxyName = proxy;
        RealProxy.Require(proxy);
        // nginx's workers are another user.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_directory.Path, File.GetUnixFileMode(_directory.Path) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
        Directory.CreateDirectory(_directory["haproxy"]);
        Scenario = new Scenario
        {
            Proxy = new ProxySettings { AccessLog = false, ConfigDirectory = _directory.Path, CertsDirectory = _directory.Path },
            Policy = new RoutingPolicy { HttpPort = FreePort(), HttpsPort = FreePort() },
        };
    }

    public string ProxyName { get; }

    public bool IsNginx => ProxyName == NginxName;

    public Scenario Scenario { get; }

    public int HttpPort => Scenario.Policy.HttpPort;

    public int HttpsPort => Scenario.Policy.HttpsPort;

    /// <summary>The rendered file.</summary>
    public string Config { get; private set; } = "";

    /// <summary>HAProxy's master socket.</summary>
    public string MasterSocket => _directory["master.sock"];

    public EchoBackend this[string name] => _backends[name];

    /// <summary>Stands for the engine's name server.</summary>
    public NameServer NameServer => _names ?? throw new InvalidOperationException("there is none");

    // Of this process and this stage alone.
    private string Block => string.Create(CultureInfo.InvariantCulture, $"127.{1 + (Environment.ProcessId % 250)}.{_number % 250}");

    /// <summary>A port below those that the kernel gives to clients, free a moment ago.</summary>
    public static int FreePort()
    {
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port).ToHashSet();
        for (var i = 0; i < PortSpan; i++)
        {
            var port = FirstPort + (Interlocked.Increment(ref _lastPort) % PortSpan);
            if (!taken.Contains(port))
                return port;
        }

        throw new InvalidOperationException("no free port");
    }

    /// <summary>Adds a container with a backend.</summary>
    public Stage Add(string name, params (string Key, string Value)[] labels) => Add(name, Manner.Echo, labels);

    /// <summary>Adds a container with a backend of some manner.</summary>
    public Stage Add(string name, Manner manner, params (string Key, string Value)[] labels)
    {
        var address = AddContainer(name, labels);
        _backends[name] = new EchoBackend(name, address, manner);
        return this;
    }

    /// <summary>Adds a container whose backend speaks TLS.</summary>
    public Stage AddSecure(string name, X509Certificate2 certificate, params (string Key, string Value)[] labels)
    {
        var address = AddContainer(name, labels);
        _backends[name] = new EchoBackend(name, address, Manner.Echo, certificate);
        return this;
    }

    /// <summary>Lets one process or thread do everything, as on a machine with one processor: what it counts, it counts for all.</summary>
    public Stage WithOneWorker()
    {
        _hasOneWorker = true;
        return this;
    }

    /// <summary>Starts a name server, which the proxy will ask instead of the engine's.</summary>
    public Stage WithNameServer()
    {
        _names = new NameServer(new IPEndPoint(IPAddress.Parse(Block + ".1"), 0));
        return this;
    }

    /// <summary>Adds a backend that is no container.</summary>
    public IPEndPoint AddTarget(string name, int port = BackendPort) =>
        AddTarget(name, new IPEndPoint(IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"{Block}.{200 + _targets.Count}")), port));

    /// <summary>Adds a backend that is no container at an address of its own.</summary>
    public IPEndPoint AddTarget(string name, IPEndPoint address)
    {
        _targets.Add(name, address);
        _backends[name] = new EchoBackend(name, address, Manner.Echo);
        return address;
    }

    /// <summary>Where a backend that is no container listens.</summary>
    public IPEndPoint TargetOf(string name) => _targets[name];

    /// <summary>Puts a file into the directory of passwords and certificates, where labels find it.</summary>
    public Stage OperatorFile(string name, string text)
    {
        _directory.Write(name, text);
        Scenario.Files = new OperatorFileReader(_directory.Path, _directory.Path, "templater");
        return this;
    }

    /// <summary>Where a file or folder lies that the proxy can read.</summary>
    public string PathOf(string name) => _directory[name];

    /// <summary>Has nginx load its stream module where that is a file of its own.</summary>
    public Stage WithStreamModule()
    {
        if (IsNginx)
            _directory.Write("main.d/stream.conf", StreamModule.Load);
        return this;
    }

    /// <summary>Puts a file into one of the folders auth, vhost.d and certs, or beside them.</summary>
    public Stage HostFile(string name, string text)
    {
        _directory.Write(name, text);
        foreach (var folder in new[] { "auth", "vhost.d", "certs" })
            Directory.CreateDirectory(_directory[folder]);
        Scenario.Files = new OperatorFileReader(_directory["auth"], _directory["certs"], "templater") { VhostDirectory = _directory["vhost.d"], NginxDirectory = _directory.Path };
        return this;
    }

    /// <summary>Adds a container where nobody listens yet.</summary>
    /// <returns>Where somebody may listen.</returns>
    public IPEndPoint AddContainer(string name, params (string Key, string Value)[] labels)
    {
        Scenario.Add(name, labels);
        var address = string.Create(CultureInfo.InvariantCulture, $"{Block}.{1 + Scenario.Snapshot.Containers.Length}");
        Scenario.Change(name, container => container with { Endpoints = [new Endpoint { NetworkName = "front", NetworkId = "net1", IPv4 = address }] });
        return new IPEndPoint(IPAddress.Parse(address), BackendPort);
    }

    /// <summary>Adds a certificate for names, in the forms of both proxies.</summary>
    public Stage Certificate(params string[] names) => Certificate(names, TestCertificates.Make(Scenario.Now.AddDays(-1), Scenario.Now.AddDays(60), names));

    /// <summary>Adds a certificate with an RSA key.</summary>
    public Stage RsaCertificate(params string[] names) => Certificate(names, TestCertificates.MakeRsa(names));

    private Stage Certificate(string[] names, (string Chain, string Key) pair)
    {
        var name = names[0].Replace('*', '_');
        var (chain, key) = pair;
        _directory.Write(name + ".crt", chain);
        _directory.Write(name + ".key", key);
        _directory.Write($"haproxy/{name}.pem", chain + key);
        if (IsNginx)
            Scenario.Certificate(_directory.Path, name + ".crt", name + ".key", names);
        else
            Scenario.Certificate(_directory.Path, $"haproxy/{name}.pem", $"haproxy/{name}.pem", names);
        return this;
    }

    /// <summary>Renders, has the proxy check the file, and starts it.</summary>
    public async Task<Stage> StartAsync()
    {
        var file = Scenario.File(ProxyName);
        Config = Adapted(System.Text.Encoding.UTF8.GetString(file.Content.Span));
        foreach (var side in file.SideFiles)
            _directory.Write(side.Name, System.Text.Encoding.UTF8.GetString(side.Content.Span));
        if (IsNginx)
        {
            await RealChecker.AcceptsNginx(Config);
            var path = _directory.Write("nginx.conf", Config);
            _directory.Write("http.d/test.conf", $"client_body_temp_path {_directory["body"]}; proxy_temp_path {_directory["proxy"]};\n");
            _process = RealProxy.Start(ProxyName, "-e", "stderr", "-p", _directory.Path, "-c", path, "-g", $"daemon off; pid {_directory["nginx.pid"]};");
        }
        else
        {
            await RealChecker.AcceptsHAProxy(Config);
            _process = RealProxy.Start(ProxyName, "-W", "-db", "-S", MasterSocket, "-f", _directory.Write("haproxy.cfg", Config));
        }

        await RealProxy.WaitForAsync(HttpPort);
        // The master's socket comes last.
        if (!IsNginx)
            await RealProxy.WaitForAsync(new UnixDomainSocketEndPoint(MasterSocket));
        return this;
    }

    /// <summary>Sends one request, to which <c>Connection: close</c> and an empty line are added, and reads the answer.</summary>
    public async Task<Answer> AskAsync(string request, string from = "127.0.0.1", bool secure = false, string? serverName = null)
    {
        await using var connection = await RawConnection.OpenAsync(secure ? HttpsPort : HttpPort, from, serverName);
        await connection.SendAsync(request.TrimEnd('\r', '\n').Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\nConnection: close\r\n\r\n");
        return await connection.ReadAsync(request.StartsWith("HEAD ", StringComparison.Ordinal));
    }

    /// <summary>A plain GET.</summary>
    public Task<Answer> GetAsync(string host, string target = "/", string headers = "", string from = "127.0.0.1") =>
        AskAsync($"GET {target} HTTP/1.1\nHost: {host}\n{headers}", from);

    /// <summary>A GET over TLS, with the host as server name.</summary>
    public Task<Answer> GetSecurelyAsync(string host, string target = "/", string headers = "") =>
        AskAsync($"GET {target} HTTP/1.1\nHost: {host}\n{headers}", secure: true, serverName: host.Split(':')[0]);

    // The engine's name server is there for containers alone; and what was asked is asked again earlier than in real life.
    private string Adapted(string config)
    {
        if (_hasOneWorker)
            config = config.Replace("worker_processes auto;", "worker_processes 1;", StringComparison.Ordinal).Replace("\nglobal\n", "\nglobal\n    nbthread 1\n", StringComparison.Ordinal);
        config = config.Replace("/usr/share/nginx/html", _directory["html"], StringComparison.Ordinal);
        return _names is null ? config : config
            .Replace("nameserver engine 127.0.0.11:53", $"nameserver engine {_names.Address}", StringComparison.Ordinal)
            .Replace("resolver 127.0.0.11 valid=5s", $"resolver {_names.Address} valid=1s", StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        if (_names is not null)
            await _names.DisposeAsync();
        _process?.Dispose();
        foreach (var backend in _backends.Values)
            await backend.DisposeAsync();
        _directory.Dispose();
    }
}
