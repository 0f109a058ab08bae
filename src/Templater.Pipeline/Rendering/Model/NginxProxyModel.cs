using Templater.Pipeline.Rendering.Quoting;
using Templater.Pipeline.Routing;
using static Templater.Pipeline.Rendering.Model.ModelValues;

namespace Templater.Pipeline.Rendering.Model;

/// <summary>What templates see of nginx-proxy's ways, where it is replaced.</summary>
internal static class NginxProxyModel
{
    public static readonly ModelObject<NginxProxyCompat> Compat = new("nginx_proxy",
    [
        new("root", Plain.OrNull(), "Arguments of return for / on hosts that have no route for it, quoted for nginx; null leaves it to nginx.", compat =>
            OwnText(compat.Root is { } root ? Return(root) : null)),
        new("log_format", Plain, "The access log's format with nginx's variables, quoted for nginx.", compat => OwnText(NginxQuoting.WithVariables(compat.LogFormat).Text)),
        new("log_escape", Plain, "default, json or none.", compat => OwnText(compat.LogEscape)),
        new("resolvers", Plain.OrNull(), "Name servers with options, as nginx takes them; null for none.", compat =>
            OwnText(compat.Resolvers.IsEmpty ? null : string.Join(' ', compat.Resolvers))),
        new("trusts_forwarded", Flag, "Whether X-Forwarded headers of all clients are passed on.", compat => Truth(compat.TrustsForwarded)),
        new("unknown_challenges", Flag, "Whether challenges are answered for names that nobody claims.", compat => Truth(compat.AnswersUnknownChallenges)),
    ]);

    private static string Return(DefaultRoot root)
    {
        var status = root.Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return root.Url is { } url ? $"{status} {NginxQuoting.WithVariables(url).Text}" : status;
    }
}
