using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;

namespace Templater.Pipeline.Routing.Streams;

/// <summary>
/// What the operator allows and the proxy can do of a stream. What only makes it nicer is dropped with a warning; without the rest it
/// is not served.
/// </summary>
internal sealed class StreamCapabilities(ProxyContext proxy, RoutingPolicy policy, ContainerFindings findings)
{
    /// <summary>The stream with what cannot be done taken out, or refused.</summary>
    /// <param name="stream">The stream.</param>
    public StreamSettings Fit(StreamSettings stream)
    {
        if (stream.Route.Refusal is not null || stream.Listen is not { } port)
            return stream;
        if (Forbidden(port) is { } forbidden)
            return Refused(stream, ReasonIds.PortNotAllowed, forbidden);
        return Impossible(port) is { } impossible ? Refused(stream, ReasonIds.UnsupportedOption, impossible) : Reduced(stream, port);
    }

    private string? Forbidden(StreamPort port)
    {
        if (port.Number == policy.HttpPort || port.Number == policy.HttpsPort)
            return $"port {port.Number} is the proxy's port for {(port.Number == policy.HttpPort ? "http" : "https")}; choose another one";
        if (policy.StreamPorts.Contains(port))
            return null;
        var allowed = policy.StreamPorts.IsEmpty ? "which is not set" : $"which has {string.Join(", ", policy.StreamPorts)}";
        return $"port {port} is not in the setting STREAM_PORTS, {allowed}; add it there, or choose another one";
    }

    private string? Impossible(StreamPort port) => proxy.Kind switch
    {
        ProxyKind.Centauri => "streams are not available in Centauri",
        _ when proxy.IgnoresStreams =>
            "the template of this output does not look at streams"
                + (proxy.Kind == ProxyKind.Nginx ? ", and a file for nginx's http block cannot hold any; the template nginx serves them" : ""),
        ProxyKind.HAProxy when port.Protocol == StreamProtocol.Udp => "UDP is not available in HAProxy",
        _ => null,
    };

    private StreamSettings Reduced(StreamSettings stream, StreamPort port)
    {
        if (proxy.Kind != ProxyKind.Nginx)
            return stream;
        if (stream.Route.Settings.Check is not null)
        {
            Ignored(stream, "check", "is not available in nginx; it is ignored");
            stream = stream with { Route = stream.Route with { Settings = stream.Route.Settings with { Check = null } } };
        }

        if (stream.ProxyHeader != ProxyHeader.Off && port.Protocol == StreamProtocol.Udp)
        {
            Ignored(stream, "proxy-protocol", "is not available for UDP in nginx; it is ignored");
            return stream with { ProxyHeader = ProxyHeader.Off };
        }

        if (stream.ProxyHeader != ProxyHeader.V2)
            return stream;
        // Whoever reads version 2 nearly always reads version 1, too; without any header it would read none of the connection.
        Ignored(stream, "proxy-protocol=v2", "is not available in nginx; v1 is sent");
        return stream with { ProxyHeader = ProxyHeader.V1 };
    }

    private void Ignored(StreamSettings stream, string key, string consequence) => findings.Warn(
        ReasonIds.UnsupportedOption, $"container {findings.Name}: {policy.LabelPrefix}.{StreamKeys.Group}.{stream.Name}.{key} {consequence}.");

    private StreamSettings Refused(StreamSettings stream, string reason, string problem)
    {
        findings.Warn(reason, $"container {findings.Name}: its stream \"{stream.Name}\" is not served: {problem}.", $"{policy.LabelPrefix}.{StreamKeys.Group}.{stream.Name}.listen");
        return stream with { Route = stream.Route with { Refusal = new Refusal(reason, problem + ".") } };
    }
}
