using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Explaining;

/// <summary>Explains one host: its routes, their servers, and who wanted it.</summary>
internal sealed class HostExplainer(ExplainedDecision decision)
{
    /// <summary>Explains a host that somebody asks for.</summary>
    /// <param name="name">The host.</param>
    public Explanation Explain(string name)
    {
        var host = decision.Routing.VirtualHosts.FirstOrDefault(host => Patterns(host).Contains(name, StringComparer.Ordinal));
        return host is null ? Unserved(name) : Served(name, host);
    }

    private static IEnumerable<string> Patterns(VirtualHost host) =>
        host.Aliases.Prepend(host.Pattern).Concat(host.RedirectFrom).Select(static pattern => pattern.ToString());

    private Explanation Served(string name, VirtualHost host)
    {
        var https = host.HttpsOf(host.Aliases.FirstOrDefault(alias => alias.ToString() == name) ?? host.Pattern);
        var places = decision.Routes.Of(host);
        var served = places.Count(static place => !place.Route.IsClosed && (place.Route.RedirectTo is not null || place.Route.Upstream.Servers.Length > 0));
        var claimants = places.SelectMany(static place => place.Claims).Select(static claim => claim.Claim.Container).DistinctBy(static container => container.Id).ToArray();
        var refused = places.Where(static place => place.Route.IsClosed || (place.Route.RedirectTo is null && place.Route.Upstream.Servers.Length == 0))
            .SelectMany(static place => place.Claims).Select(static claim => claim.Claim.Unserved ?? claim.Claim.Route.Refusal).FirstOrDefault(static why => why is not null);
        var conflicts = Conflicted.Of(decision, place => Patterns(host).Contains(place.Host.ToString(), StringComparer.Ordinal));
        return new Explanation
        {
            Kind = SubjectKind.Host,
            Subject = Untrusted.Shown(name),
            Output = decision.Routing.Proxy.Output,
            Standing = served == 0 ? Standing.NotRouted : served < places.Length ? Standing.Partly : Standing.Routed,
            Reason = served == places.Length ? null : refused?.Reason,
            Detail = served == places.Length ? "" : refused?.Detail.TrimEnd('.') ?? "",
            WayOut = conflicts.Length > 0 ? Conflicted.WayOut(conflicts[0], decision.Policy.LabelPrefix)
                : served == places.Length || refused is null || claimants.Length == 0 ? null : WayOut(refused.Reason, claimants[0]),
            Hosts = [.. Patterns(host).Select(Untrusted.Shown)],
            Dialect = places.SelectMany(static place => place.Claims).Select(static claim => SourceLabels.Word(claim.Claim.Dialect)).FirstOrDefault(),
            Labels = [.. places.SelectMany(static place => place.Claims).DistinctBy(static claim => claim.Claim.Container.Id).SelectMany(claim => SourceLabels.Of(claim.Claim.Container, claim.Claim.Dialect, decision.Policy.LabelPrefix))],
            Listens = Facts.Listens(host, https),
            Routes = [.. places.Select(static place => place.Explained())],
            Conflicts = conflicts,
            Certificate = https.Certificate is { } pair ? Facts.Certificate(pair, decision.Snapshot.TakenAt) : null,
            PendingCertificate = Facts.Pending(host, https, decision),
            Settings = Settings(host, claimants),
            Warnings = [.. decision.Findings.Where(finding => finding.Host is { } about ? Patterns(host).Contains(about, StringComparer.Ordinal) : claimants.Any(container => Facts.IsAbout(finding, container)))],
            File = OutputLines.Of(decision, [.. claimants.Select(static container => container.Id)]),
        };
    }

    private string? WayOut(string reason, Container container)
    {
        var (asked, containers) = (default(ContainerClaims), decision.Snapshot.Containers);
        for (var at = 0; asked is null && at < containers.Length; at++)
            if (containers[at].Id == container.Id)
                asked = decision.Routing.Outcomes[at].Steps.Asked;
        return WaysOut.Of(reason, container, decision.Reach, decision.Policy.LabelPrefix, asked);
    }

    /// <summary>Whoever asks for it is refused before there is anything to hold a place.</summary>
    private Explanation Unserved(string name)
    {
        var asking = Enumerable.Range(0, decision.Routing.Fates.Length).Where(index => decision.Routing.Fates[index].Hosts.Contains(name, StringComparer.OrdinalIgnoreCase)).ToArray();
        var first = asking.Length > 0 ? decision.Routing.Fates[asking[0]] : null;
        var containers = asking.Select(index => decision.Snapshot.Containers[index]).ToArray();
        return new Explanation
        {
            Kind = SubjectKind.Host,
            Subject = Untrusted.Shown(name),
            Output = decision.Routing.Proxy.Output,
            Standing = Standing.NotRouted,
            Reason = first?.Reason,
            Detail = first is null ? "" : $"container {Untrusted.Shown(containers[0].Name)}: {first.Detail.TrimEnd('.')}",
            WayOut = first?.Reason is { } reason ? WayOut(reason, containers[0]) : null,
            Hosts = [Untrusted.Shown(name)],
            Dialect = first?.Dialect is { } dialect ? SourceLabels.Word(dialect) : null,
            Labels = first?.Dialect is { } read ? [.. containers.SelectMany(container => SourceLabels.Of(container, read, decision.Policy.LabelPrefix))] : [],
            Warnings = [.. decision.Findings.Where(finding => containers.Any(container => Facts.IsAbout(finding, container)))],
            File = OutputLines.Of(decision, []),
        };
    }

    private ImmutableArray<ExplainedSetting> Settings(VirtualHost host, Container[] containers)
    {
        var prefix = decision.Policy.LabelPrefix;
        var settings = ImmutableArray.CreateBuilder<ExplainedSetting>();
        void Add(string key, string value) => settings.Add(new ExplainedSetting(key, value, containers.Any(container => container.Labels.Keys.Any(label => IsKey(label, prefix, key))) ? "label" : "default"));
        Add("https", RouteSettings.Word(host.Https.Mode));
        Add("hsts", host.Https.Hsts is { } hsts ? Untrusted.Shown(hsts) : "off");
        foreach (var label in containers.SelectMany(container => SourceLabels.Of(container, Dialect.Templater, prefix)))
        {
            var key = label.Key[(prefix.Length + 1)..];
            if (!SourceLabels.IsStructure(key) && key is not ("https" or "hsts") && !settings.Any(setting => setting.Key == key))
                settings.Add(new ExplainedSetting(key, label.Value, "label"));
        }

        return settings.ToImmutable();
    }

    private static bool IsKey(string label, string prefix, string key) =>
        label == $"{prefix}.{key}" || (label.StartsWith(prefix + ".routes.", StringComparison.Ordinal) && label.EndsWith("." + key, StringComparison.Ordinal));
}
