using System.Collections.Immutable;
using System.Globalization;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>The messages about proxies that are looked for on this machine and not in the engine.</summary>
internal static class LocalTargetFindings
{
    /// <summary>What a reload by process id needs.</summary>
    public const string ShareProcesses = "Templater must share the proxy's PID namespace (pid: \"service:PROXY\" in compose)";

    /// <summary>Nobody is there to be told.</summary>
    /// <param name="specification">The reload setting.</param>
    /// <param name="why">What was found instead, without a full stop.</param>
    /// <param name="remedy">What to do, as a sentence.</param>
    public static Finding Missing(string specification, string why, string remedy) => new(
        FindingSeverity.Warning,
        ReasonIds.ReloadTargetMissing,
        $"nothing matches {specification}: {why}. The new configuration is written, the reload is owed and will be sent when it appears. {remedy}");
}

/// <summary>The messages about HAProxy's master socket.</summary>
internal static class SocketFindings
{
    private const uint GroupMayWrite = 0x10;

    public static Finding Of(HAProxySocketException error, string path, FileOwner? owner) => error.Trouble switch
    {
        HAProxySocketTrouble.Absent => LocalTargetFindings.Missing(
            $"haproxy:{path}",
            owner is null ? "there is no such socket" : "nobody listens on that socket",
            $"Check the path, start HAProxy with {Option(path)}, and mount the socket's directory in both containers."),
        HAProxySocketTrouble.Denied => Denied(path, owner),
        HAProxySocketTrouble.BadPath => DeployFindings.ReloadFailed(error.Message, "Choose a shorter one."),
        _ => DeployFindings.ReloadFailed(error.Message.TrimEnd('.')),
    };

    public static Finding RuntimeDenied(string path) => new(
        FindingSeverity.Info,
        ReasonIds.RuntimeDenied,
        $"HAProxy's master socket {path} allows reloads, but no changes while HAProxy runs: every container that comes or goes is a reload. To save these, start HAProxy with -S \"{path},mode,660,level,admin\".");

    /// <summary>HAProxy runs a second time.</summary>
    /// <param name="path">The socket on which the other one answers.</param>
    /// <param name="strays">The ids of its masters.</param>
    public static Finding Stray(string path, ImmutableArray<int> strays)
    {
        var pids = string.Join(' ', strays.Select(static pid => pid.ToString(CultureInfo.InvariantCulture)));
        return new Finding(
            FindingSeverity.Warning,
            ReasonIds.ReloadUnproven,
            $"HAProxy runs more than once: beside the one that answers on {path} there is another with the same socket or file (process {pids}). No reload reaches it; it goes on with what it read at its start, and takes a share of the connections to each port that both listen on. End it with kill {pids}, and see to it that HAProxy is started once.");
    }

    // Connecting to a socket takes the right to write to it (unix(7)).
    private static Finding Denied(string path, FileOwner? owner)
    {
        const string What = "cannot open HAProxy's master socket";
        if (owner is not { } known)
            return DeployFindings.ReloadFailed($"{What} {path}: {UnixFile.OwnIdentity} may not enter its directory", "Let everybody enter it, for example with chmod 1777.");
        var group = $"group_add: [\"{known.Gid}\"] to the service, or --group-add {known.Gid}.";
        return DeployFindings.ReloadFailed(
            $"{What} {path}: it belongs to {known.Describe()} and Templater runs as {UnixFile.OwnIdentity}",
            (known.Mode & GroupMayWrite) != 0 ? $"Add {group}" : $"Start HAProxy with {Option(path)}, and add {group}");
    }

    private static string Option(string path) => $"-S \"{path},mode,660,level,admin\"";
}
