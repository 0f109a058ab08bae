using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Templater.Docker.Wire;

namespace Templater.Docker;

/// <summary>The Docker Engine API over a unix socket, TCP or TLS. Thread-safe; make one and keep it.</summary>
/// <remarks>
/// The API version is settled by a ping before the first call, sent as a prefix with every call, and settled anew after a lost
/// connection: the engine may come back in another version.
/// </remarks>
public sealed partial class DockerClient : IDockerClient, IDisposable
{
    private const string ApiVersionHeader = "Api-Version";

    private readonly EngineOptions _options;
    private readonly EngineConnection _connection;
    private volatile Negotiated? _negotiated;
    private RepeatedList<ContainerSummary>? _containers;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <param name="options">Where the engine is and what is allowed.</param>
    /// <exception cref="DockerException"><see cref="DockerErrorReason.InvalidSettings"/>: TLS files that cannot be used.</exception>
    public DockerClient(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _connection = new EngineConnection(options);
    }

    /// <summary>The API version in use; null before the first call and after a lost connection.</summary>
    public ApiVersion? Version => _negotiated?.Version;

    /// <inheritdoc/>
    public async Task<ApiVersion> PingAsync(CancellationToken cancellationToken)
    {
        var request = new EngineRequest("GET", "/_ping") { IsUrgent = true };
        var text = await RememberAsync(() => _connection.CallAsync(
            request,
            _options.PingTimeout,
            (response, _, _) => Task.FromResult(response.Headers.TryGetValues(ApiVersionHeader, out var values) ? values.First() : ""),
            cancellationToken));
        var call = _connection.Describe(request);
        if (!ApiVersion.TryParse(text, out var version))
            throw call.Error(DockerErrorReason.BadResponse, $"whoever answers at {_options.Address} is not a Docker engine: its ping has no {ApiVersionHeader} header");
        if (version < ApiVersion.Oldest)
            throw call.Error(DockerErrorReason.TooOld, $"the engine at {_options.Address} speaks API {version} at most; {ApiVersion.Oldest} (Docker 20.10) or later is needed");
        version = version < ApiVersion.Newest ? version : ApiVersion.Newest;
        _negotiated = new Negotiated(version);
        return version;
    }

    /// <inheritdoc/>
    public Task<EngineVersion> VersionAsync(CancellationToken cancellationToken) =>
        GetAsync("/version", "", DockerJson.Default.EngineVersion, cancellationToken);

    /// <inheritdoc/>
    public Task<SystemInfo> InfoAsync(CancellationToken cancellationToken) =>
        GetAsync("/info", "", DockerJson.Default.SystemInfo, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ContainerSummary>> ListContainersAsync(bool all, CancellationToken cancellationToken)
    {
        var request = await RequestAsync("GET", "/containers/json", all ? "all=1" : "", cancellationToken);
        // Whoever finds it taken by another call reads without what it remembers; one that failed is not put back.
        var list = Interlocked.Exchange(ref _containers, null) ?? new RepeatedList<ContainerSummary>(DockerJson.Default.ContainerSummary);
        var rows = await RememberAsync(() => _connection.ReadAsync(request, list.ReadAsync, cancellationToken));
        _containers = list;
        return rows;
    }

    /// <inheritdoc/>
    public Task<ContainerInspect> InspectContainerAsync(string id, CancellationToken cancellationToken) =>
        GetAsync($"/containers/{Segment(id)}/json", "", DockerJson.Default.ContainerInspect, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NetworkSummary>> ListNetworksAsync(CancellationToken cancellationToken) =>
        Absent.Filled(await GetAsync("/networks", "", DockerJson.Default.NetworkSummaryArray, cancellationToken));

    /// <inheritdoc/>
    public Task<NetworkSummary> InspectNetworkAsync(string id, CancellationToken cancellationToken) =>
        GetAsync($"/networks/{Segment(id)}", "", DockerJson.Default.NetworkSummary, cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ServiceRecord>> ListServicesAsync(CancellationToken cancellationToken) =>
        Absent.Filled(await GetAsync("/services", "", DockerJson.Default.ServiceRecordArray, cancellationToken));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TaskRecord>> ListTasksAsync(CancellationToken cancellationToken) =>
        Absent.Filled(await GetAsync("/tasks", "", DockerJson.Default.TaskRecordArray, cancellationToken));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeRecord>> ListNodesAsync(CancellationToken cancellationToken) =>
        Absent.Filled(await GetAsync("/nodes", "", DockerJson.Default.NodeRecordArray, cancellationToken));

    /// <inheritdoc/>
    [SuppressMessage("Reliability", "CA2000", Justification = "The stream owns the response, the caller owns the stream.")]
    public async Task<IEventSubscription> OpenEventsAsync(EventFilter filter, DateTimeOffset? since, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var query = "filters=" + Uri.EscapeDataString(filter.ToJson()) + (since is { } time ? "&since=" + UnixTime(time) : "");
        var request = await RequestAsync("GET", "/events", query, cancellationToken);
        var (response, body) = await RememberAsync(() => _connection.OpenAsync(request, cancellationToken));
        return new EventSubscription(response, body, _connection.Describe(request), PingAsync);
    }

    /// <summary>Closes all connections; open event streams end with an error.</summary>
    public void Dispose() => _connection.Dispose();

    private async Task<T> GetAsync<T>(string path, string query, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var request = await RequestAsync("GET", path, query, cancellationToken);
        return await RememberAsync(() => _connection.GetJsonAsync(request, type, cancellationToken));
    }

    private async Task<EngineRequest> RequestAsync(string method, string path, string query, CancellationToken cancellationToken)
    {
        var version = _negotiated?.Version ?? await PingAsync(cancellationToken);
        return new EngineRequest(method, path) { Query = query, Version = version };
    }

    // What was settled with an engine that is gone, or that says 400 to it, must not be held against the next one.
    private async Task<T> RememberAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (DockerException e) when (e.Reason == DockerErrorReason.Unreachable || e.Status == 400)
        {
            _negotiated = null;
            throw;
        }
    }

    // A name becomes one path segment; "." and ".." would change the path, and the engine knows no such name.
    private static string Segment(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return id.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && id.AsSpan().IndexOfAny("/?#%\\") < 0 && id is not ("." or "..")
            ? id
            : throw new DockerException(DockerErrorReason.NotFound, $"nothing in Docker can be called \"{OneLine.From(id)}\"");
    }

    private static string UnixTime(DateTimeOffset time)
    {
        var ticks = (time - DateTimeOffset.UnixEpoch).Ticks;
        return string.Create(CultureInfo.InvariantCulture, $"{ticks / TimeSpan.TicksPerSecond}.{ticks % TimeSpan.TicksPerSecond * 100:D9}");
    }

    private sealed record Negotiated(ApiVersion Version);
}
