using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Templater.Acme.Dns;
using Templater.Testing;

namespace Templater.Acme.Tests.Dns.Providers;

/// <summary>An API of a provider in this process: it notes what was asked, and answers as it is told.</summary>
internal sealed class FakeApi : HttpMessageHandler
{
    private readonly Lock _lock = new();

    public static Uri Endpoint { get; } = new("https://api.example/base");

    /// <summary>The answer to a request: status and body; null never answers.</summary>
    public required Func<ApiRequest, ApiAnswer?> Answer { get; set; }

    public List<ApiRequest> Asked { get; } = [];

    public FakeTimeProvider Clock { get; } = new();

    public HttpClient Client => new(this, disposeHandler: false);

    public static TxtRecord Record(string name = "_acme-challenge.www.example.org.", string value = "value") =>
        new(name, name, value, "www.example.org", "token", "token.thumbprint");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var asked = new ApiRequest(
            request.Method.Method,
            request.RequestUri!.PathAndQuery,
            body,
            request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>()).ToDictionary(header => header.Key, header => string.Join(", ", header.Value)));
        lock (_lock)
            Asked.Add(asked);
        if (Answer(asked) is not { } answer)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new System.Diagnostics.UnreachableException();
        }

        var response = new HttpResponseMessage(answer.Status) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(answer.Body)) };
        if (answer.RetryAfter is { } wait)
            response.Headers.TryAddWithoutValidation("Retry-After", wait);
        return response;
    }
}

internal sealed record ApiRequest(string Method, string Path, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public override string ToString() => $"{Method} {Path}";
}

internal sealed record ApiAnswer(HttpStatusCode Status, string Body, string? RetryAfter = null)
{
    public static ApiAnswer Ok(string body) => new(HttpStatusCode.OK, body);
}
