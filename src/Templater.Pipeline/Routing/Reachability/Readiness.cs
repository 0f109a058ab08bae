using System.Globalization;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>Whether a container may be given requests now.</summary>
internal static class Readiness
{
    private const int MaxShownOutput = 200;

    /// <summary>Why it may not; null when it may.</summary>
    /// <param name="container">The container.</param>
    /// <param name="options">What it says about itself.</param>
    /// <param name="now">The snapshot's time.</param>
    public static Refusal? Examine(Container container, ContainerOptions options, DateTimeOffset now)
    {
        if (container.State != ContainerState.Running)
            return new Refusal(ReasonIds.NotRunning, $"it is {RouteSettings.Word(container.State)}");
        if (container.Health == HealthStatus.Unhealthy && options.Health != HealthPolicy.Any)
            return new Refusal(ReasonIds.Unhealthy, $"its health check {Failure(container)}");
        if (container.Health == HealthStatus.Starting && options.Health == HealthPolicy.Healthy)
            return new Refusal(ReasonIds.Starting, container.Origin is null ? "its health check has not succeeded yet" : "the Swarm does not call it running yet");
        return ReadyAt(container, options) is { } ready && ready > now
            ? new Refusal(ReasonIds.NotReadyYet, string.Create(CultureInfo.InvariantCulture, $"it asks for {options.ReadyAfter.TotalSeconds:0.###} s after its start"))
            : null;
    }

    /// <summary>Why a container that restarted waits; null when it does not.</summary>
    /// <param name="container">The container.</param>
    /// <param name="snapshot">What is known.</param>
    public static HoldDown? HeldDown(Container container, Snapshot snapshot) =>
        snapshot.Lifecycle is { } lifecycle && lifecycle.Held.TryGetValue(container.Id.Value, out var hold) && hold.Until > snapshot.TakenAt
            ? hold
            : null;

    /// <summary>Until when a container is taken to be about to end; null when nobody told it to.</summary>
    /// <param name="container">The container.</param>
    /// <param name="snapshot">What is known.</param>
    public static DateTimeOffset? StoppingUntil(Container container, Snapshot snapshot) =>
        container.State == ContainerState.Running && snapshot.Lifecycle is { } lifecycle
            && lifecycle.Stopping.TryGetValue(container.Id.Value, out var until) && until > snapshot.TakenAt
            ? until
            : null;

    private static string Failure(Container container)
    {
        if (container.HealthFailure is not { } failure)
            return "fails";
        var times = failure.FailingStreak == 1 ? "once" : string.Create(CultureInfo.InvariantCulture, $"{failure.FailingStreak} times");
        var said = UntrustedText.Printable(failure.Output.Trim(), MaxShownOutput);
        return string.Create(CultureInfo.InvariantCulture, $"has failed {times} (last: {(said.Length > 0 ? $"\"{said}\"" : "no output")}, exit {failure.ExitCode})");
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
