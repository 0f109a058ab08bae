using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Templater.Acme.Dns.Providers;

/// <summary>An answer of a provider's API.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The body.</param>
internal sealed record ProviderAnswer(HttpStatusCode Status, string Body)
{
    /// <summary>How JSON of others is read: a member that is there twice is refused at once, and not when it is looked at.</summary>
    public static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Whether the status tells of success.</summary>
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>The body as JSON; null where it is none (an error page of a proxy).</summary>
    public JsonNode? Json
    {
        get
        {
            try
            {
                return JsonNode.Parse(Body, documentOptions: Strict);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}

/// <summary>Calls a provider's API: bounded in time, size and repetitions, with messages that hold no credential. Thread-safe.</summary>
/// <param name="http">Sends; it must follow no redirects, which would carry the credentials elsewhere.</param>
/// <param name="time">Counts time-outs and waits.</param>
/// <param name="provider">Its name, for messages.</param>
/// <param name="secrets">What must never be in a message.</param>
internal sealed class ProviderHttp(HttpClient http, TimeProvider time, string provider, params string[] secrets)
{
    /// <summary>Most bytes of an answer.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Most calls of one request, the first one included.</summary>
    public const int MaxAttempts = 4;

    /// <summary>Longest wait for which an API may ask before the next attempt; a longer one ends the request.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(60);

    private const int MaxShown = 300;
    private const string UserAgent = "templater";

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);

    /// <summary>How long one call may take; 30 seconds by default.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How the API tells its error in a body; null where it does not.</summary>
    public Func<ProviderAnswer, string?> ErrorOf { get; init; } = static _ => null;

    /// <summary>The variables that hold the credentials, for the way out of a refusal.</summary>
    public string Credentials { get; init; } = "";

    /// <summary>Whether an answer says that the same request may succeed a moment later.</summary>
    public Func<ProviderAnswer, bool> IsTemporary { get; init; } = static answer => answer.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;

    /// <summary>Sends a request until there is an answer that is no request to come later.</summary>
    /// <param name="request">Makes the request, anew for each attempt.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ChallengeException">There is no answer.</exception>
    public async Task<ProviderAnswer> AskAsync(Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        var wait = FirstWait;
        for (var attempt = 1; ; attempt++)
        {
            var (answer, asked) = await AskOnceAsync(request, cancellationToken);
            var next = asked ?? wait;
            if (!IsTemporary(answer) || attempt == MaxAttempts || next > MaxWait)
                return answer;
            await Task.Delay(next, time, cancellationToken);
            wait *= 2;
        }
    }

    /// <summary>As <see cref="AskAsync"/>; anything but success is an exception.</summary>
    /// <param name="request">Makes the request, anew for each attempt.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ChallengeException">It failed; the message says what the API said.</exception>
    public async Task<ProviderAnswer> MustAsync(Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(request, cancellationToken);
        return answer.IsSuccess ? answer : throw Refused(answer);
    }

    /// <summary>The exception for an answer that is no success.</summary>
    /// <param name="answer">The answer.</param>
    public ChallengeException Refused(ProviderAnswer answer)
    {
        var said = ErrorOf(answer) ?? answer.Body;
        var meaning = answer.Status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => $": the credentials ({Credentials}) are wrong or do not allow this",
            HttpStatusCode.TooManyRequests => ": too many requests",
            _ => "",
        };
        return Failure($"answered {(int)answer.Status}{meaning}{(said == "" ? "" : $" ({Line(Redacted(said))})")}");
    }

    /// <summary>An exception that names the provider, with the secrets taken out of the message.</summary>
    /// <param name="what">What went wrong; goes on after the provider's name.</param>
    /// <param name="cause">The cause, if any.</param>
    public ChallengeException Failure(string what, Exception? cause = null)
    {
        var message = Redacted($"{provider} {what}");
        // Not passed on where it may hold a secret: it is printed with its causes.
        return cause is null || secrets.Any(secret => secret != "" && cause.ToString().Contains(secret, StringComparison.Ordinal)) ? new(message) : new(message, cause);
    }

    /// <summary>A request with a JSON body.</summary>
    /// <param name="method">The method.</param>
    /// <param name="uri">Where to.</param>
    /// <param name="body">The body; null for none.</param>
    public static HttpRequestMessage Json(HttpMethod method, Uri uri, JsonObject? body = null)
    {
        var request = new HttpRequestMessage(method, uri);
        request.Headers.Accept.Add(new("application/json"));
        if (body is not null)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString())) { Headers = { ContentType = new("application/json") } };
        return request;
    }

    /// <summary>A path below another one, whether that ends in a slash or not.</summary>
    /// <param name="endpoint">The API's address.</param>
    /// <param name="path">The rest, already escaped; may have a query.</param>
    public static Uri Below(Uri endpoint, string path) => new(endpoint.AbsoluteUri.TrimEnd('/') + "/" + path);

    /// <summary>An address without what may be secret in it: user, password and query.</summary>
    /// <param name="uri">The address.</param>
    public static string Shown(Uri uri) => $"{uri.Scheme}://{uri.Authority}{uri.AbsolutePath}";

    /// <summary>A text as one line of bounded length.</summary>
    /// <param name="text">The text.</param>
    public static string Line(string text)
    {
        var line = string.Join(' ', new string([.. text.Select(character => char.IsControl(character) ? ' ' : character)]).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= MaxShown ? line : line[..MaxShown] + "…";
    }

    // Before a text is cut: half a secret would not be found.
    private string Redacted(string text) => secrets.Where(secret => secret != "").Aggregate(text, (rest, secret) => rest.Replace(secret, "***", StringComparison.Ordinal));

    private async Task<(ProviderAnswer Answer, TimeSpan? Wait)> AskOnceAsync(Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = make();
        if (request.Headers.UserAgent.Count == 0)
            request.Headers.UserAgent.ParseAdd(UserAgent);
        // Without the query: some APIs take credentials there.
        var where = Shown(request.RequestUri!);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var body = await ReadAsync(response, either.Token) ?? throw Failure($"sent more than {MaxBytes} bytes from {where}");
            return (new(response.StatusCode, body), WaitOf(response));
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failure($"did not answer within {Timeout.TotalSeconds:0.#} s at {where}", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Failure($"cannot be reached at {where}: {Line(Redacted(exception.Message))}", exception);
        }
    }

    private TimeSpan? WaitOf(HttpResponseMessage response)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static async Task<string?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[MaxBytes + 1];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= MaxBytes ? Encoding.UTF8.GetString(buffer, 0, length) : null;
    }
}
