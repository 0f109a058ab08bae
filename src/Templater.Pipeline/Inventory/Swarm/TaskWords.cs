using Templater.Docker.Wire;

namespace Templater.Pipeline.Inventory.Swarm;

/// <summary>The words that a Swarm uses for what a task is doing and what it is meant to do.</summary>
internal static class TaskWords
{
    /// <summary>True when the Swarm wants it to end.</summary>
    /// <param name="task">The task.</param>
    public static bool IsLeaving(TaskRecord task) => HasEnded(task.DesiredState);

    /// <summary>True when it has not arrived at what it is meant to do.</summary>
    /// <param name="task">The task.</param>
    public static bool IsMoving(TaskRecord task) => IsLeaving(task) ? !HasEnded(task.Status.State) : task.Status.State != "running";

    /// <summary>What the task's state is for a container; null when there is none that could serve, or could do so soon.</summary>
    /// <param name="task">The task.</param>
    public static ContainerState? State(TaskRecord task) => task.Status.State is "starting" or "running" ? ContainerState.Running : null;

    /// <summary>
    /// A task with a health check stays in the state starting until its first success, and running then means healthy: the Swarm
    /// ends what is not.
    /// </summary>
    /// <param name="task">The task.</param>
    /// <param name="seen">What its container's own check says, where that is known.</param>
    public static HealthStatus Health(TaskRecord task, HealthStatus seen) =>
        task.Status.State is "running" || HasEnded(task.Status.State) || seen == HealthStatus.Unhealthy ? seen : HealthStatus.Starting;

    /// <summary>True when it has ended, whatever it was meant to do.</summary>
    /// <param name="task">The task.</param>
    public static bool HasEnded(TaskRecord task) => HasEnded(task.Status.State);

    /// <summary>True when it ended by itself, which a service's task never is meant to.</summary>
    /// <param name="task">The task.</param>
    public static bool HasFailed(TaskRecord task) => task.Status.State is "failed" or "complete" or "rejected";

    private static bool HasEnded(string state) => state is "complete" or "shutdown" or "failed" or "rejected" or "remove" or "orphaned";
}
