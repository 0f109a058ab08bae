using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Dialects;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Streams;

/// <summary>Reads the native labels of streams; they hold whatever dialect names the container's hosts.</summary>
internal static class StreamLabels
{
    private const string LegalHosts = "a host name or *.name was expected";

    /// <summary>Reads the streams of a container, in the order of their names.</summary>
    /// <param name="container">The container.</param>
    /// <param name="policy">The operator's settings.</param>
    /// <param name="findings">Where complaints go.</param>
    public static ImmutableArray<StreamSettings> Read(Container container, RoutingPolicy policy, ContainerFindings findings)
    {
        if (!policy.Dialects.Contains(Dialect.Templater))
            return [];
        var names = StreamKeys.Names(container.Labels, policy.LabelPrefix);
        if (names.Length > VocabularyCheck.MaxRoutes)
            findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name}: it has more than {VocabularyCheck.MaxRoutes} streams; those after \"{names[VocabularyCheck.MaxRoutes - 1]}\" are not served.");
        return names.Length == 0 ? [] : [.. names.Take(VocabularyCheck.MaxRoutes).Select(name => Read(container, name, policy, findings))];
    }

    private static StreamSettings Read(Container container, string name, RoutingPolicy policy, ContainerFindings findings)
    {
        var reader = new LabelReader(container, policy.LabelPrefix, name, findings, isStream: true);
        StreamPort? listen = reader.Value<StreamPort>("listen", StreamPort.TryParse, StreamPort.Legal);
        var hosts = ReadHosts(reader, findings);
        var tls = reader.Choice<StreamTls>("tls");
        var isUdp = listen is { Protocol: StreamProtocol.Udp };
        var settings = ReadRoute(reader, policy, isUdp);
        var stream = new StreamSettings
        {
            Name = name,
            Listen = listen,
            Tls = tls ?? (hosts.Length > 0 ? StreamTls.Pass : StreamTls.Off),
            ProxyHeader = reader.Choice<ProxyHeader>("proxy-protocol") ?? ProxyHeader.Off,
            Route = new RouteClaim
            {
                Name = $"{StreamKeys.Group}.{name}",
                Hosts = hosts,
                Port = reader.Value<int>("port", Quantities.TryPort, Quantities.LegalPort) ?? listen?.Number,
                Weight = reader.Value<int>("weight", NativeDialect.TryWeight, "a number from 0 to 256") ?? 1,
                Backup = reader.Value<bool>("backup", Quantities.TryBoolean, Quantities.LegalBoolean) ?? false,
                Settings = settings,
            },
        };
        var refusal = Refusal.Graver(reader.Refusal, Contradiction(reader, stream, tls, policy, findings));
        refusal = Refusal.Graver(refusal, Misspelt(container, name, policy.LabelPrefix));
        return stream with { Route = stream.Route with { Refusal = refusal } };
    }

    private static ImmutableArray<HostPattern> ReadHosts(LabelReader reader, ContainerFindings findings)
    {
        if (reader.Raw("host") is not var (label, value))
            return [];
        var hosts = HostListReader.Read(label, value, findings, unfit: static pattern => pattern.Match is HostMatch.Exact or HostMatch.Wildcard ? null : LegalHosts);
        // Without a name it would take all connections of the port.
        if (hosts.Length == 0)
            reader.Close("host", ReasonIds.InvalidHost, $"{Untrusted.Shown(label)} names no usable host.");
        return hosts;
    }

    private static RouteSettings ReadRoute(LabelReader reader, RoutingPolicy policy, bool isUdp)
    {
        var tunnel = reader.Value<TimeSpan>("timeout.tunnel", Quantities.TryPositiveDuration, Quantities.LegalDuration);
        // There is no request whose path could be looked at.
        var balance = policy.Balance == BalanceAlgorithm.Uri ? BalanceAlgorithm.RoundRobin : policy.Balance;
        return new RouteSettings
        {
            Balance = reader.Value<BalanceAlgorithm>("balance", TryBalance, "one of roundrobin, leastconn, source, random") ?? balance,
            MaxConnections = reader.Value<int>("maxconn", RouteSettingsReader.TryMaxConnections, "a number from 1 to 1000000") ?? 0,
            Check = reader.Object<string>("check", RouteSettingsReader.TryCheckTarget, "off, tcp or a path") is { } target and not "off"
                ? new UpstreamCheck(target == "tcp" ? null : target, UpstreamCheck.DefaultInterval, UpstreamCheck.DefaultRise, UpstreamCheck.DefaultFall)
                : null,
            Allow = RouteSettingsReader.ReadClients(reader, "allow", policy),
            Deny = RouteSettingsReader.ReadClients(reader, "deny", policy),
            Timeouts = new RouteTimeouts
            {
                Connect = reader.Value<TimeSpan>("timeout.connect", Quantities.TryPositiveDuration, Quantities.LegalDuration) ?? StreamSettings.DefaultConnect,
                Tunnel = tunnel ?? (isUdp ? StreamSettings.DefaultDatagrams : StreamSettings.DefaultTunnel),
                TunnelIsSet = tunnel is not null,
            },
        };
    }

    private static bool TryBalance(string text, out BalanceAlgorithm value)
    {
        BalanceAlgorithm? found = text.ToLowerInvariant() switch
        {
            "roundrobin" => BalanceAlgorithm.RoundRobin,
            "leastconn" => BalanceAlgorithm.LeastConn,
            "source" => BalanceAlgorithm.Source,
            "random" => BalanceAlgorithm.Random,
            _ => null,
        };
        value = found ?? default;
        return found is not null;
    }

    /// <summary>Keys that are good by themselves and make no sense together.</summary>
    private static Refusal? Contradiction(LabelReader reader, StreamSettings stream, StreamTls? tls, RoutingPolicy policy, ContainerFindings findings)
    {
        var start = $"{policy.LabelPrefix}.{StreamKeys.Group}.{stream.Name}";
        if (reader.Raw("listen") is null)
            return Refused($"{start}.listen is missing, {StreamPort.Legal}", ReasonIds.InvalidPort);
        if (reader.Refusal is not null)
            return null;
        if (stream.Listen is { Protocol: StreamProtocol.Udp } && (stream.Route.Hosts.Length > 0 || stream.Tls != StreamTls.Off))
            return Refused($"{start}.{(stream.Route.Hosts.Length > 0 ? "host" : "tls")} needs TCP, and {start}.listen is {stream.Listen}", ReasonIds.InvalidValue);
        return stream.Route.Hosts.Length > 0 && tls == StreamTls.Off
            ? Refused($"{start}.host chooses by the name in TLS, which {start}.tls=off does not look at", ReasonIds.InvalidValue)
            : null;

        Refusal Refused(string why, string reason)
        {
            findings.Warn(reason, $"container {findings.Name}: its stream \"{stream.Name}\" is not served: {why}.");
            return new Refusal(reason, why + ".");
        }
    }

    // What is said about it is said by the check of the vocabulary.
    private static Refusal? Misspelt(Container container, string name, string prefix)
    {
        var start = $"{prefix}.{StreamKeys.Group}.{name}.";
        foreach (var (label, value) in container.Labels)
            if (label.StartsWith(start, StringComparison.Ordinal) && StreamKeys.IsMisspeltRestriction(label[start.Length..], value))
                return new Refusal(ReasonIds.UnknownLabel, $"{Untrusted.Shown(label)} is not known, and serving the stream without it could open what it was meant to close.") { Closes = Closure.Place };
        return null;
    }
}
