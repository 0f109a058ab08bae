using Templater.Pipeline.Routing.Dialects.Dotege;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;

namespace Templater.Pipeline.Routing.Reachability;

/// <summary>What Centauri's labels say about its own certificates means nothing to proxies that are given theirs.</summary>
internal static class CertificateWishes
{
    /// <summary>The host's settings without them.</summary>
    /// <param name="host">The settings.</param>
    /// <param name="kind">The proxy.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="findings">Where complaints go.</param>
    public static HostSettings Fit(HostSettings host, ProxyKind kind, string name, ContainerFindings findings)
    {
        if (kind is not (ProxyKind.Nginx or ProxyKind.HAProxy) || (host.Provider is null && host.Subject is null))
            return host;
        if (host.Provider is not null)
            Say(DotegeLabels.Provider, name, findings);
        if (host.Subject is not null)
            Say(DotegeLabels.Subject, name, findings);
        return host with { Provider = null, Subject = null };
    }

    private static void Say(string label, string name, ContainerFindings findings) => findings.Warn(
        ReasonIds.UnsupportedOption,
        $"container {findings.Name}: {label} tells Centauri how to make a certificate; {name} takes the pair of the certificates directory that covers the host. The label is ignored.",
        label);
}
