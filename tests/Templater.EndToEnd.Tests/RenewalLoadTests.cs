using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>
/// Certificates of a minute, by http-01 and dns-01, and one that its CA wants to be renewed again and again, for ten minutes under a
/// constant load of TLS connections. One form for two minutes, without containers, is <c>RenewalLoadTests</c> of Templater.Cli.Tests.
/// </summary>
/// <param name="template">The proxy.</param>
[TestFixture("nginx")]
[TestFixture("haproxy")]
public sealed class RenewalLoadTests(string template)
{
    private const string Minute = "minute." + PublicSite.Zone;
    private const string Wished = "wished." + PublicSite.Zone;
    private const string Wild = "any.wild." + PublicSite.Zone;
    private const string Tiny = "templater.acme.profile=tiny";

    private static readonly TimeSpan BetweenWishes = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private static IEnumerable<int> InTheFullTier => Rotation.IsFullTier ? [10] : [];

    [Test, CancelAfter(900_000)]
    [TestCaseSource(nameof(InTheFullTier))]
    public async Task NoHandshakeFailsWhileCertificatesAreRenewed(int minutes, CancellationToken cancellationToken)
    {
        await using var site = await PublicSite.OpenAsync(template, "pebble", cancellationToken);
        var pebble = (Pebble)site.Authority;
        await using var authority = new AcmeFaultProxy(pebble.Transport, pebble.Port, site.Address) { Fault = AcmeFaultProxy.AskedAgainSoon };
        site.DirectoryUrl = authority.DirectoryUrl;
        // HAProxy serves no files.
        string[] form = template == "nginx" ? ["-v", "webroot:/webroot", "-e", "TEMPLATER_ACME_WEBROOT=/webroot"] : [];
        await site.StartAsync([.. form, .. site.DnsProvider], template == "nginx" ? ["-v", "webroot:/webroot:ro"] : []);
        await WaitForHttpsAsync(site, Minute, "minute", "-l", "templater.host=" + Minute, "-l", Tiny);
        await WaitForHttpsAsync(site, Wished, "wished", "-l", "templater.host=" + Wished);
        await WaitForHttpsAsync(site, Wild, "wild", "-l", "templater.host=*.wild." + PublicSite.Zone, "-l", Tiny, "-l", "templater.acme.challenge=dns-01");
        var workers = template == "haproxy" ? await LastWorkerAsync(site, cancellationToken) : "";

        var time = TimeSpan.FromMinutes(minutes);
        await using var loads = new TlsLoads(site.Load(Minute), site.Load(Wished), site.Load(Wild));
        for (var left = time; left > TimeSpan.Zero; left -= BetweenWishes)
        {
            await Task.Delay(BetweenWishes / 2, cancellationToken);
            await pebble.WantRenewalAsync(loads[1].Latest!, cancellationToken);
            await Task.Delay(BetweenWishes / 2, cancellationToken);
        }

        await loads.EndAsync(time);

        Assert.Multiple(() =>
        {
            Assert.That(loads[0].Serials, Has.Count.GreaterThanOrEqualTo(minutes));
            Assert.That(loads[1].Serials, Has.Count.GreaterThanOrEqualTo(minutes / 3));
            Assert.That(loads[2].Serials, Has.Count.GreaterThanOrEqualTo(minutes));
            Assert.That(pebble.Validations, Has.Count.GreaterThanOrEqualTo(2 * minutes).And.All.True);
        });
        Assert.That(await site.Stage.LogsAsync(), Does.Not.Match("(?m)^[0-9:]+ (error|warning) "));
        if (template == "haproxy")
            Assert.That(await site.Stage.WorkersAsync(), Is.EqualTo(workers), "no reload");
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
