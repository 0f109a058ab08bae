using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Templater.Acme.Dns.Providers;

/// <summary>What <see cref="HetznerRecords"/> needs.</summary>
/// <param name="Token">A token of a project in Hetzner's console, with the right to write.</param>
public sealed record HetznerOptions(string Token)
{
    /// <summary>Where the API is.</summary>
    public static readonly Uri DefaultEndpoint = new("https://api.hetzner.cloud/v1");

    /// <summary>Where the API is; another address in tests.</summary>
    public Uri Endpoint { get; init; } = DefaultEndpoint;

    /// <summary>How long a record may be kept.</summary>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How long one call may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Times to wait; one call at a time, as an action locks its zone.</summary>
    public TxtCapabilities Capabilities { get; init; } = new() { IsSequential = true, PropagationTimeout = TimeSpan.FromMinutes(2) };

    /// <inheritdoc/>
    public override string ToString() => ProviderHttp.Shown(Endpoint);
}

/// <summary>TXT records at Hetzner (Cloud API: zones, RRSets, and the actions that add and remove single records of an RRSet).</summary>
public sealed class HetznerRecords : ITxtRecords
{
    private static readonly TimeSpan ActionInterval = TimeSpan.FromSeconds(1);

    private readonly HetznerOptions _options;
    private readonly ProviderHttp _http;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<TxtRecord, long> _actions = [];

    /// <summary>Creates it.</summary>
    /// <param name="options">The credentials.</param>
    /// <param name="http">Sends; must follow no redirects.</param>
    /// <param name="time">Counts the time-out.</param>
    /// <exception cref="ArgumentException">No token.</exception>
    public HetznerRecords(HetznerOptions options, HttpClient http, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Token == "")
            throw new ArgumentException("hetzner: set HETZNER_API_TOKEN");
        (_options, _time) = (options, time);
        _http = new(http, time, "hetzner", options.Token)
        {
            Timeout = options.Timeout,
            Credentials = "HETZNER_API_TOKEN",
            ErrorOf = ErrorOf,
            // 409 "conflict" and 423 "locked": another change of the same zone is under way.
            IsTemporary = static answer => answer.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.Conflict or HttpStatusCode.Locked,
        };
        Capabilities = options.Capabilities;
    }

    /// <inheritdoc/>
    public TxtCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public async Task AddAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        var set = await SetAsync(record, cancellationToken);
        var values = await ValuesAsync(set, cancellationToken);
        if (values?.Contains(Quoted(record)) == true)
            return;
        var body = Body(record);
        // The time to live belongs to the whole set; one that is there keeps its own.
        if (values is null)
            body["ttl"] = (int)_options.Ttl.TotalSeconds;
        var answer = await _http.MustAsync(() => Signed(HttpMethod.Post, $"{set}/actions/add_records", body), cancellationToken);
        if (Action(answer) is { } action)
            _actions[record] = action;
    }

    /// <inheritdoc/>
    public Task WaitAsync(TxtRecord record, CancellationToken cancellationToken) =>
        _actions.TryRemove(record, out var action) ? EndAsync(record, action, cancellationToken) : Task.CompletedTask;

    /// <inheritdoc/>
    public async Task RemoveAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        await SettleAsync(record, cancellationToken);
        var set = await SetAsync(record, cancellationToken);
        if ((await ValuesAsync(set, cancellationToken))?.Contains(Quoted(record)) != true)
            return;
        var answer = await _http.AskAsync(() => Signed(HttpMethod.Post, $"{set}/actions/remove_records", Body(record)), cancellationToken);
        if (!answer.IsSuccess && answer.Status != HttpStatusCode.NotFound)
            throw _http.Refused(answer);
    }

    // A record that is still being added would come after its removal.
    private async Task SettleAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await WaitAsync(record, cancellationToken);
        }
        catch (ChallengeException)
        {
            // Whether it was added is seen by what is there.
        }
    }

    private async Task EndAsync(TxtRecord record, long action, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        while (true)
        {
            var answer = await _http.MustAsync(() => Signed(HttpMethod.Get, $"actions/{action}"), cancellationToken);
            var state = (answer.Json as JsonObject)?["action"] as JsonObject;
            switch (Text(state, "status"))
            {
                case "success":
                    return;
                case "error":
                    throw _http.Failure($"could not add the record at {record.Name.TrimEnd('.')} ({ProviderHttp.Line(Error(state) ?? "it does not say why")})");
            }

            if (_time.GetElapsedTime(start) >= Capabilities.PropagationTimeout)
                throw _http.Failure($"did not end adding the record at {record.Name.TrimEnd('.')} within {Capabilities.PropagationTimeout.TotalSeconds:0} s");
            await Task.Delay(ActionInterval, _time, cancellationToken);
        }
    }

    private static string Quoted(TxtRecord record) => $"\"{record.Value}\"";

    private static JsonObject Body(TxtRecord record) => new() { ["records"] = new JsonArray(new JsonObject { ["value"] = Quoted(record) }) };

    /// <summary>The path of the record's RRSet.</summary>
    private async Task<string> SetAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        foreach (var candidate in Zones.Candidates(record.Name))
        {
            var answer = await _http.AskAsync(() => Signed(HttpMethod.Get, $"zones/{Uri.EscapeDataString(candidate)}"), cancellationToken);
            if (answer.IsSuccess)
                return $"zones/{Uri.EscapeDataString(candidate)}/rrsets/{Uri.EscapeDataString(Zones.Relative(record.Name, candidate))}/TXT";
            if (answer.Status != HttpStatusCode.NotFound)
                throw _http.Refused(answer);
        }

        throw _http.Failure($"has no zone for {record.Name.TrimEnd('.')} in the project of this token ({_http.Credentials}); zones of the former DNS console must be migrated to it");
    }

    /// <summary>The values of an RRSet; null where there is none.</summary>
    private async Task<IReadOnlyList<string>?> ValuesAsync(string set, CancellationToken cancellationToken)
    {
        var answer = await _http.AskAsync(() => Signed(HttpMethod.Get, set), cancellationToken);
        if (answer.Status == HttpStatusCode.NotFound)
            return null;
        if (!answer.IsSuccess)
            throw _http.Refused(answer);
        var records = ((answer.Json as JsonObject)?["rrset"] as JsonObject)?["records"] as JsonArray;
        return [.. (records ?? []).OfType<JsonObject>().Select(entry => Text(entry, "value"))];
    }

    private HttpRequestMessage Signed(HttpMethod method, string path, JsonObject? body = null)
    {
        var request = ProviderHttp.Json(method, ProviderHttp.Below(_options.Endpoint, path), body);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _options.Token);
        return request;
    }

    private static long? Action(ProviderAnswer answer) =>
        (answer.Json as JsonObject)?["action"] is JsonObject action && action["id"] is JsonValue value && value.TryGetValue<long>(out var id) ? id : null;

    private static string? ErrorOf(ProviderAnswer answer) => Error(answer.Json as JsonObject);

    private static string? Error(JsonObject? holder) => holder?["error"] is JsonObject error ? $"{Text(error, "code")}: {Text(error, "message")}" : null;

    private static string Text(JsonObject? entry, string name) => entry?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
