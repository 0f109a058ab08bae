using System.Text;

namespace Templater.Pipeline.Inventory;

/// <summary>
/// Which directives a file of the operator holds beside each other, so that no template writes one of them a second time: nginx takes
/// most of them once only. Says nothing about whether nginx takes the file. Pure; never throws.
/// </summary>
internal static class NginxWords
{
    /// <summary>Stands for a location of its own for certificate challenges.</summary>
    public const string Challenges = "acme-challenge";

    /// <summary>Stands for a location of its own at nginx-proxy's debug endpoint.</summary>
    public const string Debug = "nginx-proxy-debug";

    private const string DebugPath = "/nginx-proxy-debug";
    private const string ChallengePath = "/.well-known/acme-challenge";
    private const int MaxWords = 200;
    private const int MaxLength = 64;

    /// <summary>The names of the outermost directives, each once, in ordinal order, joined by blanks.</summary>
    /// <param name="text">The file.</param>
    public static string Of(string text)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        var (at, depth) = (0, 0);
        string? first = null;
        while (Next(text, ref at) is { } token)
        {
            if (token is ";" or "{" or "}")
            {
                depth = Math.Max(0, depth + (token == "{" ? 1 : token == "}" ? -1 : 0));
                first = null;
            }
            else if (depth == 0)
            {
                if (first is null && token.Length <= MaxLength && names.Count < MaxWords && token.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '_'))
                    names.Add(token);
                first ??= token;
                if (first == "location" && token.StartsWith(ChallengePath, StringComparison.Ordinal))
                    names.Add(Challenges);
                if (first == "location" && token == DebugPath)
                    names.Add(Debug);
            }
        }

        return string.Join(' ', names);
    }

    /// <summary>A word without its quotes, or one of the signs that end a directive; null at the end.</summary>
    private static string? Next(string text, ref int at)
    {
        SkipBlanks(text, ref at);
        if (at >= text.Length)
            return null;
        if (text[at] is ';' or '{' or '}')
            return text[at++].ToString();
        var word = new StringBuilder();
        var quote = text[at] is '"' or '\'' ? text[at++] : '\0';
        for (; at < text.Length; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            else if (quote != '\0' ? text[at] == quote : char.IsWhiteSpace(text[at]) || text[at] is ';' || (text[at] is '{' && text[at - 1] != '$'))
                break;
            word.Append(text[at]);
        }

        if (quote == '\0')
            return word.ToString();
        at++;
        // In quotes a sign is none.
        return word.Length == 1 ? $"{quote}{word}" : word.ToString();
    }

    private static void SkipBlanks(string text, ref int at)
    {
        while (at < text.Length && (char.IsWhiteSpace(text[at]) || text[at] == '#'))
        {
            if (text[at] == '#')
                at = text.IndexOf('\n', at) is var end and >= 0 ? end : text.Length;
            else
                at++;
        }
    }
}
