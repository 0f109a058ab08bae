using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Dialects.NginxProxy;
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

    /// <summary>The variable with the folder of a FastCGI application's files.</summary>
    public const string Root = "VIRTUAL_ROOT";

    /// <summary>The variable that says which clients are admitted.</summary>
    public const string Access = "NETWORK_ACCESS";

    /// <summary>The variables that decide who may reach what; an unreadable one refuses the container.</summary>
    private static readonly ImmutableArray<string> Names =
        [Host, Port, Path, Destination, Protocol, Root, MultiPorts.Variable, Access, NginxProxyHost.Method, NginxProxyHost.WithoutCertificate];

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
        if (Unreadable(container, findings) is { } unreadable)
            return Closed(claims, container, unreadable, findings);
        if (Variable(container, MultiPorts.Variable).Length > 0)
            return new MultiPorts(container, policy, findings).Read(claims);
        if (value.Length == 0)
            return null;
        var hosts = HostListReader.Read(Host, value, findings, withTrailing: true);
        if (hosts.Length == 0)
            return claims with { Refusal = new Refusal(ReasonIds.InvalidHost, $"{Host} names no usable host.") };
        return ReadPath(container, findings, out var refusal) is { } path
            ? claims with { Routes = [new RouteWordsReader(container, policy, findings).Read(hosts, path, Words(container))] }
            : claims with { Refusal = refusal };
    }

    /// <summary>Variables of this dialect that close something.</summary>
    /// <param name="container">The container.</param>
    public static IEnumerable<string> RestrictingVariables(Container container) =>
        NginxProxyHost.RestrictingKeys(container).Concat(Variable(container, Access) is "" or "external" ? [] : [Access]);

    private static RouteWords Words(Container container) => new()
    {
        Port = Variable(container, Port),
        Destination = Variable(container, Destination),
        Protocol = Variable(container, Protocol),
        Root = Variable(container, Root),
    };

    private static Refusal? Unreadable(Container container, ContainerFindings findings)
    {
        Refusal? refusal = null;
        foreach (var name in Names)
            if (!Untrusted.IsReadable(container.Env.GetValueOrDefault(name, "")))
                refusal = Refusal.Graver(refusal, Refuse(name, ReasonIds.InvalidValue, $"text of at most {Untrusted.MaxValueBytes} bytes was expected", findings));
        return refusal;
    }

    /// <summary>What closes something holds for the replicas, too: the places that it names are claimed, and served to nobody.</summary>
    private static ContainerClaims Closed(ContainerClaims claims, Container container, Refusal refusal, ContainerFindings findings)
    {
        var value = Variable(container, Host);
        var hosts = refusal.Closes == Closure.Nothing || value.Length == 0 || !Untrusted.IsReadable(value) ? [] : HostListReader.Read(Host, value, findings, withTrailing: true);
        if (hosts.Length == 0)
            return claims with { Refusal = refusal };
        var path = Untrusted.IsReadable(Variable(container, Path)) ? ReadPath(container, findings, out _) : null;
        // Without a path that can be read it is the whole host.
        refusal = path is null ? refusal with { Closes = Closure.Host } : refusal;
        return claims with { Routes = [new RouteClaim { Hosts = hosts, Path = path ?? PathPattern.Root, Refusal = refusal, Host = new HostSettings { Defaults = NginxProxyHost.Defaults } }] };
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
            "" or "^~" => PathPatternParser.TryParseRawPrefix(rest, out path),
            "=" => PathPatternParser.TryParseExact(rest, out path),
            "~" => PathPatternParser.TryParseRegex(rest, out path),
            "~*" => PathPatternParser.TryParseRegex("(?i)" + rest, out path),
            _ => false,
        };
        if (isGood)
            return modifier == "^~" ? path with { BeatsRegex = true } : path;
        refusal = Refuse(Path, ReasonIds.InvalidPath, "a path, optionally after one of = ~ ~* ^~, was expected", findings, text);
        return null;
    }

    /// <summary>A variable without surrounding white space; empty when it is absent.</summary>
    /// <param name="container">The container.</param>
    /// <param name="name">Its name.</param>
    public static string Variable(Container container, string name) =>
        container.Env.GetValueOrDefault(name, "").Trim();

    /// <summary>Says why the container is not routed.</summary>
    /// <param name="name">What is wrong, as messages call it.</param>
    /// <param name="reason">One of <see cref="ReasonIds"/>.</param>
    /// <param name="why">What was expected.</param>
    /// <param name="findings">Where complaints go.</param>
    /// <param name="value">The value; null = it is not repeated.</param>
    /// <param name="variable">The variable that it is part of; null = the name is one.</param>
    public static Refusal Refuse(string name, string reason, string why, ContainerFindings findings, string? value = null, string? variable = null)
    {
        var detail = value is null ? $"{name}: {why}." : $"{name}=\"{Untrusted.Shown(value)}\": {why}.";
        findings.Warn(reason, $"container {findings.Name} is not routed: {detail}", variable ?? name, value);
        return new Refusal(reason, detail) { Closes = name == Access ? Closure.Place : NginxProxyHost.Closes(name) };
    }
}
