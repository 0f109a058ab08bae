using System.Globalization;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>Which port of a container is meant when nobody says.</summary>
internal static class PortRule
{
    private const int WellKnown = 80;

    /// <summary>
    /// The chosen one; else the only exposed TCP port; else 80 if it is exposed; none exposed: the operator's default.
    /// Several without 80 are a choice that only the container's owner can make.
    /// </summary>
    /// <param name="container">The container.</param>
    /// <param name="claim">What was asked for.</param>
    /// <param name="portKey">Key by which a port is chosen, for the message.</param>
    /// <param name="defaultPort">The operator's default.</param>
    /// <param name="refusal">Why there is none.</param>
    /// <returns>The port; 0 when there is none.</returns>
    public static int Choose(Container container, RouteClaim claim, string portKey, int defaultPort, out Refusal? refusal)
    {
        refusal = null;
        if (claim.Port is { } chosen)
            return chosen;
        var exposed = Exposed(container);
        if (exposed.Length == 0)
            return defaultPort;
        if (exposed.Length == 1)
            return exposed[0];
        if (exposed.Contains(WellKnown) || claim.FallsBackToPort80)
            return WellKnown;
        var numbers = Numbers(exposed);
        refusal = new Refusal(
            ReasonIds.PortAmbiguous,
            $"it exposes {string.Join(", ", numbers)} and no port was chosen. Add the label {portKey}={numbers[0]} (or {string.Join(" or ", numbers[1..])}).");
        return 0;
    }

    /// <summary>
    /// What is to be said about a chosen port that is not exposed: nothing forbids it, and a slip there is an answer 502 that
    /// nothing else explains.
    /// </summary>
    /// <param name="container">The container.</param>
    /// <param name="claim">What was asked for.</param>
    /// <returns>The hint; null when there is nothing to say.</returns>
    public static string? Doubt(Container container, RouteClaim claim)
    {
        var exposed = Exposed(container);
        return claim.Port is { } chosen && exposed.Length > 0 && !exposed.Contains(chosen)
            ? string.Create(CultureInfo.InvariantCulture, $"port {chosen} was chosen, and it exposes {string.Join(", ", Numbers(exposed))}. That works if something listens on {chosen}; else requests fail, so check the port.")
            : null;
    }

    /// <summary>The TCP ports that a container exposes, ascending.</summary>
    /// <param name="container">The container.</param>
    public static int[] Exposed(Container container) =>
    [
        .. container.Ports
            .Where(port => port.Protocol == "tcp" && port.Number is >= 1 and <= 65535)
            .Select(port => port.Number)
            .Distinct()
            .Order(),
    ];

    private static string[] Numbers(int[] ports) => [.. ports.Select(port => port.ToString(CultureInfo.InvariantCulture))];
}
