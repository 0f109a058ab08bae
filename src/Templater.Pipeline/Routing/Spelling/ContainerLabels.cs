using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Dialects.Traefik;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Spelling;

/// <summary>The native labels about a container as a whole: those that it has, and what its dialect says instead of them.</summary>
internal static class ContainerLabels
{
    /// <summary>The labels without the prefix.</summary>
    /// <param name="container">The container.</param>
    /// <param name="options">What its native labels say.</param>
    /// <param name="claims">What its dialect says.</param>
    /// <param name="policy">The operator's settings.</param>
    public static ImmutableArray<SpelledLabel> Of(Container container, ContainerOptions options, ContainerClaims claims, RoutingPolicy policy)
    {
        var labels = ImmutableArray.CreateBuilder<SpelledLabel>();
        Put("enable", Has("enable") ? Truth(options.Enabled) : claims.IsEnabled && !policy.EnableDefault ? "true" : null);
        Put("instance", Names(options.Instances.Length > 0 ? options.Instances : claims.Instances));
        Put("network", Names(options.Networks.Length > 0 ? options.Networks : claims.Networks));
        Put("health", Has("health") ? RouteSettings.Word(options.Health) : null);
        Put("ready-after", Has("ready-after") ? Quantities.Text(options.ReadyAfter) : null);
        Put("drain", Has("drain") ? Truth(options.Drain) : null);
        Put("endpoints", Has("endpoints") ? RouteSettings.Word(options.Endpoints)
            : policy.Dialects.Contains(Dialect.Traefik) && TraefikDialect.AsksForAddress(container) ? RouteSettings.Word(EndpointMode.Vip) : null);
        Put("proxy", options.ProxyOf);
        return labels.ToImmutable();

        bool Has(string key) => container.Labels.ContainsKey($"{policy.LabelPrefix}.{key}");

        void Put(string key, string? value)
        {
            if (value is not null)
                labels.Add(new SpelledLabel(key, value));
        }
    }

    private static string? Names(ImmutableArray<string> names) => names.Length > 0 ? string.Join(", ", names) : null;

    private static string Truth(bool value) => value ? "true" : "false";
}
