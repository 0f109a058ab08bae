using System.CommandLine;
using Templater.Cli.Logging;
using Templater.Cli.Options;

namespace Templater.Cli.Commands;

/// <summary><c>templater settings</c>: every setting with the value in force and where it came from.</summary>
internal static class SettingsCommand
{
    public static Command Create(Surroundings surroundings, bool showAll)
    {
        var options = new SettingOptions(showAll, []) { Set = SetFlag.Hidden };
        var format = Choices.Option("--format", "Form: text, json, or markdown (the table of the documentation)", "text", "json", "markdown");
        var command = new Command("settings", "List all settings with their values in force and where each came from; secrets are masked.") { format };
        options.AddTo(command);
        command.SetAction(parse =>
        {
            var settings = new SettingsReader(options.Read(parse), surroundings.Variables).Read();
            surroundings.Output.Write(parse.GetValue(format) switch
            {
                "json" => SettingsDocument.Json(settings),
                "markdown" => SettingsDocument.Markdown(),
                _ => SettingsDocument.Text(settings),
            });
            LogWriter.ForDiagnostics(surroundings, settings).WriteAll(settings.Warnings);
            return ExitCode.Done;
        });
        return command;
    }
}
