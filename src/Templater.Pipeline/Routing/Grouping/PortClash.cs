using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>
/// One port cannot speak both http and https, so a label that opens a port for the other of the two would break every
/// host on it. The operator's ports win, then the older host.
/// </summary>
internal sealed class PortClash(RoutingPolicy policy, Conflicts conflicts, List<Finding> findings)
{
    // Contenders first.
    private static readonly Comparer<HostDraft> ByAge = Comparer<HostDraft>.Create(static (left, right) =>
    {
        var (mine, theirs) = (left.Claims[0], right.Claims[0]);
        var order = theirs.IsContender.CompareTo(mine.IsContender);
        if (order == 0)
            order = mine.Container.Created.CompareTo(theirs.Container.Created);
        return order != 0 ? order : string.CompareOrdinal(left.Name, right.Name);
    });

    /// <summary>The hosts whose ports fit together, in their order; the others are refused.</summary>
    /// <param name="drafts">The hosts.</param>
    public ImmutableArray<HostDraft> Fitting(IReadOnlyCollection<HostDraft> drafts)
    {
        var http = new Dictionary<int, HostDraft?> { [policy.HttpPort] = null };
        var https = new Dictionary<int, HostDraft?> { [policy.HttpsPort] = null };
        var refused = new HashSet<string>(StringComparer.Ordinal);
        foreach (var draft in drafts.Order(ByAge))
        {
            var decision = new HostDecision(policy, draft.Name, draft.Claims, conflicts.IsMerged(draft.Claims));
            var (plain, secure) = (decision.HttpPort(), decision.HttpsPort());
            var problem = Kept(plain) ?? Kept(secure)
                ?? (https.TryGetValue(plain, out var owner) && plain != policy.HttpPort ? Problem(plain, "http", owner, "https")
                : http.TryGetValue(secure, out owner) && secure != policy.HttpsPort ? Problem(secure, "https", owner, "http")
                : plain == secure && policy.HttpPort != policy.HttpsPort ? string.Create(CultureInfo.InvariantCulture, $"it asks for port {plain} for http and for https, and one port cannot speak both.")
                : null);
            if (problem is null)
            {
                http.TryAdd(plain, draft);
                https.TryAdd(secure, draft);
                continue;
            }

            refused.Add(draft.Name);
            Refuse(draft, problem);
        }

        return refused.Count == 0 ? [.. drafts] : [.. drafts.Where(draft => !refused.Contains(draft.Name))];
    }

    private string? Kept(int port)
    {
        foreach (var kept in policy.StreamPorts)
            if (kept.Number == port)
                return string.Create(CultureInfo.InvariantCulture, $"it asks for port {port}, which the setting STREAM_PORTS keeps for streams.");
        return null;
    }

    private static string Problem(int port, string use, HostDraft? owner, string otherUse) =>
        string.Create(CultureInfo.InvariantCulture, $"it asks for port {port} for {use}, which is in use for {otherUse} of {(owner is null ? "all hosts" : Untrusted.Shown(owner.Patterns[0].ToString()))}.");

    private void Refuse(HostDraft draft, string problem)
    {
        var host = draft.Patterns[0].ToString();
        var claim = draft.Claims[0];
        findings.Add(new Finding(
            FindingSeverity.Warning,
            ReasonIds.PortNotAllowed,
            $"container \"{Untrusted.Shown(claim.Container.Name)}\" is not routed for {Untrusted.Shown(host)}: {problem} Choose another {policy.LabelPrefix}.listen.http or {policy.LabelPrefix}.listen.https.")
        {
            Container = claim.Container.Name,
            Host = host,
        });
        foreach (var each in draft.Claims)
            conflicts.Refuse(each, new Refusal(ReasonIds.PortNotAllowed, problem));
    }
}
