using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>From empty volumes to https for a labelled container: a real CA, a real DNS server, a real proxy without the socket, and each way to answer a challenge.</summary>
public sealed class FirstCertificateTests
{
    private const string Shop = "shop." + PublicSite.Zone;

    // One at a time: neighbours are of different proxies.
    private const int Parts = 9;

    private static IEnumerable<TestCaseData> Ways() => Rotation.Of<TestCaseData>(
    [
        new("nginx", "stateless", "pebble"), new("haproxy", "listener", "pebble"), new("nginx", "webroot", "pebble"), new("haproxy", "dns-01", "pebble"), new("nginx", "stateless", "caddy"),
        new("haproxy", "stateless", "pebble"), new("nginx", "listener", "pebble"), new("haproxy", "dns-01", "caddy"), new("nginx", "dns-01", "pebble"),
    ], Parts);

    [Test, CancelAfter(180_000)]
    [TestCaseSource(nameof(Ways))]
    public async Task FromEmptyVolumesToHttps(string template, string form, string authority, CancellationToken cancellationToken)
    {
        await using var site = await PublicSite.OpenAsync(template, authority, cancellationToken);
        await site.StartByAsync(form, form == "dns-01" ? [.. site.DnsProvider, "-e", "TEMPLATER_ACME_CHALLENGE=dns-01"] : []);
        var name = form == "dns-01" ? "*." + PublicSite.Zone : Shop;
        var shop = await site.Stage.StartWebAsync("shop", "-l", "templater.host=" + name);

        await site.WaitForHttpsAsync(Shop, shop);

        await site.Client.WaitForStatusAsync(Shop, 308);
        Assert.That(await site.Stage.Engine.RunAsync("exec", Stage.TemplaterName, "templater", "certs"), Does.StartWith($"{name}: "));
        Assert.That(await site.Stage.Engine.RunAsync("inspect", "-f", "{{range .Mounts}}{{.Source}} {{end}}", Stage.ProxyName), Does.Not.Contain(".sock"));
        if (site.Authority is Pebble pebble)
            Assert.That(pebble.Validations, Is.Not.Empty.And.All.True);
        var log = await site.Stage.LogsAsync();
        Assert.That(log, Does.Not.Match("(?m)^[0-9:]+ (error|warning) "));
    }
}
