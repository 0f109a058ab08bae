using System.Globalization;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>Whether a container may be given requests now.</summary>
internal static class Readiness
{
    /// <summary>Why it may not; null when it may.</summary>
    /// <param name="container">The container.</param>
    /// <param name="options">What it says about itself.</param>
    /// <param name="now">The snapshot's time.</param>
    public static Refusal? Examine(Container container, ContainerOptions options, DateTimeOffset now)
    {
        if (container.State != ContainerState.Running)
            return new Refusal(ReasonIds.NotRunning, $"it is {RouteSettings.Word(container.State)}");
        if (container.Health == HealthStatus.Unhealthy && options.Health != HealthPolicy.Any)
            return new Refusal(ReasonIds.Unhealthy, "its health check fails");
        if (container.Health == HealthStatus.Starting && options.Health == HealthPolicy.Healthy)
            return new Refusal(ReasonIds.Starting, container.Origin is null ? "its health check has not succeeded yet" : "the Swarm does not call it running yet");
        return ReadyAt(container, options) is { } ready && ready > now
            ? new Refusal(ReasonIds.NotReadyYet, string.Create(CultureInfo.InvariantCulture, $"it asks for {options.ReadyAfter.TotalSeconds:0.###} s after its start"))
            : null;
    }

    /// <summary>When <c>ready-after</c> has passed; null when nothing is waited for.</summary>
    /// <param name="container">The container.</param>
    /// <param name="options">What it says about itself.</param>
    public static DateTimeOffset? ReadyAt(Container container, ContainerOptions options) =>
        options.ReadyAfter > TimeSpan.Zero && container.Started is { } started
            // A file may name any moment.
            ? started > DateTimeOffset.MaxValue - options.ReadyAfter ? DateTimeOffset.MaxValue : started + options.ReadyAfter
            : null;
}
