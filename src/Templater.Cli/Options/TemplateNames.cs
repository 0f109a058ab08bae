using System.Diagnostics.CodeAnalysis;
using Templater.Language;
using Templater.Pipeline.Routing;

namespace Templater.Cli.Options;

/// <summary>What follows from the name or path of a template: the output's name, its proxy and its usual file.</summary>
internal static class TemplateNames
{
    /// <summary>The shipped template that lists domains.</summary>
    public const string Domains = "domains";

    private const string Suffix = ".scriban";
    private const string ConfigDirectory = "/config/";

    /// <summary>Names of the shipped templates with what they are for.</summary>
    public static readonly ShippedName[] Shipped =
    [
        new("nginx", "nginx", ProxyKind.Nginx, ConfigDirectory + "nginx.conf"),
        new("nginx-http", "nginx", ProxyKind.Nginx, "/etc/nginx/conf.d/templater.conf"),
        new("haproxy", "haproxy", ProxyKind.HAProxy, ConfigDirectory + "haproxy.cfg"),
        new("centauri", "centauri", ProxyKind.Centauri, ConfigDirectory + "centauri.conf"),
        new(Domains, Domains, ProxyKind.Other, ConfigDirectory + "domains.txt"),
    ];

    /// <summary>The kind of value that names a template.</summary>
    public static readonly SettingType<string> Setting = new(
        "nginx, nginx-http, haproxy, centauri, domains, or a path that has a slash or ends in .scriban", TryParse)
    {
        Words = [.. Shipped.Select(static shipped => shipped.Name)],
    };

    /// <summary>True when the template prints only a part of the proxy's configuration.</summary>
    public static bool IsFragment(string template) => template == "nginx-http";

    /// <summary>True for the path of a file, false for a shipped name.</summary>
    public static bool IsPath(string template) =>
        template.Contains('/') || template.Contains('\\') || template.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>
    /// The name of the only output: that of the proxy its template is for, so that a copy of a shipped template under any name
    /// goes where the original goes, to the proxy with the same label; else the file's first word made legal. What the file says
    /// does not count: it may come later than the name is needed.
    /// </summary>
    /// <param name="template">Name or path.</param>
    /// <param name="format">The format that a setting names; null or empty = by suffix.</param>
    public static string OutputName(string template, string? format)
    {
        if ((Find(template) ?? Usual(Kind(template, format))) is { } shipped)
            return shipped.Output;
        var stem = Path.GetFileName(template).Split('.')[0].ToLowerInvariant();
        var legal = string.Concat(stem.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
        return OutputNames.IsLegal(legal) ? legal : "output";
    }

    /// <summary>The proxy that reads what the template prints.</summary>
    /// <param name="template">Name or path.</param>
    /// <param name="format">The format that a setting names; null or empty = by suffix.</param>
    public static ProxyKind Kind(string template, string? format) =>
        Find(template)?.Kind ?? KindOf(string.IsNullOrEmpty(format) ? FormatSuffix(template) : format);

    /// <summary>The file it is written to when no setting says so.</summary>
    /// <param name="template">Name or path.</param>
    /// <param name="format">The format that a setting names; null or empty = by suffix.</param>
    /// <param name="isOnly">True for the only output; of several, two may be for one kind of proxy.</param>
    public static string DefaultPath(string template, string? format, bool isOnly)
    {
        if ((Find(template) ?? (isOnly ? Usual(Kind(template, format)) : null)) is { } shipped)
            return shipped.Path;
        var name = Path.GetFileName(template);
        if (name.EndsWith(Suffix, StringComparison.Ordinal))
            name = name[..^Suffix.Length];
        return ConfigDirectory + FormatSuffix(template) switch
        {
            "nginx" => Path.ChangeExtension(name, "conf"),
            "haproxy" => Path.ChangeExtension(name, "cfg"),
            "centauri" => Path.ChangeExtension(name, "conf"),
            _ => name,
        };
    }

    // A name that is none can never become one, unlike a file.
    private static bool TryParse(string text, [MaybeNullWhen(false)] out string value, out string? hint)
    {
        var isLegal = !text.Any(char.IsControl) && (Find(text) is not null || IsPath(text));
        value = isLegal ? text : null;
        hint = isLegal ? null
            : File.Exists(text) ? $"For the file of that name write ./{text}."
            : NearestName.Find(text, Shipped.Select(static shipped => shipped.Name)) is { } nearest ? $"Did you mean {nearest}?"
            : null;
        return isLegal;
    }

    private static ShippedName? Find(string template)
    {
        foreach (var shipped in Shipped)
            if (shipped.Name == template)
                return shipped;
        return null;
    }

    // The template of a whole configuration is the one with the proxy's own name.
    private static ShippedName? Usual(ProxyKind kind)
    {
        foreach (var shipped in Shipped)
            if (shipped.Kind == kind && kind != ProxyKind.Other && shipped.Name == shipped.Output)
                return shipped;
        return null;
    }

    // site.nginx.scriban -> nginx
    private static string FormatSuffix(string template)
    {
        var parts = Path.GetFileName(template).Split('.');
        return parts.Length >= 3 && "." + parts[^1] == Suffix ? parts[^2] : "";
    }

    private static ProxyKind KindOf(string format) => format switch
    {
        "nginx" => ProxyKind.Nginx,
        "haproxy" => ProxyKind.HAProxy,
        "centauri" => ProxyKind.Centauri,
        _ => ProxyKind.Other,
    };
}

/// <summary>What follows from the name of a shipped template.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Output">The output's name.</param>
/// <param name="Kind">The proxy that reads the result.</param>
/// <param name="Path">Where the result goes.</param>
internal sealed record ShippedName(string Name, string Output, ProxyKind Kind, string Path);
