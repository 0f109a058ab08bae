using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;

namespace Templater.Pipeline.Routing.Streams;

/// <summary>What is known of a container when its streams are looked at.</summary>
/// <param name="Options">What holds for it as a whole.</param>
/// <param name="NotReady">Why it may be given nothing now.</param>
/// <param name="Unreachable">Why the proxy does not reach it.</param>
/// <param name="Address">Its address; empty when there is none.</param>
/// <param name="IsEnding">It was told to stop.</param>
internal sealed record StreamSurroundings(ContainerOptions Options, Refusal? NotReady, Refusal? Unreachable, string Address, bool IsEnding);

/// <summary>Takes a container's streams through all rules that need no other container.</summary>
internal sealed class StreamClaims(Container container, StreamCapabilities capabilities, ContainerFindings findings, string prefix)
{
    /// <summary>The claims, in the order of their names; a refused one holds its place without a server.</summary>
    /// <param name="wishes">What the container asks for.</param>
    /// <param name="around">What is known of it.</param>
    /// <param name="server">Makes the server of a route, by address and port.</param>
    /// <param name="report">Says why a place is not served.</param>
    public ImmutableArray<StreamClaim> Of(
        ImmutableArray<StreamSettings> wishes, StreamSurroundings around, Func<RouteClaim, int, UpstreamServer> server, Action<string, Refusal> report)
    {
        if (wishes.Any(static wish => wish.Listen is not null) && around.Options.Endpoints == EndpointMode.Dns)
            findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name}: {prefix}.endpoints=dns is not available for streams; the container's address is used for them.", $"{prefix}.endpoints");
        var claims = ImmutableArray.CreateBuilder<StreamClaim>();
        foreach (var wish in wishes)
        {
            var asked = wish with { Route = wish.Route with { Refusal = Refusal.Graver(around.Options.Refusal, wish.Route.Refusal) } };
            var stream = capabilities.Fit(asked);
            var isKnown = stream.Route.Refusal is not null;
            // Whatever is wrong with a container that does not run is said when it runs.
            var refusal = around.NotReady is { Reason: ReasonIds.NotRunning } ? around.NotReady : stream.Route.Refusal ?? around.NotReady ?? around.Unreachable;
            if (refusal is not null && !(isKnown && refusal == stream.Route.Refusal))
                report($"port {stream.Place}", refusal);
            claims.Add(new StreamClaim(stream, new Claim
            {
                Container = container,
                Dialect = Dialect.Templater,
                Route = stream.Route,
                IsReachable = around.Unreachable is not { Reason: ReasonIds.NoSharedNetwork or ReasonIds.NetworkNotFound },
                Server = refusal is null ? server(stream.Route, stream.Route.Port ?? 0) with { IsEnding = around.IsEnding } : null,
                Port = stream.Route.Port ?? 0,
                Unserved = refusal,
            }));
        }

        return claims.ToImmutable();
    }
}
