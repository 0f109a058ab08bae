using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects;

/// <summary>
/// The environment variables of nginx-proxy. What its own template prints raw (paths, destinations) is parsed by a
/// closed grammar here; anything else is refused with the reason.
/// </summary>
internal static class NginxProxyDialect
{
    /// <summary>The variable that names hosts.</summary>
    public const string Host = "VIRTUAL_HOST";

    private const string Port = "VIRTUAL_PORT";
    private const string Path = "VIRTUAL_PATH";
    private const string Destination = "VIRTUAL_DEST";
    private const string Protocol = "VIRTUAL_PROTO";
    private const string MultiPorts = "VIRTUAL_HOST_MULTIPORTS";

    private const string Access = "NETWORK_ACCESS";

    /// <summary>The variables that decide who may reach what; an unreadable one refuses the container.</summary>
    private static readonly ImmutableArray<string> Names =
        [Host, Port, Path, Destination, Protocol, MultiPorts, Access, NginxProxyHost.Method, NginxProxyHost.WithoutCertificate];

    /// <summary>Destinations that leave the path as it is.</summary>
    private static readonly ImmutableArray<string> Identities = ["", "$request_uri", "$uri$is_args$args"];

    /// <summary>Reads the claims; null when no variable names a host. An empty one names none.</summary>
    /// <param name="container">The container.</param>
    /// <param name="policy">The operator's settings.</param>
    /// <param name="findings">Where complaints go.</param>
    public static ContainerClaims? Read(Container container, RoutingPolicy policy, ContainerFindings findings)
    {
        var value = Variable(container, Host);
        var claims = new ContainerClaims
        {
            Dialect = Dialect.NginxProxy,
            PortKey = Port,
            Requested = [.. HostListReader.AsWritten(value)],
        };
        if (Names.FirstOrDefault(name => !Untrusted.IsReadable(container.Env.GetValueOrDefault(name, ""))) is { } unreadable)
            return claims with { Refusal = Refuse(unreadable, ReasonIds.InvalidValue, $"text of at most {Untrusted.MaxValueBytes} bytes was expected", findings) };
        if (Variable(container, MultiPorts).Length > 0)
            return claims with { Refusal = Refuse(MultiPorts, ReasonIds.UnsupportedOption, "it is not supported by this version", findings) };
        if (value.Length == 0)
            return null;
        var hosts = HostListReader.Read(Host, value, findings);
        if (hosts.Length == 0)
            return claims with { Refusal = new Refusal(ReasonIds.InvalidHost, $"{Host} names no usable host.") };
        return ReadPath(container, findings, out var refusal) is { } path
            ? claims with { Routes = [ReadRoute(container, hosts, path, policy, findings)] }
            : claims with { Refusal = refusal };
    }

    /// <summary>Variables of this dialect that close something.</summary>
    /// <param name="container">The container.</param>
    public static IEnumerable<string> RestrictingVariables(Container container) =>
        NginxProxyHost.RestrictingKeys(container).Concat(Variable(container, Access) is "" or "external" ? [] : [Access]);

    private static RouteClaim ReadRoute(
        Container container, ImmutableArray<HostPattern> hosts, PathPattern path, RoutingPolicy policy, ContainerFindings findings)
    {
        Refusal? refusal = null;
        var access = Variable(container, Access);
        if (access is not "" and not "external" and not "internal")
            refusal = Refuse(Access, ReasonIds.InvalidValue, "internal or external was expected", findings, access);
        return new RouteClaim
        {
            Hosts = hosts,
            Path = path,
            FallsBackToPort80 = true,
            Port = ReadPort(container, findings, ref refusal),
            Settings = new RouteSettings
            {
                Balance = policy.Balance,
                MaxBody = policy.MaxBody,
                Rewrite = ReadDestination(container, path, findings, ref refusal),
                Protocol = ReadProtocol(container, findings, ref refusal),
                Allow = access == "internal" ? ClientRange.Private : [],
            },
            Host = NginxProxyHost.Read(container, findings, ref refusal),
            Refusal = refusal,
        };
    }

    private static int? ReadPort(Container container, ContainerFindings findings, ref Refusal? refusal)
    {
        var text = Variable(container, Port);
        if (text is "" or "default")
            return null;
        if (Quantities.TryPort(text, out var port))
            return port;
        refusal ??= Refuse(Port, ReasonIds.InvalidPort, $"{Quantities.LegalPort} was expected", findings, text);
        return null;
    }

    private static PathPattern? ReadPath(Container container, ContainerFindings findings, out Refusal? refusal)
    {
        refusal = null;
        var text = Variable(container, Path);
        if (text.Length == 0)
            return PathPattern.Root;
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        var (modifier, rest) = space < 0 ? ("", text) : (text[..space], text[space..].Trim());
        var path = PathPattern.Root;
        var isGood = modifier switch
        {
            "" or "^~" => PathPatternParser.TryParsePrefix(rest, out path),
            "=" => PathPatternParser.TryParseExact(rest, out path),
            "~" => PathPatternParser.TryParseRegex(rest, out path),
            "~*" => PathPatternParser.TryParseRegex("(?i)" + rest, out path),
            _ => false,
        };
        if (isGood)
            return path;
        refusal = Refuse(Path, ReasonIds.InvalidPath, "a path, optionally after one of = ~ ~* ^~, was expected", findings, text);
        return null;
    }

    private static string? ReadDestination(Container container, PathPattern path, ContainerFindings findings, ref Refusal? refusal)
    {
        var text = Variable(container, Destination);
        if (Identities.Contains(text, StringComparer.Ordinal))
            return null;
        if (text.Contains('$', StringComparison.Ordinal) || path.Match == PathMatch.Regex)
        {
            refusal ??= Refuse(
                Destination,
                ReasonIds.UnsupportedOption,
                "variables, and a destination behind a regular expression, are not supported by this version",
                findings,
                text);
        }
        else if (!PathPatternParser.IsPath(text))
            refusal ??= Refuse(Destination, ReasonIds.InvalidValue, "a path that begins with / was expected", findings, text);
        else
            return text;
        return null;
    }

    private static UpstreamProtocol ReadProtocol(Container container, ContainerFindings findings, ref Refusal? refusal)
    {
        var text = Variable(container, Protocol);
        UpstreamProtocol? protocol = text switch
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
            refusal ??= Refuse(Protocol, ReasonIds.InvalidValue, "http, https, uwsgi, fastcgi, grpc or grpcs was expected", findings, text);
        return protocol ?? UpstreamProtocol.Http;
    }

    /// <summary>A variable without surrounding white space; empty when it is absent.</summary>
    /// <param name="container">The container.</param>
    /// <param name="name">Its name.</param>
    public static string Variable(Container container, string name) =>
        container.Env.GetValueOrDefault(name, "").Trim();

    /// <summary>Says why the container is not routed.</summary>
    public static Refusal Refuse(string name, string reason, string why, ContainerFindings findings, string? value = null)
    {
        var detail = value is null ? $"{name}: {why}." : $"{name}=\"{Untrusted.Shown(value)}\": {why}.";
        findings.Warn(reason, $"container {findings.Name} is not routed: {detail}", name, value);
        return new Refusal(reason, detail) { Closes = name == Access ? Closure.Place : NginxProxyHost.Closes(name) };
    }
}
