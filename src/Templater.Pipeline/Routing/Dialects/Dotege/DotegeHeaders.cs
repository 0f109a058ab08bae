using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.Dotege;

/// <summary>The headers of answers, one for each label. Dotege splits at the first blank, centauri-docker-confd at the first colon; both are read.</summary>
internal static class DotegeHeaders
{
    /// <summary>Reads them; a bad one is reported and costs nothing to the others.</summary>
    /// <param name="container">The container.</param>
    /// <param name="findings">Where complaints go.</param>
    public static ImmutableArray<HeaderChange> Read(Container container, ContainerFindings findings)
    {
        var changes = new List<HeaderChange>();
        foreach (var (label, value) in container.Labels)
        {
            if (!label.StartsWith(DotegeLabels.HeaderStart, StringComparison.Ordinal))
                continue;
            if (TryHeader(value, out var change))
                changes.Add(change);
            else
                findings.Warn(
                    ReasonIds.InvalidValue,
                    $"container {findings.Name}: {Untrusted.Shown(label)}: a header such as \"X-Name: value\" was expected. It has no effect.",
                    label);
        }

        return RouteSettingsReader.Sorted(changes);
    }

    /// <summary>Reads <c>Name: value</c>, <c>Name value</c>, <c>Name:value</c> and <c>Name : value</c>.</summary>
    private static bool TryHeader(string text, out HeaderChange change)
    {
        var line = text.Trim();
        var end = line.IndexOfAny([':', ' ', '\t']);
        change = end < 0
            ? new HeaderChange(HeaderOperation.Set, line, "")
            : new HeaderChange(HeaderOperation.Set, line[..end], line[end..].TrimStart(':', ' ', '\t'));
        return Untrusted.IsReadable(text) && HeaderSyntax.IsToken(change.Name) && HeaderSyntax.IsAllowed(change.Name, isRequest: false) && HeaderSyntax.IsValue(change.Value);
    }
}
