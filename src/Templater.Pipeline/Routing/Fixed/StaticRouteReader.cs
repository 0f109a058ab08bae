using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Dialects;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;

namespace Templater.Pipeline.Routing.Fixed;

/// <summary>What is wrong with a key of a static route.</summary>
/// <param name="Key">The key; null when it is about the route as a whole.</param>
/// <param name="Message">What is wrong, and what to do.</param>
public sealed record StaticRouteProblem(string? Key, string Message);

/// <summary>Reads static routes by the rules of labels, as if each of their targets were a container with them.</summary>
public static class StaticRouteReader
{
    // Files are looked for where labels of containers name them.
    private static readonly ImmutableArray<string> FileKeys = ["auth.basic.file", "tls.client-auth", "tls.client-ca"];

    /// <summary>Everything that is wrong with a route.</summary>
    /// <param name="route">The route.</param>
    /// <param name="policy">The operator's settings.</param>
    public static IEnumerable<StaticRouteProblem> Problems(StaticRoute route, RoutingPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(route);
        ArgumentNullException.ThrowIfNull(policy);
        foreach (var key in route.Keys.Keys)
            if (Misplaced(key, route.Keys[key]) is { } why)
                yield return new StaticRouteProblem(key, why);
        var container = Pretended(route, 0, policy.LabelPrefix);
        var findings = new ContainerFindings(container);
        if (VocabularyCheck.Examine(container, policy.LabelPrefix, findings) is null && NativeDialect.Read(container, policy, findings) is null)
            yield return new StaticRouteProblem(null, "host is missing.");
        foreach (var finding in findings.Items)
        {
            var key = finding.Label is { } label && label.StartsWith(policy.LabelPrefix + ".", StringComparison.Ordinal) ? label[(policy.LabelPrefix.Length + 1)..] : null;
            if (key is null || Misplaced(key, route.Keys.GetValueOrDefault(key, "")) is null)
                yield return new StaticRouteProblem(key, Own(finding.Message, container, policy.LabelPrefix));
        }

        if (route.Servers.IsEmpty && !route.Keys.ContainsKey("redirect.to"))
            yield return new StaticRouteProblem(null, "servers is missing.");
    }

    /// <summary>The claims of a route's targets, each with a container that stands for the target.</summary>
    /// <param name="route">The route.</param>
    /// <param name="policy">The operator's settings.</param>
    internal static IEnumerable<StaticClaim> Claims(StaticRoute route, RoutingPolicy policy)
    {
        for (var index = 0; index < Math.Max(1, route.Servers.Length); index++)
        {
            var container = Pretended(route, index, policy.LabelPrefix);
            var claims = NativeDialect.Read(container, policy, new ContainerFindings(container));
            foreach (var wish in claims?.Routes ?? [])
                yield return new StaticClaim(route, container, wish, index < route.Servers.Length ? route.Servers[index] : null);
        }
    }

    /// <summary>A message in the words of settings.</summary>
    internal static string Own(string message, Container container, string prefix) => message
        .Replace($"container \"{container.Name}\"", container.Name, StringComparison.Ordinal)
        .Replace($"{prefix}.", "", StringComparison.Ordinal);

    private static string? Misplaced(string key, string value)
    {
        if (key.StartsWith("routes.", StringComparison.Ordinal) || key.StartsWith(StreamKeys.Group + ".", StringComparison.Ordinal))
            return $"{key} belongs to labels of containers; each static route is one route of its own.";
        if (NativeKeys.Find(key) is not { } known)
            return null;
        if (known.Scope == KeyScope.Container || key == "port")
            return $"{key} belongs to labels of containers; here servers says it all.";
        return FileKeys.Contains(key) && !known.Harmless.Contains(value.Trim(), StringComparer.OrdinalIgnoreCase)
            ? $"{key} is not available in static routes."
            : null;
    }

    // Older than all containers: between equals the operator's word counts.
    private static Container Pretended(StaticRoute route, int index, string prefix) => new()
    {
        Id = new ContainerId(string.Create(CultureInfo.InvariantCulture, $"{route.FullName}:{index}")),
        Name = route.FullName,
        Image = new ImageReference("", route.FullName, "", ""),
        State = ContainerState.Running,
        Created = DateTimeOffset.MinValue,
        Labels = route.Keys.ToImmutableSortedDictionary(key => $"{prefix}.{key.Key}", static key => key.Value, StringComparer.Ordinal),
    };
}

/// <summary>One target's wish.</summary>
internal sealed record StaticClaim(StaticRoute Route, Container Container, RouteClaim Wish, StaticServer? Server);
