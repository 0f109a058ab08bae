using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Dialects.Traefik;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Pipeline.Routing.Dialects;

/// <summary>Reads a container in the first dialect that names a host on it; streams are native whatever dialect that is.</summary>
internal static class DialectReader
{
    /// <summary>Reads it.</summary>
    /// <param name="container">The container.</param>
    /// <param name="policy">The operator's settings.</param>
    /// <param name="findings">Where complaints go.</param>
    /// <returns>Null when no dialect names a host and there are no streams.</returns>
    public static ContainerClaims? Read(Container container, RoutingPolicy policy, ContainerFindings findings)
    {
        var hosted = ReadHosted(container, policy, findings);
        var streams = StreamLabels.Read(container, policy, findings);
        return streams.IsEmpty ? hosted
            : hosted is not null ? hosted with { Streams = streams }
            : new ContainerClaims { Dialect = Dialect.Templater, PortKey = $"{policy.LabelPrefix}.{streams[0].Route.Name}.port", Streams = streams };
    }

    private static ContainerClaims? ReadHosted(Container container, RoutingPolicy policy, ContainerFindings findings)
    {
        // Who says that its labels are not meant names no host, and others may.
        ContainerClaims? unasked = null;
        foreach (var dialect in policy.Dialects)
        {
            var claims = dialect switch
            {
                Dialect.Templater => NativeDialect.Read(container, policy, findings),
                Dialect.Dotege => DotegeDialect.Read(container, policy, findings),
                Dialect.NginxProxy => NginxProxyDialect.Read(container, policy, findings),
                Dialect.Traefik => TraefikDialect.Read(container, policy, findings),
                _ => null,
            };
            if (claims is { Refusal.Reason: ReasonIds.NoHost or ReasonIds.Disabled })
                unasked ??= claims;
            else if (claims is not null)
                return claims;
        }

        return unasked;
    }
}
