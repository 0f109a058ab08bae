using System.CommandLine;
using Templater.Cli.Options;

namespace Templater.Cli.Commands;

/// <summary><c>templater model</c>: what templates see.</summary>
internal static class ModelCommand
{
    public static Command Create(Surroundings surroundings)
    {
        var format = Choices.Option("--format", "Form: text, or json (a JSON schema)", "text", "json");
        var command = new Command("model", "Document what templates see: members with their types, and functions.") { format };
        command.SetAction(parse =>
        {
            surroundings.Output.Write(parse.GetValue(format) == "json" ? ModelDocument.JsonSchema() : ModelDocument.Text());
            return ExitCode.Done;
        });
        return command;
    }
}
