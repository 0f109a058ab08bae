using System.Globalization;
using System.Text.Json;
using Templater.Docker.Wire;

namespace Templater.Docker;

/// <content>What is done to or in one container.</content>
public sealed partial class DockerClient
{
    // The output of a command ends a moment before the engine has noted its exit code.
    private const int MaxExitCodeReads = 50;

    private static readonly TimeSpan ExitCodePause = TimeSpan.FromMilliseconds(20);

    /// <inheritdoc/>
    public Task KillAsync(string id, string signal, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(signal);
        return PostAsync($"/containers/{Segment(id)}/kill", "signal=" + Uri.EscapeDataString(signal), _options.CallTimeout, cancellationToken);
    }

    /// <inheritdoc/>
    public Task RestartAsync(string id, TimeSpan stopWait, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stopWait, TimeSpan.Zero);
        var seconds = (long)Math.Ceiling(stopWait.TotalSeconds);
        return PostAsync(
            $"/containers/{Segment(id)}/restart",
            string.Create(CultureInfo.InvariantCulture, $"t={seconds}"),
            _options.CallTimeout + TimeSpan.FromSeconds(seconds),
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ExecResult> ExecAsync(string id, ExecRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var config = new ExecConfig { Cmd = request.Command, User = request.User };
        var create = await RequestAsync("POST", $"/containers/{Segment(id)}/exec", "", cancellationToken);
        create = create with { Body = JsonSerializer.SerializeToUtf8Bytes(config, DockerJson.Default.ExecConfig) };
        var created = await RememberAsync(() => _connection.GetJsonAsync(create, DockerJson.Default.ExecCreated, cancellationToken));
        var exec = created.Id.Length > 0 ? Segment(created.Id) : throw _connection.Describe(create).NotJson(new JsonException("the new exec has no id"));

        var start = await RequestAsync("POST", $"/exec/{exec}/start", "", cancellationToken);
        start = start with { EndsConnection = true, Body = JsonSerializer.SerializeToUtf8Bytes(new ExecStart(), DockerJson.Default.ExecStart) };
        var output = await RememberAsync(() => _connection.CallAsync(
            start,
            request.TimeLimit,
            (_, body, token) => MultiplexedOutput.ReadAsync(body, new FirstBytes(request.MaxOutputBytes), token),
            cancellationToken));
        return new ExecResult(await ExitCodeAsync(exec, cancellationToken), output);
    }

    /// <inheritdoc/>
    public async Task<CapturedOutput> LogsAsync(string id, LogsRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var query = string.Create(CultureInfo.InvariantCulture, $"stdout={(request.ErrorsOnly ? 0 : 1)}&stderr=1&tail={request.Tail}")
            + (request.Since is { } since ? "&since=" + UnixTime(since) : "");
        var call = await RequestAsync("GET", $"/containers/{Segment(id)}/logs", query, cancellationToken);
        return await RememberAsync(() => _connection.CallAsync(
            call,
            _options.CallTimeout,
            (_, body, token) => MultiplexedOutput.ReadAsync(body, new LastLines(request.MaxBytes), token),
            cancellationToken));
    }

    /// <inheritdoc/>
    public Task<ContainerTop> TopAsync(string id, CancellationToken cancellationToken) =>
        GetAsync($"/containers/{Segment(id)}/top", "", DockerJson.Default.ContainerTop, cancellationToken);

    private async Task PostAsync(string path, string query, TimeSpan limit, CancellationToken cancellationToken)
    {
        var request = await RequestAsync("POST", path, query, cancellationToken);
        await RememberAsync(() => _connection.CallAsync(request, limit, (_, _, _) => Task.FromResult(true), cancellationToken));
    }

    private async Task<int> ExitCodeAsync(string exec, CancellationToken cancellationToken)
    {
        for (var read = 0; read < MaxExitCodeReads; read++)
        {
            var state = await GetAsync($"/exec/{exec}/json", "", DockerJson.Default.ExecInspect, cancellationToken);
            if (!state.Running && state.ExitCode is { } code)
                return code;
            await Task.Delay(ExitCodePause, _options.TimeProvider, cancellationToken);
        }

        throw new DockerException(DockerErrorReason.TimedOut, $"the engine at {_options.Address} does not tell how the command ended") { Call = $"GET /exec/{exec}/json" };
    }
}
