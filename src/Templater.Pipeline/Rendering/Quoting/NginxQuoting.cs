using System.Buffers;
using System.Text;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Rendering.Quoting;

/// <summary>
/// Quoting for nginx's configuration language. A parameter in double quotes ends at the next unescaped double quote;
/// inside, a backslash escapes a backslash and a quote, and nothing escapes a dollar sign: where variables are
/// evaluated a literal one has to come out of a variable. Pure.
/// </summary>
internal static class NginxQuoting
{
    /// <summary>
    /// The variable that holds a dollar sign. A template that prints <c>nginx.string</c> values defines it once:
    /// <c>geo $templater_dollar { default "$"; }</c>.
    /// </summary>
    public const string DollarVariable = "templater_dollar";

    /// <summary>
    /// Most bytes of a quoted parameter. nginx reads a file in pieces of 4,096 bytes and refuses a parameter or a
    /// comment line that does not fit into one; the rest is room for what a template puts on the same comment line.
    /// </summary>
    public const int MaxParameterBytes = 4096;

    /// <summary>Most bytes of a text in a comment.</summary>
    public const int MaxCommentBytes = 1024;

    private const int MaxBytesOfCharacter = 4;

    private static readonly SearchValues<char> Escaped = SearchValues.Create("\\\"\t$");

    /// <summary>A parameter in which nginx evaluates variables, such as the value of <c>add_header</c>.</summary>
    public static QuotingResult Evaluated(string text) => Quote(text, "${" + DollarVariable + "}");

    /// <summary>A parameter for any place: a text with a dollar sign is refused.</summary>
    public static QuotingResult Literal(string text) =>
        text.Contains('$', StringComparison.Ordinal)
            ? QuotingResult.Refused("contains a dollar sign, which nginx cannot escape here")
            : Quote(text, "$");

    /// <summary>A parameter of the operator's own, whose variables nginx evaluates.</summary>
    public static QuotingResult WithVariables(string text) => Quote(text, "$");

    /// <summary>The path of a <c>location</c>, in which nginx evaluates no variables.</summary>
    public static QuotingResult Path(string text) =>
        text.StartsWith('/') ? Quote(text, "$") : QuotingResult.Refused("does not begin with a slash");

    /// <summary>A regular expression, in which nginx evaluates no variables.</summary>
    public static QuotingResult Regex(string text) =>
        PortableRegex.Problem(text) is { } problem ? QuotingResult.Refused("is a regular expression that " + problem) : Quote(text, "$");

    /// <summary>A text behind <c>#</c>; never refused.</summary>
    public static QuotingResult Comment(string text) => QuotingResult.Of(QuotableText.OneLine(text, MaxCommentBytes));

    /// <summary>
    /// The name of the variable that holds a header, without its prefix: lower case, hyphens as underscores. The name is
    /// refused when it has other characters, because nginx then ends the variable's name early.
    /// </summary>
    public static QuotingResult HeaderVariable(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
                return QuotingResult.Refused("is a header name that nginx has no variable for");
        }

        return name.Length == 0
            ? QuotingResult.Refused("is empty")
            : QuotingResult.Of(name.ToLowerInvariant().Replace('-', '_'));
    }

    /// <summary>The name of the FastCGI or uwsgi parameter of a request header: <c>X-Name</c> is <c>HTTP_X_NAME</c>.</summary>
    public static QuotingResult HeaderParameter(string name) =>
        HeaderVariable(name) is { Text: { } variable } ? QuotingResult.Of("HTTP_" + variable.ToUpperInvariant()) : HeaderVariable(name);

    private static QuotingResult Quote(string text, string dollar)
    {
        if (QuotableText.Problem(text) is { } problem)
            return QuotingResult.Refused(problem);
        if (text.Length < MaxParameterBytes / MaxBytesOfCharacter && !text.AsSpan().ContainsAny(Escaped))
            return QuotingResult.Of($"\"{text}\"");
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '\\' or '"' => quoted.Append('\\').Append(c),
                '\t' => quoted.Append("\\t"),
                '$' => quoted.Append(dollar),
                _ => quoted.Append(c),
            };
        }

        var result = quoted.Append('"').ToString();
        return Encoding.UTF8.GetByteCount(result) > MaxParameterBytes
            ? QuotingResult.Refused("is longer than the 4,096 bytes that nginx takes")
            : QuotingResult.Of(result);
    }
}
