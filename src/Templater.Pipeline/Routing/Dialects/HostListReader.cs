using System.Collections.Immutable;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects;

/// <summary>Reads a list of hosts; each bad one is reported by itself and costs nothing to the good ones.</summary>
internal static class HostListReader
{
    /// <summary>Most hosts of one list.</summary>
    public const int MaxHosts = 200;

    /// <summary>Reads the list.</summary>
    /// <param name="label">Label or variable it comes from.</param>
    /// <param name="value">The list.</param>
    /// <param name="findings">Where complaints go.</param>
    /// <param name="exactOnly">True where only plain names are meant.</param>
    /// <param name="withTrailing">True where <c>name.*</c> is a pattern.</param>
    /// <param name="unfit">Why a pattern is of no use here; null where all are.</param>
    /// <returns>The good ones, in label order, each once.</returns>
    public static ImmutableArray<HostPattern> Read(string label, string value, ContainerFindings findings, bool exactOnly = false, bool withTrailing = false, Func<HostPattern, string?>? unfit = null)
    {
        var good = new List<HostPattern>();
        var complaints = new List<(string Item, string Text)>();
        var items = ValueList.Split(value);
        foreach (var item in items.Take(MaxHosts))
        {
            var isGood = withTrailing
                ? HostPatternParser.TryParseWithTrailing(item, out var pattern, out var complaint)
                : HostPatternParser.TryParse(item, out pattern, out complaint);
            if (!isGood)
                complaints.Add((item, complaint));
            else if (exactOnly && pattern.Match is not HostMatch.Exact)
                complaints.Add((item, "a plain host name was expected"));
            else if (unfit?.Invoke(pattern) is { } why)
                complaints.Add((item, why));
            else if (!good.Contains(pattern))
                good.Add(pattern);
        }

        if (items.Length > MaxHosts)
            complaints.Add((items[MaxHosts], $"a list names at most {MaxHosts} hosts"));
        if (items.Length == 0)
            findings.Warn(ReasonIds.InvalidHost, $"container {findings.Name}: {label} is empty: a host name was expected. The container is not routed by it.", label, value);
        var rest = good.Count > 0 ? "The container's other names are served." : "The container is not routed by it.";
        foreach (var (item, text) in complaints)
        {
            var hint = HostPatternParser.Suggest(item) is { } name ? $" Write {name}." : "";
            findings.Warn(
                ReasonIds.InvalidHost,
                $"container {findings.Name}: {label}=\"{Untrusted.Shown(item)}\": {text}.{hint} {rest}",
                label,
                item);
        }

        return [.. good];
    }

    /// <summary>The hosts as written, shortened, for people.</summary>
    /// <param name="value">The list.</param>
    public static IEnumerable<string> AsWritten(string value) =>
        ValueList.Split(value).Take(MaxHosts).Select(Untrusted.Shown);
}
