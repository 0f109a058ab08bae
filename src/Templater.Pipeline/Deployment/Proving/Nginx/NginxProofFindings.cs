using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Templater.Pipeline.Deployment.Proving.Nginx;

/// <summary>What is said about the generation endpoint of nginx: one method per message.</summary>
internal static class NginxProofFindings
{
    private const int MaxPorts = 5;

    /// <summary>There is an address, and nothing that answers with a generation.</summary>
    public static Finding Unreachable(string proxy, AskedPlace asked) => new(
        FindingSeverity.Info,
        ReasonIds.ReloadUnproven,
        $"{proxy} is not asked for its generation at {asked.Place}{asked.Endpoint.Path} ({asked.Answer.Problem.TrimEnd('.')}): reloads are proven by its workers and its log. Nothing has to be done.");

    /// <summary>Somebody else answers.</summary>
    public static Finding Stray(string proxy, IPEndPoint place, string other) => new(
        FindingSeverity.Warning,
        ReasonIds.ReloadUnproven,
        $"{proxy} has new workers and refused nothing, but {place} answers with {other}: another nginx listens there and takes a share of the connections, or all of them. End it, or give one of them another port.");

    /// <summary>The proxy goes on with what it had.</summary>
    public static string StillAnswers(string proxy, IPEndPoint place, string other, TimeSpan patience, WorkersWatch workers, ImmutableArray<NginxListen> news)
    {
        var kept = workers.KeepsWorkers ? " and its workers are the former ones" : workers.HasNewWorkers ? " although its workers are new" : "";
        var cause = news.IsEmpty
            ? "Why stands in its own log. " + WorkersProof.WayToTheLog
            : $"The likely cause: {Ports(news)} new in this file, and something else uses {(news.Length == 1 ? "it" : "one of them")}: nginx then keeps what it has, and reports no failure";
        return string.Create(CultureInfo.InvariantCulture, $"{proxy} was told and nothing changed: after {patience.TotalSeconds:0.###} s {place} still answers with {other}{kept}. {cause}");
    }

    private static string Ports(ImmutableArray<NginxListen> news)
    {
        var ports = news.Select(static listen => string.Create(CultureInfo.InvariantCulture, $"{listen.Port}{(listen.IsUdp ? "/udp" : "")}")).Distinct(StringComparer.Ordinal).ToList();
        var names = string.Join(", ", ports.Take(MaxPorts)) + (ports.Count > MaxPorts ? string.Create(CultureInfo.InvariantCulture, $" and {ports.Count - MaxPorts} more") : "");
        return ports.Count == 1 ? $"port {names} is" : $"ports {names} are";
    }
}
