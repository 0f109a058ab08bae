using static Templater.Docker.Wire.Absent;

namespace Templater.Docker.Wire;

/// <summary>One row of <c>GET /networks</c>, and the answer of <c>GET /networks/{id}</c>, which adds <see cref="Containers"/>.</summary>
public sealed record NetworkSummary
{
    /// <summary>Name; not always unique.</summary>
    public string Name { get; init => field = Filled(value); } = "";

    /// <summary>Unique id.</summary>
    public string Id { get; init => field = Filled(value); } = "";

    /// <summary><c>local</c>, <c>swarm</c> or <c>global</c>.</summary>
    public string Scope { get; init => field = Filled(value); } = "";

    /// <summary>Driver, for example <c>bridge</c> or <c>overlay</c>.</summary>
    public string Driver { get; init => field = Filled(value); } = "";

    /// <summary>Whether containers on it are cut off from the outside.</summary>
    public bool Internal { get; init; }

    /// <summary>Whether it is the Swarm's routing mesh.</summary>
    public bool Ingress { get; init; }

    /// <summary>Whether it has IPv6.</summary>
    public bool EnableIPv6 { get; init; }

    /// <summary>Its address ranges.</summary>
    public Ipam IPAM { get; init => field = value ?? new Ipam(); } = new();

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = Filled(value); } = Filled((IReadOnlyDictionary<string, string>?)null);

    /// <summary>Attached containers by id; filled by an inspection only.</summary>
    public IReadOnlyDictionary<string, NetworkContainer> Containers { get; init => field = Filled(value); } = Filled((IReadOnlyDictionary<string, NetworkContainer>?)null);

    /// <inheritdoc/>
    public override string ToString() => $"network {Name} ({Id})";
}

/// <summary>Address management of a network.</summary>
public sealed record Ipam
{
    /// <summary>One entry per address range.</summary>
    public IReadOnlyList<IpamConfig> Config { get; init => field = Filled(value); } = [];
}

/// <summary>An address range of a network.</summary>
public sealed record IpamConfig
{
    /// <summary>Range in CIDR notation.</summary>
    public string Subnet { get; init => field = Filled(value); } = "";

    /// <summary>Gateway address; may be empty.</summary>
    public string Gateway { get; init => field = Filled(value); } = "";
}

/// <summary>A container on an inspected network.</summary>
public sealed record NetworkContainer
{
    /// <summary>Name without a slash.</summary>
    public string Name { get; init => field = Filled(value); } = "";

    /// <summary>Id of the attachment.</summary>
    public string EndpointID { get; init => field = Filled(value); } = "";

    /// <summary>IPv4 address with prefix length.</summary>
    public string IPv4Address { get; init => field = Filled(value); } = "";

    /// <summary>IPv6 address with prefix length.</summary>
    public string IPv6Address { get; init => field = Filled(value); } = "";
}
