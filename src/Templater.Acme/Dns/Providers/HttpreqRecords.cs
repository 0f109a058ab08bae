using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Templater.Acme.Dns.Providers;

/// <summary>What <see cref="HttpreqRecords"/> needs.</summary>
/// <param name="Endpoint">The address below which <c>/present</c> and <c>/cleanup</c> are.</param>
public sealed record HttpreqOptions(Uri Endpoint)
{
    /// <summary>Whether the server makes the value itself.</summary>
    public bool IsRaw { get; init; }

    /// <summary>The user of basic authentication; used only together with a password.</summary>
    public string UserName { get; init; } = "";

    /// <summary>The password of basic authentication.</summary>
    public string Password { get; init; } = "";

    /// <summary>How long one call may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Times to wait.</summary>
    public TxtCapabilities Capabilities { get; init; } = new();

    /// <inheritdoc/>
    public override string ToString() => ProviderHttp.Shown(Endpoint);
}

/// <summary>
/// TXT records by a server of the operator's own, called as lego's <c>httpreq</c> does: POST of <c>{"fqdn", "value"}</c>, or in raw mode
/// <c>{"domain", "token", "keyAuth"}</c>, to <c>/present</c> and <c>/cleanup</c>.
/// </summary>
public sealed class HttpreqRecords : ITxtRecords
{
    private readonly HttpreqOptions _options;
    private readonly ProviderHttp _http;

    /// <summary>Creates it.</summary>
    /// <param name="options">Where the server is.</param>
    /// <param name="http">Sends; must follow no redirects.</param>
    /// <param name="time">Counts the time-out.</param>
    public HttpreqRecords(HttpreqOptions options, HttpClient http, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        // Go, and so lego, takes user and password out of the address too.
        _options = options.UserName == "" && options.Endpoint.UserInfo.Split(':', 2) is [var user, var password]
            ? options with { UserName = Uri.UnescapeDataString(user), Password = Uri.UnescapeDataString(password) }
            : options;
        _http = new(http, time, "httpreq", _options.Password) { Timeout = options.Timeout, Credentials = "HTTPREQ_USERNAME, HTTPREQ_PASSWORD" };
        Capabilities = options.Capabilities;
    }

    /// <inheritdoc/>
    public TxtCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public Task AddAsync(TxtRecord record, CancellationToken cancellationToken) => PostAsync("present", record, cancellationToken);

    /// <inheritdoc/>
    public Task RemoveAsync(TxtRecord record, CancellationToken cancellationToken) => PostAsync("cleanup", record, cancellationToken);

    private async Task PostAsync(string action, TxtRecord record, CancellationToken cancellationToken) => await _http.MustAsync(
        () =>
        {
            var body = _options.IsRaw
                ? new JsonObject { ["domain"] = record.Domain, ["token"] = record.Token, ["keyAuth"] = record.KeyAuthorization }
                : new JsonObject { ["fqdn"] = record.Name, ["value"] = record.Value };
            var request = ProviderHttp.Json(HttpMethod.Post, ProviderHttp.Below(_options.Endpoint, action), body);
            if (_options.UserName != "" && _options.Password != "")
                request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{_options.UserName}:{_options.Password}")));
            return request;
        },
        cancellationToken);
}
