using System.Globalization;

namespace Templater.Testing;

/// <summary>A container of the fake engine. The fluent methods describe it and return it; use them in <c>AddContainer</c>'s delegate.</summary>
/// <remarks>Changing a container afterwards is done through the engine, which emits the events that belong to the change.</remarks>
public sealed class FakeContainer
{
    internal FakeContainer(string name, string id, DateTimeOffset created, long processId)
    {
        Names = [name];
        Id = id;
        CreatedAt = created;
        ProcessId = processId;
    }

    /// <summary>64 hexadecimal digits, made from its name.</summary>
    public string Id { get; private set; }

    /// <summary>First name, without a slash; empty when it has none.</summary>
    public string Name => Names.Count > 0 ? Names[0] : "";

    /// <summary><c>created running paused restarting removing exited dead</c>.</summary>
    public string Status { get; internal set; } = "running";

    /// <summary><c>none starting healthy unhealthy</c>.</summary>
    public string HealthStatus { get; internal set; } = "none";

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When it was last started; null if never.</summary>
    public DateTimeOffset? StartedAt { get; internal set; }

    internal List<string> Names { get; }

    internal string ImageName { get; private set; } = "web:1";

    internal SortedDictionary<string, string> Labels { get; } = new(StringComparer.Ordinal);

    internal List<string> Environment { get; } = [];

    internal SortedDictionary<string, List<(string Address, int Port)>> Ports { get; } = new(StringComparer.Ordinal);

    internal SortedDictionary<string, FakeEndpoint> Endpoints { get; } = new(StringComparer.Ordinal);

    internal List<FakeMount> Mounts { get; } = [];

    internal List<(bool IsError, string Text)> LogText { get; } = [];

    internal List<(int ExitCode, string Output)> HealthLog { get; } = [];

    internal string UserName { get; private set; } = "";

    internal string StopSignalName { get; private set; } = "";

    internal string NetworkModeName { get; private set; } = "";

    internal List<string> MoreGroups { get; } = [];

    internal string PidModeName { get; private set; } = "";

    internal bool HasTerminal { get; private set; }

    internal int ExitCode { get; set; }

    internal long ProcessId { get; set; }

    internal byte[]? Row { get; set; }

    internal byte[]? Inspection { get; set; }

    internal bool IsRunning => Status is "running" or "paused" or "restarting";

    /// <summary>Sets the image name.</summary>
    public FakeContainer Image(string name) => With(() => ImageName = name);

    /// <summary>Sets the id; 64 hexadecimal digits.</summary>
    public FakeContainer WithId(string id) => With(() => Id = id);

    /// <summary>Adds a label.</summary>
    public FakeContainer Label(string key, string value) => With(() => Labels[key] = value);

    /// <summary>Adds an environment variable.</summary>
    public FakeContainer Env(string name, string value) => With(() => Environment.Add($"{name}={value}"));

    /// <summary>Exposes a port without publishing it.</summary>
    public FakeContainer Expose(int port, string protocol = "tcp") => With(() => Port(port, protocol));

    /// <summary>Publishes a port on the host; exposes it too.</summary>
    public FakeContainer Publish(int hostPort, int port, string protocol = "tcp", string address = "0.0.0.0") =>
        With(() => Port(port, protocol).Add((address, hostPort)));

    /// <summary>Attaches it to a network, which is created when it does not exist.</summary>
    /// <param name="network">Name of the network.</param>
    /// <param name="address">IPv4 address while it runs; null takes the next free one.</param>
    /// <param name="aliases">Names on this network.</param>
    public FakeContainer Network(string network, string? address = null, params string[] aliases) =>
        With(() => Endpoints[network] = new FakeEndpoint { Wanted = address, Aliases = aliases });

    /// <summary>Attaches it to a network with an IPv6 address and a gateway priority, too.</summary>
    public FakeContainer Network6(string network, string? address, string address6, int gatewayPriority = 0) =>
        With(() => Endpoints[network] = new FakeEndpoint { Wanted = address, Address6 = address6, GatewayPriority = gatewayPriority });

    /// <summary>Gives it a health check with this result.</summary>
    public FakeContainer Health(string status) => With(() => HealthStatus = status);

    /// <summary>Adds a result to the log of its health check.</summary>
    public FakeContainer HealthResult(int exitCode, string output) => With(() => HealthLog.Add((exitCode, output)));

    /// <summary>Sets the state it is in; <c>created</c> means it never ran.</summary>
    public FakeContainer State(string status) => With(() => Status = status);

    /// <summary>Sets the time of creation.</summary>
    public FakeContainer Created(DateTimeOffset time) => With(() => CreatedAt = time);

    /// <summary>Sets the time of the last start.</summary>
    public FakeContainer Started(DateTimeOffset time) => With(() => StartedAt = time);

    /// <summary>Adds a mount.</summary>
    public FakeContainer Mount(string source, string destination, bool writable = true, string type = "bind", string name = "") =>
        With(() => Mounts.Add(new FakeMount(type, name, source, destination, writable)));

    /// <summary>Gives its program a further group.</summary>
    public FakeContainer GroupAdd(string group) => With(() => MoreGroups.Add(group));

    /// <summary>Sets the user it runs as.</summary>
    public FakeContainer User(string user) => With(() => UserName = user);

    /// <summary>Sets the signal that stops it.</summary>
    public FakeContainer StopSignal(string signal) => With(() => StopSignalName = signal);

    /// <summary>Sets <c>HostConfig.NetworkMode</c>; the first network by default.</summary>
    public FakeContainer NetworkMode(string mode) => With(() => NetworkModeName = mode);

    /// <summary>Sets <c>HostConfig.PidMode</c>.</summary>
    public FakeContainer PidMode(string mode) => With(() => PidModeName = mode);

    /// <summary>Sets the process id of its first process.</summary>
    public FakeContainer Pid(long processId) => With(() => ProcessId = processId);

    /// <summary>Gives it a terminal: its log is one raw stream.</summary>
    public FakeContainer Terminal() => With(() => HasTerminal = true);

    /// <summary>Adds a name, for example a legacy link <c>other/alias</c>.</summary>
    public FakeContainer AlsoNamed(string name) => With(() => Names.Add(name));

    /// <summary>Takes all names away, as the engine does while it removes a container.</summary>
    public FakeContainer Nameless() => With(Names.Clear);

    /// <summary>Adds to its log.</summary>
    public FakeContainer Log(string text, bool isError = false) => With(() => LogText.Add((isError, text)));

    internal void Changed()
    {
        Row = null;
        Inspection = null;
    }

    private List<(string Address, int Port)> Port(int port, string protocol)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{port}/{protocol}");
        if (!Ports.TryGetValue(key, out var bindings))
            Ports[key] = bindings = [];
        return bindings;
    }

    private FakeContainer With(Action change)
    {
        change();
        Changed();
        return this;
    }
}

internal sealed class FakeEndpoint
{
    /// <summary>Address to have while running; null: the next free one.</summary>
    public string? Wanted { get; set; }

    public string Address6 { get; init; } = "";

    public int GatewayPriority { get; init; }

    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Empty while not attached.</summary>
    public string Id { get; set; } = "";

    /// <summary>False until the first start: the engine then knows the network by name alone.</summary>
    public bool IsKnown { get; set; }
}

internal sealed record FakeMount(string Type, string Name, string Source, string Destination, bool Writable);

/// <summary>A network of the fake engine.</summary>
/// <param name="Name">Name.</param>
/// <param name="Id">64 hexadecimal digits.</param>
/// <param name="Subnet">Address range in CIDR notation.</param>
/// <param name="Driver">Driver.</param>
/// <param name="Internal">Whether it is cut off from the outside.</param>
/// <param name="Ingress">Whether it is the Swarm's routing mesh.</param>
public sealed record FakeNetwork(string Name, string Id, string Subnet, string Driver = "bridge", bool Internal = false, bool Ingress = false)
{
    internal int LastHost { get; set; } = 1;

    internal string Gateway => Host(1);

    internal string NextAddress() => Host(++LastHost);

    // Good for /16 networks: x.y.0.1 onwards.
    private string Host(int number)
    {
        var parts = Subnet.Split('.', '/');
        return string.Create(CultureInfo.InvariantCulture, $"{parts[0]}.{parts[1]}.{number / 250}.{number % 250 + (number >= 250 ? 1 : 0)}");
    }
}
