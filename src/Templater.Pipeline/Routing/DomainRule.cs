using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Pipeline.Routing;

/// <summary>
/// Takes hosts out of a container's claims that it may not have: those alone, whatever dialect names them, and wherever they are named.
/// </summary>
internal sealed class DomainRule(DomainPolicy policy, Container container, ContainerFindings findings)
{
    private readonly HashSet<HostPattern> _said = [];

    /// <summary>True when the container may have a host.</summary>
    public static bool Allows(DomainPolicy? policy, Container container, HostPattern host)
    {
        if (policy is null)
            return true;
        foreach (var domain in policy.Of(Project(container)))
            if (domain.Covers(host))
                return true;
        return false;
    }

    /// <summary>The claims without such hosts.</summary>
    /// <param name="claims">The claims.</param>
    public ContainerClaims Fit(ContainerClaims claims)
    {
        var routes = ImmutableArray.CreateBuilder<RouteClaim>(claims.Routes.Length);
        foreach (var route in claims.Routes)
        {
            var hosts = Allowed(route.Hosts);
            var fitted = route.Host.RedirectFrom is { } from ? route with { Host = route.Host with { RedirectFrom = Allowed(from) is { Length: > 0 } left ? left : null } } : route;
            if (hosts.Length > 0)
                routes.Add(fitted with { Hosts = hosts });
        }

        return claims with
        {
            Routes = routes.ToImmutable(),
            Streams = [.. claims.Streams.Select(Fit)],
            Refusal = claims.Refusal ?? (claims.Routes.Length > 0 && routes.Count == 0 ? Refused() : null),
        };
    }

    private StreamSettings Fit(StreamSettings stream)
    {
        var hosts = Allowed(stream.Route.Hosts);
        if (hosts.Length == stream.Route.Hosts.Length)
            return stream;
        // Without a name it would take all connections of the port.
        return hosts.Length > 0
            ? stream with { Route = stream.Route with { Hosts = hosts } }
            : stream with { Route = stream.Route with { Refusal = Refusal.Graver(stream.Route.Refusal, Refused()) } };
    }

    private ImmutableArray<HostPattern> Allowed(ImmutableArray<HostPattern> hosts)
    {
        if (hosts.All(host => Allows(policy, container, host)))
            return hosts;
        foreach (var host in hosts)
            if (!Allows(policy, container, host) && _said.Add(host))
                findings.Warn(
                    ReasonIds.DomainNotAllowed,
                    $"container {findings.Name} is not routed for {Untrusted.Shown(host.ToString())}: {Rule(host)}. Choose another host, or add its domain to that setting.",
                    host: host.ToString());
        return [.. hosts.Where(host => Allows(policy, container, host))];
    }

    private Refusal Refused() => new(ReasonIds.DomainNotAllowed, $"{Rule(null)}.");

    private string Rule(HostPattern? host)
    {
        var domains = policy.Of(Project(container));
        var who = Project(container) is { } project ? $"its project \"{Untrusted.Shown(project)}\"" : "containers without a project";
        var what = domains.IsEmpty ? "nothing" : string.Join(", ", domains);
        var why = host?.Match is HostMatch.Regex or HostMatch.Default ? ", and nobody can tell which names that stands for" : "";
        return policy.Projects.IsEmpty ? $"the setting DOMAINS allows {what}{why}" : $"the setting DOMAINS allows {who} {what}{why}";
    }

    private static string? Project(Container container) => container.Swarm?.Stack is { Length: > 0 } stack ? stack : container.Compose?.Project;
}
