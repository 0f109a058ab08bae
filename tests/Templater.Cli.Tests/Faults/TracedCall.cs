using System.Globalization;
using System.Text.RegularExpressions;

namespace Templater.Cli.Tests.Faults;

/// <summary>One system call of a traced program.</summary>
/// <param name="Thread">The thread that made it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Path">The first path in it that lies where the test looks; null when there is none.</param>
/// <param name="Ordinal">The how many-th of this name with this path, or of this name where it has none, by this thread.</param>
internal sealed partial record TracedCall(int Thread, string Name, string? Path, int Ordinal)
{
    /// <summary>All that changes something outside the process.</summary>
    public const string Changing = "openat,write,writev,pwrite64,pwritev,ftruncate,fallocate,fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat,unlink,unlinkat,rmdir,symlink,symlinkat,link,linkat,chmod,fchmod,lchown,fchown,kill,connect";

    public override string ToString() => $"{Name} {System.IO.Path.GetFileName(Path)} #{Ordinal}";

    /// <summary>The calls in a trace, in their order, that change something below a directory, signal, or connect to a socket there.</summary>
    /// <param name="trace">The lines.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="isWhole">True when the trace begins with the start of the program; the programs that it starts do not count.</param>
    public static IReadOnlyList<TracedCall> Read(IEnumerable<string> trace, string directory, bool isWhole)
    {
        var calls = new List<TracedCall>();
        var counts = new Dictionary<(int, string, string?), int>();
        var children = new HashSet<int>();
        var seen = !isWhole;
        foreach (var line in trace)
        {
            if (Line().Match(line) is not { Success: true } match)
                continue;
            var (thread, name, rest) = (int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), match.Groups[2].Value, match.Groups[3].Value);
            // strace -P does not look into addresses of sockets.
            var path = name is "connect" or "kill" ? null : PathIn(rest, directory);
            var ordinal = counts[(thread, name, path)] = counts.GetValueOrDefault((thread, name, path)) + 1;
            if (name == "execve")
            {
                if (seen)
                    children.Add(thread);
                seen = true;
                continue;
            }

            if (children.Contains(thread) || (path is null && name != "kill" && (name != "connect" || PathIn(rest, directory) is null)))
                continue;
            if (name == "openat" && rest.Contains("O_RDONLY", StringComparison.Ordinal))
                continue;
            calls.Add(new TracedCall(thread, name, path, ordinal));
        }

        return calls;
    }

    private static string? PathIn(string arguments, string directory) =>
        Quoted().Matches(arguments).Select(static match => match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value)
            .FirstOrDefault(path => path.StartsWith(directory + "/", StringComparison.Ordinal));

    [GeneratedRegex(@"^(\d+) +(\w+)\((.*)$")]
    private static partial Regex Line();

    [GeneratedRegex("\"([^\"]*)\"|<([^<>]*)>")]
    private static partial Regex Quoted();
}
