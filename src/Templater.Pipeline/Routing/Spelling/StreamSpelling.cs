using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Pipeline.Routing.Spelling;

/// <summary>Writes a stream as native keys with canonical values.</summary>
internal static class StreamSpelling
{
    /// <summary>The labels without the prefix, the port first.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="policy">The operator's settings.</param>
    public static ImmutableArray<SpelledLabel> Of(StreamSettings stream, RoutingPolicy policy)
    {
        var labels = ImmutableArray.CreateBuilder<SpelledLabel>();
        var (route, settings) = (stream.Route, stream.Route.Settings);
        var usualTls = route.Hosts.Length > 0 ? StreamTls.Pass : StreamTls.Off;
        var usualBalance = policy.Balance == BalanceAlgorithm.Uri ? BalanceAlgorithm.RoundRobin : policy.Balance;
        Put("listen", stream.Listen?.ToString());
        Put("host", route.Hosts.Length > 0 ? string.Join(", ", route.Hosts) : null);
        Put("port", route.Port is { } port && port != stream.Listen?.Number ? Number(port) : null);
        Put("tls", stream.Tls == usualTls ? null : RouteSettings.Word(stream.Tls));
        Put("proxy-protocol", stream.ProxyHeader == ProxyHeader.Off ? null : RouteSettings.Word(stream.ProxyHeader));
        Put("weight", route.Weight == 1 ? null : Number(route.Weight));
        Put("backup", route.Backup ? "true" : null);
        Put("balance", settings.Balance == usualBalance ? null : RouteSettings.Word(settings.Balance));
        Put("maxconn", settings.MaxConnections == 0 ? null : Number(settings.MaxConnections));
        Put("check", settings.Check is null ? null : settings.Check.Path ?? "tcp");
        Put("timeout.connect", settings.Timeouts.Connect == StreamSettings.DefaultConnect ? null : Quantities.Text(settings.Timeouts.Connect));
        Put("timeout.tunnel", settings.Timeouts.TunnelIsSet ? Quantities.Text(settings.Timeouts.Tunnel) : null);
        Put("allow", RouteSpelling.Clients(settings.Allow));
        Put("deny", RouteSpelling.Clients(settings.Deny));
        return labels.ToImmutable();

        void Put(string key, string? value)
        {
            if (value is not null)
                labels.Add(new SpelledLabel($"{StreamKeys.Group}.{stream.Name}.{key}", value));
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
