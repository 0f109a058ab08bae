using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Templater.Language;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering.Functions;
using Templater.Pipeline.Rendering.Model;
using Templater.Pipeline.Rendering.Templates;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Rendering;

/// <summary>
/// Renders one output: finds its proxy, routes, builds the model and runs the template. The same snapshot and settings
/// give the same bytes. A container on which the template fails is left out alone. Holds one version of the template;
/// when a file changes, load it anew. Not safe for several threads at once.
/// </summary>
public sealed class OutputRenderer
{
    /// <summary>Most characters of a rendered file; more is an error, nothing is ever cut.</summary>
    public const int MaxOutputCharacters = 64 * 1024 * 1024;

    private const int MaxQuarantines = 100;
    private const string NoGeneration = "0000000000000000";

    private readonly OutputDefinition _output;
    private readonly Template _template;
    private readonly IncludeLoader _includes;
    private readonly FurtherFiles _files;
    private readonly string _text;
    private readonly OutcomeMemory _outcomes = new();
    private LastRouting? _last;

    private OutputRenderer(OutputDefinition output, Template template, IncludeLoader includes, FurtherFiles files, string text)
    {
        _files = files;
        _output = output;
        _template = template;
        _includes = includes;
        _text = text;
    }

    /// <summary>Reads and checks an output's template.</summary>
    /// <param name="output">The output.</param>
    /// <param name="files">Where templates are read from.</param>
    public static TemplateLoad Load(OutputDefinition output, ITemplateFiles files)
    {
        var shipped = ShippedTemplates.IsPath(output.Template) ? null : ShippedTemplates.Find(output.Template);
        if (shipped is null && !ShippedTemplates.IsPath(output.Template))
            return Refused($"there is no template \"{output.Template}\". Shipped are {string.Join(", ", ShippedTemplates.All.Select(template => template.Name))}; a path contains a slash or ends in .scriban.");
        var path = shipped?.Path ?? output.Template;
        string? text;
        try
        {
            text = shipped is null ? files.Read(path) : ShippedTemplates.Read(path);
        }
        catch (TemplateFileException exception)
        {
            return Refused($"{exception.Message}.");
        }

        if (text is null)
            return Refused($"there is no file {path}.");
        return Parse(output, path, text, new IncludeLoader(files, path, shipped is not null, output.IncludeDirectory));
    }

    /// <summary>Whether the template or one of its includes names a member of <c>values</c>.</summary>
    /// <param name="name">The member.</param>
    public bool ReadsValue(string name)
    {
        var word = Regex.Escape(name);
        var use = new Regex($@"\bvalues\s*\??\.\s*{word}\b|[""']{word}[""']", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        return _includes.Texts.Append(_text).Any(use.IsMatch);
    }

    /// <summary>Renders a snapshot.</summary>
    /// <param name="snapshot">What was read.</param>
    /// <param name="policy">The operator's settings for routing.</param>
    /// <param name="hint">What the reload setting tells about the proxy.</param>
    /// <param name="cancellationToken">Ends the render.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public OutputRendering Render(Snapshot snapshot, RoutingPolicy policy, ProxyHint hint, CancellationToken cancellationToken)
    {
        var routing = Route(snapshot, policy, hint);
        var current = snapshot;
        var quarantined = Ordinal.Empty;
        var findings = ImmutableArray.CreateBuilder<Finding>();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var run = new RenderRun(_template, _output, Readable(current), routing, policy, _files);
            var (content, problem) = run.Render(NoGeneration, cancellationToken);
            if (problem is { } error)
            {
                var guilty = ModelScope.ContainersBehind(error.Owner);
                var news = guilty.Where(id => !current.Quarantined.ContainsKey(id.Value)).ToArray();
                if (news.Length > 0 && quarantined.Count + news.Length <= MaxQuarantines)
                {
                    quarantined = quarantined.SetItems(news.Select(id => KeyValuePair.Create(id.Value, RenderFindings.Reason(error.Diagnostic))));
                    current = snapshot with { Quarantined = snapshot.Quarantined.SetItems(quarantined) };
                    routing = Router.Route(current, routing.Proxy, policy, _outcomes);
                    continue;
                }

                findings.Add(RenderFindings.TemplateError(error.Diagnostic));
                return Outcome(null, routing, findings, quarantined) with { Diagnostics = [error.Diagnostic] };
            }

            findings.AddRange(RenderFindings.ReservedPaths(routing));
            findings.AddRange(run.Paths.Findings);
            return Outcome(Finish(run, content!, cancellationToken), routing, findings, quarantined);
        }
    }

    /// <summary>Routes a snapshot as <see cref="Render"/> does, which will not do it again for the same one.</summary>
    /// <param name="snapshot">What was read.</param>
    /// <param name="policy">The operator's settings for routing.</param>
    /// <param name="hint">What the reload setting tells about the proxy.</param>
    public RoutingResult Route(Snapshot snapshot, RoutingPolicy policy, ProxyHint hint)
    {
        if (_last is { } last && ReferenceEquals(last.Snapshot, snapshot) && last.Policy == policy && last.Hint == hint)
            return last.Routing;
        var proxy = ProxyLocator.Locate(snapshot, _output.Name, _output.Kind, hint, policy.LabelPrefix, _output.Proxy.Version) with { IgnoresLogins = !Mentions(".auth"), IgnoresVerify = !Mentions(".verify"), IgnoresClientAuth = !Mentions(".client_auth"), IgnoresIncludes = !Mentions(".override"), IgnoresStreams = !Mentions("streams"), IgnoresCertificateList = !Mentions(".certificate_list"), IgnoresForwardAuth = !Mentions(".forward_auth"), JoinsPairs = JoinsPairs };
        _last = new LastRouting(snapshot, policy, hint, Router.Route(snapshot, proxy, policy, _outcomes));
        return _last.Routing;
    }

    private sealed record LastRouting(Snapshot Snapshot, RoutingPolicy Policy, ProxyHint Hint, RoutingResult Routing);

    // A template and the generation see what HAProxy sees; routing knows what it does not see, and says so.
    private Snapshot Readable(Snapshot snapshot) => _output.Kind == ProxyKind.HAProxy
        ? snapshot with { Certificates = [.. snapshot.Certificates.Where(pair => CertificateSelection.IsUsable(pair, ProxyKind.HAProxy))] }
        : snapshot;

    private static OutputRendering Outcome(
        RenderedFile? file, RoutingResult routing, IEnumerable<Finding> findings, ImmutableSortedDictionary<string, string> quarantined) => new()
        {
            File = file,
            Routing = routing,
            Findings = [.. routing.Findings, .. findings],
            Quarantined = quarantined,
        };

    private RenderedFile Finish(RenderRun run, RenderedContent content, CancellationToken cancellationToken)
    {
        var (pairs, authorities) = (run.Certificates(all: Mentions("certificates")), run.Authorities);
        var generation = content.Generation(pairs, authorities, _files.All);
        var folder = _output.IsToldAtRunTime ? run.OpenFolder(content.Bytes) : null;
        var reload = _output.IsToldAtRunTime ? content.ReloadGeneration(pairs, authorities, _files.All, pairsComeAndGo: folder is not null) : null;
        var final = content;
        // By place and not by searching: a label may hold sixteen zeros too. Where more was done with the id than to print it, only
        // another render tells what comes of it.
        if (content.Stamps is not null)
            content.Stamp(reload ?? generation);
        else if (run.Render(reload ?? generation, cancellationToken).Content is { } second)
            final = second;

        return new RenderedFile
        {
            Output = _output.Name,
            Path = _output.Path,
            Content = final.Bytes,
            Generation = generation,
            ReloadGeneration = reload,
            Certificates = new RuntimeCertificates(reload is null ? [] : run.RuntimeCertificates(pairs), folder),
            PrintsGeneration = content.Stamps is { Length: > 0 } || !final.Bytes.AsSpan().SequenceEqual(content.Bytes),
            Provenance = final.Lines,
            SideFiles = SideFile.NamedIn(final.Bytes, SideFile.Of(_output.Name, run.Logins, run.CertificateList)),
            Files = _files.All,
            FilesDirectory = _files.Directory,
        };
    }

    // A template that does not ask for the sites of a host takes what holds for its primary name to hold for all its names.
    private bool JoinsPairs => _output.Kind == ProxyKind.HAProxy && _template.Reads is var reads
        && reads.MayRead(VirtualHostModel.Host.Shape, "sites") && !VirtualHostModel.FactsOfAPair.Any(fact => reads.MayRead(fact.Shape, fact.Member));

    private bool Mentions(string word) =>
        _text.Contains(word, StringComparison.Ordinal) || _includes.Texts.Any(text => text.Contains(word, StringComparison.Ordinal));

    private static TemplateLoad Parse(OutputDefinition output, string path, string text, IncludeLoader includes)
    {
        var format = TemplateFormats.Of(output.Format, path, text);
        if (format is not null && !TemplateFormats.All.Contains(format))
            return Refused($"{path}: \"{format}\" is no format; known are {string.Join(", ", TemplateFormats.All)}.");
        var source = new SourceText(path, text.TrimStart('\uFEFF'));
        var further = new FurtherFiles();
        var parsed = Template.Parse(source, Options(format, includes, further));
        // What plain text prints of containers is no mistake when the author said that it is plain; else it is said once.
        var diagnostics = parsed.Diagnostics.RemoveAll(diagnostic => diagnostic is { Id: ReasonIds.UnquotedText, Severity: DiagnosticSeverity.Warning });
        var findings = diagnostics.Select(RenderFindings.Of).ToList();
        if (format is null && diagnostics.Length < parsed.Diagnostics.Length)
            findings.Add(RenderFindings.UnknownFormat(path));
        if (includes.Problem is { } problem)
            findings.Add(RenderFindings.Error($"{problem}."));
        var renderer = parsed.Template is { } template && !parsed.HasErrors ? new OutputRenderer(output, template, includes, further, source.Text) : null;
        return new TemplateLoad(renderer, [.. findings], diagnostics) { Format = format, Includes = includes };
    }

    private static LanguageOptions Options(string? format, IncludeLoader includes, FurtherFiles files) => new()
    {
        IndentEmptyLines = false,
        Format = format == TemplateFormats.Plain ? null : format,
        Functions = RenderFunctions.With(files),
        Root = RootModel.Root.Shape,
        Stamp = RootModel.Generation,
        Loader = includes,
        Limits = RenderLimits.Default with { OutputCharacters = MaxOutputCharacters },
    };

    private static TemplateLoad Refused(string message) => new(null, [RenderFindings.Error(message)], []);
}
