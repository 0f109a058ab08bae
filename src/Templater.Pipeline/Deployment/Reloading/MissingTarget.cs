using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>The message about a reload target that matches no container, with what the operator may have meant.</summary>
internal static class MissingTarget
{
    public static Finding Describe(Snapshot snapshot, string description, string wanted)
    {
        var proxies = snapshot.Containers
            .Where(container => container.State == ContainerState.Running && container.Labels.ContainsKey(ContainerSelection.ProxyLabel))
            .Select(container => container.Name)
            .ToArray();
        var similar = ContainerSelection.SimilarTo(snapshot, wanted);
        var hint = similar.Length > 0
            ? $"Label the proxy {ContainerSelection.ProxyLabel}={wanted}, or use docker:{similar[0].Name}."
            : $"Label the proxy {ContainerSelection.ProxyLabel}, or name its container.";
        return new Finding(
            FindingSeverity.Warning,
            ReasonIds.ReloadTargetMissing,
            $"nothing matches {description}; running proxies: {(proxies.Length > 0 ? string.Join(", ", proxies) : "none")}"
            + $"{(similar.Length > 0 ? "; similar: " + string.Join(", ", similar.Select(Describe)) : "")}. "
            + "The new configuration is written, the reload is owed and will be sent when it appears. " + hint);
    }

    private static string Describe(Container container) =>
        $"container \"{container.Name}\""
        + (container.Compose is { } compose ? $" (compose service \"{compose.Service}\", project \"{compose.Project}\")" : "");
}
