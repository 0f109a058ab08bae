using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>
/// <c>pidfile:PATH</c>: the process whose id stands in a file. The file may be left over, or come from another PID namespace,
/// where the id means somebody else: only what can have written it is signalled.
/// </summary>
/// <param name="spec">The spec.</param>
/// <param name="kind">Which program is expected.</param>
/// <param name="log">The proxy's log, where the engine knows its container.</param>
internal sealed class PidFileReloader(ReloadSpec.PidFile spec, ProxyKind kind, ProxyLog? log = null) : IReloader
{
    private const int MaxBytes = 64;

    // The time of boot is known to the second only.
    private static readonly TimeSpan StartMargin = TimeSpan.FromSeconds(2);

    public string Description => $"pidfile:{spec.Path}";

    public bool HasSilentRuns => true;

    public string Way => $"{Description} {spec.Signal.Name}";

    public Task<TargetSearch> FindAsync(CancellationToken cancellationToken) => Task.FromResult(Find());

    private TargetSearch Find()
    {
        string text;
        DateTimeOffset written;
        try
        {
            written = File.GetLastWriteTimeUtc(spec.Path);
            text = System.Text.Encoding.ASCII.GetString(NamedFile.ReadBytes(spec.Path, MaxBytes).Span).Trim();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return Missing("it is not there");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Unusable(
                $"cannot read {spec.Path} as {UnixFile.OwnIdentity}: {error.Message.TrimEnd('.')}", "Make it readable for that user.", quietAttempts: 0);
        }

        // nginx -t leaves an empty file; 0 and 1 and negative ids would signal groups or everybody.
        if (!int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var pid) || pid < 1)
            return Missing("it holds no process id");
        if (ProcTable.Read(pid) is not { } process)
            return Missing($"the process {pid} that it names does not run");
        return WhyNot(process, written) is { } reason
            // One that is about to start writes it anew.
            ? Unusable(
                $"{spec.Path} names process {pid}, {reason}: it is left over, or of another PID namespace",
                $"Remove a file that is left over; {LocalTargetFindings.ShareProcesses}.",
                TargetSearch.AttemptsToAppear)
            : new TargetSearch([new ProcessTarget(process, spec.Signal, log)]);
    }

    private string? WhyNot(LocalProcess process, DateTimeOffset written)
    {
        if (process.Pid == Environment.ProcessId)
            return "which is Templater itself";
        if (ProcTable.StartOf(process) > written + StartMargin)
            return $"which started after the file was written ({process.Name})";
        var program = kind switch { ProxyKind.Nginx => "nginx", ProxyKind.HAProxy => "haproxy", ProxyKind.Centauri => "centauri", _ => "" };
        return process.Name.StartsWith(program, StringComparison.Ordinal) ? null : $"which is {ShownText.OneLine(process.Name)} and not {program}";
    }

    private TargetSearch Missing(string why) => new([])
    {
        Waiting = $"{spec.Path}: {why}",
        WaitsForProxy = true,
        Findings =
        [
            LocalTargetFindings.Missing(Description, why, $"Check the path; the file must be mounted here too, and {LocalTargetFindings.ShareProcesses}."),
        ],
        QuietAttempts = TargetSearch.AttemptsToAppear,
    };

    private static TargetSearch Unusable(string why, string remedy, int quietAttempts) => new([])
    {
        Waiting = why,
        Findings = [DeployFindings.ReloadFailed(why, remedy)],
        QuietAttempts = quietAttempts,
    };
}
