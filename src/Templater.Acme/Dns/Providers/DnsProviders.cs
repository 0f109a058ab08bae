using System.Globalization;
using System.Net;

namespace Templater.Acme.Dns.Providers;

/// <summary>A variable of a provider's settings, under the name that lego documents.</summary>
/// <param name="Name">The name.</param>
/// <param name="Description">One line.</param>
public sealed record DnsProviderVariable(string Name, string Description)
{
    /// <summary>Another name that lego takes for it.</summary>
    public string? Alias { get; init; }

    /// <summary>Whether its value must never be shown.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether its value is base64, in which line breaks say nothing (RFC 2045 section 6.8).</summary>
    public bool IsBase64 { get; init; }
}

/// <summary>A provider of DNS that a setting can name.</summary>
/// <param name="Code">Its name in settings, as lego's.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Variables">Its settings. Who reads them takes <c>NAME_FILE</c> for each too.</param>
/// <param name="Create">Makes it.</param>
public sealed record DnsProvider(string Code, string Title, IReadOnlyList<DnsProviderVariable> Variables, Func<DnsProviderContext, ITxtRecords> Create);

/// <summary>What a provider is made of: its settings, and what it calls others with.</summary>
/// <param name="Read">The value of a variable, by its name; null or empty where it is not set.</param>
/// <param name="Http">Sends to APIs; must follow no redirects.</param>
/// <param name="Time">The clock.</param>
public sealed record DnsProviderContext(Func<string, string?> Read, HttpClient Http, TimeProvider Time)
{
    private const string RawMode = "RAW";

    /// <summary>A value; empty where it is not set.</summary>
    /// <exception cref="ArgumentException">It has a control character, as a file of two lines, which no header can take; it is not shown.</exception>
    internal string Text(DnsProviderVariable variable)
    {
        foreach (var name in variable.Alias is { } alias ? new[] { variable.Name, alias } : [variable.Name])
            if (Read(name) is { Length: > 0 } value)
            {
                var text = variable.IsBase64 ? string.Concat(value.Where(static c => !char.IsWhiteSpace(c))) : value;
                return !text.Any(char.IsControl) ? text : throw new ArgumentException($"{name}: it has a line break or another control character; write the value alone, on one line");
            }

        return "";
    }

    internal string Required(DnsProviderVariable variable, string provider) =>
        Text(variable) is { Length: > 0 } value ? value : throw new ArgumentException($"{provider}: {variable.Name} is not set ({variable.Description})");

    internal TimeSpan? Seconds(DnsProviderVariable variable)
    {
        var text = Text(variable);
        if (text == "")
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? TimeSpan.FromSeconds(seconds)
            : throw new ArgumentException($"{variable.Name}: '{text}' is no whole number of seconds above 0");
    }

    internal Uri Address(DnsProviderVariable variable, string provider)
    {
        var text = Required(variable, provider);
        // Not shown: it may hold a password.
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new ArgumentException($"{variable.Name} is no address that begins with http:// or https://");
    }

    internal bool IsRaw(DnsProviderVariable variable) => Text(variable) switch
    {
        "" => false,
        RawMode => true,
        var other => throw new ArgumentException($"{variable.Name}: '{other}' is no mode; it is {RawMode} or not set"),
    };
}

/// <summary>The providers that this version knows.</summary>
public static class DnsProviders
{
    // Weaker than the default of the options, but what settings that work with lego rely on.
    private const string LegoAlgorithm = "hmac-sha1";

    private static readonly DnsProviderVariable Rfc2136Server = new("RFC2136_NAMESERVER", "address of the primary server, with :port if it is not 53");
    private static readonly DnsProviderVariable Rfc2136Key = new("RFC2136_TSIG_KEY", "name of the TSIG key; none where the server wants none");
    private static readonly DnsProviderVariable Rfc2136Secret = new("RFC2136_TSIG_SECRET", "secret of the TSIG key, base64") { IsSecret = true, IsBase64 = true };
    private static readonly DnsProviderVariable Rfc2136Algorithm = new("RFC2136_TSIG_ALGORITHM", $"algorithm of the TSIG key; {LegoAlgorithm} where it is not set");
    private static readonly DnsProviderVariable Rfc2136Timeout = new("RFC2136_DNS_TIMEOUT", "seconds that one answer may take");
    private static readonly DnsProviderVariable AcmeDnsServer = new("ACME_DNS_API_BASE", "address of the acme-dns server");
    private static readonly DnsProviderVariable AcmeDnsStorage = new("ACME_DNS_STORAGE_PATH", "file of the accounts, one for each domain");
    private static readonly DnsProviderVariable AcmeDnsAllow = new("ACME_DNS_ALLOWLIST", "networks (CIDR, with commas between) that may use accounts that are registered");
    private static readonly DnsProviderVariable ExecPath = new("EXEC_PATH", "the program");
    private static readonly DnsProviderVariable ExecMode = new("EXEC_MODE", "RAW: the program gets domain, token and key authorization");
    private static readonly DnsProviderVariable HttpreqEndpoint = new("HTTPREQ_ENDPOINT", "address below which /present and /cleanup are");
    private static readonly DnsProviderVariable HttpreqMode = new("HTTPREQ_MODE", "RAW: the server gets domain, token and key authorization");
    private static readonly DnsProviderVariable HttpreqUser = new("HTTPREQ_USERNAME", "user of basic authentication");
    private static readonly DnsProviderVariable HttpreqPassword = new("HTTPREQ_PASSWORD", "password of basic authentication") { IsSecret = true };
    private static readonly DnsProviderVariable CloudflareToken = new("CF_DNS_API_TOKEN", "token with Zone/DNS/Edit") { Alias = "CLOUDFLARE_DNS_API_TOKEN", IsSecret = true };
    private static readonly DnsProviderVariable CloudflareZoneToken = new("CF_ZONE_API_TOKEN", "token with Zone/Zone/Read, where the other one may not") { Alias = "CLOUDFLARE_ZONE_API_TOKEN", IsSecret = true };
    private static readonly DnsProviderVariable CloudflareEmail = new("CF_API_EMAIL", "e-mail of the account, with the global key") { Alias = "CLOUDFLARE_EMAIL" };
    private static readonly DnsProviderVariable CloudflareKey = new("CF_API_KEY", "global key of the account") { Alias = "CLOUDFLARE_API_KEY", IsSecret = true };
    private static readonly DnsProviderVariable HetznerToken = new("HETZNER_API_TOKEN", "token of the project, with the right to write") { IsSecret = true };
    private static readonly DnsProviderVariable AwsKeyId = new("AWS_ACCESS_KEY_ID", "id of the access key");
    private static readonly DnsProviderVariable AwsSecret = new("AWS_SECRET_ACCESS_KEY", "the access key") { IsSecret = true };
    private static readonly DnsProviderVariable AwsSession = new("AWS_SESSION_TOKEN", "token of temporary credentials") { IsSecret = true };
    private static readonly DnsProviderVariable AwsRegion = new("AWS_REGION", $"region of the account's machines; Route 53 itself is always asked in {Route53Options.DefaultRegion}");
    private static readonly DnsProviderVariable AwsZone = new("AWS_HOSTED_ZONE_ID", "id of the zone, where it is not to be looked for");

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<DnsProvider> All { get; } =
    [
        Provider("acme-dns", "acme-dns", "ACME_DNS", hasTtl: false, hasHttp: false, [AcmeDnsServer, AcmeDnsStorage, AcmeDnsAllow], (context, common) => new AcmeDnsRecords(
            new(context.Address(AcmeDnsServer, "acme-dns"), new(context.Required(AcmeDnsStorage, "acme-dns")))
            {
                AllowList = context.Text(AcmeDnsAllow).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                Capabilities = common.Times(new()),
            },
            context.Http,
            context.Time)),
        Provider("cloudflare", "Cloudflare", "CLOUDFLARE", hasTtl: true, hasHttp: true, [CloudflareToken, CloudflareZoneToken, CloudflareEmail, CloudflareKey], (context, common) =>
        {
            var defaults = new CloudflareOptions();
            return new CloudflareRecords(
                defaults with
                {
                    Token = context.Text(CloudflareToken),
                    ZoneToken = context.Text(CloudflareZoneToken),
                    Email = context.Text(CloudflareEmail),
                    Key = context.Text(CloudflareKey),
                    Ttl = common.Ttl ?? defaults.Ttl,
                    Timeout = common.Timeout ?? defaults.Timeout,
                    Capabilities = common.Times(defaults.Capabilities),
                },
                context.Http,
                context.Time);
        }),
        Provider("exec", "a program", "EXEC", hasTtl: false, hasHttp: false, [ExecPath, ExecMode], (context, common) => new ExecRecords(
            new(context.Required(ExecPath, "exec")) { IsRaw = context.IsRaw(ExecMode), Capabilities = common.Times(new()) },
            context.Time)),
        Provider("hetzner", "Hetzner", "HETZNER", hasTtl: true, hasHttp: true, [HetznerToken], (context, common) =>
        {
            var defaults = new HetznerOptions(context.Required(HetznerToken, "hetzner"));
            return new HetznerRecords(
                defaults with { Ttl = common.Ttl ?? defaults.Ttl, Timeout = common.Timeout ?? defaults.Timeout, Capabilities = common.Times(defaults.Capabilities) },
                context.Http,
                context.Time);
        }),
        Provider("httpreq", "a server of your own", "HTTPREQ", hasTtl: false, hasHttp: true, [HttpreqEndpoint, HttpreqMode, HttpreqUser, HttpreqPassword], (context, common) =>
        {
            var defaults = new HttpreqOptions(context.Address(HttpreqEndpoint, "httpreq"));
            return new HttpreqRecords(
                defaults with
                {
                    IsRaw = context.IsRaw(HttpreqMode),
                    UserName = context.Text(HttpreqUser),
                    Password = context.Text(HttpreqPassword),
                    Timeout = common.Timeout ?? defaults.Timeout,
                    Capabilities = common.Times(new()),
                },
                context.Http,
                context.Time);
        }),
        Provider("rfc2136", "a server that takes updates (RFC 2136)", "RFC2136", hasTtl: true, hasHttp: false, [Rfc2136Server, Rfc2136Key, Rfc2136Algorithm, Rfc2136Secret, Rfc2136Timeout], (context, common) =>
        {
            var defaults = new Rfc2136Options(Server(context));
            return new Rfc2136Records(
                defaults with
                {
                    KeyName = context.Text(Rfc2136Key),
                    Secret = context.Text(Rfc2136Secret),
                    Algorithm = context.Text(Rfc2136Algorithm) is { Length: > 0 } algorithm ? algorithm : LegoAlgorithm,
                    Ttl = common.Ttl ?? defaults.Ttl,
                    Timeout = context.Seconds(Rfc2136Timeout) ?? defaults.Timeout,
                    Capabilities = common.Times(new()),
                },
                context.Time);
        }),
        Provider("route53", "Amazon Route 53", "AWS", hasTtl: true, hasHttp: false, [AwsKeyId, AwsSecret, AwsSession, AwsRegion, AwsZone], (context, common) =>
        {
            var defaults = new Route53Options(context.Required(AwsKeyId, "route53"), context.Required(AwsSecret, "route53"));
            return new Route53Records(
                defaults with
                {
                    SessionToken = context.Text(AwsSession),
                    Region = context.Text(AwsRegion) is { Length: > 0 } region ? region : defaults.Region,
                    HostedZoneId = context.Text(AwsZone),
                    Ttl = common.Ttl ?? defaults.Ttl,
                    Capabilities = common.Times(defaults.Capabilities),
                },
                context.Http,
                context.Time);
        }),
    ];

    /// <summary>The provider of a name.</summary>
    /// <param name="code">Its name.</param>
    /// <exception cref="ArgumentException">There is none of that name; the message lists all.</exception>
    public static DnsProvider Find(string code) => All.FirstOrDefault(provider => provider.Code == code)
        ?? throw new ArgumentException($"'{code}' is no provider of DNS that is known here: {string.Join(", ", All.Select(provider => provider.Code))}; others can be called with exec or httpreq");

    private static DnsProvider Provider(string code, string title, string prefix, bool hasTtl, bool hasHttp, IReadOnlyList<DnsProviderVariable> own, Func<DnsProviderContext, Common, ITxtRecords> create)
    {
        var propagation = new DnsProviderVariable($"{prefix}_PROPAGATION_TIMEOUT", "seconds that servers may take until all have a new record");
        var polling = new DnsProviderVariable($"{prefix}_POLLING_INTERVAL", "seconds between two looks at them");
        var ttl = hasTtl ? new DnsProviderVariable($"{prefix}_TTL", "seconds that a record may be kept") : null;
        var timeout = hasHttp ? new DnsProviderVariable($"{prefix}_HTTP_TIMEOUT", "seconds that one call may take") : null;
        return new(
            code,
            title,
            [.. own, .. ((DnsProviderVariable?[])[propagation, polling, ttl, timeout]).OfType<DnsProviderVariable>()],
            context => create(context, new(
                context.Seconds(propagation),
                context.Seconds(polling),
                ttl is null ? null : context.Seconds(ttl),
                timeout is null ? null : context.Seconds(timeout))));
    }

    // "host" or "host:port", as lego says: an address, or a name.
    private static EndPoint Server(DnsProviderContext context)
    {
        var text = context.Required(Rfc2136Server, "rfc2136");
        if (IPEndPoint.TryParse(text, out var server))
            return server.Port == 0 ? new IPEndPoint(server.Address, DnsClientOptions.DefaultPort) : server;
        var parts = text.Split(':');
        var port = DnsClientOptions.DefaultPort;
        if (parts.Length <= 2 && Messages.DnsName.TryParse(parts[0], out _) && (parts is [_] || (ushort.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var given) && (port = given) > 0)))
            return new DnsEndPoint(parts[0], port);
        throw new ArgumentException($"{Rfc2136Server.Name}: '{text}' is no server: write 192.0.2.1, 192.0.2.1:53, [2001:db8::1]:53 or ns.example.org:53");
    }

    private sealed record Common(TimeSpan? Propagation, TimeSpan? Polling, TimeSpan? Ttl, TimeSpan? Timeout)
    {
        public TxtCapabilities Times(TxtCapabilities defaults) => defaults with
        {
            PropagationTimeout = Propagation ?? defaults.PropagationTimeout,
            PollingInterval = Polling ?? defaults.PollingInterval,
        };
    }
}
