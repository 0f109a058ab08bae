using System.Text;

namespace Templater.Pipeline.Tests.Rendering;

/// <summary>
/// Reads a configuration the way its program does, as far as quotes and structure go: a list of directives, each a
/// list of words. Written from the programs' documentation, on purpose without the product's code.
/// </summary>
internal static class ConfigSkeleton
{
    /// <summary>Stands in a HAProxy word before a dollar sign that HAProxy replaces out of its environment.</summary>
    public const char Environment = '\uE000';

    /// <summary>Words of every nginx directive; <c>{</c>, <c>}</c> are directives' last or only word.</summary>
    public static List<List<string>> Nginx(string text)
    {
        List<List<string>> directives = [];
        List<string> words = [];
        for (var at = 0; at < text.Length;)
        {
            var c = text[at];
            if (char.IsWhiteSpace(c))
            {
                at++;
            }
            else if (c == '#')
            {
                at = LineEnd(text, at);
            }
            else if (c is ';' or '{' or '}')
            {
                words.Add(c.ToString());
                directives.Add(words);
                words = [];
                at++;
            }
            else
            {
                words.Add(c is '"' or '\'' ? NginxQuoted(text, ref at) : NginxBare(text, ref at));
            }
        }

        if (words.Count > 0)
            throw new FormatException($"unterminated directive: {string.Join(' ', words)}");
        return directives;
    }

    /// <summary>Words of every HAProxy line that has any.</summary>
    public static List<List<string>> HAProxy(string text)
    {
        List<List<string>> lines = [];
        foreach (var line in text.Split('\n'))
        {
            if (HAProxyWords(line) is { Count: > 0 } words)
                lines.Add(words);
        }

        return lines;
    }

    private static List<string> HAProxyWords(string line)
    {
        List<string> words = [];
        StringBuilder? word = null;
        for (var at = 0; at < line.Length; at++)
        {
            var c = line[at];
            if (c == '#')
                break;
            if (c is ' ' or '\t' or '\r')
            {
                if (word is not null)
                    words.Add(word.ToString());
                word = null;
                continue;
            }

            word ??= new StringBuilder();
            if (c == '\\')
            {
                word.Append(line[++at]);
            }
            else if (c == '\'')
            {
                var end = line.IndexOf('\'', at + 1);
                if (end < 0)
                    throw new FormatException($"unterminated quote: {line}");
                word.Append(line, at + 1, end - at - 1);
                at = end;
            }
            else if (c == '"')
            {
                for (at++; line[at] != '"'; at++)
                {
                    if (line[at] == '$')
                        word.Append(Environment);
                    word.Append(line[at] == '\\' ? line[++at] : line[at]);
                }
            }
            else
            {
                word.Append(c);
            }
        }

        if (word is not null)
            words.Add(word.ToString());
        return words;
    }

    private static string NginxQuoted(string text, ref int at)
    {
        var quote = text[at++];
        var word = new StringBuilder();
        for (; text[at] != quote; at++)
        {
            if (text[at] == '\\' && text[at + 1] is var next && next is '"' or '\'' or '\\' or 't' or 'r' or 'n')
            {
                word.Append(next switch { 't' => '\t', 'r' => '\r', 'n' => '\n', _ => next });
                at++;
            }
            else
            {
                word.Append(text[at]);
            }
        }

        at++;
        if (at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] is not (';' or '{' or ')'))
            throw new FormatException($"unexpected character after a quote: {text[at]}");
        return word.ToString();
    }

    private static string NginxBare(string text, ref int at)
    {
        var first = at;
        for (; at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] is not (';' or '{'); at++)
        {
            if (text[at] is '$' && at + 1 < text.Length && text[at + 1] == '{')
                at++;
            else if (text[at] == '\\')
                at++;
        }

        return text[first..at];
    }

    private static int LineEnd(string text, int at)
    {
        var end = text.IndexOf('\n', at);
        return end < 0 ? text.Length : end;
    }
}
