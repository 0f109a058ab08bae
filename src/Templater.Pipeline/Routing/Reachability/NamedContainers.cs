using System.Collections.Immutable;
using System.Net;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>
/// Finds the containers that error pages and authorisers are named after, once all routes are there: what becomes of one container
/// is remembered while it stays what it is, and these are others. Pure.
/// </summary>
internal sealed class NamedContainers(Snapshot snapshot, ProxyReach reach, RoutingPolicy policy, Conflicts conflicts)
{
    private static readonly ContainerOptions Usual = new();

    private readonly NetworkRule _networks = new(snapshot, reach, policy);
    private readonly List<Finding> _findings = [];
    private Dictionary<ContainerId, Container>? _byId;
    private HashSet<string>? _operators;

    /// <summary>What is to be said about pages that nobody can show, and about authorisers that nobody can ask.</summary>
    public IEnumerable<Finding> Findings => _findings;

    /// <summary>The host with the addresses of all that its routes name.</summary>
    /// <param name="host">The host.</param>
    public VirtualHost Resolve(VirtualHost host)
    {
        foreach (var route in host.Routes)
            if (route.ErrorPages.Length > 0 || route.ForwardAuth is not null)
                return host with { Routes = [.. host.Routes.Select(route => Resolve(host, route))] };
        return host;
    }

    private Route Resolve(VirtualHost host, Route route)
    {
        var pages = ImmutableArray.CreateBuilder<ErrorPage>(route.ErrorPages.Length);
        // What is closed shows nothing.
        foreach (var page in route.IsClosed ? [] : route.ErrorPages)
            if (page.Container is null)
                pages.Add(page);
            else if (AddressOf(route, page, out var problem) is { } address)
                pages.Add(page with { Address = address });
            else
                _findings.Add(NoPage(host, route, page, problem));
        var headers = route.RequestHeaders;
        if (headers.Length > 0)
            foreach (var header in headers)
                if (host.Routes.Any(other => other.ForwardAuth is { } asked && asked.Headers.Contains(header.Name, StringComparer.OrdinalIgnoreCase)))
                {
                    _findings.Add(NotItsOwn(host, route, header));
                    headers = headers.Remove(header);
                }

        return WithAuthoriser(host, route with { RequestHeaders = headers, ErrorPages = pages.ToImmutable() });
    }

    private Route WithAuthoriser(VirtualHost host, Route route)
    {
        if (route.ForwardAuth is not { } asked || IsLeftToProxy(asked, out var address, out var problem))
            return route;
        if (address is not null)
            return route with { ForwardAuth = asked with { Address = address } };
        var detail = $"auth.forward asks \"{Untrusted.Shown(asked.Host)}\", and {problem}.";
        foreach (var container in route.Containers.Select(Find).OfType<Container>())
            conflicts.Refuse(container, new Refusal(ReasonIds.AuthUnusable, detail));
        _findings.Add(NobodyAsked(host, route, detail));
        // What would be looked up instead is a name that others may take.
        return route with { IsClosed = true, RedirectTo = null, ErrorPages = [], Upstream = route.Upstream with { Servers = [] } };
    }

    /// <summary>A name of no container is left for the proxy to look up: until it is found, nobody passes.</summary>
    private bool IsLeftToProxy(ForwardAuth asked, out string? address, out string problem)
    {
        problem = "";
        address = IPAddress.TryParse(asked.Host, out _) ? asked.Host : null;
        if (address is not null)
            return false;
        // A certificate is made out to a name, and so is whatever answers behind it.
        if (asked.IsSecure || !new NameLookup(snapshot, asked.Host).TryOnly(_operators ??= Operators(), out var container, out problem))
            return true;
        address = container is null ? null : Reached(container, out problem);
        return false;
    }

    // Who runs the proxy and Templater is who wrote the settings.
    private HashSet<string> Operators()
    {
        var projects = reach.Proxies.Select(static proxy => proxy.Compose?.Project).Append(ProxyLocator.OwnProject(snapshot));
        return projects.OfType<string>().ToHashSet(StringComparer.Ordinal);
    }

    private string? AddressOf(Route route, ErrorPage page, out string problem)
    {
        var asking = route.Containers.Select(Find).OfType<Container>().ToArray();
        var projects = asking.Select(static own => own.Compose?.Project).OfType<string>().ToHashSet(StringComparer.Ordinal);
        if (new NameLookup(snapshot, page.Container!).For(projects) is not { } container)
        {
            problem = "there is no such container";
            return null;
        }

        // Who could not fetch the page itself has no business to show it to everyone.
        if (!asking.Any(own => Shares(own, container)))
        {
            problem = "the two containers are on no network together";
            return null;
        }

        return Reached(container, out problem);
    }

    private string? Reached(Container container, out string problem)
    {
        problem = "it does not run";
        if (container.State is not (ContainerState.Running or ContainerState.Paused or ContainerState.Restarting))
            return null;
        var endpoint = _networks.Choose(container, Usual, out var address, out var refusal);
        problem = refusal?.Detail.TrimEnd('.') ?? "";
        return refusal is null && (endpoint is not null || address.Length > 0) ? address : null;
    }

    private bool Shares(Container left, Container right) =>
        left.Id == right.Id || !snapshot.HasAddresses || reach.Usable(left).Any(mine => reach.Usable(right).Any(other => ProxyReach.IsSame(mine, other)));

    private Container? Find(ContainerId id)
    {
        if (_byId is null)
        {
            _byId = [];
            foreach (var container in snapshot.Containers)
                _byId.TryAdd(container.Id, container);
        }

        return _byId.GetValueOrDefault(id);
    }

    private Finding NobodyAsked(VirtualHost host, Route route, string detail) => new(
        FindingSeverity.Warning,
        ReasonIds.AuthUnusable,
        $"{Conflicts.Place(host.Pattern, route.Path)} is not served: {detail} Start it on a network of the proxy; where several are called so, write its address, or run it in the project of the proxy.")
    {
        Container = route.Containers.Select(Find).OfType<Container>().FirstOrDefault()?.Name,
        Host = host.Name,
        Label = $"{policy.LabelPrefix}.auth.forward",
    };

    private Finding NotItsOwn(VirtualHost host, Route route, HeaderChange header)
    {
        var label = $"{policy.LabelPrefix}.request.{RouteSettings.Word(header.Operation)}";
        return new Finding(
            FindingSeverity.Warning,
            ReasonIds.UnsupportedOption,
            $"{Untrusted.Shown(host.Name)}: {label} has no effect on {header.Name}, which whoever is asked about requests says to the containers of this host.")
        {
            Container = route.Containers.Select(Find).OfType<Container>().FirstOrDefault()?.Name,
            Host = host.Name,
            Label = label,
        };
    }

    private Finding NoPage(VirtualHost host, Route route, ErrorPage page, string problem)
    {
        var label = page.Label ?? $"{policy.LabelPrefix}.errors.{page.Status}";
        var owner = route.Containers.Select(Find).OfType<Container>().FirstOrDefault()?.Name;
        return new Finding(
            FindingSeverity.Warning,
            ReasonIds.InvalidValue,
            $"{Untrusted.Shown(host.Name)}: {label} has no effect, because \"{Untrusted.Shown(page.Container!)}\" cannot be reached: {problem}.")
        {
            Container = owner,
            Host = host.Name,
            Label = label,
        };
    }
}
