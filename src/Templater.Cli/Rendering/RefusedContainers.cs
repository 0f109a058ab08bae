using System.Collections.Frozen;
using System.Collections.Immutable;
using Templater.Pipeline;
using Templater.Pipeline.Routing;

namespace Templater.Cli.Rendering;

/// <summary>Tells containers that are refused, which is somebody's mistake, from those that are merely not to be routed now.</summary>
internal static class RefusedContainers
{
    private static readonly FrozenSet<string> States = new[]
    {
        ReasonIds.NotRunning, ReasonIds.Starting, ReasonIds.Unhealthy, ReasonIds.NotReadyYet, ReasonIds.HeldDown, ReasonIds.Draining, ReasonIds.Disabled,
        ReasonIds.NoHost, ReasonIds.OtherInstance, ReasonIds.IsProxy,
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>How many containers of a routing ask for a host and are refused, wholly or in part.</summary>
    public static int Count(RoutingResult routing, ImmutableSortedDictionary<string, string> quarantined)
    {
        var refused = routing.Fates
            .Where(static fate => fate.Reason is { } reason && !States.Contains(reason))
            .Select(static fate => fate.Container.Value);
        return refused.Concat(quarantined.Keys).Distinct(StringComparer.Ordinal).Count();
    }
}
