using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Templater.Cli.Options;
using Templater.Pipeline;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Rendering.Templates;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Running;

/// <summary>
/// An output with its template. A template that cannot be used when it is read again leaves the one before in use, and that is
/// said until a good one comes. Not thread-safe.
/// </summary>
internal sealed class LoadedOutput
{
    private const int MaxAttempts = 2;

    private readonly ProxyKind _kind;
    private OutputRenderer? _renderer;

    /// <summary>Loads the template.</summary>
    public LoadedOutput(OutputPlan plan)
    {
        Plan = plan;
        _kind = plan.Definition.Kind;
        ReadTemplate();
        _renderer = Load.Renderer;
    }

    /// <summary>The output's settings.</summary>
    public OutputPlan Plan { get; }

    /// <summary>What came of reading the template last.</summary>
    public TemplateLoad Load { get; private set; }

    /// <summary>How <see cref="Files"/> were before they were read last.</summary>
    public FileStamps Read { get; private set; }

    /// <summary>How often the template or a file that it includes has been edited since the first load.</summary>
    public int Edits { get; private set; }

    /// <summary>Files whose change asks for another load, the includes of a template that cannot be used among them.</summary>
    public IEnumerable<string> Files
    {
        get
        {
            var template = Plan.Definition.Template;
            return ShippedTemplates.IsPath(template) ? [Path.GetFullPath(template), .. Load?.IncludedFiles ?? []] : [];
        }
    }

    /// <summary>
    /// Reads the template again. One that names another kind of proxy is not taken over: what was made for the former kind, its
    /// checker and its proof, cannot serve it.
    /// </summary>
    /// <returns>True when its text has come to name another kind of proxy.</returns>
    public bool Reload()
    {
        var before = Read;
        ReadTemplate();
        if (!Read.IsSameAs(before))
            Edits++;
        if (Load.Renderer is null)
            return false;
        if (TemplateNames.Kind(Plan.Definition.Template, Load.Format) != _kind)
            return true;
        _renderer = Load.Renderer;
        return false;
    }

    // Which files it includes is known when it has been read: if they are new, it is read once more.
    [MemberNotNull(nameof(Load), nameof(Read))]
    private void ReadTemplate()
    {
        for (var attempt = 1; ; attempt++)
        {
            Read = FileStamps.Of(Files);
            var known = Files.ToHashSet(StringComparer.Ordinal);
            Load = OutputRenderer.Load(Plan.Definition, new DiskTemplateFiles());
            if (attempt == MaxAttempts || known.IsSupersetOf(Files))
                return;
        }
    }

    /// <summary>Routes a snapshot as rendering it does.</summary>
    public RoutingResult Route(Snapshot snapshot) =>
        _renderer?.Route(snapshot, Plan.Policy, OutputRouting.Hint(Plan.Deployment)) ?? OutputRouting.Route(Plan, snapshot);

    /// <summary>Renders a snapshot; null when no usable template was ever read.</summary>
    public OutputRendering? Render(Snapshot snapshot, CancellationToken cancellationToken)
    {
        var begin = Timer?.Time.GetTimestamp() ?? 0;
        var rendering = _renderer?.Render(snapshot, Plan.Policy, OutputRouting.Hint(Plan.Deployment), cancellationToken);
        Timer?.Told(Timer.Time.GetElapsedTime(begin));
        return rendering;
    }

    /// <summary>Told how long each render took; null = nobody is.</summary>
    public RenderTimer? Timer { get; set; }

    /// <summary>What is to be said about the template as long as it runs: what is live is not touched by it.</summary>
    /// <param name="rendering">What came of the last render; null when there was none.</param>
    /// <param name="live">Number of the generation that is live; null when it is not known.</param>
    public ImmutableArray<Finding> Findings(OutputRendering? rendering, int? live) =>
    [
        .. Load.Findings.Select(finding => Load.Renderer is null ? Stays(finding, live) : finding),
        .. (rendering?.Findings ?? []).Select(finding => rendering?.File is null ? Stays(finding, live) : finding),
    ];

    private static Finding Stays(Finding finding, int? live) => finding is not { Reason: ReasonIds.TemplateError, Severity: FindingSeverity.Error } ? finding : finding with
    {
        Message = string.Create(CultureInfo.InvariantCulture,
            $"{finding.Message} {(live is { } number ? $"Generation {number}" : "What is live")} stays live; the file is read again when it changes."),
    };
}

/// <summary>Measures renders.</summary>
/// <param name="Time">The clock.</param>
/// <param name="Told">Told how long one took.</param>
internal sealed record RenderTimer(TimeProvider Time, Action<TimeSpan> Told);
