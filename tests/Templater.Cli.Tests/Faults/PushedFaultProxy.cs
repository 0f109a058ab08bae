using System.Net;
using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

/// <summary>Centauri that fetches its configuration over the network, started anew by its engine whenever it ends.</summary>
/// <param name="directory">That of the site.</param>
internal sealed class PushedFaultProxy(string directory) : FaultProxy(PushedCentauri, "", directory)
{
    private static readonly TimeSpan BeforeRestart = TimeSpan.FromMilliseconds(200);
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private volatile CentauriClient? _client;

    /// <summary>What it takes.</summary>
    public Func<string, bool> Takes { get; set; } = static _ => true;

    public override string Reload => $"push:127.0.0.1:{Port}";

    public override bool CanBeProven => false;

    public override void Start(string config)
    {
        _stop = new CancellationTokenSource();
        _running = RunAsync(_stop.Token);
    }

    public override void Kill()
    {
        _stop.Cancel();
        _running.GetAwaiter().GetResult();
    }

    public override Task<string?> AskAsync() => Task.FromResult(CentauriStandIn.WordOf(_client?.Routes));

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await using var client = CentauriClient.Start(new IPEndPoint(IPAddress.Loopback, Port), new CentauriClient.Options { Takes = text => Takes(text) });
            _client = client;
            await Task.WhenAny(client.Exited, Task.Delay(Timeout.Infinite, cancellationToken));
            _client = null;
            await Task.WhenAny(Task.Delay(BeforeRestart, cancellationToken));
        }
    }
}
