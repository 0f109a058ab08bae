using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Pipeline.Explaining;

/// <summary>Explains the TCP and UDP streams that a container is behind, or would be.</summary>
internal static class StreamExplainer
{
    /// <summary>The streams, in the order of their names.</summary>
    /// <param name="outcome">What the container brought.</param>
    /// <param name="routing">What was decided.</param>
    public static ImmutableArray<ExplainedStreamRoute> Of(ContainerOutcome outcome, RoutingResult routing) =>
        [.. outcome.Streams.Select(claim => Of(claim, outcome, routing))];

    private static ExplainedStreamRoute Of(StreamClaim claim, ContainerOutcome outcome, RoutingResult routing)
    {
        var listener = claim.Settings.Listen is { } port ? routing.Streams.FirstOrDefault(listener => listener.Port == port) : null;
        // Its names may lead to several streams, which one of them may be shared with others.
        var route = listener?.Routes.FirstOrDefault(route => route.Upstream.Servers.Any(server => IsOf(server, claim)));
        var server = route?.Upstream.Servers.First(server => IsOf(server, claim));
        return new ExplainedStreamRoute(
            Untrusted.Shown(claim.Settings.Place), Does(claim.Settings), route?.Upstream.Name ?? "",
            ServerText.Of(new ClaimOutcome(claim.Claim, outcome), server), server is not null && !route!.IsClosed ? "served" : "not served");
    }

    private static bool IsOf(UpstreamServer server, StreamClaim claim) => server.Container == claim.Container.Id && server.Port == claim.Claim.Port;

    private static string Does(StreamSettings stream)
    {
        var parts = new List<string> { stream.Listen is { Protocol: StreamProtocol.Udp } ? "udp" : "tcp" };
        if (stream.Tls != StreamTls.Off)
            parts.Add($"tls {RouteSettings.Word(stream.Tls)}");
        parts.Add(RouteSettings.Word(stream.Route.Settings.Balance));
        if (stream.ProxyHeader != ProxyHeader.Off)
            parts.Add($"PROXY {RouteSettings.Word(stream.ProxyHeader)}");
        if (stream.Route.Settings.Allow.Length + stream.Route.Settings.Deny.Length > 0)
            parts.Add("for some clients only");
        parts.Add(string.Create(CultureInfo.InvariantCulture, $"idle {Quantities.Text(stream.Route.Settings.Timeouts.Tunnel)}"));
        return string.Join(", ", parts);
    }
}
