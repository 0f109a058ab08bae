using Templater.Language;
using Templater.Pipeline.Rendering.Quoting;

namespace Templater.Pipeline.Rendering.Functions;

/// <summary>The quoting functions that templates call.</summary>
internal static class QuotingFunctions
{
    private const string Nginx = TemplateFormats.Nginx;
    private const string HAProxy = TemplateFormats.HAProxy;
    private const string Centauri = TemplateFormats.Centauri;

    /// <summary>All of them.</summary>
    public static readonly FunctionDefinition[] All =
    [
        Quoting(Nginx, "nginx.string", "A quoted parameter in which nginx evaluates variables (add_header, return); a dollar sign is written as ${templater_dollar}, which the template defines once by: geo $templater_dollar { default \"$\"; }", NginxQuoting.Evaluated),
        Quoting(Nginx, "nginx.literal", "A quoted parameter for any place; a text with a dollar sign is refused.", NginxQuoting.Literal),
        Quoting(Nginx, "nginx.path", "The quoted path of a location, where nginx evaluates no variables; it must begin with a slash.", NginxQuoting.Path),
        Quoting(Nginx, "nginx.regex", "A quoted regular expression of the portable kind: no look-around, back references, named groups. A leading ~ may be part of the text.", NginxQuoting.Regex),
        Quoting(Nginx, "nginx.comment", "The text on one line, cut to 1,024 bytes; never refused.", NginxQuoting.Comment),
        Quoting(Nginx, "nginx.header_variable", "A header's name as the end of a variable's name: X-Name is x_name.", NginxQuoting.HeaderVariable),
        Quoting(Nginx, "nginx.header_param", "A header's name as a FastCGI or uwsgi parameter: X-Name is HTTP_X_NAME.", NginxQuoting.HeaderParameter),
        Quoting(HAProxy, "haproxy.string", "One word in single quotes; behind -m write -- in front of it.", HAProxyQuoting.Literal),
        Quoting(HAProxy, "haproxy.format", "One word in single quotes for places where HAProxy looks for % (set-header, redirect); not for an empty text.", HAProxyQuoting.Format),
        Quoting(HAProxy, "haproxy.regex", "A quoted regular expression of the portable kind.", HAProxyQuoting.Regex),
        Quoting(HAProxy, "haproxy.token", "A header's or cookie's name where no quotes are possible, such as inside req.hdr().", HAProxyQuoting.Token),
        Quoting(HAProxy, "haproxy.comment", "The text on one line, cut to 1,024 bytes; never refused.", HAProxyQuoting.Comment),
        Quoting(Centauri, "centauri.token", "One word; a text with white space is refused.", CentauriQuoting.Token),
        Quoting(Centauri, "centauri.value", "The rest of a line, without white space at its ends.", CentauriQuoting.Value),
        Quoting(Centauri, "centauri.comment", "The text on one line, cut to 1,024 bytes; never refused.", CentauriQuoting.Comment),
    ];

    private static FunctionDefinition Quoting(string format, string name, string documentation, Func<string, QuotingResult> quote) => new()
    {
        Name = name,
        Documentation = documentation,
        Quotes = format,
        Parameters = [new FunctionParameter("text", new TemplateType.Any(Untrusted: true))],
        Body = call => quote(call.Text(0)) switch
        {
            { Text: { } text } => TemplateValue.FromText(text),
            var refused => throw call.Error($"the value {refused.Problem}"),
        },
    };
}
