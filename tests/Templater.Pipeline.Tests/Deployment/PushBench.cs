using System.Net;
using System.Net.Sockets;
using System.Text;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>
/// An output that is pushed to Centauri, on a port of its own; the times of the protocol are those of the description. On a busy machine a client
/// is back late.
/// </summary>
internal sealed class PushBench : IAsyncDisposable
{
    /// <summary>Who is back later than that has refused nothing.</summary>
    public static readonly TimeSpan ToRedial = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<CentauriClient> _clients = [];
    private readonly Task _debt;

    public PushBench(TempDirectory directory, IPEndPoint? address = null, CentauriListeners? listeners = null, CentauriTimes? times = null)
    {
        Directory = directory;
        Address = address ?? FreeAddress();
        Listeners = listeners ?? new CentauriListeners(TimeProvider.System) { Times = times ?? new CentauriTimes { ToRedial = ToRedial } };
        var output = new OutputDefinition { Name = "centauri", Kind = ProxyKind.Centauri, Template = "centauri", Path = Path };
        Deployer = new DeployerFactory(StateDirectory.Open(directory["state"]), null, TimeProvider.System) { Listeners = Listeners }
            .Create(output, new DeploymentSettings { Reload = new ReloadSpec.Push(Address), ReloadInterval = TimeSpan.FromMilliseconds(50) }, Outcomes.Add);
        _debt = Deployer.RunDebtAsync(_stop.Token);
    }

    public TempDirectory Directory { get; }

    public IPEndPoint Address { get; }

    public CentauriListeners Listeners { get; }

    public Deployer Deployer { get; }

    public List<DeployOutcome> Outcomes { get; } = [];

    public string Path => Directory["centauri.conf"];

    /// <summary>A port that nobody listens on.</summary>
    public static IPEndPoint FreeAddress()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    /// <summary>A configuration that Centauri takes.</summary>
    public static string Routes(string name) => $"route {name}.example\n    upstream {name}:80\n";

    public CentauriClient Connect(CentauriClient.Options? options = null)
    {
        var client = CentauriClient.Start(Address, options);
        _clients.Add(client);
        return client;
    }

    public Task<DeployOutcome> DeployAsync(string text) => Deployer.DeployAsync(Rendered(text), "test", CancellationToken.None);

    public RenderedFile Rendered(string text)
    {
        var content = Encoding.UTF8.GetBytes(text);
        return new RenderedFile { Output = "centauri", Path = Path, Generation = ContentHash.Of(content)[..16], Content = content };
    }

    /// <summary>Ends it, and with it the listener unless that is to stay.</summary>
    public async Task EndAsync(bool listenerStays)
    {
        await _stop.CancelAsync();
        try
        {
            await _debt;
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }

        Deployer.Dispose();
        if (!listenerStays)
            Listeners.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
        await EndAsync(listenerStays: false);
        _stop.Dispose();
    }
}
