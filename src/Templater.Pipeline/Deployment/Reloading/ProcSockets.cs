using System.Globalization;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>
/// Compares the network namespaces of processes without the right to look into another's: a listening socket that both see is
/// in the namespace of both.
/// </summary>
internal static class ProcSockets
{
    private const string Listening = "0A";

    // proc_pid_net: sl, local_address, rem_address, st, tx_queue:rx_queue, tr:tm->when, retrnsmt, uid, timeout, inode.
    private const int StateField = 3;
    private const int InodeField = 9;

    /// <summary>True when something listens in the network namespace of that process, and it is the own one.</summary>
    /// <param name="pid">The process.</param>
    public static bool SharesNetwork(int pid)
    {
        var its = Listeners(pid.ToString(CultureInfo.InvariantCulture));
        return its.Count > 0 && its.Overlaps(Listeners("self"));
    }

    private static HashSet<string> Listeners(string process)
    {
        var inodes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var table in (string[])["tcp", "tcp6"])
        {
            try
            {
                inodes.UnionWith(Listeners(File.ReadLines($"/proc/{process}/net/{table}")));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It has ended, or may not be looked at: then nobody can tell.
            }
        }

        return inodes;
    }

    /// <summary>The inodes of listening sockets in a table of the kernel.</summary>
    internal static IEnumerable<string> Listeners(IEnumerable<string> table)
    {
        foreach (var line in table)
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > InodeField && fields[StateField] == Listening)
                yield return fields[InodeField];
        }
    }
}
