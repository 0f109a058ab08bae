using System.Collections.Immutable;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Reachability;

namespace Templater.Pipeline.Explaining;

/// <summary>What one output's explanations are made from.</summary>
public sealed record ExplainedDecision
{
    /// <summary>What was read.</summary>
    public required Snapshot Snapshot { get; init; }

    /// <summary>What was decided.</summary>
    public required RoutingResult Routing { get; init; }

    /// <summary>By which rules.</summary>
    public required RoutingPolicy Policy { get; init; }

    /// <summary>What is to be said about it.</summary>
    public required ImmutableArray<Finding> Findings { get; init; }

    /// <summary>Path of the output's file.</summary>
    public required string Path { get; init; }

    /// <summary>What was rendered; null when the template failed.</summary>
    public RenderedFile? File { get; init; }

    /// <summary>The output's journal; null when there is none.</summary>
    public JournalState? Journal { get; init; }

    /// <summary>
    /// What the keeper of certificates says of those that are not there, by name of the certificate, such as
    /// <c>attempt 2 at 12:10</c>; null where none are obtained, or that is not known.
    /// </summary>
    public ImmutableSortedDictionary<string, string>? PendingCertificates { get; init; }

    /// <summary>Which networks the proxy reaches, worked out once.</summary>
    internal ProxyReach Reach => field ??= ProxyReach.Of(Snapshot, Routing.Proxy);

    /// <summary>The routes by host and container, worked out once.</summary>
    internal RouteIndex Routes => field ??= new RouteIndex(this);
}

/// <summary>Tells why one output routes what it routes. Pure: it looks at decisions and makes none. Not thread-safe.</summary>
/// <param name="decision">What is explained.</param>
public sealed class Explainer(ExplainedDecision decision)
{
    private readonly ContainerExplainer _containers = new(decision);
    private readonly HostExplainer _hosts = new(decision);
    private readonly SubjectFinder _finder = new(decision.Snapshot, decision.Routing);

    /// <summary>Explains every container, in the snapshot's order, then the hosts of the operator's own routes.</summary>
    public IEnumerable<Explanation> All() => Enumerable.Range(0, decision.Snapshot.Containers.Length).Select(_containers.Explain)
        .Concat(decision.Policy.Routes.Select(route => _finder.Host(route.FullName)).OfType<string>().Distinct(StringComparer.Ordinal).Select(_hosts.Explain));

    /// <summary>Explains what a word names: containers by name, id, or service, and hosts.</summary>
    /// <param name="word">The word.</param>
    /// <returns>Empty when nothing is called that.</returns>
    public IEnumerable<Explanation> Find(string word) =>
        [.. _finder.Containers(word).Select(_containers.Explain), .. _finder.Host(word) is { } host ? [_hosts.Explain(host)] : Array.Empty<Explanation>()];

    /// <summary>All names that <see cref="Find"/> knows.</summary>
    public IEnumerable<string> Names => _finder.Names;
}
