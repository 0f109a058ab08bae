using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Templater.Docker.Wire;

namespace Templater.Pipeline.Inventory;

/// <summary>
/// Turns what the engine says about a container into a <see cref="Container"/>: the edge at which environments are
/// filtered, values bounded, addresses parsed and everything put in order. Pure.
/// </summary>
/// <remarks>
/// The list is the truth about state, names, labels, addresses and health; an inspection adds what never changes during
/// a container's life or changes only together with the list. <see cref="ContainerSummary.Status"/> changes with time
/// and is kept nowhere.
/// </remarks>
internal sealed class ContainerReader(EnvFilter env)
{
    private const string KeepaliveSysctl = "net.ipv4.tcp_keepalive_time";
    private const int MaxLabels = 1000;
    private const int MaxPorts = 4096;
    private const int MaxStopTimeout = 24 * 60 * 60;

    /// <summary>A container of the live list, with what its inspection told when it was last made.</summary>
    public static Container Merge(ContainerSummary row, Container details)
    {
        var state = ContainerWords.State(row.State);
        var labels = Labels(row.Labels);
        return details with
        {
            Id = new ContainerId(row.Id),
            Name = Name(row.Names.Count > 0 ? row.Names : [details.Name], row.Id),
            State = state,
            Health = state == ContainerState.Running ? ContainerWords.Health(row.ReadHealth()) : HealthStatus.None,
            HealthFailure = state == ContainerState.Running && ContainerWords.Health(row.ReadHealth()) == HealthStatus.Unhealthy ? details.HealthFailure : null,
            Labels = labels,
            Endpoints = Endpoints(row.NetworkSettings.Networks, details.Endpoints),
            Ports = Ports(row.Ports.Select(static p => new ContainerPort(p.PrivatePort, p.Type, p.PublicPort)).Concat(details.Ports)),
            Compose = ContainerWords.Compose(labels),
            Swarm = ContainerWords.Swarm(labels),
        };
    }

    /// <summary>What an inspection alone tells.</summary>
    public Container Read(ContainerInspect details)
    {
        var labels = Labels(details.Config.Labels);
        var state = ContainerWords.State(details.State.Status);
        return new Container
        {
            Id = new ContainerId(details.Id),
            Name = Name([details.Name], details.Id),
            Image = ImageReferenceParser.Parse(details.Config.Image.Length > 0 ? details.Config.Image : details.Image),
            State = state,
            Health = state == ContainerState.Running ? ContainerWords.Health(details.State.Health?.Status) : HealthStatus.None,
            Created = details.Created ?? DateTimeOffset.UnixEpoch,
            Started = details.State.StartedAt,
            Labels = labels,
            Env = env.Apply(details.Config.Env),
            Endpoints = Endpoints(details.NetworkSettings.Networks, []),
            Ports = Ports(Ports(details)),
            Mounts = [.. details.Mounts.Select(static m => new Mount(
                    UntrustedText.Bounded(m.Type), UntrustedText.Bounded(m.Name), UntrustedText.Bounded(m.Source),
                    UntrustedText.Bounded(m.Destination), m.RW))
                .OrderBy(static m => m.Destination, StringComparer.Ordinal).ThenBy(static m => m.Source, StringComparer.Ordinal)],
            NetworkMode = UntrustedText.Bounded(details.HostConfig.NetworkMode),
            User = UntrustedText.Bounded(details.Config.User),
            Groups = details.HostConfig.GroupAdd.Count == 0 ? null : UntrustedText.Bounded(string.Join(' ', details.HostConfig.GroupAdd)),
            HealthFailure = state == ContainerState.Running ? ContainerWords.HealthFailure(details.State.Health) : null,
            StopTimeout = details.Config.StopTimeout is >= 0 and <= MaxStopTimeout ? details.Config.StopTimeout : null,
            StopSignal = UntrustedText.Bounded(details.Config.StopSignal),
            TcpKeepaliveTime = Seconds(details.HostConfig.Sysctls.GetValueOrDefault(KeepaliveSysctl, "")),
            Compose = ContainerWords.Compose(labels),
            Swarm = ContainerWords.Swarm(labels),
        };
    }

    /// <summary>The name without slashes; the short id where there is none.</summary>
    internal static string Name(IEnumerable<string> names, string id)
    {
        // Legacy links add names such as /other/alias; a container that is being removed may have no name at all.
        var own = names.Select(static name => name.TrimStart('/'))
            .FirstOrDefault(static name => name.Length > 0 && !name.Contains('/', StringComparison.Ordinal));
        return UntrustedText.Bounded(own ?? new ContainerId(id).ShortId);
    }

    /// <summary>Bounded labels in ordinal order.</summary>
    internal static ImmutableSortedDictionary<string, string> Labels(IReadOnlyDictionary<string, string> labels)
    {
        var kept = Ordinal.Empty.ToBuilder();
        foreach (var key in labels.Keys.Order(StringComparer.Ordinal).Take(MaxLabels))
            kept.TryAdd(UntrustedText.Bounded(key), UntrustedText.Bounded(labels[key]));
        return kept.ToImmutable();
    }

    /// <summary>Ports in order; an exposed one that is published is one port, not two.</summary>
    /// <param name="ports">As they were read.</param>
    internal static ImmutableArray<ContainerPort> Ports(IEnumerable<ContainerPort> ports)
    {
        var legal = ports
            .Where(static p => p.Number is > 0 and <= ushort.MaxValue && p.Published is >= 0 and <= ushort.MaxValue)
            .Select(static p => p with { Protocol = UntrustedText.Bounded(p.Protocol).ToLowerInvariant() })
            .Distinct().ToList();
        var published = legal.Where(static p => p.Published > 0).Select(static p => p with { Published = 0 }).ToHashSet();
        return [.. legal.Where(p => !published.Contains(p)).Order(SnapshotOrder.PortOrder).Take(MaxPorts)];
    }

    private static int? Seconds(string text) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? seconds : null;

    private static IEnumerable<ContainerPort> Ports(ContainerInspect details)
    {
        foreach (var exposed in details.Config.ExposedPorts.Concat(details.NetworkSettings.Ports.Keys))
        {
            if (ContainerWords.TryReadPort(exposed, out var number, out var protocol))
                yield return new ContainerPort(number, protocol);
        }

        foreach (var (port, bindings) in details.NetworkSettings.Ports)
        {
            foreach (var binding in bindings ?? [])
            {
                if (ContainerWords.TryReadPort(port, out var number, out var protocol)
                    && int.TryParse(binding?.HostPort, NumberStyles.None, CultureInfo.InvariantCulture, out var host))
                    yield return new ContainerPort(number, protocol, host);
            }
        }
    }

    // The list tells addresses and knows no aliases; an older inspection tells the aliases.
    private static ImmutableArray<Endpoint> Endpoints(
        IReadOnlyDictionary<string, EndpointSettings> settings, ImmutableArray<Endpoint> inspected) =>
        [.. settings.Keys.Select(network => Endpoint(network, settings[network], inspected))
            .OrderBy(static e => e.NetworkName, StringComparer.Ordinal)];

    private static Endpoint Endpoint(string network, EndpointSettings settings, ImmutableArray<Endpoint> inspected)
    {
        var name = UntrustedText.Bounded(network);
        var known = inspected.FirstOrDefault(e => string.Equals(e.NetworkName, name, StringComparison.Ordinal))?.Aliases ?? [];
        return new Endpoint
        {
            NetworkName = name,
            NetworkId = UntrustedText.Bounded(settings.NetworkID),
            IPv4 = Address(settings.IPAddress, AddressFamily.InterNetwork),
            IPv6 = Address(settings.GlobalIPv6Address, AddressFamily.InterNetworkV6),
            Gateway = Address(settings.Gateway, AddressFamily.InterNetwork),
            Aliases = [.. known.Concat(settings.Aliases).Concat(settings.DNSNames).Select(UntrustedText.Bounded)
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            GatewayPriority = settings.GwPriority,
        };
    }

    // Printed into configurations: only what is an address of that family counts, in its canonical spelling.
    private static string Address(string text, AddressFamily family) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == family && address.ToString() is var canonical
        && !canonical.Contains('%', StringComparison.Ordinal) ? canonical : "";
}
