using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Tests.Certificates;
using Templater.Pipeline.Tests.Rendering;
using Templater.Pipeline.Tests.Rendering.Traffic;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment.Runtime;

/// <summary>A real HAProxy that is deployed to as in a run: containers come and go, and each set of them is rendered and deployed.</summary>
internal sealed partial class RuntimeStage : IAsyncDisposable
{
    public const string Host = "shop.example.com";

    private static int _lastStage;

    private readonly TempDirectory _directory = new("tpl-");
    private readonly Dictionary<string, Replica> _replicas = new(StringComparer.Ordinal);
    private readonly HashSet<string> _live = new(StringComparer.Ordinal);
    private readonly int _number = Interlocked.Increment(ref _lastStage);
    private readonly Scenario _scenario;
    private readonly OutputRenderer _renderer;
    private SlotAssignment _slots = SlotAssignment.Empty;
    private readonly Deployer _deployer;
    private RealProxy? _proxy;

    public RuntimeStage()
    {
        RealProxy.Require("haproxy");
        _scenario = new Scenario
        {
            IsToldAtRunTime = true,
            Proxy = new ProxySettings { AccessLog = false, ConfigDirectory = _directory.Path, CertsDirectory = _directory.Path },
            Policy = new RoutingPolicy { HttpPort = Stage.FreePort(), HttpsPort = Stage.FreePort() },
        };
        Directory.CreateDirectory(_directory["haproxy"]);
        _renderer = _scenario.Renderer("haproxy");
        _deployer = NewDeployer();
    }

    public int Port => _scenario.Policy.HttpPort;

    public int SecurePort => _scenario.Policy.HttpsPort;

    public Scenario Scenario => _scenario;

    public Deployer Deployer => _deployer;

    public string Socket => _directory["m.sock"];

    public HAProxyMaster Master => new(Socket, TimeProvider.System);

    public string Config => _directory.Read("haproxy.cfg");

    /// <summary>Labels that every replica has beside its host.</summary>
    public ImmutableArray<(string Key, string Value)> Labels { get; set; } = [];

    /// <summary>Gives replicas other hosts while they run, as an update of a Swarm's service does.</summary>
    public void Name(string hosts, params string[] replicas)
    {
        foreach (var replica in replicas)
            _scenario.Change(replica, container => container with { Labels = container.Labels.SetItem("templater.host", hosts) });
    }

    /// <summary>What a host answers; with a certificate for it, where it is asked securely.</summary>
    public async Task<HttpStatusCode> AskAsync(string host, bool isSecure = false)
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            SslOptions = new SslClientAuthenticationOptions { TargetHost = host, RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 leaf && leaf.MatchesHostname(host) },
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{(isSecure ? "https" : "http")}://127.0.0.1:{(isSecure ? SecurePort : Port)}/")) { Headers = { Host = host } };
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    /// <summary>What plain http answers to a challenge for the host.</summary>
    public async Task<string> ChallengeAsync(string token)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{Port}/.well-known/acme-challenge/{token}")) { Headers = { Host = Host } };
        using var answer = await client.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>A replica that runs from now on; the proxy does not know it yet.</summary>
    public void Come(string name)
    {
        if (!_scenario.Snapshot.Containers.Any(container => container.Name == name))
        {
            _scenario.Add(name, [("templater.host", Host), .. Labels]);
            var address = string.Create(CultureInfo.InvariantCulture, $"127.{1 + (Environment.ProcessId % 250)}.{200 + (_number % 50)}.{_scenario.Snapshot.Containers.Length}");
            _scenario.Change(name, container => container with { Endpoints = [container.Endpoints[0] with { IPv4 = address }] });
        }

        var endpoint = _scenario.Snapshot.Containers.Single(container => container.Name == name).Endpoints[0];
        _replicas[name] = new Replica(new IPEndPoint(IPAddress.Parse(endpoint.IPv4), 8080));
        _live.Add(name);
    }

    /// <summary>A replica that is told to end; the proxy does not know it yet.</summary>
    /// <returns>When it has ended.</returns>
    public async Task GoAsync(string name)
    {
        _live.Remove(name);
        if (_replicas.Remove(name, out var replica))
            await replica.DisposeAsync();
    }

    /// <summary>Puts a new pair in the place of the one that is there.</summary>
    /// <param name="between">What stands between its blocks.</param>
    /// <param name="others">Names beside the host's.</param>
    /// <returns>The fingerprint that HAProxy tells of it.</returns>
    public string Renew(string between = "", params string[] others)
    {
        var (chain, key) = TestCertificates.Make(Scenario.Now.AddDays(-1), Scenario.Now.AddDays(60), [Host, .. others]);
        var file = _directory.Write($"haproxy/.{Host}", key + between + chain + "\n");
        File.Move(file, CertificateFile, overwrite: true);
        using var leaf = X509Certificate2.CreateFromPem(chain);
        return leaf.GetCertHashString();
    }

    /// <summary>Puts a pair of its own for a name into the folder.</summary>
    /// <param name="host">The name.</param>
    /// <param name="rest">What follows the pair in its file.</param>
    /// <returns>The fingerprint that HAProxy tells of it.</returns>
    public string Certify(string host, string rest = "")
    {
        var (chain, key) = TestCertificates.Make(Scenario.Now.AddDays(-1), Scenario.Now.AddDays(60), host);
        File.Move(_directory.Write($"haproxy/.{host}", chain + key + rest), CertificateFileOf(host), overwrite: true);
        using var leaf = X509Certificate2.CreateFromPem(chain);
        return leaf.GetCertHashString();
    }

    public string CertificateFileOf(string host) => _directory[$"haproxy/{host}.pem"];

    /// <summary>What HAProxy calls the list of the pairs in the folder.</summary>
    public string CertificateFolder => _directory["haproxy"];

    public string CertificateFile => CertificateFileOf(Host);

    /// <summary>Renders those that are there.</summary>
    public RenderedFile Render()
    {
        var all = _scenario.Snapshot;
        var snapshot = all with
        {
            Certificates = new CertificateDirectory(_directory.Path, TimeProvider.System).Read(CancellationToken.None).Pairs,
            Containers = [.. all.Containers.Where(container => _live.Contains(container.Name))],
            Slots = all.Slots.SetItem("haproxy", _slots),
        };
        var rendering = _renderer.Render(snapshot, _scenario.Policy, new ProxyHint.None(), CancellationToken.None);
        _slots = rendering.Routing.Slots;
        return rendering.File! with { Path = _directory["haproxy.cfg"] };
    }

    public Task<DeployOutcome> DeployAsync() => _deployer.DeployAsync(Render(), "test", CancellationToken.None);

    /// <summary>Deploys until it is live.</summary>
    public async Task<DeployOutcome> BecomeLiveAsync()
    {
        var outcome = await DeployAsync();
        for (var i = 0; i < 200 && outcome is DeployOutcome.Owed; i++)
        {
            await Task.Delay(25);
            _deployer.OnProxyStarted();
            outcome = await DeployAsync();
        }

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>().Or.InstanceOf<DeployOutcome.Unchanged>(), outcome.ToString());
        return outcome;
    }

    public async Task StartAsync(string level = "admin")
    {
        _proxy?.Dispose();
        File.Delete(Socket);
        _proxy = RealProxy.Start("haproxy", "-W", "-db", "-S", $"{Socket},level,{level}", "-f", _directory["haproxy.cfg"]);
        await RealProxy.WaitForAsync(Port);
        await RealProxy.WaitForAsync(new UnixDomainSocketEndPoint(Socket));
    }

    public void Stop()
    {
        _proxy?.Dispose();
        _proxy = null;
    }

    /// <summary>How often the master has reloaded.</summary>
    public async Task<int> ReloadsAsync()
    {
        var answer = await Master.SendAsync("show proc", TimeSpan.FromSeconds(5), CancellationToken.None);
        return int.Parse(MasterLine().Match(answer).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>What HAProxy has, in the fields that have to be the same after a restart.</summary>
    public Task<string> StateAsync() => StateOfAsync(Master);

    /// <summary>What a HAProxy has that starts from the file that lies there now.</summary>
    public async Task<string> FreshStateAsync()
    {
        var other = _directory["fresh.sock"];
        File.Delete(other);
        var port = Stage.FreePort();
        var config = Config.Replace($"bind :{Port}", $"bind :{port}", StringComparison.Ordinal).Replace($"bind :{_scenario.Policy.HttpsPort}", $"bind :{Stage.FreePort()}", StringComparison.Ordinal);
        using var fresh = RealProxy.Start("haproxy", "-W", "-db", "-S", $"{other},level,admin", "-f", _directory.Write("fresh.cfg", config));
        await RealProxy.WaitForAsync(port);
        await RealProxy.WaitForAsync(new UnixDomainSocketEndPoint(other));
        return await StateOfAsync(new HAProxyMaster(other, TimeProvider.System));
    }

    public async ValueTask DisposeAsync()
    {
        _deployer.Dispose();
        _proxy?.Dispose();
        foreach (var replica in _replicas.Values)
            await replica.DisposeAsync();
        _directory.Dispose();
    }

    private static async Task<string> StateOfAsync(HAProxyMaster master)
    {
        string[] lines = [];
        for (var i = 0; i < 200 && lines.Length < 2; i++, await Task.Delay(25))
            lines = (await ServersAsync(master)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var names = lines[1][2..].Split(' ');
        var state = new StringBuilder();
        foreach (var fields in lines[2..].Select(static line => line.Split(' ')))
        {
            foreach (var name in (string[])["be_name", "srv_name", "srv_addr", "srv_port", "srv_uweight", "srv_fqdn", "srv_use_ssl"])
                state.Append(fields[Array.IndexOf(names, name)]).Append(' ');
            state.Append((int.Parse(fields[Array.IndexOf(names, "srv_admin_state")], CultureInfo.InvariantCulture) & 0x3b) == 0 ? "ready\n" : "no traffic\n");
        }

        foreach (var (line, number) in HAProxyLists.Numbers(await master.SendAsync("@1 show acl", TimeSpan.FromSeconds(5), CancellationToken.None)).Where(static list => list.Key > 0).OrderBy(static list => list.Key))
        {
            var entries = HAProxyLists.Entries(await master.SendAsync($"@1 show acl #{number}", TimeSpan.FromSeconds(5), CancellationToken.None), 1)!.Value[0];
            state.AppendJoin(' ', entries.Order(StringComparer.Ordinal).Prepend($"line {line}:")).Append('\n');
        }

        // A pair is used when a list has it.
        foreach (var pair in HAProxyCertificates.Loaded(await master.SendAsync("@1 show ssl cert", TimeSpan.FromSeconds(5), CancellationToken.None))!.Order(StringComparer.Ordinal))
            state.Append(pair).AppendJoin("", PairFacts().Matches(await master.SendAsync("@1 show ssl cert " + pair, TimeSpan.FromSeconds(5), CancellationToken.None)).Select(static fact => "\n " + fact.Value)).Append('\n');
        return state.ToString();
    }

    // A master that has started its first worker executes itself anew, and is not there for a moment; then it answers before it knows the worker.
    private static async Task<string> ServersAsync(HAProxyMaster master)
    {
        try
        {
            return await master.SendAsync("@1 show servers state", TimeSpan.FromSeconds(5), CancellationToken.None);
        }
        catch (HAProxySocketException error) when (error.IsAbsent)
        {
            return "";
        }
    }

    private Deployer NewDeployer() => new DeployerFactory(StateDirectory.Open(_directory["state"]), null, TimeProvider.System).Create(
        new OutputDefinition { Name = "haproxy", Kind = ProxyKind.HAProxy, Template = "haproxy", Path = _directory["haproxy.cfg"] },
        new DeploymentSettings { Reload = ReloadSpec.Parse($"haproxy:{Socket}"), ReloadInterval = TimeSpan.Zero });

    [GeneratedRegex(@"master\s+(\d+)")]
    private static partial Regex MasterLine();

    [GeneratedRegex("(Status|SHA1 FingerPrint|Chain Subject): .*")]
    private static partial Regex PairFacts();
}
