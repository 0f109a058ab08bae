using Templater.Language;
using Templater.Pipeline.Rendering.Model;
using Templater.Pipeline.Rendering.Quoting;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Rendering;

/// <summary>The findings of loading and rendering.</summary>
internal static class RenderFindings
{
    private const int MaxShownBytes = 300;

    /// <summary>A template that cannot be used.</summary>
    public static Finding Error(string message) => new(FindingSeverity.Error, ReasonIds.TemplateError, message);

    /// <summary>A diagnostic of the language.</summary>
    public static Finding Of(Diagnostic diagnostic) => new(
        diagnostic.Severity == DiagnosticSeverity.Error ? FindingSeverity.Error : FindingSeverity.Warning, ReasonIds.TemplateError, Sentence(diagnostic));

    /// <summary>A render that failed by the template alone.</summary>
    public static Finding TemplateError(Diagnostic diagnostic) => Error(Sentence(diagnostic));

    /// <summary>Where and why, as one line without a full stop.</summary>
    public static string Reason(Diagnostic diagnostic)
    {
        var hint = diagnostic.Hint.Length > 0 ? "; " + diagnostic.Hint : "";
        return QuotableText.OneLine($"{diagnostic.Path}:{diagnostic.Line}:{diagnostic.Column}: {diagnostic.Message}{hint}", MaxShownBytes).TrimEnd('.');
    }

    private static string Sentence(Diagnostic diagnostic)
    {
        var reason = Reason(diagnostic);
        return reason.EndsWith('?') ? reason : reason + ".";
    }

    /// <summary>Routes for paths that the proxy needs for itself.</summary>
    public static IEnumerable<Finding> ReservedPaths(RoutingResult routing)
    {
        foreach (var host in routing.VirtualHosts)
            foreach (var route in host.Routes)
                if (Locations.IsReserved(route, host.Https))
                    yield return new Finding(
                        FindingSeverity.Warning,
                        ReasonIds.InvalidPath,
                        $"{host.Name}: no container can take the path {QuotableText.OneLine(route.Path.Text, MaxShownBytes)}; it is reserved for certificate challenges and the proof of a reload.")
                    {
                        Host = host.Name,
                    };
    }

    /// <summary>A template that prints container texts and does not say for which format.</summary>
    public static Finding UnknownFormat(string path) => new(
        FindingSeverity.Warning,
        ReasonIds.UnquotedText,
        $"{path}: texts from containers are printed as they are, because the template has no format. Put {{{{# format: nginx #}}}} (or {string.Join(", ", TemplateFormats.All.Where(format => format != TemplateFormats.Nginx))}) into its first line.");
}
