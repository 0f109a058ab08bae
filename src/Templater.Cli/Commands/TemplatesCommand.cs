using System.CommandLine;
using Templater.Cli.Options;
using Templater.Pipeline.Rendering.Templates;

namespace Templater.Cli.Commands;

/// <summary><c>templater templates [NAME]</c>: lists the shipped templates, or prints one to start from.</summary>
internal static class TemplatesCommand
{
    public static Command Create(Surroundings surroundings)
    {
        var name = new Argument<string?>("NAME") { Description = "Template to print; without it they are listed", Arity = ArgumentArity.ZeroOrOne };
        IReadOnlyList<ShippedTemplate> all = [.. ShippedTemplates.All, .. ShippedTemplates.Parts];
        name.CompletionSources.Add([.. all.Select(static template => template.Name)]);
        var command = new Command("templates", "List the shipped templates, or print one to start from.") { name };
        command.SetAction(parse =>
        {
            if (parse.GetValue(name) is not { } wanted)
            {
                var width = all.Max(static template => template.Name.Length);
                foreach (var template in all)
                    surroundings.Output.Write($"{template.Name.PadRight(width)}  {template.Summary}\n");
                return ExitCode.Done;
            }

            var names = all.Select(static template => template.Name).ToList();
            var found = all.FirstOrDefault(template => template.Name == wanted) ?? throw new CommandFailedException(ExitCode.Usage, UsageMistakes.Reason,
                $"there is no template {VisibleText.Of(wanted)}. Shipped are {string.Join(", ", names)}.{Suggestion.Question(wanted, names)}");
            surroundings.Output.Write(ShippedTemplates.Read(found.Path));
            return ExitCode.Done;
        });
        return command;
    }
}
