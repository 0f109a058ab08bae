using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Templater.Docker;

/// <summary>Sends requests within the bounds of the options. Thread-safe.</summary>
internal sealed class EngineConnection : IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly EngineOptions _options;
    private readonly EngineConnector _connector;
    private readonly HttpClient _calls;

    // Event streams hold their connection for ever; they, and the pings that judge them, must not queue behind inspections.
    private readonly HttpClient _streams;

    public EngineConnection(EngineOptions options)
    {
        _options = options;
        _connector = new EngineConnector(options);
        _calls = CreateClient(options.MaxConnections);
        _streams = CreateClient(int.MaxValue);
    }

    /// <summary>Makes one call and reads its answer within <paramref name="limit"/>.</summary>
    /// <param name="request">What to ask.</param>
    /// <param name="limit">Longest time for everything.</param>
    /// <param name="read">Reads the answer of a success.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<T> CallAsync<T>(
        EngineRequest request,
        TimeSpan limit,
        Func<HttpResponseMessage, Stream, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken)
    {
        var call = Permit(request);
        return await GuardAsync(call, limit, async token =>
        {
            using var message = Message(request);
            using var response = await (request.IsUrgent ? _streams : _calls).SendAsync(message, HttpCompletionOption.ResponseHeadersRead, token);
            if (!response.IsSuccessStatusCode)
                throw await call.RefusedAsync(response, token);
            await using var body = await response.Content.ReadAsStreamAsync(token);
            return await read(response, new BoundedStream(body, _options.MaxResponseBytes, call.Name), token);
        }, cancellationToken);
    }

    /// <summary>Makes one call whose answer is JSON.</summary>
    public Task<T> GetJsonAsync<T>(EngineRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class =>
        ReadAsync(
            request,
            async (body, token) => await JsonSerializer.DeserializeAsync(body, type, token) ?? throw new JsonException("the answer is null"),
            cancellationToken);

    /// <summary>Makes one call and reads its answer within the usual time.</summary>
    /// <param name="request">What to ask.</param>
    /// <param name="read">Reads the answer of a success.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<T> ReadAsync<T>(EngineRequest request, Func<Stream, CancellationToken, Task<T>> read, CancellationToken cancellationToken) =>
        CallAsync(request, _options.CallTimeout, (_, body, token) => read(body, token), cancellationToken);

    /// <summary>Opens an answer without end; the caller disposes it.</summary>
    public async Task<(HttpResponseMessage Response, Stream Body)> OpenAsync(EngineRequest request, CancellationToken cancellationToken)
    {
        var call = Permit(request);
        return await GuardAsync(call, _options.CallTimeout, async token =>
        {
            using var message = Message(request);
            var response = await _streams.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, token);
            if (response.IsSuccessStatusCode)
                return (response, await response.Content.ReadAsStreamAsync(token));
            using (response)
                throw await call.RefusedAsync(response, token);
        }, cancellationToken);
    }

    public EngineCall Describe(EngineRequest request) => new(request.Method, request.Path, _options);

    public void Dispose()
    {
        _calls.Dispose();
        _streams.Dispose();
        _connector.Dispose();
    }

    private EngineCall Permit(EngineRequest request)
    {
        _options.AllowedCalls.Demand(request.Method, request.Path);
        return Describe(request);
    }

    private async Task<T> GuardAsync<T>(EngineCall call, TimeSpan limit, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var clock = new CancellationTokenSource(limit, _options.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, clock.Token);
        try
        {
            return await work(linked.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (OperationCanceledException e)
        {
            throw call.TimedOut(limit, e);
        }
        catch (HttpRequestException e)
        {
            throw call.Explain(e);
        }
        catch (IOException e)
        {
            throw call.Lost(e);
        }
        catch (JsonException e)
        {
            throw call.NotJson(e);
        }
    }

    private static HttpRequestMessage Message(EngineRequest request)
    {
        var target = (request.Version is { } version ? $"/v{version}" : "") + request.Path + (request.Query.Length > 0 ? "?" + request.Query : "");
        var message = new HttpRequestMessage(new HttpMethod(request.Method), target);
        if (request.Body is { } body)
        {
            message.Content = new ByteArrayContent(body);
            message.Content.Headers.ContentType = Json;
        }

        message.Headers.ConnectionClose = request.EndsConnection ? true : null;
        return message;
    }

    private HttpClient CreateClient(int maxConnections) => new(_connector.CreateHandler(maxConnections), disposeHandler: true)
    {
        BaseAddress = _connector.BaseAddress,
        Timeout = Timeout.InfiniteTimeSpan, // Every call has its own, on the injected clock.
        DefaultRequestVersion = System.Net.HttpVersion.Version11,
    };
}

/// <summary>One request. Its path has no version prefix; its query is escaped already.</summary>
internal sealed record EngineRequest(string Method, string Path)
{
    public ApiVersion? Version { get; init; }

    public string Query { get; init; } = "";

    public byte[]? Body { get; init; }

    /// <summary>Whether it must not wait for a free connection.</summary>
    public bool IsUrgent { get; init; }

    /// <summary>Whether its connection is used for nothing after it: the engine takes that of a command's output over, and ends it.</summary>
    public bool EndsConnection { get; init; }
}
