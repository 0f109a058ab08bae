using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using Templater.Cli.Options;
using Templater.Pipeline;

namespace Templater.Cli;

/// <summary>Says what is wrong with a command line, one line per mistake, with the nearest name for unknown ones.</summary>
internal static class UsageMistakes
{
    /// <summary>Reason id of a command line that is wrong.</summary>
    public const string Reason = "usage";

    /// <summary>Makes a flag of a command that is followed by another flag a mistake: the parser takes that for its value.</summary>
    public static void RefuseFlagsAsValues(Command command)
    {
        foreach (var option in command.Options.Where(static option => option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool)))
            option.Validators.Add(result =>
            {
                foreach (var token in result.Tokens.Where(token => IsFlag(command, token.Value)))
                    result.AddError($"{ValueMissing(option)} {VisibleText.Of(token.Value)} is itself a flag.");
            });
    }

    /// <summary>The mistakes of a parse that has errors; never empty.</summary>
    public static ImmutableArray<Finding> Of(ParseResult parse)
    {
        var command = parse.CommandResult.Command;
        var hasLostValue = parse.Errors.Any(error => error.SymbolResult is OptionResult option && option.Tokens.Any(token => IsFlag(command, token.Value)));
        // What follows an unknown flag is probably its value, and so is what follows one that was taken for a value.
        var unknown = parse.UnmatchedTokens
            .Where((token, index) => token.StartsWith('-') || !(index == 0 ? hasLostValue : parse.UnmatchedTokens[index - 1].StartsWith('-')))
            .Select(token => Unknown(command, token)).ToList();
        var others = parse.Errors.Where(error => !IsUnknown(parse, error)).Select(error => Wrong(command, error));
        return [.. unknown.Concat(others).Distinct().Select(static message => new Finding(FindingSeverity.Error, Reason, message))];
    }

    private static bool IsFlag(Command command, string word) =>
        word.StartsWith('-') && command.Options.Any(option => option.Name == word.Split('=')[0] || option.Aliases.Contains(word));

    private static bool IsUnknown(ParseResult parse, ParseError error) =>
        error.SymbolResult is CommandResult or null && parse.UnmatchedTokens.Any(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal));

    private static string Unknown(Command command, string token)
    {
        var shown = VisibleText.Of(token);
        if (!token.StartsWith('-'))
            return Suggested($"{shown} was not expected here.", token, command.Subcommands.Select(static sub => sub.Name), command);
        var name = token.Split('=')[0];
        return Suggested($"{VisibleText.Of(name)} is not a flag of {(command is RootCommand ? command.Name : PathOf(command).TrimEnd())}.", name, command.Options.Select(static option => option.Name), command);
    }

    private static string Suggested(string message, string name, IEnumerable<string> known, Command command) =>
        message + (Suggestion.Question(name, known) is { Length: > 0 } question ? question : $" See {HelpOf(command)}.");

    // The parser's own words name its types; what was meant is told by what it is about.
    private static string Wrong(Command command, ParseError error) => error.SymbolResult switch
    {
        OptionResult { Tokens.Count: 0 } option => ValueMissing(option.Option),
        OptionResult option when option.Tokens.Count > option.Option.Arity.MaximumNumberOfValues =>
            $"{option.Option.Name} was given {option.Tokens.Count} times and takes one value: {string.Join(", ", option.Tokens.Select(static token => $"\"{VisibleText.Of(token.Value)}\""))}. Leave one.",
        ArgumentResult { Tokens.Count: 0 } argument => ArgumentMissing(command, argument.Argument),
        CommandResult when command.Arguments.FirstOrDefault(static argument => argument.Arity.MinimumNumberOfValues > 0) is { } argument => ArgumentMissing(command, argument),
        _ => VisibleText.Of(error.Message),
    };

    private static string ValueMissing(Option option) =>
        $"{option.Name} needs a value: {(SettingsTable.Find(option.Name.TrimStart('-')) is { } setting && setting.LegalValues != SettingTypes.Text.LegalValues ? $"expected {setting.LegalValues}" : $"{option.Name} {option.HelpName}")}.";

    private static string ArgumentMissing(Command command, Argument argument) =>
        $"{PathOf(command)}needs {argument.Name}: {argument.Description}. See {HelpOf(command)}.";

    private static string HelpOf(Command command) => $"templater {PathOf(command)}--help";

    // With the commands that it is one of: certs renew.
    private static string PathOf(Command command) =>
        command is RootCommand ? "" : $"{command.Parents.OfType<Command>().Select(PathOf).FirstOrDefault("")}{command.Name} ";
}
