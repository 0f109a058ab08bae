using System.Collections.Immutable;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Streams;

/// <summary>
/// What nginx knows only for a port as a whole: the certificate that it shows, and whether it sends a PROXY header. Where names share a
/// port, the oldest one decides, and those that do not fit are not served.
/// </summary>
internal sealed class NginxStreamRules(Conflicts conflicts, List<Finding> findings)
{
    /// <summary>The listener.</summary>
    /// <param name="port">The port.</param>
    /// <param name="tls">What is done about TLS.</param>
    /// <param name="drafts">Its streams, the deciding one first.</param>
    public StreamListener Fit(StreamPort port, StreamTls tls, ImmutableArray<StreamDraft> drafts)
    {
        var deciding = drafts.FirstOrDefault(static draft => draft.Route.Upstream.Servers.Length > 0) ?? drafts[0];
        var pair = deciding.Route.Certificate;
        var fitting = drafts.Select(draft => Fit(port, draft, deciding, pair)).ToImmutableArray();
        return StreamBuilder.Listener(port, tls, fitting, pair, deciding.Route.ProxyHeader);
    }

    private StreamDraft Fit(StreamPort port, StreamDraft draft, StreamDraft deciding, CertificatePair? pair)
    {
        if (draft == deciding || draft.Route.Upstream.Servers.Length == 0)
            return draft;
        if (draft.Route.ProxyHeader != deciding.Route.ProxyHeader)
            return Refused(port, draft, $"nginx tells all containers of a port the client's address in the same way, and {Quoted(deciding)} wants proxy-protocol={RouteSettings.Word(deciding.Route.ProxyHeader)}");
        if (pair is not null && !(draft.Route.Certificate == pair || draft.Route.Hosts.All(host => CertificateSelection.Covers(pair, host.Text))))
            return Refused(port, draft, $"nginx shows one certificate on a port for streams, and that of {Quoted(deciding)} (\"{Untrusted.Shown(pair.Name)}\") does not cover it");
        return draft;
    }

    private StreamDraft Refused(StreamPort port, StreamDraft draft, string why)
    {
        var place = StreamRules.Place(port, draft.Route.Hosts.FirstOrDefault());
        foreach (var claim in draft.Claims.Where(static claim => claim.Claim.IsContender))
        {
            conflicts.Refuse(claim.Claim, new Refusal(ReasonIds.UnsupportedOption, why + "."));
            findings.Add(new Finding(
                FindingSeverity.Warning, ReasonIds.UnsupportedOption,
                $"container \"{Untrusted.Shown(claim.Container.Name)}\" is not routed for {place}: {why}. Choose another port, or the same settings.")
            {
                Container = claim.Container.Name,
            });
        }

        return draft with { Route = draft.Route with { IsClosed = true, Upstream = draft.Route.Upstream with { Servers = [] } } };
    }

    private static string Quoted(StreamDraft draft) => $"\"{Untrusted.Shown(draft.Deciding.Container.Name)}\"";
}
