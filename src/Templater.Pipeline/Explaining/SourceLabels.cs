using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Dialects;
using Templater.Pipeline.Routing.Dialects.Dotege;
using Templater.Pipeline.Routing.Dialects.Traefik;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Explaining;

/// <summary>The labels and variables by which a container says what it wants, as they may be shown.</summary>
internal static class SourceLabels
{
    /// <summary>Stands for a value that is, or may be, a secret.</summary>
    public const string Hidden = "(hidden)";

    private const string DotegeStart = "com.chameth.";
    private const string NginxProxyStart = "com.github.nginx-proxy.";

    private static readonly ImmutableArray<string> SecretWords = ["auth", "secret", "password", "passwd", "token", "credential", "cookie", "key", "hmac"];

    /// <summary>What a dialect reads of a container, host keys first.</summary>
    /// <param name="container">The container.</param>
    /// <param name="dialect">The dialect.</param>
    /// <param name="prefix">Prefix of the native labels.</param>
    public static ImmutableArray<SourceLabel> Of(Container container, Dialect dialect, string prefix)
    {
        var name = Untrusted.Shown(container.Name);
        var read = dialect switch
        {
            Dialect.Templater => container.Labels.Where(label => label.Key.StartsWith(prefix + ".", StringComparison.Ordinal)),
            Dialect.Dotege => container.Labels.Where(static label => label.Key.StartsWith(DotegeStart, StringComparison.Ordinal)),
            Dialect.NginxProxy => container.Env.Where(static variable => EnvFilter.IsOfNginxProxy(variable.Key))
                .Concat(container.Labels.Where(static label => label.Key.StartsWith(NginxProxyStart, StringComparison.Ordinal))),
            Dialect.Traefik => container.Labels.Where(static label => label.Key.StartsWith(TraefikLabels.Prefix, StringComparison.OrdinalIgnoreCase)),
            _ => [],
        };
        return
        [
            .. read
                .Select(pair => new SourceLabel(name, Untrusted.Shown(pair.Key), Shown(pair.Key, pair.Value)))
                .OrderByDescending(label => IsHost(label.Key, prefix))
                .ThenBy(static label => label.Key, StringComparer.Ordinal),
        ];
    }

    /// <summary>Dialects besides the one in use that name a host too and are not heard.</summary>
    /// <param name="container">The container.</param>
    /// <param name="used">The dialect in use.</param>
    /// <param name="policy">The operator's settings.</param>
    public static IEnumerable<string> Ignored(Container container, Dialect used, RoutingPolicy policy) =>
        policy.Dialects
            .Where(dialect => dialect != used && Of(container, dialect, policy.LabelPrefix).Any(label => IsHost(label.Key, policy.LabelPrefix)))
            .Select(Word);

    /// <summary>The dialect as the setting names it.</summary>
    public static string Word(Dialect dialect) => dialect switch
    {
        Dialect.Templater => "templater",
        Dialect.Dotege => "dotege",
        Dialect.NginxProxy => "nginx-proxy",
        _ => dialect.ToString().ToLowerInvariant(),
    };

    /// <summary>True for a key that names hosts.</summary>
    public static bool IsHost(string key, string prefix) =>
        key == prefix + ".host" || key is DotegeDialect.HostLabel or NginxProxyDialect.Host or "VIRTUAL_HOST_MULTIPORTS"
        || (key.StartsWith("traefik.http.routers.", StringComparison.OrdinalIgnoreCase) && key.EndsWith(".rule", StringComparison.OrdinalIgnoreCase))
        || (key.StartsWith(prefix + ".routes.", StringComparison.Ordinal) && key.EndsWith(".host", StringComparison.Ordinal));

    /// <summary>True for a key that opens a port for a stream.</summary>
    public static bool IsListen(string key, string prefix) =>
        key.StartsWith($"{prefix}.{StreamKeys.Group}.", StringComparison.Ordinal) && key.EndsWith(".listen", StringComparison.Ordinal);

    /// <summary>True for a native key that says where a route is and which containers it has, and not how it is served.</summary>
    /// <param name="key">The key without the prefix.</param>
    public static bool IsStructure(string key)
    {
        var name = key.StartsWith("routes.", StringComparison.Ordinal) && key.IndexOf('.', "routes.".Length) is > 0 and var dot ? key[(dot + 1)..] : key;
        return name is "host" or "path" or "port" or "priority" or "enable" or "instance" or "network" or "proxy";
    }

    /// <summary>A value as it may be shown.</summary>
    public static string Shown(string key, string value) =>
        IsSecret(key) || RedirectUrl.MayHoldPassword(value) || (key.StartsWith(DotegeLabels.HeaderStart, StringComparison.Ordinal) && IsSecret(value)) ? Hidden : Untrusted.Shown(value);

    private static bool IsSecret(string text) => SecretWords.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
}
