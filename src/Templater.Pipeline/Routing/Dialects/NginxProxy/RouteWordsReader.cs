using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.NginxProxy;

/// <summary>Makes a claim out of what a container says about one route. What cannot be read refuses that route alone.</summary>
internal sealed class RouteWordsReader(Container container, RoutingPolicy policy, ContainerFindings findings)
{
    /// <summary>Destinations that leave the path as it is.</summary>
    private static readonly ImmutableArray<string> Identities = ["", "$request_uri", "$uri$is_args$args"];

    private const string DefaultRoot = "/var/www/public";

    /// <summary>Makes the claim.</summary>
    /// <param name="hosts">Its hosts; not empty.</param>
    /// <param name="path">Its path.</param>
    /// <param name="words">What was said.</param>
    /// <param name="refusal">Why it is refused already; null when nothing speaks against it yet.</param>
    public RouteClaim Read(ImmutableArray<HostPattern> hosts, PathPattern path, RouteWords words, Refusal? refusal = null)
    {
        var access = NginxProxyDialect.Variable(container, NginxProxyDialect.Access);
        if (access is not "" and not "external" and not "internal")
            refusal = Refusal.Graver(refusal, NginxProxyDialect.Refuse(NginxProxyDialect.Access, ReasonIds.InvalidValue, "internal or external was expected", findings, access));
        var host = NginxProxyHost.Read(container, policy, findings, ref refusal);
        var destination = ReadDestination(words, path, ref refusal);
        var protocol = ReadProtocol(words, ref refusal);
        return new RouteClaim
        {
            Hosts = hosts,
            Path = path,
            FallsBackToPort80 = true,
            Port = ReadPort(words, ref refusal),
            Settings = new ProxyLabels(container, findings).Apply(new RouteSettings
            {
                Balance = policy.Balance,
                MaxBody = policy.MaxBody,
                Destination = destination,
                Rewrite = destination is { HasVariables: false } ? destination.Nginx : null,
                Protocol = protocol,
                FastCgiRoot = protocol == UpstreamProtocol.FastCgi ? ReadRoot(words, ref refusal) : null,
                Allow = access == "internal" ? ClientRange.Private : [],
            }),
            Host = host with { HttpPort = words.HttpPort ?? host.HttpPort, HttpsPort = words.HttpsPort ?? host.HttpsPort },
            Refusal = refusal,
        };
    }

    private int? ReadPort(RouteWords words, ref Refusal? refusal)
    {
        if (words.Port is "" or "default")
            return null;
        if (Quantities.TryPort(words.Port, out var port))
            return port;
        refusal ??= Refuse(words, words.PortKey, ReasonIds.InvalidPort, $"{Quantities.LegalPort} was expected", words.Port);
        return null;
    }

    private Destination? ReadDestination(RouteWords words, PathPattern path, ref Refusal? refusal)
    {
        if (Identities.Contains(words.Destination, StringComparer.Ordinal))
            return null;
        var destination = DestinationParser.Parse(words.Destination, path);
        if (destination is null)
            refusal ??= Refuse(words, words.DestinationKey, ReasonIds.InvalidValue, $"{DestinationParser.Legal} was expected", words.Destination);
        return destination;
    }

    private UpstreamProtocol ReadProtocol(RouteWords words, ref Refusal? refusal)
    {
        UpstreamProtocol? protocol = words.Protocol switch
        {
            "" or "http" => UpstreamProtocol.Http,
            "https" => UpstreamProtocol.Https,
            "uwsgi" => UpstreamProtocol.Uwsgi,
            "fastcgi" => UpstreamProtocol.FastCgi,
            "grpc" => UpstreamProtocol.Grpc,
            "grpcs" => UpstreamProtocol.Grpcs,
            _ => null,
        };
        if (protocol is null)
            refusal ??= Refuse(words, words.ProtocolKey, ReasonIds.InvalidValue, "http, https, uwsgi, fastcgi, grpc or grpcs was expected", words.Protocol);
        return protocol ?? UpstreamProtocol.Http;
    }

    private string? ReadRoot(RouteWords words, ref Refusal? refusal)
    {
        if (words.Root.Length == 0)
            return DefaultRoot;
        if (PathPatternParser.TryParseExact(words.Root, out var path))
            return path.Text;
        refusal ??= Refuse(words, NginxProxyDialect.Root, ReasonIds.InvalidValue, "an absolute path without dot segments was expected", words.Root);
        return null;
    }

    private Refusal Refuse(RouteWords words, string key, string reason, string why, string text) =>
        NginxProxyDialect.Refuse(key, reason, why, findings, text, words.Variable);
}
