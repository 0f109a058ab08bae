using System.Collections.Immutable;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects;

/// <summary>Reads the native keys of routes and upstreams.</summary>
internal static class RouteSettingsReader
{
    private const string DefaultCookie = "SERVERID";

    private static readonly ImmutableArray<(string Key, HeaderOperation Operation)> HeaderKeys =
        [("set.", HeaderOperation.Set), ("add.", HeaderOperation.Add), ("default.", HeaderOperation.Default)];

    /// <summary>Reads the settings of one route.</summary>
    /// <param name="reader">The route's labels.</param>
    /// <param name="policy">The operator's defaults.</param>
    /// <param name="path">The route's path: a regular expression has no prefix to rewrite.</param>
    public static RouteSettings Read(LabelReader reader, RoutingPolicy policy, PathPattern path)
    {
        var (sticky, cookie) = ReadSticky(reader);
        return new RouteSettings
        {
            Rewrite = ReadRewrite(reader, path),
            RedirectTo = ReadRedirect(reader),
            Protocol = reader.Choice<UpstreamProtocol>("protocol") ?? UpstreamProtocol.Http,
            ServerName = reader.Object<string>("upstream.server-name", TryName, "a host name"),
            Balance = reader.Choice<BalanceAlgorithm>("balance") ?? policy.Balance,
            Sticky = sticky,
            StickyCookie = cookie,
            Keepalive = reader.Value<int>("keepalive", TryKeepalive, "auto, off or a number from 1 to 1000") ?? RouteSettings.AutoKeepalive,
            MaxConnections = reader.Value<int>("maxconn", TryMaxConnections, "a number from 1 to 1000000") ?? 0,
            Check = ReadCheck(reader),
            Timeouts = ReadTimeouts(reader),
            MaxBody = reader.Value<long>("max-body", Quantities.TrySize, Quantities.LegalSize) ?? policy.MaxBody,
            Buffering = reader.Value<bool>("buffering", Quantities.TryBoolean, Quantities.LegalBoolean) ?? true,
            ResponseHeaders = ReadHeaders(reader, "response.", isRequest: false),
            RequestHeaders = ReadHeaders(reader, "request.", isRequest: true),
            Allow = ReadClients(reader, "allow", policy),
            Deny = ReadClients(reader, "deny", policy),
            Login = AuthReader.Read(reader),
            ForwardAuth = AuthReader.ReadForward(reader, policy),
            Verify = AuthReader.ReadVerify(reader),
            FastCgiRoot = reader.Object<string>("fastcgi.root", TryFolder, "an absolute path"),
            FastCgiIndex = reader.Object<string>("fastcgi.index", TryFile, "the name of a file"),
            ErrorPages = ErrorPageReader.Read(reader),
            Data = HostSettingsReader.ReadData(reader),
        };
    }

    /// <summary>Reads a list of clients; empty when there is none.</summary>
    public static ImmutableArray<string> ReadClients(LabelReader reader, string key, RoutingPolicy policy) => reader.Value(
        key,
        (string text, out ImmutableArray<string> ranges) => ClientRange.TryParse(text, policy.AccessLists, out ranges),
        ClientRange.LegalWith(policy.AccessLists)) ?? [];

    private static string? ReadRewrite(LabelReader reader, PathPattern path)
    {
        if (reader.Raw("rewrite") is not var (label, value))
            return null;
        var text = value.Trim();
        if (path.Match != PathMatch.Regex && PathPatternParser.IsPath(text))
            return text;
        reader.Complain("rewrite", label, value, path.Match == PathMatch.Regex ? "a path that is no regular expression beside it" : "a path that begins with /");
        return null;
    }

    private static RouteRedirect? ReadRedirect(LabelReader reader)
    {
        var code = reader.Value<int>("redirect.code", HostSettingsReader.TryRedirectCode, HostSettingsReader.LegalRedirectCode);
        var redirect = reader.Object<RouteRedirect>("redirect.to", RedirectUrl.TryParse, RedirectUrl.Legal);
        return redirect is null ? null : redirect with { Code = code ?? redirect.Code };
    }

    private static (StickyMode Mode, string Cookie) ReadSticky(LabelReader reader) =>
        reader.Value(
            "sticky",
            (string text, out (StickyMode Mode, string Cookie) value) =>
            {
                value = text switch
                {
                    "off" => (StickyMode.Off, ""),
                    "source" => (StickyMode.Source, ""),
                    "cookie" => (StickyMode.Cookie, DefaultCookie),
                    _ when text.StartsWith("cookie:", StringComparison.Ordinal) => (StickyMode.Cookie, text["cookie:".Length..]),
                    _ => (StickyMode.Cookie, ""),
                };
                return value.Mode != StickyMode.Cookie || HeaderSyntax.IsToken(value.Cookie);
            },
            "off, source, cookie or cookie:NAME") ?? (StickyMode.Off, "");

    private static UpstreamCheck? ReadCheck(LabelReader reader)
    {
        var interval = reader.Value<TimeSpan>("check.interval", Quantities.TryPositiveDuration, Quantities.LegalDuration);
        var rise = reader.Value<int>("check.rise", TryCheckCount, "a number from 1 to 10");
        var fall = reader.Value<int>("check.fall", TryCheckCount, "a number from 1 to 10");
        var target = reader.Object<string>("check", TryCheckTarget, "off, tcp or a path");
        return target is null or "off"
            ? null
            : new UpstreamCheck(target == "tcp" ? null : target, interval ?? UpstreamCheck.DefaultInterval, rise ?? UpstreamCheck.DefaultRise, fall ?? UpstreamCheck.DefaultFall);
    }

    private static RouteTimeouts ReadTimeouts(LabelReader reader)
    {
        var defaults = new RouteTimeouts();
        var tunnel = reader.Value<TimeSpan>("timeout.tunnel", Quantities.TryPositiveDuration, Quantities.LegalDuration);
        return new RouteTimeouts
        {
            Connect = reader.Value<TimeSpan>("timeout.connect", Quantities.TryPositiveDuration, Quantities.LegalDuration) ?? defaults.Connect,
            Server = reader.Value<TimeSpan>("timeout.server", Quantities.TryPositiveDuration, Quantities.LegalDuration) ?? defaults.Server,
            Tunnel = tunnel ?? defaults.Tunnel,
            TunnelIsSet = tunnel is not null,
        };
    }

    private static ImmutableArray<HeaderChange> ReadHeaders(LabelReader reader, string start, bool isRequest)
    {
        var changes = new List<HeaderChange>();
        if (reader.Raw(start + "delete") is var (deleteLabel, names))
        {
            foreach (var name in ValueList.Split(names))
            {
                if (IsAllowed(reader, start + "delete", deleteLabel, name, names, isRequest))
                    changes.Add(new HeaderChange(HeaderOperation.Delete, name, ""));
            }
        }

        foreach (var (key, operation) in HeaderKeys)
        {
            foreach (var (name, label, value) in reader.Group(start + key))
            {
                if (!IsAllowed(reader, start + key + name, label, name, value, isRequest))
                    continue;
                if (HeaderSyntax.IsValue(value.Trim()))
                    changes.Add(new HeaderChange(operation, name, value.Trim()));
                else
                    reader.Complain(start + key + name, label, value, "text without control characters");
            }
        }

        return Sorted(changes);
    }

    /// <summary>Each change once, in order of operation, then name.</summary>
    public static ImmutableArray<HeaderChange> Sorted(IEnumerable<HeaderChange> changes) =>
    [
        .. changes
            .DistinctBy(static change => new HeaderChange(change.Operation, change.Name.ToLowerInvariant(), ""))
            .Order(ChangeOrder),
    ];

    private static readonly Comparer<HeaderChange> ChangeOrder = Comparer<HeaderChange>.Create(static (left, right) =>
        ((int)left.Operation).CompareTo((int)right.Operation) is not 0 and var order ? order : StringComparer.OrdinalIgnoreCase.Compare(left.Name, right.Name));

    private static bool IsAllowed(LabelReader reader, string key, string label, string name, string value, bool isRequest)
    {
        if (HeaderSyntax.IsToken(name) && HeaderSyntax.IsAllowed(name, isRequest))
            return true;
        reader.Complain(key, label, value, HeaderSyntax.IsToken(name) ? "a header that labels may change" : "a header name");
        return false;
    }

    private static bool TryFolder(string text, out string value)
    {
        value = text.Length > 1 ? text.TrimEnd('/') : text;
        return value.Length > 0 && PathPatternParser.IsPath(text) && !text.Split('/').Contains("..");
    }

    private static bool TryFile(string text, out string value)
    {
        value = text;
        return text.Length > 0 && PathPatternParser.IsPath("/" + text) && !text.Contains('/', StringComparison.Ordinal) && text is not (".." or ".");
    }

    private static bool TryName(string text, out string name) => HostPatternParser.TryParseName(text, out name, out _);

    private static bool TryKeepalive(string text, out int value)
    {
        value = text switch { "auto" => RouteSettings.AutoKeepalive, "off" => 0, _ => 0 };
        return text is "auto" or "off" || Quantities.TryInteger(text, 1, 1000, out value);
    }

    /// <summary>Reads a number of connections.</summary>
    public static bool TryMaxConnections(string text, out int value) => Quantities.TryInteger(text, 1, 1_000_000, out value);

    private static bool TryCheckCount(string text, out int value) => Quantities.TryInteger(text, 1, 10, out value);

    /// <summary>Reads what is checked.</summary>
    public static bool TryCheckTarget(string text, out string value)
    {
        value = text;
        return text is "off" or "tcp" || PathPatternParser.IsPath(text);
    }
}
