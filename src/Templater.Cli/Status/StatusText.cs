using System.Globalization;
using System.Text;
using Templater.Cli.Explaining;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Status;

/// <summary>Writes a status for people.</summary>
/// <param name="report">What is told.</param>
internal sealed class StatusText(StatusReport report)
{
    private const int KeyWidth = 11;
    private const int NumberWidth = 14;

    private readonly StringBuilder _text = new();

    private DateTimeOffset Now => report.Now;

    /// <summary>The text, with a line break at its end.</summary>
    /// <param name="withHistory">All generations of the journals too.</param>
    public string Of(bool withHistory)
    {
        Program();
        foreach (var output in report.Outputs)
        {
            _text.Append('\n');
            Output(output);
            if (withHistory)
                History(output);
        }

        var certificates = CertificatesText.Of(report.Told?.Certificates ?? [], Now) + CertificatesText.Of(report.Told?.KeyChanges ?? [], Now);
        if (report is { IsRunning: true, Told.AwaitsCertificates: true })
            certificates = "not known yet which are wanted\n" + string.Concat(CertificatesText.Obstacles(report).Select(static finding => $"{finding.Reason}: {VisibleText.Of(finding.Message)}\n"));
        if (certificates.Length > 0)
            _text.Append(CultureInfo.InvariantCulture, $"\ncertificates\n{Indented(certificates)}");
        return _text.ToString();
    }

    private static string Indented(string lines) => string.Concat(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => $"  {line}\n"));

    private void Program()
    {
        if (report.Told is not { } told)
        {
            Head("templater", "not running: it has written no status here");
            return;
        }

        var ago = $"{ExplanationText.Span(Now - told.Written)} ago";
        Head("templater", report.IsRunning ? $"running since {Moment(told.Started)} ({ExplanationText.Span(Now - told.Started)}), heard {ago}"
            : told.Ended is { } ended ? $"not running: it ended at {Moment(ended)}"
            : $"not running: it was last heard at {Moment(told.Written)}, {ago}");
        var engine = told.Engine is { } version ? $" ({VisibleText.Of(version)})" : "";
        Head("engine", VisibleText.Of(told.Source) + engine);
        Head("snapshot", told.LastCompleteSnapshot is { } last
            ? string.Create(CultureInfo.InvariantCulture, $"{told.Containers} {(told.Containers == 1 ? "container" : "containers")}, read {ExplanationText.Span(Now - last)} ago")
            : "nothing has been read completely yet");
        if (report.Health is { } health)
            Head("health", health.IsHealthy ? "healthy" : VisibleText.Of("unhealthy: " + string.Join("; ", health.Problems)));
    }

    private void Output(ReportedOutput output)
    {
        var path = output.Told is { } told ? $"  {VisibleText.Of(told.Path)}" : report.IsRunning ? "  not in the settings, or not looked at yet" : "";
        _text.Append(CultureInfo.InvariantCulture, $"output {VisibleText.Of(output.Name)}{path}\n");
        if (output.Journal?.Problem is { } problem)
            Line("journal", $"cannot be understood: {VisibleText.Of(problem)}");
        else if (output.Current is null)
            Line("generation", "none yet");
        if (output.Current is { } current)
            Current(current);
        if (output.Journal?.State is { Pin: { } pin } state)
            Line("pinned", $"to generation {StatusWords.Generation(pin.Number, pin.Generation)} by rollback since {Moment(pin.Since)}, {(state.Waiting is { } waiting ? $"{StatusWords.Generation(waiting.Number, waiting.Generation)} waits" : "nothing waits")}");
        Wanted(output);
        if (output.OwedSince is { } owed)
            Line("owed", $"since {Moment(owed)} ({ExplanationText.Span(Now - owed)}){(output.Told is { WaitsForProxy: true } ? ", waits for a proxy" : "")}");
        if (output.LastRefused is { } refused && !ReferenceEquals(refused, output.Current))
            Line("refused", $"{StatusWords.Generation(refused.Number, refused.Generation)} at {Moment(refused.Settled ?? refused.Desired)}: {VisibleText.Of(refused.Result)}");
        if (output.Journal?.State?.LastGood is { } good && good.Generation != output.Current?.Generation)
            Line("last good", $"{StatusWords.Generation(good.Number, good.Generation)}, live at {Moment(good.At)}");
        if (output.Told?.OldWorkers is > 0 and var old)
            Line("old", $"{old} {(old == 1 ? "set" : "sets")} of old workers still {(old == 1 ? "finishes its" : "finish their")} connections");
        foreach (var container in output.Told?.LeftOut ?? [])
            Line("left out", VisibleText.Of($"{container.Name ?? container.Id}: {container.Why}"));
    }

    private void Current(JournalEntry entry)
    {
        Line("generation", $"{StatusWords.Generation(entry.Number, entry.Generation)}, {StatusWords.Meaning(entry.Phase)}{(entry.Result.Length > 0 ? $": {VisibleText.Of(entry.Result)}" : "")}");
        Line("cause", VisibleText.Of(entry.Cause));
        Line("wanted", Moment(entry.Desired));
        Step("checked", entry.Checked, entry);
        Step("swapped", entry.Swapped, entry);
        Step("owed anew", entry.OwedAnew, entry);
        Step("delivered", entry.Delivered, entry);
        if (entry.Settled is { } settled && entry.Duration is { } took)
            Line(entry.Proven is null ? "settled" : "proven", $"{Moment(settled)}  took {StatusWords.Took(took)}");
    }

    private void Step(string key, DateTimeOffset? at, JournalEntry entry)
    {
        if (at is { } moment)
            Line(key, $"{Moment(moment)}  after {StatusWords.Took(moment - entry.Desired)}");
    }

    // What the inputs ask for now is another one where that has failed, or could not be written.
    private void Wanted(ReportedOutput output)
    {
        if (output.Told is not { Generation.Length: > 0 } told || told.Generation == output.Current?.Generation)
            return;
        Line("asked for", $"{StatusWords.Generation(told.Number, told.Generation)}, {(told.IsUnwritable ? "which cannot be written" : VisibleText.Of(told.Step))}");
    }

    private void History(ReportedOutput output)
    {
        _text.Append("  history, oldest first\n");
        foreach (var entry in output.Generations)
        {
            var took = entry.Duration is { } span ? $" in {StatusWords.Took(span)}" : "";
            _text.Append(CultureInfo.InvariantCulture,
                $"    {StatusWords.Generation(entry.Number, entry.Generation).PadRight(NumberWidth)} {Moment(entry.Desired)}  {StatusWords.Of(entry.Phase)}{took}. cause: {VisibleText.Of(entry.Cause)}\n");
            if (entry.Result.Length > 0)
                _text.Append(CultureInfo.InvariantCulture, $"    {"",NumberWidth} {VisibleText.Of(entry.Result)}\n");
        }
    }

    private string Moment(DateTimeOffset at) => StatusWords.Moment(at, Now);

    private void Head(string key, string text) => _text.Append(CultureInfo.InvariantCulture, $"{key.PadRight(KeyWidth)} {text}\n");

    private void Line(string key, string text) => _text.Append(CultureInfo.InvariantCulture, $"  {key.PadRight(KeyWidth)} {text.TrimEnd()}\n");
}
