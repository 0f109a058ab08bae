using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing;

/// <summary>
/// Which version of a proxy a configuration is written for: nothing newer is ever written. Pure. The setting decides; else the
/// program that checks and the proxy's image, of which the older is believed, since what it knows the newer knows as well; else
/// the oldest version that is supported.
/// </summary>
internal static class ProxyVersions
{
    private const string VersionLabel = "org.opencontainers.image.version";

    // An image that is made of another inherits its label, and tags count all kinds of things: 22.04 is no version of nginx.
    private const int MaxNginxMajor = 1;
    private const int MaxHAProxyMajor = 9;

    private static readonly Version OldestNginx = new(1, 22);
    private static readonly Version OldestHAProxy = new(2, 6);

    /// <summary>The version to write for.</summary>
    /// <param name="kind">Kind of proxy.</param>
    /// <param name="told">What else than containers tells.</param>
    /// <param name="image">What the proxy's container tells; null = nothing.</param>
    /// <returns>The version and who says so; no version for proxies whose files are the same for all.</returns>
    public static (Version? Version, VersionSource Source) Choose(ProxyKind kind, ProxyVersion told, Version? image) =>
        told.Setting is { } setting ? (setting, VersionSource.Setting)
        : told.Checker is { } checker && (image is null || image >= checker) ? (checker, VersionSource.Checker)
        : image is not null ? (image, VersionSource.Image)
        : (Oldest(kind), VersionSource.Default);

    /// <summary>What a container says of the proxy in it; null when it says nothing that could be true.</summary>
    /// <param name="container">The container.</param>
    /// <param name="kind">Kind of proxy.</param>
    public static Version? Of(Container container, ProxyKind kind)
    {
        var (variable, word) = kind switch
        {
            ProxyKind.Nginx => ("NGINX_VERSION", "nginx"),
            ProxyKind.HAProxy => ("HAPROXY_VERSION", "haproxy"),
            ProxyKind.Centauri => ("", "centauri"),
            _ => ("", ""),
        };
        if (variable.Length > 0 && Leading(container.Env.GetValueOrDefault(variable, ""), kind) is { } version)
            return version;
        // A label or a tag says something about the proxy only when the image is the proxy's.
        return word.Length > 0 && container.Image.Repository.Contains(word, StringComparison.OrdinalIgnoreCase)
            ? Leading(container.Labels.GetValueOrDefault(VersionLabel, ""), kind) ?? Leading(container.Image.Tag, kind)
            : null;
    }

    /// <summary>The oldest version that the shipped templates are written for; null where files are the same for all.</summary>
    /// <param name="kind">Kind of proxy.</param>
    public static Version? Oldest(ProxyKind kind) => kind switch
    {
        ProxyKind.Nginx => OldestNginx,
        ProxyKind.HAProxy => OldestHAProxy,
        _ => null,
    };

    private static Version? Leading(string text, ProxyKind kind)
    {
        var digits = new string([.. text.TakeWhile(character => char.IsAsciiDigit(character) || character == '.')]).TrimEnd('.');
        return Version.TryParse(digits, out var version) && IsPlausible(version, kind) ? version : null;
    }

    private static bool IsPlausible(Version version, ProxyKind kind) => kind switch
    {
        ProxyKind.Nginx => version.Major <= MaxNginxMajor,
        ProxyKind.HAProxy => version.Major <= MaxHAProxyMajor,
        _ => true,
    };
}
