using System.CommandLine;
using System.CommandLine.Help;

namespace Templater.Cli.Commands;

/// <summary><c>templater help [COMMAND]</c>: the same as <c>--help</c>, for those who ask that way.</summary>
internal static class HelpCommand
{
    private const string Name = "help";

    /// <summary>Adds it to the commands that it tells about.</summary>
    public static void AddTo(RootCommand root, Surroundings surroundings)
    {
        var about = new Argument<string?>("COMMAND") { Description = "Command to tell about; without it they are listed", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command(Name, "Tell about a command, or list all commands.") { about };
        command.SetAction(parse =>
        {
            var wanted = parse.GetValue(about);
            var names = root.Subcommands.Select(static sub => sub.Name).ToList();
            if (wanted is not null && !names.Contains(wanted))
                throw new CommandFailedException(ExitCode.Usage, UsageMistakes.Reason,
                    $"there is no command {VisibleText.Of(wanted)}. There are {string.Join(", ", names)}.{Options.Suggestion.Question(wanted, names)}");
            var help = root.Parse(wanted is null ? [] : [wanted]);
            help.InvocationConfiguration.Output = surroundings.Output;
            return new HelpAction().Invoke(help);
        });
        root.Subcommands.Add(command);
        about.CompletionSources.Add([.. root.Subcommands.Select(static sub => sub.Name)]);
    }
}
