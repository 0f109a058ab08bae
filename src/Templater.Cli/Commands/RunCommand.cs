using System.CommandLine;
using Templater.Cli.Options;
using Templater.Cli.Running;

namespace Templater.Cli.Commands;

/// <summary><c>templater run</c>: watches, renders and deploys until it is told to end.</summary>
internal static class RunCommand
{
    public static Command Create(Surroundings surroundings, bool showAll)
    {
        var from = SourceOptions.FromWatched();
        var options = new SettingOptions(showAll,
            [EngineSettings.DockerHost, OutputSettings.Template, OutputSettings.Output, OutputSettings.Reload, OutputSettings.Validate, OutputSettings.StateDirectory, ProcessSettings.Level])
        { Set = SetFlag.Shown };
        var command = new Command("run", "Watch containers, render the configuration, and make the proxy reload. Every setting is also a flag: see templater settings.") { from };
        options.AddTo(command);
        command.SetAction(async (parse, _) =>
        {
            var reader = new SettingsReader(options.Read(parse), surroundings.Variables);
            using var daemon = new Daemon(reader, parse.GetValue(from) is { Length: > 0 } file ? file : null, surroundings);
            return await daemon.RunAsync();
        });
        return command;
    }
}
