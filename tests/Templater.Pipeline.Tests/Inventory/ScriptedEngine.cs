using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Templater.Docker;
using Templater.Docker.Wire;
using WireState = Templater.Docker.Wire.ContainerState;

namespace Templater.Pipeline.Tests.Inventory;

/// <summary>An engine in memory behind the client's interface: counts calls, and fails or hangs when told to.</summary>
internal sealed class ScriptedEngine : IDockerClient
{
    private readonly Lock _lock = new();
    private readonly List<Row> _rows = [];
    private readonly List<Subscription> _subscriptions = [];

    public List<NetworkSummary> Networks { get; } = [new() { Id = "n-front", Name = "front", Driver = "bridge", Scope = "local" }];

    /// <summary>Calls made, as <c>list</c>, <c>inspect ID</c>, <c>networks</c>, <c>events</c>, <c>ping</c>, <c>version</c>, <c>info</c>.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Runs before every call; may throw or wait.</summary>
    public Func<string, CancellationToken, Task> Before { get; set; } = static (_, _) => Task.CompletedTask;

    /// <summary>The order in which containers are listed.</summary>
    public Func<IEnumerable<ContainerSummary>, IEnumerable<ContainerSummary>> Order { get; set; } = static rows => rows;

    public EventFilter? AskedFor { get; private set; }

    public int Count(string call) => Calls.Count(c => c == call || c.StartsWith(call + " ", StringComparison.Ordinal));

    public static string Id(int number) => number.ToString("x64", CultureInfo.InvariantCulture);

    public void Run(int number, string? host = null)
    {
        lock (_lock)
        {
            _rows.RemoveAll(row => row.Id == Id(number));
            _rows.Add(new Row(Id(number), $"web-{number}", "running", $"e{number}", host ?? $"h{number}.example.com", "Up 5 minutes"));
        }
    }

    public void Change(int number, Func<Row, Row?> change)
    {
        lock (_lock)
        {
            var index = _rows.FindIndex(row => row.Id == Id(number));
            if (change(_rows[index]) is { } changed)
                _rows[index] = changed;
            else
                _rows.RemoveAt(index);
        }
    }

    public void Stop(int number) => Change(number, static row => row with { State = "exited", Endpoint = "" });

    public void Remove(int number) => Change(number, static _ => null);

    public void Say(string action, int number, params (string Key, string Value)[] attributes) => Say(new DockerEvent
    {
        Type = "container",
        Action = action,
        Actor = new EventActor { ID = Id(number), Attributes = attributes.Append(("name", $"web-{number}")).ToDictionary(static a => a.Item1, static a => a.Item2) },
    });

    public void Say(DockerEvent message)
    {
        lock (_lock)
        {
            foreach (var subscription in _subscriptions)
                subscription.Messages.Writer.TryWrite(message);
        }
    }

    public void CutEvents(DockerException? exception = null)
    {
        lock (_lock)
        {
            foreach (var subscription in _subscriptions)
                subscription.Messages.Writer.TryComplete(exception ?? Gone());
            _subscriptions.Clear();
        }
    }

    public static DockerException Gone() =>
        new(DockerErrorReason.Unreachable, "cannot reach the Docker engine at unix:///x: nobody listens on it; is the engine running?");

    public async Task<ApiVersion> PingAsync(CancellationToken cancellationToken)
    {
        await CallAsync("ping", cancellationToken);
        return ApiVersion.TryParse("1.41", out var version) ? version : throw new InvalidOperationException();
    }

    public async Task<EngineVersion> VersionAsync(CancellationToken cancellationToken)
    {
        await CallAsync("version", cancellationToken);
        return new EngineVersion { Version = "20.10.24", ApiVersion = "1.41" };
    }

    public async Task<SystemInfo> InfoAsync(CancellationToken cancellationToken)
    {
        await CallAsync("info", cancellationToken);
        return new SystemInfo { Name = "host", Swarm = Part };
    }

    public async Task<IReadOnlyList<ContainerSummary>> ListContainersAsync(bool all, CancellationToken cancellationToken)
    {
        await CallAsync("list", cancellationToken);
        lock (_lock)
            return [.. Order(_rows.Select(static row => row.ToSummary()))];
    }

    public async Task<ContainerInspect> InspectContainerAsync(string id, CancellationToken cancellationToken)
    {
        await CallAsync($"inspect {id}", cancellationToken);
        lock (_lock)
        {
            return _rows.Find(row => row.Id == id)?.ToInspect()
                ?? throw new DockerException(DockerErrorReason.NotFound, $"the engine knows no such thing: GET /containers/{id}/json (404)") { Status = 404 };
        }
    }

    public async Task<IReadOnlyList<NetworkSummary>> ListNetworksAsync(CancellationToken cancellationToken)
    {
        await CallAsync("networks", cancellationToken);
        return [.. Networks];
    }

    /// <summary>Its part in a Swarm.</summary>
    public SwarmInfo Part { get; set; } = new();

    public List<ServiceRecord> Services { get; } = [];

    public List<TaskRecord> Tasks { get; } = [];

    public List<NodeRecord> Nodes { get; } = [];

    public async Task<IReadOnlyList<ServiceRecord>> ListServicesAsync(CancellationToken cancellationToken)
    {
        await CallAsync("services", cancellationToken);
        lock (_lock)
            return [.. Services];
    }

    public async Task<IReadOnlyList<TaskRecord>> ListTasksAsync(CancellationToken cancellationToken)
    {
        await CallAsync("tasks", cancellationToken);
        lock (_lock)
            return [.. Tasks];
    }

    public async Task<IReadOnlyList<NodeRecord>> ListNodesAsync(CancellationToken cancellationToken)
    {
        await CallAsync("nodes", cancellationToken);
        lock (_lock)
            return [.. Nodes];
    }

    /// <summary>Changes one task.</summary>
    public void ChangeTask(string id, Func<TaskRecord, TaskRecord> change)
    {
        lock (_lock)
            Tasks[Tasks.FindIndex(task => task.ID == id)] = change(Tasks.Single(task => task.ID == id));
    }

    public async Task<IEventSubscription> OpenEventsAsync(EventFilter filter, DateTimeOffset? since, CancellationToken cancellationToken)
    {
        await CallAsync("events", cancellationToken);
        AskedFor = filter;
        var subscription = new Subscription();
        lock (_lock)
            _subscriptions.Add(subscription);
        return subscription;
    }

    public Task<NetworkSummary> InspectNetworkAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task KillAsync(string id, string signal, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RestartAsync(string id, TimeSpan stopWait, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ExecResult> ExecAsync(string id, ExecRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<CapturedOutput> LogsAsync(string id, LogsRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ContainerTop> TopAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

    private async Task CallAsync(string call, CancellationToken cancellationToken)
    {
        Calls.Enqueue(call);
        await Before(call, cancellationToken);
    }

    internal sealed record Row(string Id, string Name, string State, string Endpoint, string Host, string Status)
    {
        private Dictionary<string, string> Labels => new() { ["templater.host"] = Host };

        private ContainerNetworks NetworkSettings => new()
        {
            Networks = new Dictionary<string, EndpointSettings>
            {
                ["front"] = new() { NetworkID = Endpoint.Length > 0 ? "n-front" : "", EndpointID = Endpoint, IPAddress = Endpoint.Length > 0 ? "172.20.0.9" : "" },
            },
        };

        public ContainerSummary ToSummary() => new()
        {
            Id = Id,
            Names = ["/" + Name],
            Image = "my/shop",
            State = State,
            Status = Status,
            Labels = Labels,
            NetworkSettings = NetworkSettings,
        };

        public ContainerInspect ToInspect() => new()
        {
            Id = Id,
            Name = "/" + Name,
            Created = Snapshots.Noon,
            State = new WireState { Status = State, StartedAt = Snapshots.Noon.AddSeconds(1) },
            Config = new ContainerConfig { Image = "my/shop:1", Env = ["VIRTUAL_PORT=8080", "SECRET=x"], ExposedPorts = ["80/tcp"], Labels = Labels },
            NetworkSettings = NetworkSettings,
        };
    }

    private sealed class Subscription : IEventSubscription
    {
        public Channel<DockerEvent> Messages { get; } = Channel.CreateUnbounded<DockerEvent>();

        public IAsyncEnumerator<DockerEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
            Messages.Reader.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
