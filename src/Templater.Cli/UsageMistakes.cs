using System.Collections.Immutable;
using System.CommandLine;
using Templater.Cli.Options;
using Templater.Pipeline;

namespace Templater.Cli;

/// <summary>Says what is wrong with a command line, one line per mistake, with the nearest name for unknown ones.</summary>
internal static class UsageMistakes
{
    /// <summary>Reason id of a command line that is wrong.</summary>
    public const string Reason = "usage";

    /// <summary>The mistakes of a parse that has errors; never empty.</summary>
    public static ImmutableArray<Finding> Of(ParseResult parse)
    {
        var command = parse.CommandResult.Command;
        // What follows an unknown flag is probably its value.
        var unknown = parse.UnmatchedTokens
            .Where((token, index) => token.StartsWith('-') || index == 0 || !parse.UnmatchedTokens[index - 1].StartsWith('-'))
            .Select(token => Unknown(command, token)).ToList();
        var others = parse.Errors
            .Select(static error => error.Message)
            .Where(message => !parse.UnmatchedTokens.Any(token => message.Contains($"'{token}'", StringComparison.Ordinal)))
            .Select(static message => VisibleText.Of(message));
        return [.. unknown.Concat(others).Distinct().Select(static message => new Finding(FindingSeverity.Error, Reason, message))];
    }

    private static string Unknown(Command command, string token)
    {
        var shown = VisibleText.Of(token);
        if (!token.StartsWith('-'))
            return $"{shown} was not expected here.{Suggestion.Question(token, command.Subcommands.Select(static sub => sub.Name))}";
        var name = token.Split('=')[0];
        return $"{VisibleText.Of(name)} is not a flag of {command.Name}.{Suggestion.Question(name, command.Options.Select(static option => option.Name))}";
    }
}
