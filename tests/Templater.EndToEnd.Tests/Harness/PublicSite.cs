using System.Net;
using System.Security.Cryptography.X509Certificates;
using Templater.Testing;

namespace Templater.EndToEnd.Tests.Harness;

/// <summary>
/// A stage as the Internet sees it, with a real CA and a real DNS server: all names of a zone lead to an address of this machine, where
/// ports 80 and 443 of the proxy are published. It is that of the network <c>back</c>, which is Templater's.
/// </summary>
internal sealed class PublicSite : IAsyncDisposable
{
    /// <summary>The zone of all names.</summary>
    public const string Zone = KnotServer.Zone;

    private const string Bundle = "authority.pem";
    private const string Trusted = "/trusted";

    // Of HAProxy's image: it reads the keys, and owns the master socket.
    private const string ProxyGroup = "99";

    // Who is asked about a name asks for CAA records up to the root, and this server knows nothing above the zone. Caddy names no identity.
    private const string PebbleIdentity = "pebble.letsencrypt.org";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _template;
    private readonly KnotServer _dns;
    private readonly TempDirectory _trusted = new("templater-trusted-");

    private PublicSite(string template, Stage stage, IPAddress address, KnotServer dns, ITestAuthority authority, X509Certificate2 root)
    {
        (_template, Stage, Address, _dns, Authority, Root) = (template, stage, address, dns, authority, root);
        _trusted.Write(Bundle, authority.Bundle);
        // Templater's user reads it.
        File.SetUnixFileMode(_trusted.Path, (UnixFileMode)0b111_101_101);
        Client = new SiteClient(address.ToString(), trusted: root);
        DirectoryUrl = authority.DirectoryUrl;
        stage.MasterSocketLevel = "admin";
    }

    public Stage Stage { get; }

    /// <summary>Where all names lead.</summary>
    public IPAddress Address { get; }

    public ITestAuthority Authority { get; }

    /// <summary>Where Templater finds it, or what stands in front of it.</summary>
    public Uri DirectoryUrl { get; set; }

    /// <summary>The root that it signs with.</summary>
    public X509Certificate2 Root { get; }

    /// <summary>Asks as a browser that trusts <see cref="Root"/> alone.</summary>
    public SiteClient Client { get; }

    /// <summary>Options of <c>docker run</c> that let Templater prove names by records at the DNS server.</summary>
    public string[] DnsProvider =>
    [
        "-e", "TEMPLATER_ACME_DNS=rfc2136", "-e", $"RFC2136_NAMESERVER={_dns.EndPoint}", "-e", "RFC2136_TSIG_KEY=hmac-sha256.key.",
        "-e", "RFC2136_TSIG_ALGORITHM=hmac-sha256.", "-e", "RFC2136_TSIG_SECRET=" + KnotServer.Secret,
    ];

    /// <param name="template">Whose proxy it is: <c>nginx</c> or <c>haproxy</c>.</param>
    /// <param name="authority">Which CA: <c>pebble</c> or <c>caddy</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<PublicSite> OpenAsync(string template, string authority, CancellationToken cancellationToken)
    {
        var stage = await Stage.OpenAsync();
        KnotServer? dns = null;
        ITestAuthority? ca = null;
        try
        {
            var address = IPAddress.Parse(await stage.Engine.RunAsync("network", "inspect", "-f", "{{range .IPAM.Config}}{{.Gateway}}{{end}}", "back"));
            dns = await KnotServer.StartAsync($"@ A {address}\n* A {address}\n@ CAA 0 issue \"{PebbleIdentity}\"", new IPEndPoint(address, 53));
            ca = authority == "caddy"
                ? await CaddyAuthority.StartAsync(address, dns.EndPoint.Address, cancellationToken)
                : await Pebble.StartAsync(new PebbleOptions { Address = address, Resolver = dns.EndPoint, HttpPort = 80 }, cancellationToken);
            return new PublicSite(template, stage, address, dns, ca, await ca.RootCertificateAsync(cancellationToken));
        }
        catch
        {
            if (ca is not null)
                await ca.DisposeAsync();
            dns?.Dispose();
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts both, so that challenges are answered in a form.</summary>
    /// <param name="form"><c>stateless</c>, <c>webroot</c> or <c>listener</c> for http-01, anything else for what the options say.</param>
    /// <param name="templater">More options of Templater's <c>docker run</c>.</param>
    public Task StartByAsync(string form, params string[] templater)
    {
        string[] settings = form switch
        {
            "webroot" => ["-v", "webroot:/webroot", "-e", "TEMPLATER_ACME_WEBROOT=/webroot"],
            "listener" => ["--network", "front", "-e", "TEMPLATER_ACME_LISTEN=:8402"],
            _ => [],
        };
        return StartAsync([.. settings, .. templater], form == "webroot" ? ["-v", "webroot:/webroot:ro"] : []);
    }

    /// <summary>Starts Templater with the README's settings for certificates, then the proxy without the engine's socket, and waits until that answers.</summary>
    /// <param name="templater">More options of Templater's <c>docker run</c>.</param>
    /// <param name="proxy">More options of the proxy's.</param>
    private async Task StartAsync(string[] templater, string[] proxy)
    {
        string[] haproxy = ["--group-add", ProxyGroup, "-e", "TEMPLATER_CERTS_GROUP=" + ProxyGroup, "-e", "TEMPLATER_RELOAD=haproxy:/run/templater/master.sock"];
        await Stage.StartTemplaterAsync(_template,
        [
            .. templater.Contains("--network") ? Array.Empty<string>() : ["--network", "back"], "--dns", Address.ToString(), "-v", $"{_trusted.Path}:{Trusted}:ro",
            "-e", "TEMPLATER_ACME_EMAIL=ops@example.com", "-e", $"TEMPLATER_ACME_CA={DirectoryUrl}", "-e", $"TEMPLATER_ACME_CA_BUNDLE={Trusted}/{Bundle}",
            // Where none is asked for, Pebble takes one by chance.
            .. Authority is Pebble ? ["-e", "TEMPLATER_ACME_PROFILE=classic"] : Array.Empty<string>(), .. _template == "haproxy" ? haproxy : [], .. templater,
        ]);
        await Stage.RunProxyAsync(_template, ["-p", $"{Address}:80:80", "-p", $"{Address}:443:443", .. proxy]);
        await Client.WaitForAsync("nobody." + Zone, static answer => answer.Status != 0);
    }

    /// <summary>Waits until a name is answered by https with a chain that leads to <see cref="Root"/>, by this backend.</summary>
    public async Task WaitForHttpsAsync(string host, string body)
    {
        try
        {
            await Client.WaitForAsync(host, answer => answer == new Answer(200, body), Patience, scheme: "https");
        }
        catch (AssertionException exception)
        {
            throw new AssertionException($"{exception.Message}\n{await Stage.LogsAsync()}", exception);
        }
    }

    /// <summary>A constant load of verified TLS connections.</summary>
    public TlsLoad Load(string host) => TlsLoad.Start(new IPEndPoint(Address, 443), host, Root);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Stage.DisposeAsync();
        await Authority.DisposeAsync();
        _dns.Dispose();
        Root.Dispose();
        _trusted.Dispose();
    }
}
