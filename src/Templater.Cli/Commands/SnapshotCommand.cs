using System.CommandLine;
using Templater.Cli.Logging;
using Templater.Cli.Options;
using Templater.Pipeline.Inventory;

namespace Templater.Cli.Commands;

/// <summary><c>templater snapshot</c>: records what a render depends on, so that it can be repeated elsewhere.</summary>
internal static class SnapshotCommand
{
    private const string Terminal = "-";

    public static Command Create(Surroundings surroundings, bool showAll)
    {
        var output = new Option<string>("--output", "-o")
        {
            Description = "File to write, - for standard output",
            HelpName = "FILE",
            DefaultValueFactory = static _ => Terminal,
        };
        var from = SourceOptions.From();
        var options = new SettingOptions(showAll, [EngineSettings.DockerHost, EngineSettings.EnvAllow], OutputSettings.Output);
        var command = new Command("snapshot", "Record containers, networks and certificates as JSON. Of environments only what is read is kept.") { output, from };
        options.AddTo(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var settings = new SettingsReader(options.Read(parse), surroundings.Variables).Read();
            LogWriter.ForDiagnostics(surroundings, settings).WriteAll(settings.Warnings);
            var snapshot = await OneSnapshot.ReadAsync(
                settings, await SnapshotInput.OfAsync(parse.GetValue(from), surroundings, cancellationToken), surroundings, cancellationToken);
            await WriteAsync(parse.GetRequiredValue(output), SnapshotFile.ToBytes(snapshot), surroundings, cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task WriteAsync(string path, byte[] bytes, Surroundings surroundings, CancellationToken cancellationToken)
    {
        if (path == Terminal)
            await surroundings.Output.WriteAsync(System.Text.Encoding.UTF8.GetString(bytes).AsMemory(), cancellationToken);
        else
            await WrittenFile.WriteAsync(path, bytes, cancellationToken);
    }
}
