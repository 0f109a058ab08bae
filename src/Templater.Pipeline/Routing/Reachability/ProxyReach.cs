using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>Which networks the proxy of one output can reach. Immutable; made once per routing.</summary>
internal sealed class ProxyReach
{
    /// <summary>How many times a container may borrow the network of another that borrows it from a third.</summary>
    private const int MaxBorrowing = 4;

    /// <summary>Network mode of a container that uses the host's network.</summary>
    public const string HostMode = "host";

    /// <summary>Network mode of a container without any.</summary>
    public const string NoneMode = "none";

    private const string ContainerMode = "container:";

    private readonly Snapshot _snapshot;
    private readonly Dictionary<string, Container> _byId;
    private readonly bool _isKnown;

    private ProxyReach(Snapshot snapshot, ProxyContext proxy)
    {
        _snapshot = snapshot;
        _byId = new Dictionary<string, Container>(StringComparer.Ordinal);
        foreach (var container in snapshot.Containers)
            _byId.TryAdd(container.Id.Value, container);
        Proxies = [.. proxy.Containers.Select(id => _byId.GetValueOrDefault(id.Value)).OfType<Container>()];
        _isKnown = proxy.IsKnown && Proxies.Length > 0;
        // Of several the oldest decides: its sites must not go down because of a newcomer, which may carry its label by mistake.
        var oldest = ProxyLocator.OldestFirst(Proxies).FirstOrDefault();
        IsOnHost = oldest is not null && Lender(oldest).NetworkMode == HostMode;
        Shared = oldest is null ? [] : Usable(oldest);
        Split = oldest is null ? null : Difference(oldest, proxy.Output);
    }

    /// <summary>The proxy's containers that the snapshot has.</summary>
    public ImmutableArray<Container> Proxies { get; }

    /// <summary>True when the proxy uses the host's network.</summary>
    public bool IsOnHost { get; }

    /// <summary>Networks that the proxy is on; of several containers the oldest one's.</summary>
    public ImmutableArray<Endpoint> Shared { get; }

    /// <summary>Says which of the proxy's containers lack networks of the oldest; null when none does.</summary>
    public Finding? Split { get; }

    /// <summary>Works out the reach.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="proxy">The proxy.</param>
    public static ProxyReach Of(Snapshot snapshot, ProxyContext proxy) => new(snapshot, proxy);

    /// <summary>True for a container that uses the network of another one, so that what holds for it depends on that one.</summary>
    /// <param name="container">The container.</param>
    public static bool Borrows(Container container) => container.NetworkMode.StartsWith(ContainerMode, StringComparison.Ordinal);

    /// <summary>All attachments through which the container has addresses, by network name.</summary>
    /// <param name="container">The container.</param>
    public ImmutableArray<Endpoint> Usable(Container container) =>
    [
        .. Lender(container).Endpoints
            .Where(endpoint => endpoint.NetworkName is not HostMode and not NoneMode && !IsIngress(endpoint))
            .OrderBy(endpoint => endpoint.NetworkName, StringComparer.Ordinal)
            .ThenBy(endpoint => endpoint.NetworkId, StringComparer.Ordinal),
    ];

    /// <summary>True when the proxy can open connections to addresses on that network.</summary>
    /// <param name="endpoint">An attachment of some container.</param>
    public bool Reaches(Endpoint endpoint)
    {
        if (!_isKnown)
            return true;
        return Shared.Any(mine => IsSame(mine, endpoint)) || (IsOnHost && IsBridge(endpoint));
    }

    /// <summary>How the proxy reaches a container that uses the host's network; null when it cannot.</summary>
    /// <param name="container">The container.</param>
    public Endpoint? ThroughHost(Container container)
    {
        if (Lender(container).NetworkMode != HostMode)
            return null;
        if (container.Origin is { IsElsewhere: true } there)
            return ThroughNode(there);
        if (!_isKnown)
            return null;
        if (IsOnHost)
            return new Endpoint { NetworkName = HostMode, IPv4 = IPAddress.Loopback.ToString() };
        var way = Shared.FirstOrDefault(endpoint => Address(endpoint.Gateway, AddressFamily.InterNetwork).Length > 0 && IsBridge(endpoint) && !IsInternal(endpoint));
        return way is not null ? new Endpoint { NetworkName = HostMode, IPv4 = way.Gateway } : container.Origin is { } origin ? ThroughNode(origin) : null;
    }

    /// <summary>The way to a Swarm's node that a task runs on; null when its address is not known.</summary>
    /// <param name="origin">Where the task comes from.</param>
    public static Endpoint? ThroughNode(SwarmOrigin origin) => origin.NodeAddress is not { } address ? null : new Endpoint
    {
        NetworkName = HostMode,
        IPv4 = Address(address, AddressFamily.InterNetwork),
        IPv6 = Address(address, AddressFamily.InterNetworkV6),
    };

    /// <summary>The text when it is an address of the family, else empty.</summary>
    /// <param name="text">The text.</param>
    /// <param name="family">IPv4 or IPv6.</param>
    public static string Address(string text, AddressFamily family) =>
        !text.Contains('%', StringComparison.Ordinal) && IPAddress.TryParse(text, out var address) && address.AddressFamily == family
            ? address.ToString()
            : "";

    /// <summary>Networks are the same by id, or by name where an id is missing: a container that was never started has none.</summary>
    public static bool IsSame(Endpoint left, Endpoint right) =>
        left.NetworkId.Length > 0 && right.NetworkId.Length > 0
            ? left.NetworkId == right.NetworkId
            : left.NetworkName == right.NetworkName;

    private Finding? Difference(Container oldest, string output)
    {
        var lacking = new List<string>();
        foreach (var other in Proxies)
        {
            var networks = Shared.Where(endpoint => !Usable(other).Any(mine => IsSame(mine, endpoint))).Select(endpoint => Untrusted.Shown(endpoint.NetworkName)).ToArray();
            if (networks.Length > 0 && Lender(other).NetworkMode != HostMode)
                lacking.Add($"\"{Untrusted.Shown(other.Name)}\" is not on {string.Join(", ", networks)}");
        }

        return lacking.Count == 0 ? null : new Finding(
            FindingSeverity.Warning,
            ReasonIds.NoSharedNetwork,
            $"the proxies of the output {Untrusted.Shown(output)} are on different networks: {string.Join("; ", lacking)}. The networks of the oldest, \"{Untrusted.Shown(oldest.Name)}\", count, and what is only there is out of reach for the others. Attach all of them to the same networks, remove the label from what is no proxy, or give each stack a Templater of its own compose project.")
        {
            Container = oldest.Name,
        };
    }

    /// <summary>The container whose network one uses: its own, unless it borrows it.</summary>
    /// <param name="container">The container.</param>
    public Container Lender(Container container)
    {
        for (var depth = 0; depth < MaxBorrowing && Borrows(container); depth++)
        {
            var name = container.NetworkMode[ContainerMode.Length..];
            var lender = _byId.GetValueOrDefault(name) ?? _snapshot.Containers.FirstOrDefault(other => other.Name == name);
            if (lender is null)
                break;
            container = lender;
        }

        return container;
    }

    /// <summary>
    /// True where the host itself has an address and is the gateway: on bridges. The gateway of a macvlan is a physical router. A
    /// source that does not tell drivers is given the benefit of the doubt.
    /// </summary>
    private bool IsBridge(Endpoint endpoint) =>
        _snapshot.Networks.FirstOrDefault(network => network.Id == endpoint.NetworkId && network.Id.Length > 0)?.Driver is null or "" or "bridge";

    private bool IsIngress(Endpoint endpoint) =>
        _snapshot.Networks.Any(network => network.IsIngress && (network.Id == endpoint.NetworkId || network.Name == endpoint.NetworkName));

    private bool IsInternal(Endpoint endpoint) =>
        _snapshot.Networks.Any(network => network.IsInternal
            && IsSame(endpoint, new Endpoint { NetworkName = network.Name, NetworkId = network.Id }));
}
