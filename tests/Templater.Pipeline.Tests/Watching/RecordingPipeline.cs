using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Watching;

namespace Templater.Pipeline.Tests.Watching;

/// <summary>A pipeline that routes every running container by its label and remembers what it was asked to do.</summary>
internal sealed class RecordingPipeline : IOutputPipeline
{
    private readonly Lock _lock = new();
    private readonly List<(Snapshot Snapshot, Cause Cause)> _applied = [];
    private readonly List<string> _contents = [];

    public IReadOnlyList<(Snapshot Snapshot, Cause Cause)> Applied
    {
        get
        {
            lock (_lock)
                return [.. _applied];
        }
    }

    public int FirstBoots { get; private set; }

    public ImmutableArray<Finding> Findings { get; set; } = [];

    /// <summary>What is said of the output itself.</summary>
    public ImmutableArray<Finding> OutputFindings { get; set; } = [];

    /// <summary>What looks find out about the output.</summary>
    public ImmutableArray<Finding>? LookFindings { get; set; }

    public TimeSpan? AgainAfter { get; set; }

    /// <summary>Whether every look ends before its output is ready.</summary>
    public bool IsInterim { get; set; }

    public Func<CancellationToken, Task> Before { get; set; } = static _ => Task.CompletedTask;

    /// <summary>What happens between the end of the work and its report.</summary>
    public Action<OutputResult> After { get; set; } = static _ => { };

    public ImmutableArray<RouteClaim> RoutesOf(Snapshot snapshot) =>
        [.. Running(snapshot).Select(static c => new RouteClaim(c.Labels["templater.host"], "/", [c.Id]))];

    public async Task<OutputReport> ApplyAsync(Snapshot snapshot, Cause cause, CancellationToken cancellationToken)
    {
        await Before(cancellationToken);
        lock (_lock)
            _applied.Add((snapshot, cause));
        var hosts = Running(snapshot).Select(static c => c.Labels["templater.host"]).ToList();
        var report = Report(string.Join(' ', hosts), hosts, GenerationStep.Live);
        After(report.Outputs[0]);
        return report;
    }

    public Task<OutputReport> FirstBootAsync(CancellationToken cancellationToken)
    {
        FirstBoots++;
        return Task.FromResult(Report("", [], GenerationStep.Written));
    }

    private int NumberOf(string content)
    {
        if (!_contents.Contains(content))
            _contents.Add(content);
        return _contents.IndexOf(content) + 1;
    }

    private OutputReport Report(string content, List<string> hosts, GenerationStep step) => new(
        [
            new OutputResult
            {
                LookFindings = LookFindings,
                Output = "nginx", Path = "/config/nginx.conf", Step = step, Exists = true, Number = NumberOf(content),
                Generation = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(content)))[..16],
                Hosts = [.. hosts.Select(static host => new HostSummary(host, 1))], Findings = OutputFindings, IsInterim = IsInterim,
            },
        ],
        Findings, AgainAfter);

    private static IEnumerable<Container> Running(Snapshot snapshot) =>
        snapshot.Containers.Where(static c => c.State == ContainerState.Running && c.Labels.ContainsKey("templater.host"));
}
