using System.CommandLine;
using System.CommandLine.Help;

namespace Templater.Cli.Commands;

/// <summary>
/// <c>templater help [COMMAND]</c>: the same as <c>--help</c>, for those who ask that way; and <c>templater help REASON</c>: what the
/// word in front of a message means.
/// </summary>
internal static class HelpCommand
{
    private const string Name = "help";

    /// <summary>Adds it to the commands that it tells about.</summary>
    public static void AddTo(RootCommand root, Surroundings surroundings)
    {
        var about = new Argument<string?>("NAME") { Description = "Command, or the reason of a message, to tell about; without it the commands are listed", Arity = ArgumentArity.ZeroOrOne, HelpName = "NAME" };
        var command = new Command(Name, "Tell about a command or about the reason of a message, or list all commands.") { about };
        command.SetAction(parse =>
        {
            var wanted = parse.GetValue(about);
            if (wanted is not null && ReasonTexts.Find(wanted) is { } text)
            {
                surroundings.Output.WriteLine($"{wanted}: {text}");
                return ExitCode.Done;
            }

            var names = root.Subcommands.Select(static sub => sub.Name).ToList();
            if (wanted is not null && !names.Contains(wanted))
                throw new CommandFailedException(ExitCode.Usage, UsageMistakes.Reason,
                    $"there is no command and no reason {VisibleText.Of(wanted)}. Commands are {string.Join(", ", names)}.{Options.Suggestion.Question(wanted, [.. names, .. ReasonTexts.Reasons])}");
            var help = root.Parse(wanted is null ? [] : [wanted]);
            help.InvocationConfiguration.Output = surroundings.Output;
            return new HelpAction().Invoke(help);
        });
        root.Subcommands.Add(command);
        about.CompletionSources.Add([.. root.Subcommands.Select(static sub => sub.Name)]);
    }
}
