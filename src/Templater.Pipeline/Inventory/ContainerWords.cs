using System.Collections.Immutable;
using System.Globalization;

namespace Templater.Pipeline.Inventory;

/// <summary>The words that the engine, compose and Swarm use for what a container is.</summary>
internal static class ContainerWords
{
    /// <summary>A state word; <see cref="ContainerState.Unknown"/> for a new one.</summary>
    public static ContainerState State(string word) => word switch
    {
        "created" => ContainerState.Created,
        "running" => ContainerState.Running,
        "paused" => ContainerState.Paused,
        "restarting" => ContainerState.Restarting,
        "removing" => ContainerState.Removing,
        "exited" => ContainerState.Exited,
        "dead" => ContainerState.Dead,
        _ => ContainerState.Unknown,
    };

    /// <summary>A health word.</summary>
    public static HealthStatus Health(string? word) => word switch
    {
        "starting" => HealthStatus.Starting,
        "healthy" => HealthStatus.Healthy,
        "unhealthy" => HealthStatus.Unhealthy,
        _ => HealthStatus.None,
    };

    /// <summary>What an unhealthy container's check said last; null for any other.</summary>
    public static HealthFailure? HealthFailure(Docker.Wire.Health? health) =>
        health is not null && Health(health.Status) == HealthStatus.Unhealthy && health.Log is [.., { } last]
            ? new HealthFailure(Math.Max(health.FailingStreak, 1), last.ExitCode, UntrustedText.Bounded(last.Output))
            : null;

    /// <summary>A port as the engine writes it, for example <c>80/tcp</c>.</summary>
    public static bool TryReadPort(string text, out int number, out string protocol)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        protocol = slash < 0 ? "tcp" : text[(slash + 1)..];
        return int.TryParse(slash < 0 ? text : text[..slash], NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The compose service that labels tell; null when they do not.</summary>
    public static ComposeIdentity? Compose(ImmutableSortedDictionary<string, string> labels)
    {
        if (!labels.TryGetValue("com.docker.compose.project", out var project)
            || !labels.TryGetValue("com.docker.compose.service", out var service))
            return null;
        _ = int.TryParse(
            labels.GetValueOrDefault("com.docker.compose.container-number"), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        return new ComposeIdentity(project, service, number);
    }

    /// <summary>The Swarm service that labels tell; null when they do not.</summary>
    public static SwarmIdentity? Swarm(ImmutableSortedDictionary<string, string> labels) =>
        labels.TryGetValue("com.docker.swarm.service.name", out var service)
            ? new SwarmIdentity(
                service,
                labels.TryGetValue("com.docker.stack.namespace", out var stack) && stack.Length > 0 ? stack : null,
                labels.GetValueOrDefault("com.docker.swarm.task.id", ""))
            : null;
}
