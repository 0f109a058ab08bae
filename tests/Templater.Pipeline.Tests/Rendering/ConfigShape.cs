using System.Text.RegularExpressions;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>
/// What stays of a configuration when the texts in it are taken out: for each directive its depth, its name, the number of its
/// words, how it ends, its keywords, and what its program would evaluate in it. Two configurations of one shape do the same to
/// different texts.
/// </summary>
internal static partial class ConfigShape
{
    /// <summary>The shape of what a shipped template gave, one line for each directive.</summary>
    /// <param name="template">The template.</param>
    /// <param name="text">What it gave.</param>
    /// <param name="hasKeywords">False where names may look like keywords.</param>
    public static List<string> Of(string template, string text, bool hasKeywords = true) => template switch
    {
        "nginx" or "nginx-http" => Nginx(text, hasKeywords),
        "haproxy" => [.. ConfigSkeleton.HAProxy(text).Select(words => HAProxy(words, hasKeywords))],
        "centauri" => [.. Lines(text).Where(line => line != "#" && !line.StartsWith("# ", StringComparison.Ordinal)).Select(Centauri)],
        "domains" => [.. Lines(text).Select(Domains)],
        _ => throw new ArgumentException($"no shape for {template}", nameof(template)),
    };

    private static List<string> Nginx(string text, bool hasKeywords)
    {
        var depth = 0;
        var shape = new List<string>();
        foreach (var words in ConfigSkeleton.Nginx(text))
        {
            if (words[^1] == "}")
                depth--;
            // A location and a name are compared; everywhere else nginx may look for variables.
            var variables = words[0] is "location" or "server_name" ? [] : words.SelectMany(word => Variable().Matches(word).Select(match => Plain(match.Groups[1].Value)));
            shape.Add($"{depth} {words[0]} {words.Count} {words[^1]} [{(hasKeywords ? Keywords(words) : "")}] [{string.Join(' ', variables.Where(name => name != "templater_dollar"))}]");
            if (words[^1] == "{")
                depth++;
        }

        return [.. shape.Append($"{depth}")];
    }

    private static string HAProxy(List<string> words, bool hasKeywords)
    {
        var evaluated = words[0].StartsWith("http-re", StringComparison.Ordinal) ? words.TakeWhile(word => word is not ("if" or "unless")) : [];
        var formats = evaluated.SelectMany(word => Format().Matches(word.Replace("%%", "", StringComparison.Ordinal)).Select(match => Digits().Replace(match.Value, "0")));
        return $"{words[0]} {words.Count} [{(hasKeywords ? Keywords(words) : "")}] [{string.Join(' ', formats)}] {words.Count(word => word.Contains(ConfigSkeleton.Environment))}";
    }

    private static string Centauri(string line)
    {
        var words = line.Split(' ');
        // The value of a header is the rest of its line.
        return words[0] == "header" ? $"header {words[1]} {Math.Min(words.Length, 4)}" : $"{words[0]} {words.Length}";
    }

    private static string Domains(string line) =>
        $"{line.Split(' ').Length} {line.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ' ')}";

    private static IEnumerable<string> Lines(string text) =>
        text.Split('\n').SelectMany(line => line.Split('\r')).Select(line => line.Trim(' ', '\t')).Where(line => line.Length > 0);

    private static string Keywords(List<string> words) => string.Join(' ', words.Skip(1).Where(word => Keyword().IsMatch(word)));

    // The names of variables that hold headers have the header in them, those of values a number.
    private static string Plain(string variable) => Named().Replace(variable, "$1");

    [GeneratedRegex("\\$\\{?([A-Za-z0-9_]+)")]
    private static partial Regex Variable();

    [GeneratedRegex("^((?:upstream_)?http_|templater_(?:request|response)_(?:value_)?).*$")]
    private static partial Regex Named();

    [GeneratedRegex("%(?:\\[[^\\]]*\\]|[A-Za-z{])?")]
    private static partial Regex Format();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();

    [GeneratedRegex("^[a-z_]{2,20}$")]
    private static partial Regex Keyword();
}
