namespace Templater.Pipeline.Watching.Metrics;

/// <summary>Names of what is counted.</summary>
internal static class MetricNames
{
    public const string Generations = "templater_generations_total";
    public const string Reloads = "templater_reloads_total";
    public const string Events = "templater_events_total";
    public const string Snapshots = "templater_snapshots_total";
    public const string RenderSeconds = "templater_render_seconds";
    public const string CheckSeconds = "templater_check_seconds";
    public const string ReloadSeconds = "templater_reload_seconds";
}
