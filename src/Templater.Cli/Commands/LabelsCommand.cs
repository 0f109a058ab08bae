using System.Collections.Immutable;
using System.CommandLine;
using Templater.Cli.Explaining;
using Templater.Cli.Logging;
using Templater.Cli.Options;
using Templater.Language;
using Templater.Pipeline;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Spelling;

namespace Templater.Cli.Commands;

/// <summary><c>templater labels</c>: prints the native spelling of what containers say in any dialect.</summary>
internal static class LabelsCommand
{
    private const int MaxNear = 5;

    public static Command Create(Surroundings surroundings, bool showAll)
    {
        var subjects = new Argument<string[]>("NAME") { Description = "Containers (name or id) or services; without one, all that name a host", Arity = ArgumentArity.ZeroOrMore };
        var from = SourceOptions.From();
        var asJson = new Option<bool>("--json") { Description = "One JSON object for each container" };
        var options = new SettingOptions(showAll, [EngineSettings.Dialects, EngineSettings.DockerHost]);
        var command = new Command("labels", "Print what containers say in any dialect as native labels, for a compose file. Exit code 0 when they say the same, 1 when something has no native word, 3 when nothing is called that.")
        {
            subjects, from, asJson,
        };
        options.AddTo(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = new SettingsReader(options.Read(parse), surroundings.Variables).Read();
            var log = LogWriter.ForDiagnostics(surroundings, settings);
            log.WriteAll(settings.Warnings);
            var input = await SnapshotInput.OfAsync(parse.GetValue(from), surroundings, cancellationToken);
            var snapshot = await OneSnapshot.ReadAsync(settings, input, surroundings, cancellationToken);
            var all = NativeSpelling.Of(snapshot, Policy(settings));
            var words = parse.GetValue(subjects) ?? [];
            var listed = words.Length > 0 ? Named(words, all) : [.. all.Where(static spelled => spelled.Dialect is not null)];
            log.WriteAll(listed.SelectMany(static spelled => spelled.Findings).Distinct());
            var text = parse.GetValue(asJson) ? string.Concat(listed.Select(LabelsJson.Of)) : LabelsText.Of(listed);
            await surroundings.Output.WriteAsync(text.AsMemory(), cancellationToken);
            return listed.All(static spelled => spelled.Dialect is not null && spelled.Remarks.IsEmpty) ? ExitCode.Done : ExitCode.Differs;
        });
        return command;
    }

    // What labels mean does not depend on the output, but for settings that one has of its own.
    private static RoutingPolicy Policy(Settings settings) => settings.Outputs.IsEmpty
        ? OutputPlan.PolicyOf(settings.Values)
        : OutputPlan.PolicyOf(settings.Outputs[0].Values) with { AccessLists = settings.Outputs[0].AccessLists };

    private static ImmutableArray<SpelledContainer> Named(string[] words, ImmutableArray<SpelledContainer> all)
    {
        var found = ImmutableArray.CreateBuilder<SpelledContainer>();
        foreach (var word in words)
        {
            var named = all.Where(spelled => IsCalled(spelled.Container, word)).ToArray();
            if (named.Length == 0)
                throw Unknown(word, all);
            found.AddRange(named.Where(spelled => !found.Contains(spelled)));
        }

        return found.ToImmutable();
    }

    private static bool IsCalled(Container container, string word) =>
        container.Name == word || container.Compose?.Service == word || container.Swarm?.Service == word
        || container.Id.Value == word || (word.Length >= 12 && container.Id.Value.StartsWith(word, StringComparison.Ordinal));

    private static CommandFailedException Unknown(string word, ImmutableArray<SpelledContainer> all)
    {
        var known = all.Select(static spelled => spelled.Container.Name).ToArray();
        var near = known.Where(name => name.Contains(word, StringComparison.OrdinalIgnoreCase)).Take(MaxNear).ToArray();
        if (near.Length == 0 && NearestName.Find(word, known) is { } nearest)
            near = [nearest];
        var hint = near.Length > 0 ? $" Did you mean {string.Join(", or ", near.Select(VisibleText.Of))}?" : " templater explain --all lists all containers.";
        return new CommandFailedException(ExitCode.Invalid, ReasonIds.InvalidInput, $"no container or service is called \"{VisibleText.Of(word)}\".{hint}");
    }
}
