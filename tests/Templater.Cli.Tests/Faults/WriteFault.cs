namespace Templater.Cli.Tests.Faults;

/// <summary>A system call that fails, under strace.</summary>
/// <param name="Call">The call of the traced deployment.</param>
/// <param name="Error">How it fails.</param>
/// <param name="IsLasting">From this call on, until strace is gone; else this call alone.</param>
internal sealed record WriteFault(TracedCall Call, string Error, bool IsLasting)
{
    private static readonly string[] Everything = ["ENOSPC", "EACCES", "EROFS"];

    // How each call can fail.
    private static readonly Dictionary<string, string[]> Errors = new(StringComparer.Ordinal)
    {
        ["openat"] = Everything,
        ["mkdir"] = Everything,
        ["mkdirat"] = Everything,
        ["symlink"] = Everything,
        ["symlinkat"] = Everything,
        ["rename"] = Everything,
        ["renameat"] = Everything,
        ["renameat2"] = Everything,
        ["link"] = Everything,
        ["linkat"] = Everything,
        ["unlink"] = ["EACCES", "EROFS"],
        ["unlinkat"] = ["EACCES", "EROFS"],
        ["rmdir"] = ["EACCES", "EROFS"],
        ["write"] = ["ENOSPC", "EROFS"],
        ["writev"] = ["ENOSPC", "EROFS"],
        ["pwrite64"] = ["ENOSPC", "EROFS"],
        ["pwritev"] = ["ENOSPC", "EROFS"],
        ["fallocate"] = ["ENOSPC"],
        ["ftruncate"] = ["ENOSPC", "EROFS"],
        ["fsync"] = ["EIO", "ENOSPC"],
        ["fdatasync"] = ["EIO", "ENOSPC"],
        ["chmod"] = ["EPERM", "EROFS"],
        ["fchmod"] = ["EPERM", "EROFS"],
        ["lchown"] = ["EPERM", "EROFS"],
        ["fchown"] = ["EPERM", "EROFS"],
    };

    /// <summary>What stays does no harm, and an owner that nobody asked for is not missed: the deployment goes on as if nothing had happened.</summary>
    public bool IsHarmless => Call.Name is "unlink" or "unlinkat" or "rmdir" || (Call.Name is "lchown" or "fchown" && Error == "EPERM") || IsOfCheckedCopy;

    // Without the copy that names no pid file, nginx tests the candidate itself.
    private bool IsOfCheckedCopy => Call.Path!.EndsWith(".pid-elsewhere", StringComparison.Ordinal);

    public bool IsOfStatus => Call.Path!.Contains("status.json", StringComparison.Ordinal);

    /// <summary>For a table: which file it is, whatever its generation.</summary>
    public string Place(FaultSite site)
    {
        if (!IsOfState(Call, site))
            return Call.Path == Path.GetDirectoryName(site.Config) ? "folder" : Call.Path!.Contains("/.templater", StringComparison.Ordinal) ? "group" : "file";
        var relative = Path.GetRelativePath(site.State, Call.Path!);
        return IsOfStatus ? "status" : relative.Split('/')[0];
    }

    public override string ToString() => $"{Error} {(IsLasting ? "from" : "once at")} {Call}";

    /// <summary>The arguments of strace. The programs that are started are not meant: a checker tells of what it cannot read itself.</summary>
    /// <param name="trace">Where strace writes what failed.</param>
    public string[] Trace(string trace) =>
    [
        "-b", "execve", "-P", Call.Path!, "-o", trace, "-e", "trace=" + Call.Name,
        "-e", $"inject={Call.Name}:error={Error}:when={Call.Ordinal}{(IsLasting ? "+" : "")}",
    ];

    /// <summary>
    /// The faults of a deployment: the configuration's own files fail in every way for good, everything else in one of them by turns, so
    /// that both proxies together meet most. Files of the state directory are written alike: of all but the journal the first writes do.
    /// </summary>
    /// <param name="calls">Its system calls.</param>
    /// <param name="site">Where.</param>
    /// <param name="withState">The state directory's too.</param>
    public static List<WriteFault> Of(IEnumerable<TracedCall> calls, FaultSite site, bool withState)
    {
        var faults = new List<WriteFault>();
        var turn = site.Proxy.Kind == "nginx" ? 0 : 1;
        foreach (var call in calls.Where(static call => call.Path is not null).DistinctBy(static call => (call.Name, call.Path, call.Ordinal)))
        {
            var isState = IsOfState(call, site);
            if (!Errors.TryGetValue(call.Name, out var errors) || (isState && !withState))
                continue;
            // How often the status is written is chance.
            if (isState && call.Ordinal > 1 && !call.Path!.Contains("/journal", StringComparison.Ordinal))
                continue;
            var one = errors[turn++ % errors.Length];
            if (!isState)
                faults.AddRange(errors.Select(error => new WriteFault(call, error, IsLasting: true)));
            else if (call.Ordinal == 1)
                faults.Add(new WriteFault(call, one, IsLasting: true));
            faults.Add(new WriteFault(call, one, IsLasting: false));
        }

        return faults;
    }

    private static bool IsOfState(TracedCall call, FaultSite site) => (call.Path + "/").StartsWith(site.State + "/", StringComparison.Ordinal);
}
