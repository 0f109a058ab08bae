using YamlDotNet.Core;

namespace Templater.Cli.Options;

/// <summary>What the YAML parser says, in words that tell what to do about it.</summary>
internal static class YamlMistakes
{
    private static readonly (string Said, string Meant)[] Words =
    [
        ("tab character", "YAML cannot be indented by tabs; use spaces"),
        ("quoted scalar, found unexpected end", "this quoted text is never closed; add the closing quote"),
        ("invalid mapping", "a second \": \" stands in one line, or the line is indented too far; mend the indentation, or put the value in quotes"),
        ("found invalid value", "a \": \" was not expected here; put the value in quotes"),
        ("'-' indicator", "items with - and names with values are mixed at one level; mend the indentation"),
        ("cannot start any token", "this character cannot begin a value; put the value in quotes"),
        ("flow sequence", "this list is never closed; add ]"),
        ("flow mapping", "these braces are never closed; add }"),
        ("did not find expected node content", "a value was expected; if a [ or { was opened before, close it"),
        ("did not find expected key", "a name with a colon was expected; mend the indentation"),
        ("could not find expected ':'", "a name without a colon; write NAME: VALUE"),
        ("incompatible YAML", "only YAML 1 is understood; remove the line that begins with %YAML"),
        ("escape character", "this is no escape sequence; write \\\\ for a backslash, or use single quotes"),
    ];

    /// <summary>The message of a mistake, a clause without full stop.</summary>
    public static string Of(Exception exception)
    {
        foreach (var (said, meant) in Words)
            if (exception is YamlException && exception.Message.Contains(said, StringComparison.OrdinalIgnoreCase))
                return meant;
        // The parser's own state failed it: it says nothing about the text.
        var detail = exception is YamlException ? $" ({exception.Message.TrimEnd('.')})" : "";
        return $"this is not YAML{detail}; look for an unclosed bracket or quote here or above";
    }
}
