using System.Globalization;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Explaining;

/// <summary>Puts a server of a route, or what keeps a container from being one, into words.</summary>
internal static class ServerText
{
    /// <summary>A server.</summary>
    /// <param name="claim">The container's claim on the route.</param>
    /// <param name="server">Its server; null when it has none.</param>
    public static ExplainedServer Of(ClaimOutcome claim, UpstreamServer? server)
    {
        var steps = claim.Outcome.Steps;
        var name = Untrusted.Shown(claim.Claim.Container.Name);
        if (server is null)
        {
            var why = claim.Claim.Unserved ?? claim.Claim.Route.Refusal;
            return new ExplainedServer(
                steps.Address.Length > 0 && claim.Claim.Port > 0 ? Address(steps.Address, claim.Claim.Port) : "",
                name, "-", why?.Reason ?? ReasonIds.ConflictValue);
        }

        if (claim.Claim.Owner is { } owner)
            return new ExplainedServer(Address(server.Address, server.Port), name, RouteSettings.Word(server.State), $"from {owner}{(server.IsLookedUp ? ", looked up by the proxy" : "")}{(server.Backup ? ", backup" : "")}");
        var network = steps.Endpoint is { } endpoint ? $"network {Untrusted.Shown(endpoint.NetworkName)}, " : "";
        return new ExplainedServer(
            Address(server.Address, server.Port), name, RouteSettings.Word(server.State),
            $"{network}port {Facts.PortFrom(claim.Claim, steps.Asked?.PortKey)}{(server.Backup ? ", backup" : "")}");
    }

    private static string Address(string address, int port) => string.Create(
        CultureInfo.InvariantCulture, $"{(address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : Untrusted.Shown(address))}:{port}");
}
