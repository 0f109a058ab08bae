using System.CommandLine;
using System.CommandLine.Parsing;

namespace Templater.Cli.Options;

/// <summary>Options and arguments that take one of a few words: checked, completed, and shown in help.</summary>
internal static class Choices
{
    /// <summary>An option.</summary>
    public static Option<string> Option(string name, string description, params string[] words)
    {
        var option = new Option<string>(name) { Description = description, HelpName = string.Join('|', words) };
        option.CompletionSources.Add(words);
        option.Validators.Add(result => Check(result, option.Name, words));
        return option;
    }

    /// <summary>An argument.</summary>
    public static Argument<string> Argument(string name, string description, params string[] words)
    {
        var argument = new Argument<string>(name) { Description = $"{description}: {string.Join(", ", words)}" };
        argument.CompletionSources.Add(words);
        argument.Validators.Add(result => Check(result, name, words));
        return argument;
    }

    private static void Check(SymbolResult result, string name, string[] words)
    {
        foreach (var token in result.Tokens)
            if (!words.Contains(token.Value))
                result.AddError($"{name}=\"{VisibleText.Of(token.Value)}\": expected one of {string.Join(", ", words)}.");
    }
}
