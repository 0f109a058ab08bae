using System.Globalization;
using System.Text;
using Templater.Pipeline.Certificates.Keeping;

namespace Templater.Pipeline.Watching.Metrics;

/// <summary>
/// Writes a status and what was counted in Prometheus' text form 0.0.4. No label holds a name out of a container: there is no end
/// of those. Pure: the same state gives the same text.
/// </summary>
public static class MetricsText
{
    /// <summary>The text.</summary>
    /// <param name="report">What the program knows now.</param>
    /// <param name="counts">What it has counted.</param>
    public static string Of(StatusReport report, RunCounts counts)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(counts);
        var text = new StringBuilder();
        Program(text, report);
        Outputs(text, report);
        Counter(text, counts, MetricNames.Generations, "Generations that came to an end, by result.");
        Counter(text, counts, MetricNames.Reloads, "Reloads of the proxy, by what made them necessary and what became of them.");
        Counter(text, counts, MetricNames.Events, "Hints that made the containers be read again.");
        Counter(text, counts, MetricNames.Snapshots, "Attempts to read all containers.");
        Seconds(text, counts, MetricNames.RenderSeconds, "Time that rendering took.");
        Seconds(text, counts, MetricNames.CheckSeconds, "Time from wanted to checked.");
        Seconds(text, counts, MetricNames.ReloadSeconds, "Time from told to live, or to known that it is not.");
        Family(text, "templater_certificate_not_after_timestamp_seconds", "gauge", "When a certificate that was read ends.");
        foreach (var (name, end) in counts.Certificates)
            Sample(text, "templater_certificate_not_after_timestamp_seconds", MetricLabels.Of(("certificate", name)), end.ToUnixTimeSeconds());
        Certificates(text, report);
        return text.ToString();
    }

    private static void Certificates(StringBuilder text, StatusReport report)
    {
        var wanted = report.Told?.Certificates;
        Family(text, "templater_wanted_certificates", "gauge", "Certificates that are wanted, by what they do: resting, ordering or waiting.");
        foreach (var activity in wanted is null ? [] : Enum.GetNames<CertificateActivity>().Select(static name => name.ToLowerInvariant()))
            Sample(text, "templater_wanted_certificates", MetricLabels.Of(("activity", activity)), wanted!.Count(one => one.Activity == activity));
        Single(text, "templater_missing_certificates", "Certificates that are wanted and not there, or have ended.", wanted?.Count(one => one.NotAfter is not { } end || end <= report.Now));
        Single(text, "templater_failed_certificates", "Certificates that are wanted and whose last attempt failed.", wanted?.Count(static one => one.LastError is not null));
    }

    private static void Program(StringBuilder text, StatusReport report)
    {
        Single(text, "templater_healthy", "Whether templater healthcheck would succeed.", report.Health is { IsHealthy: true } ? 1 : 0);
        Single(text, "templater_containers", "Containers in the last complete snapshot.", report.Told?.Containers);
        Single(text, "templater_snapshot_age_seconds", "Age of the last complete snapshot.", report.SnapshotAge?.TotalSeconds);
        Single(text, "templater_start_timestamp_seconds", "When the program started.", report.Told?.Started.ToUnixTimeSeconds());
    }

    private static void Outputs(StringBuilder text, StatusReport report)
    {
        PerOutput(text, report, "templater_generation", "Number of the generation that is in place.", static output => output.Current?.Number);
        PerOutput(text, report, "templater_generation_live", "Whether the proxy runs it, as far as can be known.", static output => output.Current is { } current ? current.IsLive ? 1 : 0 : null);
        PerOutput(text, report, "templater_reload_owed_seconds", "For how long a reload has been owed; 0 = none is.",
            output => output.OwedSince is { } since ? Math.Max(0, (report.Now - since).TotalSeconds) : 0);
        PerOutput(text, report, "templater_old_workers", "Sets of old workers of the proxy that still finish their connections, at the last look.", static output => output.Told?.OldWorkers);
        PerOutput(text, report, "templater_hosts", "Virtual hosts.", static output => output.Told?.Hosts);
        PerOutput(text, report, "templater_quarantined_containers", "Containers that are left out because a file was refused with them.", static output => output.Told?.LeftOut?.Count);
        Family(text, "templater_excluded_containers", "gauge", "Containers that are not routed, by reason.");
        foreach (var output in report.Outputs)
            foreach (var excluded in output.Told?.Excluded ?? [])
                Sample(text, "templater_excluded_containers", MetricLabels.Of(("output", output.Name), ("reason", excluded.Reason)), excluded.Containers);
    }

    private static void PerOutput(StringBuilder text, StatusReport report, string name, string help, Func<ReportedOutput, double?> value)
    {
        Family(text, name, "gauge", help);
        foreach (var output in report.Outputs)
            if (value(output) is { } known)
                Sample(text, name, MetricLabels.Of(("output", output.Name)), known);
    }

    private static void Single(StringBuilder text, string name, string help, double? value)
    {
        Family(text, name, "gauge", help);
        if (value is { } known)
            Sample(text, name, "", known);
    }

    private static void Counter(StringBuilder text, RunCounts counts, string name, string help)
    {
        Family(text, name, "counter", help);
        if (counts.Counters.TryGetValue(name, out var series))
            foreach (var (labels, value) in series)
                Sample(text, name, labels, value);
    }

    private static void Seconds(StringBuilder text, RunCounts counts, string name, string help)
    {
        Family(text, name, "histogram", help);
        if (!counts.Histograms.TryGetValue(name, out var series))
            return;
        foreach (var (output, histogram) in series)
        {
            var total = 0L;
            for (var index = 0; index < histogram.Counts.Length; index++)
            {
                total += histogram.Counts[index];
                var bound = index < Histogram.Bounds.Length ? Number(Histogram.Bounds[index]) : "+Inf";
                Sample(text, name + "_bucket", MetricLabels.Of(("output", output), ("le", bound)), total);
            }

            Sample(text, name + "_sum", MetricLabels.Of(("output", output)), histogram.Sum);
            Sample(text, name + "_count", MetricLabels.Of(("output", output)), total);
        }
    }

    private static void Family(StringBuilder text, string name, string type, string help) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");

    private static void Sample(StringBuilder text, string name, string labels, double value) =>
        text.Append(name).Append(labels).Append(' ').Append(Number(value)).Append('\n');

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
