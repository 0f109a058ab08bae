using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Templater.Acme.Dns.Providers;

/// <summary>What <see cref="Route53Records"/> needs.</summary>
/// <param name="AccessKeyId">Which key.</param>
/// <param name="SecretAccessKey">The key.</param>
public sealed record Route53Options(string AccessKeyId, string SecretAccessKey)
{
    /// <summary>Where the API is.</summary>
    public static readonly Uri DefaultEndpoint = new("https://route53.amazonaws.com");

    /// <summary>The region that requests are signed for; Route 53 has one for the whole world.</summary>
    public const string DefaultRegion = "us-east-1";

    /// <summary>The token of temporary credentials; empty for lasting ones.</summary>
    public string SessionToken { get; init; } = "";

    /// <summary>The region that requests to another address than <see cref="DefaultEndpoint"/> are signed for; that one takes <see cref="DefaultRegion"/> alone.</summary>
    public string Region { get; init; } = DefaultRegion;

    /// <summary>The zone; found by the record's name where it is empty.</summary>
    public string HostedZoneId { get; init; } = "";

    /// <summary>Where the API is; another address in tests.</summary>
    public Uri Endpoint { get; init; } = DefaultEndpoint;

    /// <summary>How long a record may be kept.</summary>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one call may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Times to wait.</summary>
    public TxtCapabilities Capabilities { get; init; } = new() { PropagationTimeout = TimeSpan.FromMinutes(2), PollingInterval = TimeSpan.FromSeconds(4) };

    /// <inheritdoc/>
    public override string ToString() => $"{ProviderHttp.Shown(Endpoint)} {AccessKeyId}";
}

/// <summary>
/// TXT records at Amazon Route 53. Its API knows only whole sets of records: a change deletes the set that was read and creates the new one
/// in one transaction, so that a change by someone else in between makes it fail, and it is tried again.
/// </summary>
public sealed class Route53Records : ITxtRecords, IDisposable
{
    /// <summary>Most attempts at one change, where others change the same set.</summary>
    public const int MaxAttempts = 5;

    private const string Version = "2013-04-01";
    private const int MaxPages = 100;
    private const string InvalidChangeBatch = "InvalidChangeBatch";

    private static readonly XNamespace Namespace = "https://route53.amazonaws.com/doc/2013-04-01/";

    private readonly Route53Options _options;
    private readonly AwsSignature _signature;
    private readonly ProviderHttp _http;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<TxtRecord, string> _changes = [];
    private readonly SemaphoreSlim _changing = new(1);

    /// <summary>Creates it.</summary>
    /// <param name="options">The credentials.</param>
    /// <param name="http">Sends; must follow no redirects.</param>
    /// <param name="time">Dates the signatures.</param>
    /// <exception cref="ArgumentException">No credentials.</exception>
    public Route53Records(Route53Options options, HttpClient http, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.AccessKeyId == "" || options.SecretAccessKey == "")
            throw new ArgumentException("route53: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
        (_options, _time) = (options, time);
        _signature = new(options.AccessKeyId, options.SecretAccessKey, options.SessionToken, RegionOf(options), "route53");
        _http = new(http, time, "route53", options.SecretAccessKey, options.SessionToken)
        {
            Timeout = options.Timeout,
            Credentials = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN",
            ErrorOf = ErrorOf,
            IsTemporary = static answer => answer.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
                || Code(answer) is "Throttling" or "ThrottlingException" or "PriorRequestNotComplete",
        };
        Capabilities = options.Capabilities;
    }

    /// <inheritdoc/>
    public TxtCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public async Task AddAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        var change = await ChangeAsync(record, values => values.Contains(Quoted(record)) ? null : [.. values, Quoted(record)], cancellationToken);
        if (change is not null)
            _changes[record] = change;
    }

    /// <inheritdoc/>
    public async Task WaitAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        if (!_changes.TryRemove(record, out var change))
            return;
        var start = _time.GetTimestamp();
        while (true)
        {
            var answer = await _http.MustAsync(() => Signed(HttpMethod.Get, $"change/{Uri.EscapeDataString(change)}"), cancellationToken);
            if (Read(answer).Descendants(Namespace + "Status").FirstOrDefault()?.Value == "INSYNC")
                return;
            if (_time.GetElapsedTime(start) >= Capabilities.PropagationTimeout)
                throw _http.Failure($"did not bring the record at {record.Name.TrimEnd('.')} to all servers within {Capabilities.PropagationTimeout.TotalSeconds:0} s");
            await Task.Delay(Capabilities.PollingInterval, _time, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        _changes.TryRemove(record, out _);
        await ChangeAsync(record, values => values.Contains(Quoted(record)) ? [.. values.Where(value => value != Quoted(record))] : null, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _changing.Dispose();

    // AWS_REGION tells where the operator's machines are.
    private static string RegionOf(Route53Options options) => options.Endpoint == Route53Options.DefaultEndpoint ? Route53Options.DefaultRegion : options.Region;

    private static string Quoted(TxtRecord record) => $"\"{record.Value}\"";

    /// <returns>The id of the change; null where there was nothing to change.</returns>
    private async Task<string?> ChangeAsync(TxtRecord record, Func<IReadOnlyList<string>, IReadOnlyList<string>?> change, CancellationToken cancellationToken)
    {
        var zone = _options.HostedZoneId != "" ? _options.HostedZoneId : await ZoneAsync(record.Name, cancellationToken);
        // Route 53 makes changes of one zone one after the other; in turn here, they do not fail because of each other.
        await _changing.WaitAsync(cancellationToken);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var set = await SetAsync(zone, record.Name, cancellationToken);
                if (change(set.Values) is not { } values)
                    return null;
                var answer = await _http.AskAsync(() => Signed(HttpMethod.Post, $"hostedzone/{Uri.EscapeDataString(zone)}/rrset/", "", Batch(record.Name, set, values)), cancellationToken);
                if (answer.IsSuccess)
                    return Read(answer).Descendants(Namespace + "Id").FirstOrDefault()?.Value.Split('/')[^1];
                if (Code(answer) != InvalidChangeBatch || attempt == MaxAttempts)
                    throw _http.Refused(answer);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    private byte[] Batch(string name, RecordSet before, IReadOnlyList<string> after)
    {
        XElement Change(string action, long ttl, IReadOnlyList<string> values) => new(
            Namespace + "Change",
            new XElement(Namespace + "Action", action),
            new XElement(
                Namespace + "ResourceRecordSet",
                new XElement(Namespace + "Name", name),
                new XElement(Namespace + "Type", "TXT"),
                new XElement(Namespace + "TTL", ttl),
                new XElement(Namespace + "ResourceRecords", values.Select(value => new XElement(Namespace + "ResourceRecord", new XElement(Namespace + "Value", value))))));
        var changes = new List<XElement>();
        if (before.Values is not [])
            changes.Add(Change("DELETE", before.Ttl, before.Values));
        if (after is not [])
            changes.Add(Change("CREATE", before.Values is [] ? (long)_options.Ttl.TotalSeconds : before.Ttl, after));
        var document = new XElement(Namespace + "ChangeResourceRecordSetsRequest", new XElement(Namespace + "ChangeBatch", new XElement(Namespace + "Changes", changes)));
        return Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + document.ToString(SaveOptions.DisableFormatting));
    }

    private async Task<RecordSet> SetAsync(string zone, string name, CancellationToken cancellationToken)
    {
        var answer = await _http.MustAsync(
            () => Signed(HttpMethod.Get, $"hostedzone/{Uri.EscapeDataString(zone)}/rrset", $"maxitems=1&name={Uri.EscapeDataString(name)}&type=TXT"),
            cancellationToken);
        // The list begins with the first set at or behind the one that was asked for.
        var set = Read(answer).Descendants(Namespace + "ResourceRecordSet")
            .FirstOrDefault(each => Value(each, "Name").Equals(name, StringComparison.OrdinalIgnoreCase) && Value(each, "Type") == "TXT");
        return set is null
            ? new(0, [])
            : new(long.TryParse(Value(set, "TTL"), CultureInfo.InvariantCulture, out var ttl) ? ttl : 0, [.. set.Descendants(Namespace + "Value").Select(value => value.Value)]);
    }

    private async Task<string> ZoneAsync(string name, CancellationToken cancellationToken)
    {
        foreach (var candidate in Zones.Candidates(name))
        {
            if (await FindZoneAsync(candidate, cancellationToken) is { } zone)
                return zone;
        }

        throw _http.Failure($"has no public hosted zone for {name.TrimEnd('.')} that these credentials may list; AWS_HOSTED_ZONE_ID names one");
    }

    private async Task<string?> FindZoneAsync(string name, CancellationToken cancellationToken)
    {
        var query = $"dnsname={Uri.EscapeDataString(name)}";
        for (var page = 0; page < MaxPages; page++)
        {
            var list = Read(await _http.MustAsync(() => Signed(HttpMethod.Get, "hostedzonesbyname", query), cancellationToken));
            // Private zones may have the same name, as many as there are networks; other names follow.
            var same = list.Descendants(Namespace + "HostedZone").Where(zone => Value(zone, "Name").TrimEnd('.').Equals(name, StringComparison.OrdinalIgnoreCase)).ToList();
            if (same.FirstOrDefault(zone => zone.Descendants(Namespace + "PrivateZone").FirstOrDefault()?.Value != "true") is { } found)
                return Value(found, "Id").Split('/')[^1];
            if (same is [] || list.Element(Namespace + "IsTruncated")?.Value != "true")
                return null;
            query = $"dnsname={Uri.EscapeDataString(Value(list, "NextDNSName"))}&hostedzoneid={Uri.EscapeDataString(Value(list, "NextHostedZoneId").Split('/')[^1])}";
        }

        throw _http.Failure($"has more than {MaxPages} pages of hosted zones named {name}");
    }

    private HttpRequestMessage Signed(HttpMethod method, string path, string query = "", byte[]? body = null)
    {
        var request = new HttpRequestMessage(method, ProviderHttp.Below(_options.Endpoint, $"{Version}/{path}{(query == "" ? "" : "?" + query)}"));
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/xml") } };
        _signature.Sign(request, body ?? [], _time.GetUtcNow());
        return request;
    }

    private XElement Read(ProviderAnswer answer) => TryRead(answer) ?? throw _http.Failure($"answered with something that is no XML ({ProviderHttp.Line(answer.Body)})");

    private static XElement? TryRead(ProviderAnswer answer)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(answer.Body), new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            return XElement.Load(reader);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    // Errors have an <Error> with <Code> and <Message>; InvalidChangeBatch is a document of its own, with <Messages>.
    private static string? Code(ProviderAnswer answer) => TryRead(answer) switch
    {
        { Name.LocalName: InvalidChangeBatch } => InvalidChangeBatch,
        { } document => document.Descendants().FirstOrDefault(each => each.Name.LocalName == "Code")?.Value,
        null => null,
    };

    private static string? ErrorOf(ProviderAnswer answer) => Code(answer) is { } code
        ? $"{code}: {TryRead(answer)!.Descendants().LastOrDefault(each => each.Name.LocalName == "Message")?.Value}"
        : null;

    private static string Value(XElement parent, string name) => parent.Element(Namespace + name)?.Value ?? "";

    private sealed record RecordSet(long Ttl, IReadOnlyList<string> Values);
}
