using System.Collections.Immutable;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>
/// Finds HAProxys that were started a second time beside the one that answers on a master socket. The kernel gives them a share of the
/// connections to each port that both listen on, and they go on with what they read at their start. They are told apart by their command
/// lines, which everybody may read. The same names in another container are other files, and of another PID namespace beside the own one
/// nothing is seen. Pure.
/// </summary>
internal static class HAProxyStrays
{
    private const string Program = "haproxy";
    private const string SocketOption = "-S";
    private const string FileOption = "-f";
    private const string CheckOption = "-c";

    /// <summary>The ids of those that have the same master socket or file, ascending.</summary>
    /// <param name="socket">The master socket, as a command line names it.</param>
    /// <param name="workers">The workers of the one that answers.</param>
    /// <param name="processes">All processes of the own PID namespace.</param>
    /// <param name="titleOf">The command line of a process.</param>
    /// <param name="placeOf">Where a process runs.</param>
    public static ImmutableArray<int> Of(string socket, ImmutableArray<ProxyProcess> workers, ImmutableArray<LocalProcess> processes, Func<int, string> titleOf, Func<int, ProcessPlace> placeOf)
    {
        var proxies = processes.Where(static process => process.Name == Program).ToDictionary(static process => process.Pid);
        var masters = workers
            .Select(worker => proxies.GetValueOrDefault(worker.Pid)?.ParentPid ?? 0)
            .Where(proxies.ContainsKey)
            .ToImmutableHashSet();
        if (masters.IsEmpty)
            return [];
        var places = masters.Select(placeOf).ToList();
        var files = masters.SelectMany(master => Values(titleOf(master), FileOption)).ToImmutableHashSet(StringComparer.Ordinal);
        return
        [
            .. proxies.Values
                .Where(process => !proxies.ContainsKey(process.ParentPid) && !masters.Contains(process.Pid) && IsTwin(titleOf(process.Pid), socket, files) && places.Exists(placeOf(process.Pid).MayBe))
                .Select(static process => process.Pid)
                .Order(),
        ];
    }

    private static bool IsTwin(string title, string socket, ImmutableHashSet<string> files) =>
        !title.Split(' ').Contains(CheckOption)
        && (Values(title, FileOption).Any(files.Contains) || Values(title, SocketOption).Any(value => value.Split(',')[0] == socket));

    private static IEnumerable<string> Values(string title, string option)
    {
        var words = title.Split(' ');
        for (var i = 0; i < words.Length - 1; i++)
            if (words[i] == option)
                yield return words[i + 1];
    }
}
