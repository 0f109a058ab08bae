using System.CommandLine;
using Templater.Cli.Options;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Commands;

/// <summary><c>templater healthcheck</c>: whether the Templater that writes this state directory is healthy, in one line.</summary>
internal static class HealthcheckCommand
{
    public static Command Create(Surroundings surroundings, bool showAll)
    {
        var options = new SettingOptions(showAll, [OutputSettings.StateDirectory]);
        var command = new Command("healthcheck", "Say whether a running Templater is healthy; exit code 4 when it is not.");
        options.AddTo(command);
        command.SetAction(parse =>
        {
            var settings = new SettingsReader(options.Read(parse), surroundings.Variables).Read();
            var status = new StatusFile(StateDirectories.Of(settings)).Read();
            var report = HealthReport.Evaluate(
                status, surroundings.Time.GetUtcNow(), settings.Get(EngineSettings.StaleAfter), settings.Get(OutputSettings.ReloadAlarm));
            surroundings.Output.Write(report.IsHealthy
                ? "healthy\n"
                : $"unhealthy: {VisibleText.Of(string.Join("; ", report.Problems))}\n");
            return report.IsHealthy ? ExitCode.Done : ExitCode.Environment;
        });
        return command;
    }
}
