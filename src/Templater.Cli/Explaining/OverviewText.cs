using System.Globalization;
using System.Text;
using Templater.Pipeline;
using Templater.Pipeline.Explaining;

namespace Templater.Cli.Explaining;

/// <summary>Writes one line for each container, bad ones first; replicas share a line.</summary>
internal static class OverviewText
{
    private const int MaxNames = 4;

    /// <summary>True for a container that asked for nothing, so that it is listed only on request.</summary>
    public static bool AsksForNothing(Explanation about) => about.Hosts.IsEmpty && about.Reason is ReasonIds.NoHost or ReasonIds.IsProxy or ReasonIds.Disabled or null;

    /// <summary>The lines.</summary>
    /// <param name="containers">What is known of each container.</param>
    /// <param name="showAll">List those without a host too.</param>
    public static string Of(IReadOnlyCollection<Explanation> containers, bool showAll)
    {
        var listed = containers.Where(about => showAll || !AsksForNothing(about));
        var rows = listed
            .GroupBy(static about => (about.Standing, about.Standing == Standing.Routed ? string.Join(' ', about.Hosts) : about.Subject))
            .OrderByDescending(static group => group.Key.Standing)
            .ThenBy(static group => group.First().Subject, StringComparer.Ordinal)
            .Select(static group => Row([.. group]))
            .ToArray();
        var (name, host) = (rows.Select(static row => row.Names.Length).Append(0).Max(), rows.Select(static row => row.Hosts.Length).Append(0).Max());
        var text = new StringBuilder();
        foreach (var row in rows)
            text.Append($"  {row.Word,-13}  {row.Names.PadRight(name)}  {row.Hosts.PadRight(host)}  {row.Tail}".TrimEnd()).Append('\n');
        var unlisted = containers.Count(AsksForNothing);
        if (!showAll && unlisted > 0)
            text.Append(CultureInfo.InvariantCulture, $"  {unlisted} container{(unlisted == 1 ? "" : "s")} without a host: not listed (--all)\n");
        return text.ToString();
    }

    private static OverviewRow Row(Explanation[] group)
    {
        var first = group[0];
        var names = string.Join(", ", group.Take(MaxNames).Select(static about => about.Subject)) + (group.Length > MaxNames ? $", … ({group.Length})" : "");
        var word = first.Standing == Standing.Routed ? "routed" : ExplanationText.Word(first.Standing);
        return new OverviewRow(word, names, Hosts(first), first.Standing == Standing.NotRouted || first.Reason is not null ? Complaint(first) : Serving(group));
    }

    private static string Hosts(Explanation about) => about.Hosts.Length switch
    {
        0 => "-",
        1 => about.Hosts[0],
        var count => string.Create(CultureInfo.InvariantCulture, $"{about.Hosts[0]} +{count - 1}"),
    };

    private static string Complaint(Explanation about) => $"{about.Reason}: {(about.Detail.Length > 0 ? about.Detail : "no request gets there")}";

    private static string Serving(Explanation[] group)
    {
        var servers = group[0].Kind == SubjectKind.Host
            ? group.Sum(static about => about.Routes.SelectMany(static route => route.Servers).Count(static server => server.State != "-"))
            : group.Sum(static about => about.Routes.SelectMany(static route => route.Servers).Concat(about.Streams.Select(static stream => stream.Server)).Any(static server => server.State != "-") ? 1 : 0);
        var what = servers == 0 ? "redirects" : string.Create(CultureInfo.InvariantCulture, $"{servers} server{(servers == 1 ? "" : "s")}");
        if (group[0].Routes.IsEmpty && !group[0].Streams.IsEmpty)
            return what;
        return group[0].Certificate is { } certificate ? $"{what}, https ({ExplanationText.Days(certificate)})"
            : group[0].PendingCertificate is { } pending ? $"{what}, http only: certificate {ExplanationText.Pending(pending)}"
            : $"{what}, http only: no certificate";
    }

    private sealed record OverviewRow(string Word, string Names, string Hosts, string Tail);
}
