using Templater.Cli.Tests.Faults;
using Templater.Testing;

namespace Templater.Cli.Tests.Certificates;

/// <summary>
/// Certificates of a minute, and one that its authority wants to be renewed, under a constant load of TLS connections. It takes two
/// minutes of waiting, so it goes on beside the other tests of this project, and begins early: the folder comes first.
/// </summary>
[Platform("Linux")]
public sealed class RenewalLoadTests
{
    private const string Minute = "minute.example.test";

    private static readonly TimeSpan Time = TimeSpan.FromMinutes(2);

    [Test, CancelAfter(300_000)]
    public async Task NoHandshakeFailsWhileHAProxyIsGivenNewCertificatesWithoutAReload(CancellationToken cancellationToken)
    {
        await using var bench = await AcmeBench.OpenAsync(FaultProxy.HAProxy, cancellationToken);
        using var root = await bench.Pebble.RootCertificateAsync(cancellationToken);
        await using var authority = new AcmeFaultProxy(bench.Pebble.Transport, bench.Pebble.Port) { Fault = AcmeFaultProxy.AskedAgainSoon };
        bench.Settings([$"acme_ca: {authority.DirectoryUrl}"]);
        bench.Add("minute", Minute, ("templater.acme.profile", "tiny"));
        bench.Add("wished", AcmeBench.Host);
        await bench.StartAsync(cancellationToken);
        using var first = await bench.HttpsAsync(root, cancellationToken, Minute);
        using var wished = await bench.HttpsAsync(root, cancellationToken);
        var reloads = await bench.Proxy.ReloadsAsync();

        await using var loads = new TlsLoads(bench.Load(Minute, root), bench.Load(AcmeBench.Host, root));
        await bench.Pebble.WantRenewalAsync(wished.ExportCertificatePem(), cancellationToken);
        await Task.Delay(Time, cancellationToken);
        await loads.EndAsync(Time);

        Assert.Multiple(() =>
        {
            Assert.That(loads[0].Serials, Has.Count.GreaterThanOrEqualTo(3), bench.Run.Log);
            Assert.That(loads[1].Serials, Has.Count.GreaterThanOrEqualTo(2), bench.Run.Log);
            Assert.That(bench.Pebble.Validations, Has.Count.GreaterThanOrEqualTo(5).And.All.True);
            Assert.That(bench.Run.Log, Does.Not.Contain(" error ").And.Not.Contain(" warning "));
        });
        Assert.That(await bench.Proxy.ReloadsAsync(), Is.EqualTo(reloads));
    }
}
