using System.Collections.Immutable;
using System.Net;
using Templater.Pipeline.Deployment.Proving.Nginx;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>What the proxy of an output logs, for reloads that do not go through the engine: its container is known by its label.</summary>
/// <param name="control">The engine.</param>
/// <param name="output">Name of the output.</param>
/// <param name="labelPrefix">Prefix of native labels, without dot.</param>
internal sealed class ProxyLog(IContainerControl control, string output, string labelPrefix)
{
    /// <summary>True when the engine's times can be compared with ours.</summary>
    public bool SharesClock => control.SharesClock;

    /// <summary>The addresses of the one proxy that bears the label; empty when there are several, or none.</summary>
    public ImmutableArray<IPAddress> Addresses =>
        control.Latest is { } snapshot && ContainerSelection.Proxies(snapshot, output, labelPrefix) is [{ State: ContainerState.Running } only] ? ProxyAddresses.Of(snapshot, only) : [];

    /// <returns>Null when no such container runs, or none may be looked at.</returns>
    /// <exception cref="IOException">It cannot be seen right now.</exception>
    public async Task<ContainerLog?> SinceAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        if (control.Latest is not { } snapshot)
            return null;
        var logs = new List<ContainerLog>();
        foreach (var container in ContainerSelection.Proxies(snapshot, output, labelPrefix).Where(static container => container.State == ContainerState.Running))
        {
            if (await control.LogsAsync(container.Id, since, cancellationToken) is { } log)
                logs.Add(log);
        }

        return logs.Count == 0 ? null : new ContainerLog(string.Join('\n', logs.Select(static log => log.Text)), logs.All(static log => log.IsWhole));
    }
}
