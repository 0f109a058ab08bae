using System.CommandLine;
using System.Globalization;
using Templater.Cli.Logging;
using Templater.Cli.Options;
using Templater.Language;
using Templater.Pipeline;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Rendering.Templates;

namespace Templater.Cli.Commands;

/// <summary><c>templater check FILES…</c>: templates and settings files, without data.</summary>
internal static class CheckCommand
{
    public static Command Create(Surroundings surroundings, bool showAll)
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "Templates (*.scriban) and settings files (*.yaml)",
            Arity = ArgumentArity.OneOrMore,
        };
        var format = Choices.Option("--format", "Form of diagnostics", "text", "json");
        var options = new SettingOptions(showAll, [OutputSettings.TemplateFormat, OutputSettings.IncludeDirectory]);
        var command = new Command("check", "Check templates and settings files without data; exit code 3 when one is wrong.") { files, format };
        options.AddTo(command);
        command.SetAction(parse =>
        {
            var settings = new SettingsReader(options.Read(parse), surroundings.Variables).Read();
            var isJson = parse.GetValue(format) == "json";
            var writer = new LogWriter(surroundings.Error, isJson ? LogForm.Json : LogForm.Text, settings.Get(ProcessSettings.Level), null);
            var names = parse.GetRequiredValue(files);
            var errors = names.Sum(name => IsContainersFile(name) ? RefuseContainers(name, writer) : IsSettingsFile(name) ? CheckSettings(name, writer) : CheckTemplate(name, settings, writer, isJson ? null : surroundings.Error));
            surroundings.Output.Write(string.Create(CultureInfo.InvariantCulture,
                $"{names.Length} {(names.Length == 1 ? "file" : "files")}, {errors} {(errors == 1 ? "error" : "errors")}\n"));
            return errors == 0 ? ExitCode.Done : ExitCode.Invalid;
        });
        return command;
    }

    private static bool IsSettingsFile(string name) =>
        name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".yml", StringComparison.OrdinalIgnoreCase);

    private static bool IsContainersFile(string name) => name.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    // As a template it would be right whatever it holds.
    private static int RefuseContainers(string name, LogWriter writer)
    {
        writer.Write(new Finding(FindingSeverity.Error, ReasonIds.InvalidInput,
            $"{name}: templates (*.scriban) and settings files (*.yaml, *.yml) are checked. Containers are checked by: templater render --template domains --from {name}"));
        return 1;
    }

    // The file alone: what variables of this machine would change is not its business.
    private static int CheckSettings(string name, LogWriter writer)
    {
        try
        {
            var settings = new SettingsReader(new FlagLayer { ConfigPath = name }, new Dictionary<string, string>()).Read();
            writer.WriteAll(settings.Warnings);
            return 0;
        }
        catch (SettingsException exception)
        {
            writer.WriteAll(exception.Problems);
            return exception.Problems.Length;
        }
    }

    private static int CheckTemplate(string name, Settings settings, LogWriter writer, TextWriter? excerpts)
    {
        var format = settings.Get(OutputSettings.TemplateFormat) is { Length: > 0 } chosen ? chosen : null;
        // A file is meant even where its name could be that of a shipped template.
        var path = ShippedTemplates.IsPath(name) ? name : "./" + name;
        var load = OutputRenderer.Load(new OutputDefinition
        {
            Name = TemplateNames.OutputName(path, format),
            Kind = TemplateNames.Kind(path, format),
            Template = path,
            Format = format,
            Path = "-",
            IncludeDirectory = settings.Get(OutputSettings.IncludeDirectory) is { Length: > 0 } directory ? Path.GetFullPath(directory) : null,
        }, new DiskTemplateFiles());
        foreach (var diagnostic in excerpts is null ? [] : load.Diagnostics)
            excerpts!.Write(DiagnosticFormatter.Format(diagnostic));
        writer.WriteAll(excerpts is null ? load.Findings : load.Findings.Skip(load.Diagnostics.Length));
        return load.Findings.Count(static finding => finding.Severity == FindingSeverity.Error);
    }
}
