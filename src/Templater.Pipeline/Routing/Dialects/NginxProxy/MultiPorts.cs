using System.Collections.Immutable;
using Templater.Language;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.NginxProxy;

/// <summary>
/// <c>VIRTUAL_HOST_MULTIPORTS</c>: hosts with their external ports and paths, and for each path the port, protocol and
/// destination. It takes the place of all VIRTUAL_* variables of the container. A text that cannot be read routes nothing.
/// </summary>
internal sealed class MultiPorts(Container container, RoutingPolicy policy, ContainerFindings findings)
{
    /// <summary>The variable.</summary>
    public const string Variable = "VIRTUAL_HOST_MULTIPORTS";

    private const string HttpPort = "external_http_port";
    private const string HttpsPort = "external_https_port";

    private static readonly ImmutableArray<string> PathKeys = ["dest", "port", "proto"];

    private readonly RouteWordsReader _routes = new(container, policy, findings);

    /// <summary>Reads the claims.</summary>
    /// <param name="claims">What is known of the container without them.</param>
    public ContainerClaims Read(ContainerClaims claims)
    {
        var document = YamlReader.Read(container.Env.GetValueOrDefault(Variable, ""), out var problem);
        if (document is null)
            return claims with { Refusal = Refuse($"it is no YAML or JSON that can be read ({problem})") };
        if (!document.IsMapping && !document.IsNull)
            return claims with { Refusal = Refuse("a mapping of host names was expected") };
        claims = claims with { PortKey = Variable, Requested = [.. document.Members.Take(HostListReader.MaxHosts).Select(static host => Untrusted.Shown(host.Key))] };
        if (document.Members.Length > HostListReader.MaxHosts)
            return claims with { Refusal = Refuse($"it names more than {HostListReader.MaxHosts} hosts") };
        var routes = ImmutableArray.CreateBuilder<RouteClaim>();
        foreach (var (name, host) in document.Members)
        {
            if (HostPatternParser.TryParseWithTrailing(name.Trim(), out var pattern, out var complaint))
                ReadHost(pattern, host, routes);
            else
                findings.Warn(ReasonIds.InvalidHost, $"container {findings.Name}: {Variable}: \"{Untrusted.Shown(name)}\": {complaint}. The container is not routed by it.", Variable, name);
        }

        return routes.Count > 0
            ? claims with { Routes = routes.ToImmutable() }
            : claims with { Refusal = new Refusal(ReasonIds.InvalidHost, $"{Variable} names no usable host.") };
    }

    private void ReadHost(HostPattern host, YamlNode node, ImmutableArray<RouteClaim>.Builder routes)
    {
        var words = new RouteWords { Variable = Variable, Root = NginxProxyDialect.Variable(container, NginxProxyDialect.Root), HttpPort = ExternalPort(host, node, HttpPort), HttpsPort = ExternalPort(host, node, HttpsPort) };
        if (!node.IsMapping && !node.IsNull)
            routes.Add(Route(host, PathPattern.Root, words, Refuse($"{Untrusted.Shown(host.ToString())}: a mapping of paths was expected")));
        var isPathless = true;
        foreach (var (key, value) in node.Members)
        {
            if (key.StartsWith('/'))
            {
                isPathless = false;
                ReadPath(host, key, value, words, routes);
            }
            else if (key is not (HttpPort or HttpsPort))
                Unknown($"{host}: {key}", "a path begins with /", NearestName.Find(key, [HttpPort, HttpsPort]));
        }

        if (node.IsNull || (node.IsMapping && isPathless))
            routes.Add(Route(host, PathPattern.Root, words, null));
    }

    private void ReadPath(HostPattern host, string key, YamlNode node, RouteWords words, ImmutableArray<RouteClaim>.Builder routes)
    {
        var place = Untrusted.Shown($"{host}{key}");
        // Nobody knows which path was meant, so there is no place to hold.
        if (!PathPatternParser.TryParseRawPrefix(key, out var path))
        {
            findings.Warn(ReasonIds.InvalidPath, $"container {findings.Name} is not routed for {place}: {Variable}: a path without escapes, empty and dot segments was expected.", Variable, key);
            return;
        }

        Refusal? refusal = null;
        if (!node.IsMapping && !node.IsNull)
            refusal = Refuse($"{place}: a mapping of port, proto and dest was expected");
        foreach (var (name, value) in node.Members)
        {
            if (!PathKeys.Contains(name, StringComparer.Ordinal))
                Unknown($"{host}{key}: {name}", "port, proto and dest are known", NearestName.Find(name, PathKeys));
            else if (value.IsMapping)
                refusal ??= Refuse($"{place} {name}: a text was expected");
        }

        routes.Add(Route(host, path, words with
        {
            PortKey = $"{Variable}: {place} port",
            DestinationKey = $"{Variable}: {place} dest",
            ProtocolKey = $"{Variable}: {place} proto",
            Port = Member(node, "port"),
            Destination = Member(node, "dest"),
            Protocol = Member(node, "proto"),
        }, refusal));
    }

    private RouteClaim Route(HostPattern host, PathPattern path, RouteWords words, Refusal? refusal) =>
        _routes.Read([host], path, words, refusal) with { Name = host + path.Text };

    private int? ExternalPort(HostPattern host, YamlNode node, string key)
    {
        var text = Member(node, key);
        if (text.Length == 0)
            return null;
        if (Quantities.TryPort(text, out var port))
            return port;
        findings.Warn(
            ReasonIds.InvalidValue,
            $"container {findings.Name}: {Variable}: {Untrusted.Shown(host.ToString())} {key}=\"{Untrusted.Shown(text)}\": {Quantities.LegalPort} was expected. The default holds.",
            Variable,
            text);
        return null;
    }

    private void Unknown(string place, string known, string? nearest) => findings.Warn(
        ReasonIds.UnknownLabel,
        $"container {findings.Name}: {Variable}: {Untrusted.Shown(place)} is not known and has no effect: {known}.{(nearest is null ? "" : $" Was {nearest} meant?")}",
        Variable);

    private static string Member(YamlNode node, string key)
    {
        foreach (var (name, value) in node.Members)
        {
            if (name == key)
                return value.IsNull || value.IsMapping ? "" : value.Text!.Trim();
        }

        return "";
    }

    private Refusal Refuse(string why) => NginxProxyDialect.Refuse(Variable, ReasonIds.InvalidValue, why, findings);
}
