using System.Text.RegularExpressions;

namespace Templater.Pipeline.Rendering;

/// <summary>The formats that container texts can be quoted for, and how a template says which one it writes.</summary>
public static partial class TemplateFormats
{
    /// <summary>nginx's configuration language.</summary>
    public const string Nginx = "nginx";

    /// <summary>HAProxy's configuration language.</summary>
    public const string HAProxy = "haproxy";

    /// <summary>Centauri's route file.</summary>
    public const string Centauri = "centauri";

    /// <summary>Text without rules: nothing is quoted or refused.</summary>
    public const string Plain = "plain";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All = [Nginx, HAProxy, Centauri, Plain];

    /// <summary>
    /// The format of a template: the setting, else the comment in its first line (<c>{{# format: nginx #}}</c>), else the
    /// word in front of the suffix (<c>site.nginx.scriban</c>); null when nothing tells.
    /// </summary>
    /// <param name="setting">The output's setting, if any.</param>
    /// <param name="path">Path of the template.</param>
    /// <param name="text">Text of the template.</param>
    /// <returns>A word that need not be one of <see cref="All"/>: the author may have mistyped it.</returns>
    public static string? Of(string? setting, string path, string text)
    {
        if (!string.IsNullOrEmpty(setting))
            return setting;
        if (FormatComment().Match(text) is { Success: true } comment)
            return comment.Groups[1].Value;
        var stem = System.IO.Path.GetFileNameWithoutExtension(path);
        var word = System.IO.Path.GetExtension(stem).TrimStart('.');
        return All.Contains(word) ? word : null;
    }

    [GeneratedRegex(@"\A\uFEFF?\{\{[-~]?\s*#+\s*format:\s*([a-zA-Z0-9_-]+)", RegexOptions.CultureInvariant)]
    private static partial Regex FormatComment();
}
