using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.Dotege;

/// <summary>Pages in the place of errors: one label for each status, with the container that has the page.</summary>
internal static class DotegeErrors
{
    private const string Legal = "container, container:port or container:port/path";
    private const string UsualPort = ":80";

    /// <summary>Reads them; a bad one is reported and costs nothing to the others.</summary>
    /// <param name="container">The container.</param>
    /// <param name="findings">Where complaints go.</param>
    public static ImmutableArray<ErrorPage> Read(Container container, ContainerFindings findings)
    {
        var pages = new SortedSet<ErrorPage>(Comparer<ErrorPage>.Create(ErrorPageParser.Compare));
        foreach (var (label, value) in container.Labels)
        {
            if (!label.StartsWith(DotegeLabels.ErrorStart, StringComparison.Ordinal))
                continue;
            var status = label[DotegeLabels.ErrorStart.Length..];
            if (!ErrorPageParser.IsStatus(status) || !char.IsAsciiDigit(status[^1]))
                Ignore(label, value, "a status from 400 to 599 at the end of the label", findings);
            else if (!TryPage(status, value.Trim(), out var page))
                Ignore(label, value, Legal, findings);
            else if (pages.Count == ErrorPageParser.MaxPages)
                Ignore(label, value, string.Create(CultureInfo.InvariantCulture, $"no more than {ErrorPageParser.MaxPages} pages"), findings);
            else
                pages.Add(page with { Label = label });
        }

        return [.. pages];
    }

    // Without a path it is the path that was asked for; without a port it is the usual one.
    private static bool TryPage(string status, string text, out ErrorPage page)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var (host, path) = slash < 0 ? (text, "") : (text[..slash], text[slash..]);
        if (!host.Contains(':', StringComparison.Ordinal))
            host += UsualPort;
        var isGood = ErrorPageParser.TryParse(status, host + (path.Length > 0 ? path : "/"), out page) && page.Container is not null;
        if (path.Length <= 1)
            page = page with { Path = "" };
        return isGood;
    }

    private static void Ignore(string label, string value, string legal, ContainerFindings findings) => findings.Warn(
        ReasonIds.InvalidValue,
        $"container {findings.Name}: {Untrusted.Shown(label)}=\"{Untrusted.Shown(value)}\": {legal} was expected. It has no effect.",
        label,
        value);
}
