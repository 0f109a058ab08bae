using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects;

/// <summary>The native labels: hosts, paths and what belongs to them.</summary>
internal static class NativeDialect
{
    private const int MaxGroupLength = 40;

    /// <summary>Reads the claims; null when no native label names a host.</summary>
    /// <param name="container">The container.</param>
    /// <param name="policy">The operator's settings.</param>
    /// <param name="findings">Where complaints go.</param>
    public static ContainerClaims? Read(Container container, RoutingPolicy policy, ContainerFindings findings)
    {
        var prefix = policy.LabelPrefix;
        var names = VocabularyCheck.RouteNames(container, prefix);
        var hostLabels = names.Select(name => $"{prefix}.routes.{name}.host").Prepend($"{prefix}.host")
            .Where(container.Labels.ContainsKey)
            .ToImmutableArray();
        if (hostLabels.Length == 0)
            return null;
        var readers = names.Length == 0
            ? [new LabelReader(container, prefix, route: null, findings)]
            : names.Select(name => new LabelReader(container, prefix, name, findings)).ToArray();
        var routes = readers.Select(reader => ReadRoute(reader, policy, findings)).OfType<RouteClaim>().ToImmutableArray();
        return new ContainerClaims
        {
            Dialect = Dialect.Templater,
            PortKey = $"{prefix}.port",
            Requested = [.. hostLabels.SelectMany(label => HostListReader.AsWritten(container.Labels[label])).Distinct(StringComparer.Ordinal)],
            Routes = Closed(routes, readers, Unplaced(container, prefix, names, routes, findings)),
            Refusal = routes.Length == 0
                ? readers.Select(reader => reader.Refusal).FirstOrDefault(refusal => refusal is not null)
                    ?? new Refusal(ReasonIds.InvalidHost, $"{hostLabels[0]} names no usable host.")
                : null,
        };
    }

    /// <summary>
    /// A host key may stand on any route of the host. So when one that fails closed is bad, every route of the
    /// container is refused, not only the one that it was written on.
    /// </summary>
    private static ImmutableArray<RouteClaim> Closed(ImmutableArray<RouteClaim> routes, IEnumerable<LabelReader> readers, Refusal? unplaced)
    {
        var refusal = Refusal.Graver(readers.Select(reader => reader.HostRefusal).Aggregate(Refusal.Graver), unplaced);
        return refusal is null ? routes : [.. routes.Select(route => route with { Refusal = Refusal.Graver(route.Refusal, refusal) })];
    }

    /// <summary>
    /// A route without a usable place that closes something: the container's other routes would answer in its stead, to everyone.
    /// </summary>
    private static Refusal? Unplaced(
        Container container, string prefix, ImmutableArray<string> names, ImmutableArray<RouteClaim> routes, ContainerFindings findings)
    {
        var placed = routes.Select(route => route.Name).ToHashSet(StringComparer.Ordinal);
        if (routes.Length == 0 || names.FirstOrDefault(name => !placed.Contains(name) && VocabularyCheck.Restricts(container, prefix, name)) is not { } lost)
            return null;
        var detail = $"its route \"{lost}\" closes something and has no usable host or path, so the other routes would answer in its place.";
        findings.Warn(ReasonIds.InvalidPath, $"container {findings.Name} is not routed: {detail}");
        return new Refusal(ReasonIds.InvalidPath, detail) { Closes = Closure.Place };
    }

    private static RouteClaim? ReadRoute(LabelReader reader, RoutingPolicy policy, ContainerFindings findings)
    {
        var name = reader.Route ?? "";
        if (reader.Raw("host") is not var (label, value))
        {
            if (reader.Refusal is null)
                findings.Warn(ReasonIds.NoHost, $"container {findings.Name}: the route \"{name}\" names no host and there is no {policy.LabelPrefix}.host. It is not served.");
            return null;
        }

        var hosts = HostListReader.Read(label, value, findings);
        var path = reader.Object<PathPattern>("path", PathPatternParser.TryParse, PathPatternParser.Expected(reader.Raw("path")?.Value.Trim() ?? ""));
        // Without a host or a path there is no place to hold, so nothing to answer 503 at.
        if (hosts.Length == 0 || reader.Refusal is not null)
            return null;
        var claim = new RouteClaim
        {
            Name = name,
            Hosts = hosts,
            Path = path ?? PathPattern.Root,
            Priority = reader.Value<int>("priority", TryPriority, "a number from -1000 to 1000") ?? 0,
            Port = reader.Value<int>("port", Quantities.TryPort, Quantities.LegalPort),
            Weight = reader.Value<int>("weight", TryWeight, "a number from 0 to 256") ?? 1,
            Backup = reader.Value<bool>("backup", Quantities.TryBoolean, Quantities.LegalBoolean) ?? false,
            Group = reader.Object<string>("upstream.group", TryGroup, "a name of a-z, 0-9 and -"),
            Settings = RouteSettingsReader.Read(reader, policy, path ?? PathPattern.Root),
            Host = HostSettingsReader.Read(reader, policy, findings),
        };
        return claim with { Refusal = reader.Refusal };
    }

    private static bool TryPriority(string text, out int value) => Quantities.TryInteger(text, -1000, 1000, out value);

    /// <summary>Reads the share of a server.</summary>
    public static bool TryWeight(string text, out int value) => Quantities.TryInteger(text, 0, 256, out value);

    private static bool TryGroup(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= MaxGroupLength
            && text.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');
    }
}
