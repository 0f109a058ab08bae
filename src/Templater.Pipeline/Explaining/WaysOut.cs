using System.Globalization;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;
using Templater.Pipeline.Routing.Reachability;

namespace Templater.Pipeline.Explaining;

/// <summary>What to do so that a container is routed, in the words that a person types.</summary>
internal static class WaysOut
{
    /// <summary>The way out; null when it is enough to wait, or nobody asked.</summary>
    /// <param name="reason">Why it is not routed.</param>
    /// <param name="container">The container.</param>
    /// <param name="reach">What the proxy reaches.</param>
    /// <param name="prefix">Prefix of the native labels.</param>
    /// <param name="asked">What it asks for, with the keys of its dialect; null when that is not known.</param>
    public static string? Of(string reason, Container container, ProxyReach reach, string prefix, ContainerClaims? asked) => reason switch
    {
        ReasonIds.NotRunning => $"docker start {Untrusted.Shown(container.Name)}",
        ReasonIds.Starting => $"wait for the health check, or set {prefix}.health=starting",
        ReasonIds.Unhealthy => $"fix the check, or set {prefix}.health=any",
        ReasonIds.Disabled => Enable(container, container.Labels.ContainsKey(prefix + ".enable") ? prefix + ".enable" : asked?.EnableKey ?? prefix + ".enable"),
        ReasonIds.NoHost => $"{prefix}.host=NAME",
        ReasonIds.OtherInstance => $"compare {prefix}.instance with the setting instance",
        ReasonIds.PortAmbiguous => Ports(container, asked?.PortKey ?? prefix + ".port"),
        ReasonIds.NoSharedNetwork => Attach(container, reach),
        ReasonIds.NetworkNotFound => $"compare {NetworkKey(container, prefix, asked)} with the container's networks",
        ReasonIds.ConflictLost => $"raise {prefix}.priority, change the host, or stop the other",
        ReasonIds.NotReadyYet or ReasonIds.HeldDown or ReasonIds.NoAddressYet or ReasonIds.Draining or ReasonIds.IsProxy => null,
        _ => $"templater help {reason}",
    };

    private static string Enable(Container container, string key) =>
        container.Labels.ContainsKey(key) ? $"remove {Untrusted.Shown(key)}, or set it to true" : $"{key}=true";

    private static string NetworkKey(Container container, string prefix, ContainerClaims? asked) =>
        asked?.NetworkKey is { } key && !container.Labels.ContainsKey(prefix + ".network") ? Untrusted.Shown(key) : prefix + ".network";

    private static string Ports(Container container, string key)
    {
        var ports = PortRule.Exposed(container);
        return ports.Length == 0
            ? $"{key}=PORT"
            : string.Create(CultureInfo.InvariantCulture, $"{key}={ports[0]}{(ports.Length > 1 ? $"   (or {string.Join(", ", ports[1..])})" : "")}");
    }

    private static string Attach(Container container, ProxyReach reach)
    {
        if (reach.Shared.Length == 0)
            return "attach it and the proxy to one network";
        var way = Attaching.Of(container, reach, "");
        return $"{way.Command}   (or {way.Compose})";
    }
}
