using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>
/// Certificates of a minute, by http-01 in each of its three forms and by dns-01, and one that its CA wants to be renewed again and again,
/// under a constant load of TLS connections, for ten minutes and for two. One form for two minutes, without containers, is
/// <c>RenewalLoadTests</c> of Templater.Cli.Tests.
/// </summary>
// The last one by its name, when other projects have ended: a certificate of a minute leaves no time to wait for a processor.
[NonParallelizable]
public sealed class ZeroDowntimeRenewalTests
{
    private const string Minute = "minute." + PublicSite.Zone;
    private const string Wished = "wished." + PublicSite.Zone;
    private const string Wild = "any.wild." + PublicSite.Zone;
    private const string Tiny = "templater.acme.profile=tiny";

    private static readonly TimeSpan BetweenWishes = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private static IEnumerable<TestCaseData> InTheFullTier => Rotation.IsFullTier ? [new(10, "webroot", "stateless"), new(2, "listener", "listener")] : [];

    // Both proxies at the same time: they take their minutes.
    [Test, CancelAfter(900_000)]
    [TestCaseSource(nameof(InTheFullTier))]
    public async Task NoHandshakeFailsWhileCertificatesAreRenewed(int minutes, string nginxForm, string haproxyForm, CancellationToken cancellationToken)
    {
        await using var nginx = await RenewedSite.StartAsync("nginx", nginxForm, cancellationToken);
        await using var haproxy = await RenewedSite.StartAsync("haproxy", haproxyForm, cancellationToken);
        RenewedSite[] sites = [nginx, haproxy];
        var time = TimeSpan.FromMinutes(minutes);
        for (var left = time; left > TimeSpan.Zero; left -= BetweenWishes)
        {
            await Task.Delay(BetweenWishes / 2, cancellationToken);
            foreach (var site in sites)
                await site.WishAsync(cancellationToken);
            await Task.Delay(BetweenWishes / 2, cancellationToken);
        }

        foreach (var site in sites)
            await site.EndAsync(minutes);
        Assert.That(await haproxy.WorkersAsync(), Is.EqualTo(haproxy.Workers), "no reload");
    }

    /// <summary>A proxy that serves certificates which are renewed again and again.</summary>
    private sealed class RenewedSite : IAsyncDisposable
    {
        private readonly PublicSite _site;
        private readonly AcmeFaultProxy _authority;
        private readonly TlsLoads _loads;

        private RenewedSite(PublicSite site, AcmeFaultProxy authority) =>
            (_site, _authority, _loads) = (site, authority, new TlsLoads(site.Load(Minute), site.Load(Wished), site.Load(Wild)));

        /// <summary>Of HAProxy when the load began.</summary>
        public string Workers { get; private init; } = "";

        private Pebble Pebble => (Pebble)_site.Authority;

        public static async Task<RenewedSite> StartAsync(string template, string form, CancellationToken cancellationToken)
        {
            var site = await PublicSite.OpenAsync(template, "pebble", cancellationToken);
            AcmeFaultProxy? authority = null;
            try
            {
                var pebble = (Pebble)site.Authority;
                authority = new AcmeFaultProxy(pebble.Transport, pebble.Port, site.Address) { Fault = AcmeFaultProxy.AskedAgainSoon };
                site.DirectoryUrl = authority.DirectoryUrl;
                await site.StartByAsync(form, site.DnsProvider);
                await WaitForHttpsAsync(site, Minute, "minute", "-l", "templater.host=" + Minute, "-l", Tiny);
                await WaitForHttpsAsync(site, Wished, "wished", "-l", "templater.host=" + Wished);
                await WaitForHttpsAsync(site, Wild, "wild", "-l", "templater.host=*.wild." + PublicSite.Zone, "-l", Tiny, "-l", "templater.acme.challenge=dns-01");
                return new RenewedSite(site, authority) { Workers = template == "haproxy" ? await LastWorkerAsync(site, cancellationToken) : "" };
            }
            catch
            {
                if (authority is not null)
                    await authority.DisposeAsync();
                await site.DisposeAsync();
                throw;
            }
        }

        /// <summary>The CA wants one of them to be renewed now.</summary>
        public Task WishAsync(CancellationToken cancellationToken) => Pebble.WantRenewalAsync(_loads[1].Latest!, cancellationToken);

        public Task<string> WorkersAsync() => _site.Stage.WorkersAsync();

        public async Task EndAsync(int minutes)
        {
            await _loads.EndAsync(TimeSpan.FromMinutes(minutes));
            Assert.Multiple(() =>
            {
                Assert.That(_loads[0].Serials, Has.Count.GreaterThanOrEqualTo(minutes));
                Assert.That(_loads[1].Serials, Has.Count.GreaterThanOrEqualTo(Math.Max(2, minutes / 3)));
                Assert.That(_loads[2].Serials, Has.Count.GreaterThanOrEqualTo(minutes));
                Assert.That(Pebble.Validations, Has.Count.GreaterThanOrEqualTo(2 * minutes).And.All.True);
            });
            Assert.That(await _site.Stage.LogsAsync(), Does.Not.Match("(?m)^[0-9:]+ (error|warning) "));
        }

        public async ValueTask DisposeAsync()
        {
            await _loads.DisposeAsync();
            await _authority.DisposeAsync();
            await _site.DisposeAsync();
        }

        // The hosts came by reloads, and those before it may still end their connections.
        private static async Task<string> LastWorkerAsync(PublicSite site, CancellationToken cancellationToken)
        {
            while (true)
            {
                if (await site.Stage.WorkersAsync() is var workers && workers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == 1)
                    return workers;
                await Task.Delay(Poll, cancellationToken);
            }
        }

        private static async Task WaitForHttpsAsync(PublicSite site, string host, string container, params string[] labels) =>
            await site.WaitForHttpsAsync(host, await site.Stage.StartWebAsync(container, labels));
    }
}
