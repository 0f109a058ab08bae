using System.CommandLine;
using Templater.Cli.Logging;
using Templater.Cli.Options;
using Templater.Cli.Rollback;

namespace Templater.Cli.Commands;

/// <summary><c>templater rollback</c>: asks the Templater that runs to go back to a generation, or to follow its inputs again.</summary>
internal static class RollbackCommand
{
    public static Command Create(Surroundings surroundings, bool showAll)
    {
        var generation = new Argument<string?>("GENERATION") { Description = "Number of a generation, or how its id begins; with --resume the name of the output", Arity = ArgumentArity.ZeroOrOne };
        var output = new Argument<string?>("OUTPUT") { Description = "Name of the output; needed when there are several", Arity = ArgumentArity.ZeroOrOne };
        var resume = new Option<bool>("--resume") { Description = "Follow the inputs again" };
        var options = new SettingOptions(showAll, [OutputSettings.StateDirectory]);
        var command = new Command("rollback", "Go back to a generation that was live; it stays, also across restarts, and every change waits until --resume. Without a generation, list those that are kept.")
        {
            generation, output, resume,
        };
        options.AddTo(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = new SettingsReader(options.Read(parse), surroundings.Variables).Read();
            LogWriter.ForDiagnostics(surroundings, settings).WriteAll(settings.Warnings);
            var rollback = new RollbackRun(surroundings, StateDirectories.Of(settings), settings.Get(EngineSettings.StaleAfter), settings.Get(OutputSettings.ReloadAlarm));
            var (first, second) = (parse.GetValue(generation), parse.GetValue(output));
            if (!parse.GetValue(resume))
                return await rollback.GoBackAsync(first, second, cancellationToken);
            if (first is not null && second is not null)
                throw new CommandFailedException(ExitCode.Usage, Pipeline.ReasonIds.InvalidInput, "--resume takes the name of an output and no generation.");
            return await rollback.ResumeAsync(first, cancellationToken);
        });
        return command;
    }
}
