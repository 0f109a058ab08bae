using System.Collections.Immutable;
using System.CommandLine;
using Templater.Cli.Logging;
using Templater.Cli.Options;
using Templater.Cli.Status;
using Templater.Pipeline;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Commands;

/// <summary><c>templater status</c>: what the Templater that writes this state directory does, and did.</summary>
internal static class StatusCommand
{
    public static Command Create(Surroundings surroundings, bool showAll)
    {
        var history = new Option<bool>("--history") { Description = "List all generations that the journal remembers" };
        var asJson = new Option<bool>("--json") { Description = "One JSON object" };
        var options = new SettingOptions(showAll, [OutputSettings.StateDirectory]);
        var command = new Command("status", "Tell what is live in each output since when and why, what is owed, refused and left out. Exit code 3 when a journal is damaged, 4 when no Templater runs here.")
        {
            history, asJson,
        };
        options.AddTo(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = new SettingsReader(options.Read(parse), surroundings.Variables).Read();
            var log = LogWriter.ForDiagnostics(surroundings, settings);
            log.WriteAll(settings.Warnings);
            var directory = StateDirectories.Of(settings);
            if (StateDirectory.Problem(directory) is { } unusable)
                throw new CommandFailedException(ExitCode.Environment, ReasonIds.StateUnusable, unusable);
            var (told, problem) = new StatusFile(directory).Look();
            var report = StatusReport.Of(
                told, Journals(directory), surroundings.Time.GetUtcNow(), settings.Get(EngineSettings.StaleAfter), settings.Get(OutputSettings.ReloadAlarm), RunLock.IsHeld(directory));
            var withHistory = parse.GetValue(history);
            var text = parse.GetValue(asJson) ? StatusDocument.Of(report, withHistory) : new StatusText(report).Of(withHistory);
            await surroundings.Output.WriteAsync(text.AsMemory(), cancellationToken);
            var complaints = Complaints(report, directory, problem).ToList();
            log.WriteAll(complaints);
            return complaints.Exists(static finding => finding.Reason == ReasonIds.InvalidInput) ? ExitCode.Invalid
                : report.IsRunning ? ExitCode.Done
                : ExitCode.Environment;
        });
        return command;
    }

    private static ImmutableArray<JournalReading> Journals(string directory)
    {
        try
        {
            return [.. JournalReader.Outputs(directory).Select(output => JournalReader.Look(directory, output))];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Environment, ReasonIds.StateUnusable, $"the journals in {directory} cannot be read: {FileTrouble.Of(exception)}");
        }
    }

    private static IEnumerable<Finding> Complaints(StatusReport report, string directory, string? statusProblem)
    {
        foreach (var output in report.Outputs)
            if (output.Journal?.Problem is { } problem)
                yield return new Finding(FindingSeverity.Error, ReasonIds.InvalidInput,
                    $"the journal of output \"{output.Name}\" in {directory} cannot be understood: {problem}. A Templater that starts keeps it as .bad and tells the proxy once more.");
        if (statusProblem is not null)
            yield return new Finding(FindingSeverity.Error, ReasonIds.InvalidInput,
                $"{Path.Combine(directory, StatusFile.FileName)} cannot be understood: {statusProblem}. A Templater that starts writes it anew.");
        if (!report.IsRunning)
            yield return RunningProgram.LeftBehind(directory);
    }
}
