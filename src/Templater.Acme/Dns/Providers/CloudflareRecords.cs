using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Templater.Acme.Dns.Providers;

/// <summary>What <see cref="CloudflareRecords"/> needs: a token, or e-mail and global key.</summary>
public sealed record CloudflareOptions
{
    /// <summary>Where the API is.</summary>
    public static readonly Uri DefaultEndpoint = new("https://api.cloudflare.com/client/v4");

    /// <summary>Where the API is; another address in tests.</summary>
    public Uri Endpoint { get; init; } = DefaultEndpoint;

    /// <summary>A token with the right Zone/DNS/Edit.</summary>
    public string Token { get; init; } = "";

    /// <summary>A token with the right Zone/Zone/Read; the other one where it is empty.</summary>
    public string ZoneToken { get; init; } = "";

    /// <summary>The account's e-mail, with <see cref="Key"/> instead of a token.</summary>
    public string Email { get; init; } = "";

    /// <summary>The account's global key.</summary>
    public string Key { get; init; } = "";

    /// <summary>How long a record may be kept; Cloudflare takes no less than 60 seconds.</summary>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How long one call may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Times to wait.</summary>
    public TxtCapabilities Capabilities { get; init; } = new() { PropagationTimeout = TimeSpan.FromMinutes(2) };

    /// <inheritdoc/>
    public override string ToString() => ProviderHttp.Shown(Endpoint);
}

/// <summary>TXT records at Cloudflare (API v4: list zones, list, create and delete DNS records).</summary>
public sealed class CloudflareRecords : ITxtRecords
{
    private const int IdenticalRecordExists = 81058;
    private const int RecordExists = 81057;
    private const int RecordDoesNotExist = 81044;
    private const int MaxPages = 100;
    private const int PageLength = 50;

    private readonly CloudflareOptions _options;
    private readonly ProviderHttp _http;
    private readonly ConcurrentDictionary<string, string> _zones = new(StringComparer.Ordinal);

    /// <summary>Creates it.</summary>
    /// <param name="options">The credentials.</param>
    /// <param name="http">Sends; must follow no redirects.</param>
    /// <param name="time">Counts the time-out.</param>
    /// <exception cref="ArgumentException">Neither a token nor e-mail and key.</exception>
    public CloudflareRecords(CloudflareOptions options, HttpClient http, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Token == "" && (options.Email == "" || options.Key == ""))
            throw new ArgumentException("cloudflare: set CF_DNS_API_TOKEN, or CF_API_EMAIL and CF_API_KEY");
        _options = options;
        _http = new(http, time, "cloudflare", options.Token, options.ZoneToken, options.Key)
        {
            Timeout = options.Timeout,
            Credentials = options.Token == "" ? "CF_API_EMAIL, CF_API_KEY" : "CF_DNS_API_TOKEN, CF_ZONE_API_TOKEN",
            ErrorOf = ErrorOf,
        };
        Capabilities = options.Capabilities;
    }

    /// <inheritdoc/>
    public TxtCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public async Task AddAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        var zone = await ZoneAsync(record.Name, cancellationToken);
        var answer = await _http.AskAsync(
            () => Signed(
                HttpMethod.Post,
                $"zones/{zone}/dns_records",
                _options.Token,
                new() { ["type"] = "TXT", ["name"] = record.Name.TrimEnd('.'), ["content"] = $"\"{record.Value}\"", ["ttl"] = (int)_options.Ttl.TotalSeconds }),
            cancellationToken);
        if (!IsDone(answer) && !Codes(answer).Any(code => code is IdenticalRecordExists or RecordExists))
            throw Refused(answer, record.Name);
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        var zone = await ZoneAsync(record.Name, cancellationToken);
        var path = $"zones/{zone}/dns_records?type=TXT&name={Uri.EscapeDataString(record.Name.TrimEnd('.'))}";
        foreach (var entry in await AllAsync(path, _options.Token, cancellationToken, record.Name))
        {
            if (Text(entry, "content").Trim('"') != record.Value)
                continue;
            var answer = await _http.AskAsync(() => Signed(HttpMethod.Delete, $"zones/{zone}/dns_records/{Uri.EscapeDataString(Text(entry, "id"))}", _options.Token), cancellationToken);
            if (!IsDone(answer) && !Codes(answer).Contains(RecordDoesNotExist))
                throw _http.Refused(answer);
        }
    }

    private async Task<string> ZoneAsync(string name, CancellationToken cancellationToken)
    {
        // By the record's name alone: a zone above it says nothing, as a part of it may be a zone of its own.
        if (_zones.TryGetValue(name, out var known))
            return known;
        foreach (var candidate in Zones.Candidates(name))
        {
            var zones = await AllAsync($"zones?name={Uri.EscapeDataString(candidate)}", _options.ZoneToken == "" ? _options.Token : _options.ZoneToken, cancellationToken);
            // The same name may be there a second time, in an account that it was never delegated to.
            var zone = zones.Where(entry => Text(entry, "name") == candidate).OrderBy(entry => Text(entry, "status") == "active" ? 0 : 1).FirstOrDefault();
            if (zone is not null)
                return _zones[name] = Text(zone, "id");
        }

        throw _http.Failure($"has no zone for {name.TrimEnd('.')} that these credentials may read ({_http.Credentials})");
    }

    // A zone that is gone, or was moved, is looked for anew the next time.
    private ChallengeException Refused(ProviderAnswer answer, string name)
    {
        if (answer.Status == HttpStatusCode.NotFound)
            _zones.TryRemove(name, out _);
        return _http.Refused(answer);
    }

    private async Task<IReadOnlyList<JsonObject>> AllAsync(string path, string token, CancellationToken cancellationToken, string name = "")
    {
        var all = new List<JsonObject>();
        for (var page = 1; page <= MaxPages; page++)
        {
            var answer = await _http.AskAsync(() => Signed(HttpMethod.Get, $"{path}&per_page={PageLength}&page={page}", token), cancellationToken);
            if (!IsDone(answer))
                throw Refused(answer, name);
            var json = (JsonObject)answer.Json!;
            all.AddRange((json["result"] as JsonArray ?? []).OfType<JsonObject>());
            if (page >= Number(json["result_info"] as JsonObject, "total_pages"))
                return all;
        }

        throw _http.Failure($"has more than {MaxPages} pages of {path.Split('?')[0]}");
    }

    private HttpRequestMessage Signed(HttpMethod method, string path, string token, JsonObject? body = null)
    {
        var request = ProviderHttp.Json(method, ProviderHttp.Below(_options.Endpoint, path), body);
        if (_options.Token != "")
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        else
        {
            request.Headers.TryAddWithoutValidation("X-Auth-Email", _options.Email);
            request.Headers.TryAddWithoutValidation("X-Auth-Key", _options.Key);
        }

        return request;
    }

    private static bool IsDone(ProviderAnswer answer) =>
        answer.IsSuccess && answer.Json is JsonObject json && json["success"] is JsonValue success && success.TryGetValue<bool>(out var done) && done;

    private static IEnumerable<int> Codes(ProviderAnswer answer) => Errors(answer).Select(error => Number(error, "code"));

    private static string? ErrorOf(ProviderAnswer answer) =>
        Errors(answer).Select(error => $"{Number(error, "code")}: {Text(error, "message")}").ToList() is [_, ..] errors ? string.Join("; ", errors) : null;

    private static IEnumerable<JsonObject> Errors(ProviderAnswer answer) => ((answer.Json as JsonObject)?["errors"] as JsonArray ?? []).OfType<JsonObject>();

    private static string Text(JsonObject entry, string name) => entry[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    private static int Number(JsonObject? entry, string name) => entry?[name] is JsonValue value && value.TryGetValue<int>(out var number) ? number : 0;
}
