using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Templater.Cli.Explaining;
using Templater.Cli.Logging;
using Templater.Cli.Options;
using Templater.Cli.Running;
using Templater.Language;
using Templater.Pipeline;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Explaining;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Commands;

/// <summary><c>templater explain</c>: tells why something is routed as it is, or is not.</summary>
internal static class ExplainCommand
{
    private const int MaxNear = 5;

    public static Command Create(Surroundings surroundings, bool showAll)
    {
        var subjects = new Argument<string[]>("NAME") { Description = "Hosts, containers (name or id) or services; without one, a line for each container", Arity = ArgumentArity.ZeroOrMore };
        var from = SourceOptions.From();
        var all = new Option<bool>("--all") { Description = "List containers without a host too" };
        var asJson = new Option<bool>("--json") { Description = "One JSON object for each subject" };
        var options = new SettingOptions(showAll, [OutputSettings.Template, EngineSettings.DockerHost]) { Set = SetFlag.Shown };
        var command = new Command("explain", "Tell why a host, container or service is routed as it is, or is not. Exit code 0 when all that is named is routed, 1 when something is not, 3 when nothing is called that.")
        {
            subjects, from, all, asJson,
        };
        options.AddTo(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = new SettingsReader(options.Read(parse), surroundings.Variables).Read();
            LogWriter.ForDiagnostics(surroundings, settings).WriteAll(settings.Warnings);
            var input = await SnapshotInput.OfAsync(parse.GetValue(from), surroundings, cancellationToken);
            var snapshot = await OneSnapshot.ReadAsync(settings, input, surroundings, cancellationToken);
            var directory = input is null ? StateDirectories.Of(settings) : null;
            var status = directory is null ? null : new StatusFile(directory).Read();
            var explainers = Plans(settings).Select(plan => Explainer(
                plan, RunKnowledge.Add(snapshot, status, plan.Definition.Name, settings.Get(EngineSettings.StaleAfter)), directory, status, cancellationToken)).ToImmutableArray();
            var words = parse.GetValue(subjects) ?? [];
            var explained = words.Length == 0
                ? explainers.SelectMany(static explainer => explainer.All()).ToImmutableArray()
                : Named(words, explainers);
            if (input is not null && Stale(snapshot, input, surroundings.Time.GetUtcNow(), settings.Get(EngineSettings.StaleAfter)) is { } stale)
                explained = [.. explained.Select(about => about with { Warnings = about.Warnings.Insert(0, stale) })];
            var listed = words.Length > 0 || parse.GetValue(all) ? explained : [.. explained.Where(static about => !OverviewText.AsksForNothing(about))];
            var text = parse.GetValue(asJson) ? string.Concat(listed.Select(ExplanationJson.Of))
                : words.Length > 0 ? string.Join('\n', listed.Select(new ExplanationText(snapshot.TakenAt, explainers.Length > 1).Of))
                : OverviewText.Of(explained, parse.GetValue(all));
            await surroundings.Output.WriteAsync(text.AsMemory(), cancellationToken);
            var asked = words.Length > 0 ? listed : [.. listed.Where(static about => !OverviewText.AsksForNothing(about))];
            return asked.All(static about => about.Standing == Standing.Routed) ? ExitCode.Done : ExitCode.Differs;
        });
        return command;
    }

    // Only what was read from an engine says when; the other forms tell no time.
    private static Finding? Stale(Snapshot snapshot, SnapshotInput input, DateTimeOffset now, TimeSpan staleAfter) =>
        snapshot.Engine is null || staleAfter == TimeSpan.Zero || now - snapshot.TakenAt <= staleAfter
        ? null
        : new Finding(FindingSeverity.Warning, ReasonIds.SnapshotStale, string.Create(CultureInfo.InvariantCulture,
            $"{VisibleText.Of(input.Name)} was recorded at {snapshot.TakenAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, {ExplanationText.Span(now - snapshot.TakenAt)} ago; this is how it was then. Without --from the engine is asked."));

    private static IEnumerable<OutputPlan> Plans(Settings settings) => settings.Outputs.IsEmpty
        ? throw new CommandFailedException(ExitCode.Usage, ReasonIds.InvalidSetting,
            "no template was chosen: set --template, or TEMPLATER_TEMPLATE, to nginx, nginx-http, haproxy, centauri, domains, or the path of a template. What a proxy can do decides what is routed.")
        : settings.Outputs.Select(static output => OutputPlan.Of(output));

    private static Explainer Explainer(OutputPlan plan, Snapshot snapshot, string? stateDirectory, WatcherStatus? status, CancellationToken cancellationToken)
    {
        var output = new LoadedOutput(plan);
        // What is routed can be told without the template, too.
        var rendering = output.Render(snapshot, cancellationToken);
        var routing = rendering?.Routing ?? output.Route(snapshot);
        return new Explainer(new ExplainedDecision
        {
            Snapshot = snapshot,
            Routing = routing,
            Policy = plan.Policy,
            Findings = rendering?.Findings ?? routing.Findings,
            Path = plan.Definition.Path,
            File = rendering?.File,
            Journal = stateDirectory is null ? null : JournalReader.Read(stateDirectory, plan.Definition.Name),
            PendingCertificates = status?.Certificates?.Where(static certificate => certificate.NotAfter is null)
                .ToImmutableSortedDictionary(static certificate => certificate.Name, Stage, StringComparer.Ordinal),
        });
    }

    private static string Stage(CertificateState certificate) =>
        certificate is { Failed: > 0 and var failed, NextAt: { } next } ? string.Create(CultureInfo.InvariantCulture, $"attempt {failed + 1} at {next.UtcDateTime:HH:mm}")
        : certificate.WaitsFor is { } what ? $"waits: {what}"
        : "";

    private static ImmutableArray<Explanation> Named(string[] words, ImmutableArray<Explainer> explainers)
    {
        var found = ImmutableArray.CreateBuilder<Explanation>();
        foreach (var word in words)
        {
            var before = found.Count;
            foreach (var explainer in explainers)
                found.AddRange(explainer.Find(word));
            if (found.Count == before)
                throw Unknown(word, explainers.SelectMany(static explainer => explainer.Names).Distinct(StringComparer.Ordinal));
        }

        return found.ToImmutable();
    }

    private static CommandFailedException Unknown(string word, IEnumerable<string> names)
    {
        var known = names.ToArray();
        var near = known.Where(name => name.Contains(word, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).Take(MaxNear).ToArray();
        if (near.Length == 0 && NearestName.Find(word, known) is { } nearest)
            near = [nearest];
        var hint = near.Length > 0 ? $" Did you mean {string.Join(", or ", near.Select(VisibleText.Of))}?" : " templater explain --all lists all containers.";
        return new CommandFailedException(ExitCode.Invalid, ReasonIds.InvalidInput, $"no container, service or host is called \"{VisibleText.Of(word)}\".{hint}");
    }
}
