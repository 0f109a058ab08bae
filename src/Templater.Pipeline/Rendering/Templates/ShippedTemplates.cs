using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Rendering.Templates;

/// <summary>A template that comes with Templater.</summary>
/// <param name="Name">Name in settings.</param>
/// <param name="Path">Path of the embedded file, <c>templates/…</c>.</param>
/// <param name="Kind">The proxy it is for.</param>
/// <param name="FileName">Usual name of the file it renders.</param>
/// <param name="Summary">One line.</param>
public sealed record ShippedTemplate(string Name, string Path, ProxyKind Kind, string FileName, string Summary);

/// <summary>The templates that come with Templater, and the parts that they include.</summary>
public static class ShippedTemplates
{
    /// <summary>First part of the paths of embedded files.</summary>
    public const string Root = "templates/";

    /// <summary>All of them, by name.</summary>
    public static readonly IReadOnlyList<ShippedTemplate> All =
    [
        new("centauri", "templates/centauri/centauri.conf.scriban", ProxyKind.Centauri, "centauri.conf", "Centauri's route file."),
        new("domains", "templates/domains/domains.txt.scriban", ProxyKind.Other, "domains.txt", "One line of names for each host, for other ACME clients."),
        new("haproxy", "templates/haproxy/haproxy.cfg.scriban", ProxyKind.HAProxy, "haproxy.cfg", "A whole haproxy.cfg."),
        new("nginx", "templates/nginx/nginx.conf.scriban", ProxyKind.Nginx, "nginx.conf", "A whole nginx.conf."),
        new("nginx-http", "templates/nginx/http.conf.scriban", ProxyKind.Nginx, "templater.conf", "A file for the http block of an existing nginx.conf."),
    ];

    /// <summary>The template of that name; null when there is none.</summary>
    /// <param name="name">Name in settings.</param>
    public static ShippedTemplate? Find(string name) => All.FirstOrDefault(template => string.Equals(template.Name, name, StringComparison.Ordinal));

    /// <summary>Parts that shipped templates include, by the name that an include gives.</summary>
    public static readonly IReadOnlyList<ShippedTemplate> Parts =
    [
        new("http.scriban", "templates/nginx/http.scriban", ProxyKind.Nginx, "http.scriban", "What nginx and nginx-http include: all hosts, upstreams and locations."),
        new("streams.scriban", "templates/nginx/streams.scriban", ProxyKind.Nginx, "streams.scriban", "What nginx includes: TCP and UDP."),
    ];

    /// <summary>The text of an embedded file; null when there is none.</summary>
    /// <param name="path">Path that begins with <see cref="Root"/>.</param>
    public static string? Read(string path)
    {
        using var stream = typeof(ShippedTemplates).Assembly.GetManifestResourceStream(path);
        if (stream is null)
            return null;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>True when a setting means a file rather than a shipped template: it has a separator or the suffix.</summary>
    /// <param name="template">The setting.</param>
    public static bool IsPath(string template) =>
        template.Contains('/', StringComparison.Ordinal) || template.EndsWith(".scriban", StringComparison.Ordinal);
}
