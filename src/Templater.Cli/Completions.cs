using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Templater.Cli;

/// <summary>What a shell may put where the cursor is: the answer to <c>templater "[suggest:POSITION]" "LINE"</c>.</summary>
internal static partial class Completions
{
    private const string FileArgument = "FILE";

    /// <summary>Recognises the question of a completion script.</summary>
    /// <returns>The line up to the cursor; null when it is another command line.</returns>
    public static string? Question(string[] arguments)
    {
        if (arguments.Length == 0 || Directive().Match(arguments[0]) is not { Success: true } directive)
            return null;
        var line = arguments.Length > 1 ? arguments[1] : "";
        var position = int.TryParse(directive.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : line.Length;
        // The parser completes a value only behind a space.
        return FlagWithValue().Replace(line[..Math.Min(position, line.Length)], "$1 ");
    }

    /// <summary>The words that fit; none where a file is meant, which the shell knows better.</summary>
    /// <param name="tree">The commands.</param>
    /// <param name="line">The line up to the cursor.</param>
    public static IEnumerable<string> Of(RootCommand tree, string line)
    {
        var parse = tree.Parse(line);
        var word = line[(line.LastIndexOf(' ') + 1)..];
        var takesFiles = !word.StartsWith('-') && parse.CommandResult.Command.Arguments.Any(static argument => argument.Name == FileArgument);
        // The parser offers whatever contains the word.
        return parse.GetCompletions(line.Length).Select(static item => item.Label)
            .Where(label => label.StartsWith(word, StringComparison.Ordinal))
            .Where(label => label.StartsWith("--", StringComparison.Ordinal) ? !takesFiles : !label.StartsWith('-'))
            .Distinct(StringComparer.Ordinal);
    }

    [GeneratedRegex(@"^\[suggest(?::([0-9]+))?\]$", RegexOptions.CultureInvariant)]
    private static partial Regex Directive();

    [GeneratedRegex("(?<= )(--[a-z0-9-]+)=", RegexOptions.CultureInvariant)]
    private static partial Regex FlagWithValue();
}
