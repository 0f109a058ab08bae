using System.CommandLine;
using Templater.Cli.Options;
using Templater.Cli.Rendering;
using Templater.Pipeline;

namespace Templater.Cli.Commands;

/// <summary><c>templater render</c>: renders once, for looking at, for files under version control, and as a gate.</summary>
internal static class RenderCommand
{
    private const string Terminal = "-";

    public static Command Create(Surroundings surroundings, bool showAll)
    {
        var from = SourceOptions.From();
        var output = new Option<string>("--output", "-o") { Description = "File to write, - for standard output", HelpName = "FILE", DefaultValueFactory = static _ => Terminal };
        var diff = new Option<string>("--diff") { Description = "Compare with this file; exit code 1 and a unified diff when it differs", HelpName = "FILE" };
        // With a value it is the setting of that name; alone it means the proxy's own program.
        var validate = new Option<string>("--validate") { Description = "Check the result with nginx -t or haproxy -c, or with command:CMD", HelpName = "CHECKER", Arity = ArgumentArity.ZeroOrOne };
        var strict = new Option<bool>("--strict") { Description = "Exit code 3 when a container that asks for a host is refused" };
        var watch = new Option<bool>("--watch") { Description = "Render again whenever the template or the input changes" };
        var format = Choices.Option("--format", "Form of diagnostics", "text", "json");
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Write errors only" };
        var options = new SettingOptions(showAll,
            [OutputSettings.Template, OutputSettings.IncludeDirectory, EngineSettings.DockerHost], OutputSettings.Output, OutputSettings.Validate)
        { Set = SetFlag.Shown };
        var command = new Command("render", "Render once; the result goes to standard output, diagnostics to standard error. Every setting is also a flag: see templater settings.")
        {
            from, output, diff, validate, strict, watch, format, quiet,
        };
        options.AddTo(command);
        command.SetAction(async (parse, cancellationToken) =>
        {
            var flags = options.Read(parse);
            if (parse.GetResult(validate) is { Implicit: false } && parse.GetValue(validate) is { Length: > 0 } checker)
                flags = With(flags, OutputSettings.Validate, checker);
            if (parse.GetValue(format) is { } form)
                flags = With(flags, ProcessSettings.Format, form);
            if (parse.GetValue(quiet))
                flags = With(flags, ProcessSettings.Level, "error");
            var settings = new SettingsReader(flags, surroundings.Variables).Read();
            var request = new RenderRequest
            {
                From = await SnapshotInput.OfAsync(parse.GetValue(from), surroundings, cancellationToken),
                Output = parse.GetValue(output) is { Length: > 0 } path && path != Terminal ? path : null,
                Diff = parse.GetValue(diff) is { Length: > 0 } expected ? expected : null,
                Validates = parse.GetResult(validate) is { Implicit: false },
                IsStrict = parse.GetValue(strict),
                IsQuiet = parse.GetValue(quiet),
            };
            var renderer = new OneShotRendering(settings, request, Plan(settings), surroundings);
            return parse.GetValue(watch) ? await renderer.WatchAsync(cancellationToken) : await renderer.RunAsync(cancellationToken);
        });
        return command;
    }

    private static OutputPlan Plan(Settings settings) => settings.Outputs switch
    {
        [] => throw new CommandFailedException(ExitCode.Usage, ReasonIds.InvalidSetting,
            "no template was chosen: set --template, or TEMPLATER_TEMPLATE, to nginx, nginx-http, haproxy, centauri, domains, or the path of a template."),
        [var one] => OutputPlan.Of(one, isOffline: true),
        var several => throw new CommandFailedException(ExitCode.Usage, ReasonIds.InvalidSetting,
            $"the settings have {several.Length} outputs ({string.Join(", ", several.Select(static output => output.Name))}); choose one with --template."),
    };

    private static FlagLayer With(FlagLayer flags, SettingDefinition setting, string text) =>
        flags with { Values = new Dictionary<SettingDefinition, string>(flags.Values) { [setting] = text } };
}
