using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Dialects.Traefik;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects;

/// <summary>
/// A container is read by one dialect. What the others say is ignored, but for what decides who may reach the container:
/// somebody who wrote that did not mean everyone, so the container is refused until one dialect says it all.
/// </summary>
internal static class UnheardRestrictions
{
    /// <summary>Looks for restrictions in the words of dialects that are read but did not name the hosts.</summary>
    /// <param name="container">The container.</param>
    /// <param name="winner">The dialect that named the hosts.</param>
    /// <param name="policy">The operator's settings.</param>
    /// <param name="findings">Where complaints go.</param>
    /// <returns>Why the container must not be routed; null when nothing speaks against it.</returns>
    public static Refusal? Find(Container container, Dialect winner, RoutingPolicy policy, ContainerFindings findings)
    {
        string? label = null;
        foreach (var dialect in policy.Dialects)
            if (dialect != winner)
                label ??= Restricting(dialect, container, policy).FirstOrDefault();
        if (label is null)
            return null;
        var detail = $"{Untrusted.Shown(label)} has no effect, because {HostKey(winner, policy)} names the hosts in other words, "
            + "and serving them without it would open what it closes. Say both in the same words.";
        findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name} is not routed: {detail}", label);
        return new Refusal(ReasonIds.UnsupportedOption, detail) { Closes = Closure.Place };
    }

    private static IEnumerable<string> Restricting(Dialect dialect, Container container, RoutingPolicy policy) => dialect switch
    {
        Dialect.Templater => VocabularyCheck.FailClosedLabels(container, policy.LabelPrefix),
        Dialect.Dotege => DotegeDialect.RestrictingLabels(container),
        Dialect.NginxProxy => NginxProxyDialect.RestrictingVariables(container),
        Dialect.Traefik => TraefikDialect.RestrictingLabels(container),
        _ => [],
    };

    private static string HostKey(Dialect dialect, RoutingPolicy policy) => dialect switch
    {
        Dialect.Dotege => DotegeDialect.HostLabel,
        Dialect.NginxProxy => NginxProxyDialect.Host,
        Dialect.Traefik => TraefikDialect.RuleLabel,
        _ => $"{policy.LabelPrefix}.host",
    };
}
