using System.Globalization;
using System.Threading.Channels;

namespace Templater.Testing;

/// <summary>
/// A Docker engine of nothing but state: a real HTTP server in this process, on a unix socket of its own, with containers and
/// networks that tests change. It emits the events that a real engine emits, in its order, and can be made to fail.
/// </summary>
/// <remarks>Thread-safe. Ids, addresses and times come from names and a counter, never from the clock: the same steps give the same bytes.</remarks>
public sealed partial class FakeDockerEngine : IAsyncDisposable
{
    /// <summary>Events that a new subscription can have replayed, as with the real engine.</summary>
    private const int RememberedEvents = 256;

    private static readonly DateTimeOffset FirstTime = new(2026, 1, 2, 3, 0, 0, TimeSpan.Zero);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, FakeContainer> _containers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FakeNetwork> _networks = new(StringComparer.Ordinal);
    private readonly Queue<FakeEvent> _history = new();
    private readonly List<(FakeEventFilter Filter, Channel<FakeEvent> Channel)> _subscribers = [];
    private FakeDockerJson _json;
    private byte[]? _allRows;
    private byte[]? _runningRows;
    private long _steps;
    private string _apiVersion;

    /// <summary>API version it speaks; may be changed while it runs, as by an upgrade.</summary>
    public string ApiVersion
    {
        get
        {
            lock (_lock)
                return _apiVersion;
        }

        set
        {
            lock (_lock)
            {
                _apiVersion = value;
                _json = new FakeDockerJson(int.Parse(value.Split('.')[1], CultureInfo.InvariantCulture), _networks);
                foreach (var container in _containers.Values)
                    container.Changed();
                (_allRows, _runningRows) = (null, null);
            }
        }
    }

    /// <summary>Whether it says to be a Swarm manager.</summary>
    public bool IsSwarmManager { get; set; }

    /// <summary>What it does wrong.</summary>
    public FakeFaults Faults { get; } = new();

    /// <summary>All containers, in the order of creation.</summary>
    public IReadOnlyList<FakeContainer> Containers
    {
        get
        {
            lock (_lock)
                return [.. _containers.Values];
        }
    }

    /// <summary>The events emitted so far, the last 256.</summary>
    public IReadOnlyList<FakeEvent> Events
    {
        get
        {
            lock (_lock)
                return [.. _history];
        }
    }

    /// <summary>How many event subscriptions are open.</summary>
    public int Subscriptions
    {
        get
        {
            lock (_lock)
                return _subscribers.Count;
        }
    }

    /// <summary>Creates a network; containers that name an unknown one create it by themselves.</summary>
    public FakeNetwork AddNetwork(string name, string? subnet = null, string driver = "bridge", bool isInternal = false, bool isIngress = false) => Change(() =>
    {
        var network = new FakeNetwork(
            name,
            FakeIds.For("network " + name),
            subnet ?? string.Create(CultureInfo.InvariantCulture, $"172.{20 + _networks.Count}.0.0/16"),
            driver,
            isInternal,
            isIngress);
        _networks.Add(name, network);
        Emit("network", "create", network.Id, ("name", name), ("type", driver));
        return network;
    });

    /// <summary>Creates a container and, unless described otherwise, starts it.</summary>
    /// <param name="name">Its name without a slash.</param>
    /// <param name="describe">Describes it.</param>
    public FakeContainer AddContainer(string name, Action<FakeContainer>? describe = null) => Change(() =>
    {
        var container = new FakeContainer(name, FakeIds.For("container " + name + _steps), NextTime(), 1000 + _steps);
        describe?.Invoke(container);
        foreach (var network in container.Endpoints.Keys.Where(network => !_networks.ContainsKey(network)))
            AddNetwork(network);
        _containers.Add(container.Id, container);
        var (status, health) = (container.Status, container.HealthStatus);
        container.Status = "created";
        EmitContainer(container, "create");
        if (status == "created")
            return container;
        Start(container, container.StartedAt);
        if (health is not "none" and not "starting")
            SetHealth(container, health);
        if (status == "exited")
            End(container, 15, "stop");
        else
            container.Status = status;
        return container;
    });

    /// <summary>The container with this name, id or start of an id.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public FakeContainer Container(string name)
    {
        lock (_lock)
            return Find(name) ?? throw new KeyNotFoundException($"no container {name}");
    }

    /// <summary>Changes a container in any way without an event, as a missed one looks.</summary>
    public void Alter(string name, Action<FakeContainer> change) => Change(() =>
    {
        var container = Container(name);
        change(container);
        container.Changed();
    });

    /// <summary>Starts a container: events <c>network connect</c>, <c>start</c>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="startedAt">When it says that this was; null takes the engine's own clock.</param>
    public void Start(string name, DateTimeOffset? startedAt = null) => Change(() => Start(Container(name), startedAt));

    /// <summary>Stops a container: events <c>kill die</c>, <c>network disconnect</c>, <c>stop</c>.</summary>
    public void Stop(string name) => Change(() => End(Container(name), 15, "stop"));

    /// <summary>Lets a container end by itself: events <c>die</c>, <c>network disconnect</c>.</summary>
    public void Die(string name, int exitCode = 1) => Change(() => End(Container(name), 0, null, exitCode));

    /// <summary>Removes a container, by force when it runs: <c>kill die</c>, <c>network disconnect</c>, then <c>destroy</c>.</summary>
    public void Remove(string name) => Change(() =>
    {
        var container = Container(name);
        if (container.IsRunning)
            End(container, 9, null, 137);
        _containers.Remove(container.Id);
        EmitContainer(container, "destroy");
    });

    /// <summary>Restarts a container: <c>kill die</c>, <c>disconnect</c>, <c>stop</c>, <c>connect</c>, <c>start restart</c>.</summary>
    public void Restart(string name) => Change(() =>
    {
        var container = Container(name);
        if (container.IsRunning)
            End(container, 15, "stop");
        Start(container, null);
        EmitContainer(container, "restart");
    });

    /// <summary>Pauses a running container.</summary>
    public void Pause(string name) => SetStatus(name, "paused", "pause");

    /// <summary>Lets a paused container go on.</summary>
    public void Unpause(string name) => SetStatus(name, "running", "unpause");

    /// <summary>Attaches a container to a network; the event comes when it runs.</summary>
    public void Connect(string name, string network, string? address = null, params string[] aliases) => Change(() =>
    {
        if (!_networks.ContainsKey(network))
            AddNetwork(network);
        var container = Container(name);
        var endpoint = container.Endpoints[network] = new FakeEndpoint { Wanted = address, Aliases = aliases };
        if (container.IsRunning)
            Attach(container, network, endpoint);
    });

    /// <summary>Detaches a container from a network: event <c>disconnect</c>, twice, as the real engine.</summary>
    public void Disconnect(string name, string network) => Change(() =>
    {
        var container = Container(name);
        if (!container.Endpoints.Remove(network) || !container.IsRunning)
            return;
        // Engine 20.10 says it twice.
        EmitNetwork(container, network, "disconnect");
        EmitNetwork(container, network, "disconnect");
    });

    /// <summary>Changes the result of a container's health check: event <c>health_status: ...</c>.</summary>
    public void SetHealth(string name, string status) => Change(() => SetHealth(Container(name), status));

    /// <summary>Renames a container.</summary>
    public void Rename(string name, string newName) => Change(() =>
    {
        var container = Container(name);
        container.Names[0] = newName;
        EmitContainer(container, "rename", ("oldName", "/" + name));
    });

    /// <summary>Emits any event, for example an <c>exec_start</c> that must wake nobody.</summary>
    public void EmitEvent(string type, string action, string actorId, params (string Key, string Value)[] attributes) =>
        Change(() => Emit(type, action, actorId, attributes));

    private void Start(FakeContainer container, DateTimeOffset? startedAt)
    {
        foreach (var (network, endpoint) in container.Endpoints)
            Attach(container, network, endpoint);
        container.Status = "running";
        container.StartedAt = startedAt ?? NextTime();
        if (container.HealthStatus != "none")
            container.HealthStatus = "starting";
        EmitContainer(container, "start");
    }

    private void End(FakeContainer container, int signal, string? action, int exitCode = 0)
    {
        if (signal > 0)
            EmitContainer(container, "kill", ("signal", signal.ToString(CultureInfo.InvariantCulture)));
        container.Status = "exited";
        container.ExitCode = exitCode;
        EmitContainer(container, "die", ("exitCode", exitCode.ToString(CultureInfo.InvariantCulture)));
        foreach (var (network, endpoint) in container.Endpoints)
        {
            endpoint.Id = "";
            EmitNetwork(container, network, "disconnect");
        }

        if (action is not null)
            EmitContainer(container, action);
    }

    private void Attach(FakeContainer container, string network, FakeEndpoint endpoint)
    {
        endpoint.IsKnown = true;
        endpoint.Wanted ??= _networks[network].NextAddress();
        endpoint.Id = FakeIds.For($"endpoint {container.Id} {network} {_steps++}");
        EmitNetwork(container, network, "connect");
    }

    private void SetHealth(FakeContainer container, string status)
    {
        container.HealthStatus = status;
        EmitContainer(container, "health_status: " + status);
    }

    private void SetStatus(string name, string status, string action) => Change(() =>
    {
        var container = Container(name);
        container.Status = status;
        EmitContainer(container, action);
    });

    private FakeContainer? Find(string name) =>
        _containers.GetValueOrDefault(name)
        ?? _containers.Values.FirstOrDefault(container => container.Names.Contains(name))
        ?? (name.Length >= 4 ? _containers.Values.FirstOrDefault(container => container.Id.StartsWith(name, StringComparison.Ordinal)) : null);

    private void EmitContainer(FakeContainer container, string action, params (string Key, string Value)[] more)
    {
        container.Changed();
        Emit("container", action, container.Id, [("image", container.ImageName), ("name", container.Name), .. more, .. container.Labels.Select(label => (label.Key, label.Value))]);
    }

    private void EmitNetwork(FakeContainer container, string network, string action)
    {
        container.Changed();
        Emit("network", action, _networks[network].Id, ("container", container.Id), ("name", network), ("type", _networks[network].Driver));
    }

    private void Emit(string type, string action, string actorId, params (string Key, string Value)[] attributes)
    {
        var facts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in attributes)
            facts[key] = value;
        var message = new FakeEvent(type, action, actorId, facts, NextTime());
        _history.Enqueue(message);
        if (_history.Count > RememberedEvents)
            _history.Dequeue();
        foreach (var (filter, channel) in _subscribers)
        {
            if (filter.Matches(message))
                channel.Writer.TryWrite(message);
        }
    }

    private DateTimeOffset NextTime() => FirstTime.AddMilliseconds(++_steps);

    private void Change(Action change) => Change(() =>
    {
        change();
        return true;
    });

    private T Change<T>(Func<T> change)
    {
        lock (_lock)
        {
            var result = change();
            (_allRows, _runningRows) = (null, null);
            return result;
        }
    }
}
