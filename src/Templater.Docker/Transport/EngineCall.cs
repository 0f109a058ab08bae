using System.Globalization;
using System.Security.Authentication;
using System.Text.Json;
using Templater.Docker.Wire;

namespace Templater.Docker;

/// <summary>Names one call in messages and turns whatever went wrong with it into a <see cref="DockerException"/>.</summary>
internal sealed record EngineCall(string Method, string Path, EngineOptions Options)
{
    private const int MaxErrorBytes = 16 * 1024;

    public string Name => $"{Method} {Path}";

    private string Engine => $"the engine at {Options.Address}";

    public DockerException Explain(HttpRequestException e) => Deepest(e) switch
    {
        DockerException known => known,
        AuthenticationException tls => Error(DockerErrorReason.TlsFailed, $"TLS with {Engine} failed: {OneLine.From(tls.Message)}", e),
        _ when e.HttpRequestError is HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded
            => Error(DockerErrorReason.BadResponse, $"{Engine} did not answer {Name} in HTTP: {OneLine.From(e.Message)}", e),
        _ => Lost(e),
    };

    public DockerException Lost(Exception e) =>
        Error(DockerErrorReason.Unreachable, $"the connection to {Engine} was lost during {Name}: {OneLine.From((e.InnerException ?? e).Message)}", e);

    public DockerException NotJson(JsonException e) =>
        Error(DockerErrorReason.BadResponse, $"{Engine} answered {Name} with something that is not what the API says: {OneLine.From(e.Message)}", e);

    public DockerException TimedOut(TimeSpan limit, Exception e) =>
        Error(DockerErrorReason.TimedOut, $"{Engine} did not answer {Name} within {EngineConnector.Seconds(limit)}", e);

    /// <summary>Explains an answer that is not a success, with the engine's own words.</summary>
    public async Task<DockerException> RefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var (said, isEngine) = await MessageAsync(response, cancellationToken);
        var tail = said.Length > 0 ? $": {said}" : "";
        var number = status.ToString(CultureInfo.InvariantCulture);
        var (reason, text) = status switch
        {
            401 or 403 => (DockerErrorReason.Forbidden, $"{Engine} refused {Name} ({number}){tail}"),
            404 => (DockerErrorReason.NotFound, $"{Engine} knows no such thing: {Name} ({number}){tail}"),
            409 => (DockerErrorReason.Conflict, $"{Engine} cannot do {Name} now ({number}){tail}"),
            // A gateway in front of a dead engine; the engine itself uses 503, too, but then it says why.
            502 or 503 or 504 when !isEngine => (DockerErrorReason.Unreachable, $"{Engine} is not there: {Name} answered {number}"),
            >= 400 => (DockerErrorReason.EngineError, $"{Engine} failed {Name} ({number}){tail}"),
            _ => (DockerErrorReason.BadResponse, $"{Engine} answered {Name} with the status {number}, which means nothing here"),
        };
        return new DockerException(reason, text) { Call = Name, Status = status };
    }

    public DockerException Error(DockerErrorReason reason, string message, Exception? inner = null) =>
        new(reason, message, inner) { Call = Name };

    private static Exception Deepest(Exception e)
    {
        while (e.InnerException is { } inner && e is not DockerException and not AuthenticationException)
            e = inner;
        return e;
    }

    private static async Task<(string Text, bool IsEngine)> MessageAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxErrorBytes];
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        try
        {
            var message = JsonSerializer.Deserialize(buffer.AsSpan(0, length), DockerJson.Default.ErrorBody)?.Message ?? "";
            return (OneLine.From(message), true);
        }
        catch (JsonException)
        {
            // Not the engine's form: a proxy's page says nothing useful, one line of plain text does.
            var isText = response.Content.Headers.ContentType?.MediaType == "text/plain";
            return (isText ? OneLine.From(System.Text.Encoding.UTF8.GetString(buffer, 0, length)) : "", false);
        }
    }
}
