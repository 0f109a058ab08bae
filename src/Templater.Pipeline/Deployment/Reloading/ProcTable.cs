using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Mono.Unix.Native;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>A process of the own PID namespace.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="ParentPid">Its parent's id; 0 for none in this namespace.</param>
/// <param name="Name">Program name, at most 15 bytes.</param>
/// <param name="StartTicks">When it started, in clock ticks since boot; with the id it identifies a process for ever.</param>
internal sealed record LocalProcess(int Pid, int ParentPid, string Name, long StartTicks);

/// <summary>Where a process runs: processes in different places mean different files by the same path.</summary>
/// <param name="Depth">How many PID namespaces it is in, counted from the own one; null when that cannot be known.</param>
/// <param name="Root">What its root directory is, as device and inode; null when that may not be read.</param>
internal sealed record ProcessPlace(int? Depth, string? Root)
{
    /// <summary>True unless they are known to differ.</summary>
    public bool MayBe(ProcessPlace other) =>
        (Depth is null || other.Depth is null || Depth == other.Depth) && (Root is null || other.Root is null || Root == other.Root);
}

/// <summary>Reads Linux's /proc. A process that ends while it is looked at is not an error.</summary>
internal static class ProcTable
{
    private const string Root = "/proc";

    public static ImmutableArray<LocalProcess> All() =>
        !Directory.Exists(Root)
            ? []
            : [.. Directory.EnumerateDirectories(Root)
                .Select(Path.GetFileName)
                .Where(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                .Select(name => Read(int.Parse(name!, CultureInfo.InvariantCulture)))
                .OfType<LocalProcess>()
                .OrderBy(process => process.Pid)];

    public static LocalProcess? Read(int pid) => Parse(pid, ReadText($"{Root}/{pid}/stat"));

    /// <summary>The title that a program shows: nginx writes there what a worker is doing.</summary>
    public static string TitleOf(int pid) => ReadText($"{Root}/{pid}/cmdline")?.Replace('\0', ' ').TrimEnd() ?? "";

    /// <summary>What keeps a process from taking a signal that it was sent; null when nothing is seen to.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="signal">The number of the signal.</param>
    public static string? HeldUp(int pid, int signal) => ParseHeldUp(ReadText($"{Root}/{pid}/status"), signal);

    /// <summary>Where a process runs, as far as that may be known.</summary>
    public static ProcessPlace PlaceOf(int pid) => new(ParseDepth(ReadText($"{Root}/{pid}/status")), DirectoryOf($"{Root}/{pid}/root/"));

    // proc_pid_status(5): "NSpid:\t4711\t1", its id in each PID namespace from the one of /proc on to its own.
    internal static int? ParseDepth(string? status) =>
        status?.Split('\n').FirstOrDefault(static line => line.StartsWith("NSpid:", StringComparison.Ordinal)) is { } line
            ? line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Length - 1
            : null;

    // Of another user's process only root may know.
    private static string? DirectoryOf(string path) =>
        UnixFile.IsSupported && Syscall.stat(path, out var stat) == 0 ? string.Create(CultureInfo.InvariantCulture, $"{stat.st_dev}:{stat.st_ino}") : null;

    /// <summary>When a process started, to about a second; null when this system does not tell.</summary>
    public static DateTimeOffset? StartOf(LocalProcess process)
    {
        const string BootTime = "btime ";
        var line = ReadText($"{Root}/stat")?.Split('\n').FirstOrDefault(static line => line.StartsWith(BootTime, StringComparison.Ordinal));
        return long.TryParse(line?[BootTime.Length..], CultureInfo.InvariantCulture, out var boot)
            && Syscall.sysconf(SysconfName._SC_CLK_TCK) is > 0 and var ticksPerSecond
            ? DateTimeOffset.FromUnixTimeSeconds(boot) + TimeSpan.FromSeconds((double)process.StartTicks / ticksPerSecond)
            : null;
    }

    // proc_pid_stat(5): the name stands in parentheses and may contain anything, parentheses too.
    internal static LocalProcess? Parse(int pid, string? stat)
    {
        const int ParentField = 1;
        const int StartField = 19;
        if (stat is null)
            return null;
        var open = stat.IndexOf('(', StringComparison.Ordinal);
        var close = stat.LastIndexOf(')');
        if (open < 0 || close < open)
            return null;
        var fields = stat[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > StartField
            && fields[0] is not "Z" and not "X"
            && int.TryParse(fields[ParentField], CultureInfo.InvariantCulture, out var parent)
            && long.TryParse(fields[StartField], CultureInfo.InvariantCulture, out var start)
            ? new LocalProcess(pid, parent, stat[(open + 1)..close], start)
            : null;
    }

    // proc_pid_status(5): "State:\tT (stopped)"; SigPnd and ShdPnd are masks in hexadecimal, in which signal 1 is the lowest bit. A
    // process of a container that is paused looks as if it slept, and takes no signal.
    internal static string? ParseHeldUp(string? status, int signal)
    {
        const int MaxSignal = 64;
        var fields = (status ?? "").Split('\n').Select(static line => line.Split(':', 2)).Where(static parts => parts.Length == 2)
            .ToLookup(static parts => parts[0], static parts => parts[1].Trim());
        if (fields["State"].Any(static state => state.StartsWith('T')))
            return "is stopped";
        return fields["SigPnd"].Concat(fields["ShdPnd"]).Any(IsPending) ? "has not taken the signal yet" : null;

        bool IsPending(string mask) =>
            ulong.TryParse(mask, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var pending) && signal is > 0 and <= MaxSignal && ((pending >> (signal - 1)) & 1) == 1;
    }

    private static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path, Encoding.UTF8);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
