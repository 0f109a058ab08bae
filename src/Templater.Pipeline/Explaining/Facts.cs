using System.Globalization;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Grouping;

namespace Templater.Pipeline.Explaining;

/// <summary>Small facts that several explanations tell.</summary>
internal static class Facts
{
    /// <summary>By what a claim's port was chosen.</summary>
    public static string PortFrom(Claim claim, string? portKey)
    {
        if (claim.Route is { Port: not null, IsPortFound: false })
            return portKey is null ? "chosen" : $"from {portKey}";
        var exposed = Routing.Reachability.PortRule.Exposed(claim.Container);
        return claim.Port == 0 ? "cannot choose"
            : exposed.Length == 0 ? "nothing is exposed, so the default"
            : exposed.Length == 1 ? "the only exposed one"
            : claim.Route.IsPortFound ? "the lowest exposed one"
            : "80 comes before the others";
    }

    /// <summary>True for a finding about a container, or the service that it is a task of.</summary>
    public static bool IsAbout(Finding finding, Container container) =>
        finding.Container is { } about && (about == container.Name || about == container.Swarm?.Service);

    /// <summary>A certificate with the days that it has left.</summary>
    public static ExplainedCertificate Certificate(CertificatePair pair, DateTimeOffset now) =>
        new(Routing.Names.Untrusted.Shown(pair.Name), pair.NotAfter, (int)Math.Floor((pair.NotAfter - now).TotalDays));

    /// <summary>What is known of the certificate that a host waits for; null when it waits for none.</summary>
    /// <param name="host">The host.</param>
    /// <param name="https">What holds for one of its names.</param>
    /// <param name="decision">What was decided.</param>
    public static string? Pending(VirtualHost host, HttpsPolicy https, ExplainedDecision decision)
    {
        if (https.Certificate is not null || host.Https.Acme is not { } choice || decision.PendingCertificates is not { } pending)
            return null;
        foreach (var name in choice.Names.Concat(NameOwners.NamesOf(host)))
            if (pending.TryGetValue(name, out var reason))
                return Routing.Names.Untrusted.Shown(reason);
        return "";
    }

    /// <summary>A path as a label would say it.</summary>
    public static string Path(PathPattern path) => Routing.Names.Untrusted.Shown(path.Match switch
    {
        PathMatch.Exact => "=" + path.Text,
        PathMatch.Regex => "~" + path.Text,
        _ => path.Text,
    });

    /// <summary>What a host does with http and https.</summary>
    /// <param name="host">The host.</param>
    /// <param name="policy">What holds for one of its names.</param>
    public static string Listens(VirtualHost host, HttpsPolicy policy)
    {
        var (http, https) = (Number(host.HttpPort), Number(host.HttpsPort));
        return (policy.Mode, policy.Certificate) switch
        {
            (HttpsMode.Off, _) => $"http {http}",
            (HttpsMode.Redirect, not null) => $"http {http} -> redirect {Number(policy.RedirectCode)}, https {https}",
            (HttpsMode.Redirect, null) when policy.IsWithheld => $"http {http} answers 503, https {https} has no usable certificate",
            (HttpsMode.Only, not null) => $"http {http} answers 503, https {https}",
            (HttpsMode.Only, null) => $"http {http} answers 503, https {https} has no certificate",
            (_, not null) => $"http {http}, https {https}",
            _ => $"http {http}, https {https} has no certificate",
        };
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
