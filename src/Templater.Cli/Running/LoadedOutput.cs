using System.Collections.Immutable;
using System.Globalization;
using Templater.Cli.Options;
using Templater.Pipeline;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Rendering.Templates;
using Templater.Pipeline.Routing;

namespace Templater.Cli.Running;

/// <summary>
/// An output with its template. A template that cannot be used when it is read again leaves the one before in use, and that is
/// said until a good one comes. Not thread-safe.
/// </summary>
internal sealed class LoadedOutput
{
    private OutputRenderer? _renderer;
    private ProxyKind _kind;

    /// <summary>Loads the template.</summary>
    public LoadedOutput(OutputPlan plan)
    {
        Plan = plan;
        Load = OutputRenderer.Load(plan.Definition, new DiskTemplateFiles());
        _renderer = Load.Renderer;
        _kind = plan.Definition.Kind;
    }

    /// <summary>The output's settings.</summary>
    public OutputPlan Plan { get; }

    /// <summary>What came of reading the template last.</summary>
    public TemplateLoad Load { get; private set; }

    /// <summary>Files whose change asks for another load, the includes of a template that cannot be used among them.</summary>
    public IEnumerable<string> Files
    {
        get
        {
            var template = Plan.Definition.Template;
            return ShippedTemplates.IsPath(template) ? [Path.GetFullPath(template), .. Load.IncludedFiles] : [];
        }
    }

    /// <summary>Reads the template again.</summary>
    /// <returns>True when its text has come to name another kind of proxy.</returns>
    public bool Reload()
    {
        Load = OutputRenderer.Load(Plan.Definition, new DiskTemplateFiles());
        _renderer = Load.Renderer ?? _renderer;
        var before = _kind;
        if (Load.Renderer is not null)
            _kind = TemplateNames.Kind(Plan.Definition.Template, Load.Format);
        return _kind != before;
    }

    /// <summary>Routes a snapshot as rendering it does.</summary>
    public RoutingResult Route(Snapshot snapshot) =>
        _renderer?.Route(snapshot, Plan.Policy, OutputRouting.Hint(Plan.Deployment.Reload)) ?? OutputRouting.Route(Plan, snapshot);

    /// <summary>Renders a snapshot; null when no usable template was ever read.</summary>
    public OutputRendering? Render(Snapshot snapshot, CancellationToken cancellationToken) =>
        _renderer?.Render(snapshot, Plan.Policy, OutputRouting.Hint(Plan.Deployment.Reload), cancellationToken);

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
