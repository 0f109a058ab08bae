using Templater.Language;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Streams;
using static Templater.Pipeline.Rendering.Model.ModelValues;

namespace Templater.Pipeline.Rendering.Model;

/// <summary>A stream with the listener that it belongs to.</summary>
internal sealed record PortStream(StreamListener Listener, StreamRoute Route);

/// <summary>A name in TLS with the stream that it leads to.</summary>
internal sealed record StreamName(HostPattern Pattern, PortStream Stream);

/// <summary>What templates see of TCP and UDP.</summary>
internal static class StreamModel
{
    public static readonly ModelObject<StreamRoute> Times = new("stream_timeouts",
    [
        new("connect", Plain, "Time to connect, such as 5s.", route => TimeText(route.Connect)),
        new("tunnel", Plain, "Silence after which a connection ends.", route => TimeText(route.Tunnel)),
    ]);

    public static readonly ModelObject<Scoped<PortStream>> Stream = new("stream",
    [
        new("id", Plain, "Eight hex digits, unique within the output.", stream => OwnText(ModelScope.Id(stream.Value.Route.Upstream.Name))),
        new("port", Number, "The port that the proxy listens on.", stream => Whole(stream.Value.Listener.Port.Number)),
        new("protocol", Plain, "tcp or udp.", stream => Word(stream.Value.Listener.Port.Protocol)),
        new("tls", Plain, "off, pass (read the name, touch nothing) or terminate.", stream => Word(stream.Value.Listener.Tls)),
        new("hosts", new TemplateType.ListOf(VirtualHostModel.Pattern.Type), "Names in TLS that select it, exact or wildcard; empty for whatever no other stream of the port takes.", stream =>
            VirtualHostModel.Pattern.ListOf(stream.Value.Route.Hosts)),
        new("usable", Flag, "Whether anybody may be served; if not, connections are closed, and no other stream of the port gets them.", stream => Truth(IsUsable(stream.Value.Route))),
        new("proxy_protocol", Plain, "How the container is told the client's address: off, v1 or v2.", stream => Word(stream.Value.Route.ProxyHeader)),
        new("allow", PlainList, "Addresses and networks that may use it; empty is everyone.", stream => PlainTexts(stream.Value.Route.Allow)),
        new("deny", PlainList, "Addresses and networks that may not; wins over allow.", stream => PlainTexts(stream.Value.Route.Deny)),
        new("timeouts", Times.Type, "Times.", stream => TemplateValue.From(Times.Of(stream.Value.Route))),
        new("certificate", VirtualHostModel.Certificate.Type.OrNull(), "The pair for its names; null unless tls is terminate.", stream => VirtualHostModel.Pair(stream.Value.Route.Certificate, stream.Scope)),
        new("upstream", RouteModel.Upstream.Type, "The pool of servers.", stream => TemplateValue.From(RouteModel.Upstream.Of(new Scoped<Upstream>(stream.Value.Route.Upstream, stream.Scope)))),
        new("containers", new TemplateType.ListOf(ContainerModel.Container.Type), "Containers behind it.", stream => stream.Scope.Containers(stream.Value.Route.Containers)),
    ], isOwner: true);

    public static readonly ModelObject<Scoped<StreamName>> Name = new("stream_pattern",
    [
        new("match", Plain, "exact or wildcard.", name => Word(name.Value.Pattern.Match)),
        new("name", Plain, "As in host_name.", name => PlainText(name.Value.Pattern.Text)),
        new("parent", Plain, "As in host_name.", name => PlainText(name.Value.Pattern.Match == HostMatch.Wildcard ? name.Value.Pattern.Text[1..] : "")),
        new("stream", Stream.Type, "The stream that it leads to.", name => name.Scope.Stream(name.Value.Stream)),
    ], isOwner: true);

    public static readonly ModelObject<StreamListener> PortTimes = new("stream_port_timeouts",
    [
        new("connect", Plain, "Time to connect, the longest of all its streams.", port => TimeText(port.Connect)),
        new("tunnel", Plain, "Silence after which a connection ends, the longest of all its streams.", port => TimeText(port.Tunnel)),
    ]);

    public static readonly ModelObject<Scoped<StreamListener>> Port = new("stream_port",
    [
        new("number", Number, "The port.", port => Whole(port.Value.Port.Number)),
        new("protocol", Plain, "tcp or udp.", port => Word(port.Value.Port.Protocol)),
        new("tls", Plain, "off, pass or terminate.", port => Word(port.Value.Tls)),
        new("by_name", Flag, "Whether streams are chosen by the name in TLS.", port => Truth(port.Value.IsByName)),
        new("usable", Flag, "Whether anybody may be served at all; if not, the port is not to be opened.", port => Truth(port.Value.Routes.Any(IsUsable))),
        new("certificate", VirtualHostModel.Certificate.Type.OrNull(), "The pair that is shown to whoever asks for no name; null when there is none.", port => VirtualHostModel.Pair(port.Value.Certificate, port.Scope)),
        new("proxy_protocol", Plain, "How containers are told the client's address where that holds for a whole port: off, v1 or v2.", port => Word(port.Value.ProxyHeader)),
        new("timeouts", PortTimes.Type, "Times where they hold for a whole port.", port => TemplateValue.From(PortTimes.Of(port.Value))),
        new("patterns", new TemplateType.ListOf(Name.Type), "Names in TLS in the order in which they must be tried: exact, then wildcards from the longest.", port =>
            List(Names(port.Value).Select(port.Scope.StreamName))),
        new("streams", new TemplateType.ListOf(Stream.Type), "Its streams by name; the one without names, if there is one, is last.", port => List(Of(port.Value).Select(port.Scope.Stream))),
    ], isOwner: true);

    /// <summary>The streams of a listener.</summary>
    public static IEnumerable<PortStream> Of(StreamListener listener) => listener.Routes.Select(route => new PortStream(listener, route));

    private static IEnumerable<StreamName> Names(StreamListener listener) => Of(listener)
        .SelectMany(static stream => stream.Route.Hosts.Select(host => new StreamName(host, stream)))
        .OrderBy(static name => name.Pattern.Match == HostMatch.Wildcard)
        .ThenByDescending(static name => name.Pattern.Match == HostMatch.Wildcard ? name.Pattern.Text.Length : 0)
        .ThenBy(static name => name.Pattern.Text, StringComparer.Ordinal);

    private static bool IsUsable(StreamRoute route) => !route.IsClosed && route.Upstream.Servers.Any(RouteModel.IsUsable);
}
