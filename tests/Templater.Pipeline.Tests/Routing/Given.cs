using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Tests.Routing;

/// <summary>Builds what routing is given, and prints what it decided.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public static Container Container(string name, params (string Key, string Value)[] labels) => new()
    {
        Id = new ContainerId(IdOf(name)),
        Name = name,
        Image = new ImageReference("", "my/" + name.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '-'), "1", ""),
        State = ContainerState.Running,
        Created = Now - TimeSpan.FromHours(1),
        Started = Now - TimeSpan.FromHours(1),
        Labels = Map(labels),
        Endpoints = [On("front", LastByte(name))],
        Ports = [new ContainerPort(8080, "tcp")],
        NetworkMode = "front",
    };

    public static Container Hosted(string name, string host, params (string Key, string Value)[] labels) =>
        Container(name, [("templater.host", host), .. labels]);

    public static Endpoint On(string network, int lastByte) => new()
    {
        NetworkName = network,
        NetworkId = "id-" + network,
        IPv4 = $"172.20.0.{lastByte}",
        Gateway = "172.20.0.1",
    };

    public static Container Proxy(string name = "edge-nginx-1") => Container(name, ("templater.proxy", "nginx")) with
    {
        Image = new ImageReference("", "nginx", "1.30", ""),
        Ports = [],
    };

    public static Container In(this Container container, string project, string service, int number = 1) =>
        container with { Compose = new ComposeIdentity(project, service, number) };

    public static Container Exposing(this Container container, params int[] ports) =>
        container with { Ports = [.. ports.Select(port => new ContainerPort(port, "tcp"))] };

    public static Container Since(this Container container, TimeSpan age) => container with { Created = Now - age };

    public static Container WithEnv(this Container container, params (string Key, string Value)[] variables) =>
        container with { Env = Map(variables) };

    public static Snapshot Snapshot(params Container[] containers) => new()
    {
        TakenAt = Now,
        Containers = [.. containers.OrderBy(container => container.Name, StringComparer.Ordinal)],
        Networks = [Bridge("back"), Bridge("front"), Bridge("shop_default")],
    };

    public static Network Bridge(string name) => new("id-" + name, name, "bridge", "local", false, false, ["172.20.0.0/16"]);

    public static CertificatePair Pair(string name, params string[] names) => new()
    {
        Name = name,
        ChainPath = $"/certs/{name}.pem",
        KeyPath = $"/certs/{name}.pem",
        Names = [.. names],
        NotBefore = Now - TimeSpan.FromDays(1),
        NotAfter = Now + TimeSpan.FromDays(60),
        Fingerprint = "f-" + name,
        ContentDigest = "c-" + name,
    };

    public static UnusablePair Unusable(string name, params string[] names) => new()
    {
        Name = name,
        ChainPath = $"/certs/{name}.crt",
        Names = [.. names],
        Problem = $"/certs/{name}.key is empty.",
    };

    /// <summary>Routes the containers with a proxy beside them.</summary>
    public static RoutingResult Routed(params Container[] containers) => Routed(new RoutingPolicy(), containers);

    public static RoutingResult Routed(RoutingPolicy policy, params Container[] containers) =>
        Routed(Snapshot([Proxy(), .. containers]), policy);

    public static RoutingResult Routed(Snapshot snapshot, RoutingPolicy? policy = null, ProxyKind kind = ProxyKind.Nginx) =>
        Router.Route(snapshot, ProxyLocator.Locate(snapshot, "nginx", kind, new ProxyHint.None()), policy ?? new RoutingPolicy());

    public static ContainerFate FateOf(this RoutingResult result, string name) =>
        result.Fates.Single(fate => fate.Container.Value == IdOf(name));

    public static VirtualHost Host(this RoutingResult result, string name) =>
        result.VirtualHosts.Single(host => host.Name == name);

    public static IEnumerable<string> Messages(this RoutingResult result, string? reason = null) =>
        result.Findings.Where(finding => reason is null || finding.Reason == reason).Select(finding => finding.ToString());

    public static IEnumerable<string> Servers(this Route route) =>
        route.Upstream.Servers.Select(server => $"{server.Address}:{server.Port}");

    /// <summary>All decisions as text: two equal dumps are two equal decisions.</summary>
    public static string Dump(RoutingResult result)
    {
        var text = new StringBuilder();
        foreach (var host in result.VirtualHosts)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"host {host.Name} [{string.Join(' ', host.Aliases)}] {host.HttpPort} {host.HttpsPort} {host.Https} {host.ClientAuth} {host.ServerTokens} from [{string.Join(' ', host.RedirectFrom)}] {host.RedirectCode}");
            foreach (var route in host.Routes)
            {
                var up = route.Upstream;
                text.AppendLine(CultureInfo.InvariantCulture, $"  route {route.Key} rewrite {route.Rewrite} to {route.RedirectTo} {route.Timeouts} {route.MaxBody} {route.Buffering}");
                text.AppendLine(CultureInfo.InvariantCulture, $"    allow [{string.Join(' ', route.Allow)}] deny [{string.Join(' ', route.Deny)}] response [{string.Join("; ", route.ResponseHeaders)}] request [{string.Join("; ", route.RequestHeaders)}] data [{string.Join("; ", route.Data)}]");
                text.AppendLine(CultureInfo.InvariantCulture, $"    closed {route.IsClosed} priority {route.Priority} destination {route.Destination} root {route.FastCgiRoot} login {route.Auth?.Digest} {route.Auth?.Realm} [{string.Join(' ', route.Auth?.Users.Select(user => user.Name) ?? [])}] containers [{string.Join(' ', route.Containers)}]");
                text.AppendLine(CultureInfo.InvariantCulture, $"    upstream {up.Name} {up.Protocol} {up.Balance} {up.Sticky} {up.StickyCookie} {up.Keepalive} {up.MaxConnections} {up.ServerName} {up.Check} {up.BalanceMethod} {up.Verify} capacity {up.SlotCapacity}");
                foreach (var server in up.Servers)
                    text.AppendLine(CultureInfo.InvariantCulture, $"      {server}");
            }
        }

        foreach (var listener in result.Streams)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"listen {listener.Port} {listener.Tls} {listener.Certificate?.Name} {listener.Tunnel} {listener.Connect} {listener.ProxyHeader}");
            foreach (var route in listener.Routes)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"  stream {route.Key} [{string.Join(' ', route.Hosts)}] {route.ProxyHeader} allow [{string.Join(' ', route.Allow)}] deny [{string.Join(' ', route.Deny)}] {route.Connect} {route.Tunnel} closed {route.IsClosed} containers [{string.Join(' ', route.Containers)}]");
                text.AppendLine(CultureInfo.InvariantCulture, $"    upstream {route.Upstream.Name} {route.Upstream.Balance} {route.Upstream.MaxConnections} {route.Upstream.Check}");
                foreach (var server in route.Upstream.Servers)
                    text.AppendLine(CultureInfo.InvariantCulture, $"      {server}");
            }
        }

        foreach (var fate in result.Fates.OrderBy(fate => fate.Container.Value, StringComparer.Ordinal))
            text.AppendLine(CultureInfo.InvariantCulture, $"fate {fate.Container} {fate.Reason} {fate.Detail} [{string.Join(' ', fate.Hosts)}] {fate.Dialect} {fate.Endpoint?.NetworkName}");
        foreach (var finding in result.Findings)
            text.AppendLine(CultureInfo.InvariantCulture, $"finding {finding} {finding.Container} {finding.Host} {finding.Label} {finding.Value}");
        return text.Append(CultureInfo.InvariantCulture, $"recheck {result.RecheckAt:O}").ToString();
    }

    public static string IdOf(string name) => "id-of-" + name;

    private static int LastByte(string name) => 2 + (name.Sum(character => character) % 250);

    private static ImmutableSortedDictionary<string, string> Map((string Key, string Value)[] items) =>
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            .AddRange(items.Select(item => KeyValuePair.Create(item.Key, item.Value)));
}
