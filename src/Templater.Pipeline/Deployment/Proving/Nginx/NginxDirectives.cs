using System.Text;

namespace Templater.Pipeline.Deployment.Proving.Nginx;

/// <summary>What stands at a place of a configuration of nginx.</summary>
internal enum NginxMark
{
    /// <summary>A directive that ends with a semicolon.</summary>
    Simple,

    /// <summary>A directive that begins a block.</summary>
    Begin,

    /// <summary>The end of a block.</summary>
    End,
}

/// <summary>One directive, or the end of a block.</summary>
/// <param name="Mark">Which.</param>
/// <param name="Words">Its name and arguments, without quotes.</param>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Start">The first character of it, from 0.</param>
/// <param name="End">The one behind its last, which is a semicolon or a brace.</param>
internal readonly record struct NginxDirective(NginxMark Mark, List<string> Words, int Line, int Start, int End);

/// <summary>
/// Reads the words of a configuration as nginx does (ngx_conf_read_token). It judges nothing: what nginx would refuse is read
/// somehow.
/// </summary>
internal static class NginxDirectives
{
    private static readonly List<string> NoWords = [];

    /// <param name="text">The configuration.</param>
    public static IEnumerable<NginxDirective> Of(string text)
    {
        var words = new List<string>();
        var (line, first, start) = (1, 1, 0);
        for (var at = 0; at < text.Length;)
        {
            var c = text[at];
            switch (c)
            {
                case '\n':
                    line++;
                    at++;
                    break;
                case ' ' or '\t' or '\r':
                    at++;
                    break;
                case '#':
                    at = text.IndexOf('\n', at) is >= 0 and var end ? end : text.Length;
                    break;
                case ';' or '{':
                    if (words.Count > 0)
                        yield return new NginxDirective(c == ';' ? NginxMark.Simple : NginxMark.Begin, words, first, start, at + 1);
                    words = [];
                    at++;
                    break;
                case '}':
                    yield return new NginxDirective(NginxMark.End, NoWords, line, at, at + 1);
                    words = [];
                    at++;
                    break;
                default:
                    if (words.Count == 0)
                        (first, start) = (line, at);
                    words.Add(c is '"' or '\'' ? Quoted(text, ref at, ref line) : Plain(text, ref at));
                    break;
            }
        }
    }

    private static string Plain(string text, ref int at)
    {
        var start = at;
        for (; at < text.Length; at++)
        {
            var c = text[at];
            if (c == '\\' && at + 1 < text.Length)
                at++;
            // ${name} is part of the word.
            else if (c == '{' && at > start && text[at - 1] == '$')
                at = text.IndexOf('}', at) is >= 0 and var end ? end : text.Length - 1;
            else if (c is ' ' or '\t' or '\r' or '\n' or ';' or '{')
                break;
        }

        return text[start..Math.Min(at, text.Length)];
    }

    private static string Quoted(string text, ref int at, ref int line)
    {
        var quote = text[at++];
        var word = new StringBuilder();
        for (; at < text.Length && text[at] != quote; at++)
        {
            if (text[at] == '\n')
                line++;
            if (text[at] != '\\' || at + 1 == text.Length)
            {
                word.Append(text[at]);
                continue;
            }

            at++;
            word.Append(text[at] switch { 'n' => "\n", 't' => "\t", 'r' => "\r", '"' => "\"", '\'' => "'", '\\' => "\\", var other => "\\" + other });
        }

        at++;
        return word.ToString();
    }
}
