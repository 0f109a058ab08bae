using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Templater.Docker.Wire;
using Templater.Pipeline.Tests.Inventory;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>
/// A connection through a Swarm's virtual address is forgotten after 15 minutes of silence: on the wire the proxy's own probes must
/// come earlier. No virtual address carries anything here; the configuration is the one for it, and a silent application stands there.
/// </summary>
[TestFixture(Stage.NginxName)]
[TestFixture(Stage.HAProxyName)]
[Platform("Linux")]
public sealed partial class KeepaliveTrafficTests(string proxy)
{
    private const int Attempts = 100;

    [Test, CancelAfter(30_000)]
    public async Task AnIdleConnectionToAVirtualAddressIsKeptAlive(CancellationToken cancellationToken)
    {
        await using var stage = new Stage(proxy);
        var address = stage.AddContainer("silent");
        using var silent = new TcpListener(address);
        silent.Start();
        var service = GivenSwarm.Service("shop", ("templater.host", "shop.example.com"), ("templater.endpoints", "vip"), ("templater.port", "8080")) with
        {
            Endpoint = new ServiceEndpoint { VirtualIPs = [new ServiceAddress { NetworkID = "id-front", Addr = address.Address + "/24" }] },
        };
        stage.Scenario.Add(GivenSwarm.Merged([service], [GivenSwarm.Task("shop", 1)]));
        await stage.StartAsync();
        await using var client = await RawConnection.OpenAsync(stage.HttpPort);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: shop.example.com\r\n\r\n");
        using var upstream = await silent.AcceptSocketAsync(cancellationToken);
        Assert.That(await upstream.ReceiveAsync(new byte[65536], cancellationToken), Is.Positive, "the request came");

        // HAProxy is told its own time; nginx has the kernel's, which is the sysctl of the sample's proxy.
        var longest = stage.IsNginx ? int.Parse((await File.ReadAllTextAsync("/proc/sys/net/ipv4/tcp_keepalive_time", cancellationToken)).Trim(), null) : 300;
        Assert.That(await SecondsUntilProbeAsync((IPEndPoint)upstream.RemoteEndPoint!, cancellationToken), Is.InRange(longest / 2, longest));
    }

    // What the kernel does next with the proxy's end of the connection: timer:(keepalive,4min59sec,0) once the request is acknowledged.
    private static async Task<double> SecondsUntilProbeAsync(IPEndPoint end, CancellationToken cancellationToken)
    {
        var told = "";
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            told = (await ChildProcess.RunAsync("ss", ["-tnoH", "state", "established", "src", end.ToString()], cancellationToken: cancellationToken)).MustSucceed().Output;
            if (Timer().Match(told) is { Success: true } timer)
                return Number(timer, "h") * 3600 + Number(timer, "m") * 60 + Number(timer, "s");
            await Task.Delay(50, cancellationToken);
        }

        throw new AssertionException("no keepalive: " + told);
    }

    private static double Number(Match timer, string unit) =>
        timer.Groups[unit] is { Success: true } group ? double.Parse(group.Value, System.Globalization.CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"timer:\(keepalive,(?:(?<h>\d+)hour)?(?:(?<m>\d+)min)?(?:(?<s>[\d.]+)sec)?,")]
    private static partial Regex Timer();
}
