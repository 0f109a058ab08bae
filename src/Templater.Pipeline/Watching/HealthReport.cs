using System.Collections.Immutable;
using System.Globalization;

namespace Templater.Pipeline.Watching;

/// <summary>
/// Whether the program is healthy. It is when a complete snapshot was read and every output exists; a container that is
/// refused, a failed certificate or an absent proxy make nothing unhealthy, since restarting the program mends none of them.
/// </summary>
/// <param name="IsHealthy">The answer.</param>
/// <param name="Problems">Why not, one line each; empty when healthy.</param>
public sealed record HealthReport(bool IsHealthy, ImmutableArray<string> Problems)
{
    /// <summary>Judges a status. Pure.</summary>
    /// <param name="status">What the program wrote; null when it wrote nothing.</param>
    /// <param name="now">The time.</param>
    /// <param name="staleAfter">Longest time without a complete snapshot.</param>
    /// <param name="reloadAlarm">Longest time that a reload may be owed to a proxy that runs.</param>
    public static HealthReport Evaluate(WatcherStatus? status, DateTimeOffset now, TimeSpan staleAfter, TimeSpan reloadAlarm)
    {
        if (status is null)
            return new HealthReport(false, ["templater has not written its status yet"]);
        var problems = new List<string>();
        if (status.LastCompleteSnapshot is not { } last)
            problems.Add($"nothing has been read completely from {status.Source} yet{Why(status)}");
        else if (now - last > staleAfter)
            problems.Add($"nothing has been read completely from {status.Source} for {Text(now - last)}{Why(status)}");
        if (status.LastCompleteSnapshot is not null && status.Outputs.Count == 0)
            problems.Add("no output has been looked at yet");
        foreach (var output in status.Outputs)
        {
            if (output.IsUnwritable)
                problems.Add($"output {output.Name} cannot be written: {output.Path}");
            else if (!output.Exists)
                problems.Add($"output {output.Name} does not exist yet: {output.Path}");
            if (output.OwedSince is { } owed && !output.WaitsForProxy && now - owed > reloadAlarm)
                problems.Add($"the proxy of output {output.Name} has not taken its configuration for {Text(now - owed)}");
        }

        return new HealthReport(problems.Count == 0, [.. problems]);
    }

    /// <summary>Whether a program is to be restarted. What it still waits for after its start is nothing wrong with it, for as long as a snapshot may be old.</summary>
    /// <param name="status">What the program says.</param>
    /// <param name="now">The time.</param>
    /// <param name="staleAfter">Longest time without a complete snapshot.</param>
    /// <param name="reloadAlarm">Longest time that a reload may be owed to a proxy that runs.</param>
    public static HealthReport OfLiveness(WatcherStatus status, DateTimeOffset now, TimeSpan staleAfter, TimeSpan reloadAlarm)
    {
        ArgumentNullException.ThrowIfNull(status);
        if (now - status.Started > staleAfter)
            return Evaluate(status, now, staleAfter, reloadAlarm);
        var written = status.Outputs.Where(static output => output.Exists || output.IsUnwritable).ToList();
        return written.Count == 0
            ? new HealthReport(true, [])
            : Evaluate(status with { LastCompleteSnapshot = status.LastCompleteSnapshot ?? status.Started, Outputs = written }, now, staleAfter, reloadAlarm);
    }

    private static string Why(WatcherStatus status) =>
        status.Findings.FirstOrDefault(static f => f.Severity == "error" && f.Container is null) is { } error
            ? $" ({error.Reason}: {error.Message})" : "";

    private static string Text(TimeSpan span) => span.TotalMinutes >= 1
        ? ((long)span.TotalMinutes).ToString(CultureInfo.InvariantCulture) + " min"
        : ((long)span.TotalSeconds).ToString(CultureInfo.InvariantCulture) + " s";
}
