using Templater.Language;
using Templater.Pipeline.Routing;
using static Templater.Pipeline.Rendering.Model.ModelValues;

namespace Templater.Pipeline.Rendering.Model;

/// <summary>What templates see of routes, their upstreams and servers.</summary>
internal static class RouteModel
{
    public static readonly ModelObject<HeaderChange> Header = new("header",
    [
        new("id", Plain, "Eight hex digits, the same for the same operation and name.", header => OwnText(ModelScope.Id($"{header.Operation}:{header.Name.ToLowerInvariant()}"))),
        new("operation", Plain, "delete, set, add or default (set if absent).", header => Word(header.Operation)),
        new("name", Untrusted, "Name of the header.", header => UntrustedText(header.Name)),
        new("value", Untrusted, "Value; empty for delete.", header => UntrustedText(header.Value)),
    ]);

    public static readonly ModelObject<RouteRedirect> Redirect = new("redirect",
    [
        new("url", Untrusted, "Absolute URL; without trailing slash when the path is appended.", redirect => UntrustedText(redirect.AppendPath ? redirect.Url.TrimEnd('/') : redirect.Url)),
        new("append_path", Flag, "Whether path and query of the request are appended.", redirect => Truth(redirect.AppendPath)),
        new("code", Number, "301, 302, 307 or 308.", redirect => Whole(redirect.Code)),
    ]);

    public static readonly ModelObject<BasicUser> User = new("user",
    [
        new("name", Untrusted, "The name.", user => UntrustedText(user.Name)),
        new("hash", Untrusted, "The password's hash, of a form that the proxy can check.", user => UntrustedText(user.Hash)),
    ]);

    public static readonly ModelObject<Scoped<BasicAuth>> Auth = new("auth",
    [
        new("realm", Untrusted, "What browsers show; never the word off, which turns logins off in nginx.", auth => UntrustedText(auth.Value.Realm)),
        new("users", new TemplateType.ListOf(User.Type), "The users.", auth => User.ListOf(auth.Value.Users)),
        new("file", Untrusted, "Password file with the users, as nginx sees it; it is written where the configuration names it.", auth => UntrustedText(auth.Scope.PasswordFile(auth.Value))),
    ]);

    public static readonly ModelObject<Scoped<IncludedFile>> Included = new("included_file",
    [
        new("file", Untrusted, "Where it lies, as the proxy sees it.", file => UntrustedText(file.Scope.Paths.Of(file.Value.Path))),
        new("pattern", Untrusted, "The same for nginx's include: with a backslash in front of what would stand for other names.", file => UntrustedText(Escaped(file.Scope.Paths.Of(file.Value.Path)))),
        new("directives", PlainList, "Names of nginx's directives in it; acme-challenge and nginx-proxy-debug stand for locations of its own for these.", file =>
            List(file.Value.Directives.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(OwnText))),
    ]);

    public static readonly ModelObject<RouteTimeouts> Timeouts = new("timeouts",
    [
        new("connect", Plain, "Time to connect, such as 5s.", timeouts => TimeText(timeouts.Connect)),
        new("server", Plain, "Silence of the upstream.", timeouts => TimeText(timeouts.Server)),
        new("tunnel", Plain, "Silence on an upgraded connection.", timeouts => TimeText(timeouts.Tunnel)),
        new("read", Plain, "For proxies with one time for both: the longer one when the tunnel's was set.", timeouts =>
            TimeText(timeouts.TunnelIsSet && timeouts.Tunnel > timeouts.Server ? timeouts.Tunnel : timeouts.Server)),
    ]);

    public static readonly ModelObject<UpstreamCheck> Check = new("check",
    [
        new("path", Untrusted.OrNull(), "Path of an HTTP check; null checks that the port accepts connections.", check => UntrustedText(check.Path)),
        new("interval", Plain, "Time between checks.", check => TimeText(check.Interval)),
        new("rise", Number, "Good answers until up.", check => Whole(check.Rise)),
        new("fall", Number, "Bad answers until down.", check => Whole(check.Fall)),
    ]);

    public static readonly ModelObject<Scoped<UpstreamVerify>> Verify = new("verify",
    [
        new("file", Untrusted.OrNull(), "File with the authorities, as the proxy sees it; null is those of the proxy's system.", verify =>
            UntrustedText(verify.Value.Path is { } path ? verify.Scope.Paths.Of(path) : null)),
    ]);

    public static readonly ModelObject<Scoped<UpstreamServer>> Server = new("server",
    [
        new("name", Plain, "s and the slot's number; stable while the container lives.", server => OwnText($"s{server.Value.Slot}")),
        new("container", ContainerModel.Container.Type.OrNull(), "The container; null for a static server.", server => server.Scope.Container(server.Value.Container)),
        new("address", Plain, "IPv4 or IPv6 address without brackets, or a DNS name.", server => PlainText(server.Value.Address)),
        new("host", Plain, "The address as it stands in front of a port: IPv6 in brackets.", server => PlainText(Bracketed(server.Value.Address))),
        new("port", Number, "Port.", server => Whole(server.Value.Port)),
        new("weight", Number, "Share, 0 to 256; 0 drains.", server => Whole(server.Value.Weight)),
        new("backup", Flag, "Used only when all others are down.", server => Truth(server.Value.Backup)),
        new("state", Plain, "up, down or drain.", server => Word(server.Value.Weight == 0 && server.Value.State == ServerState.Up ? ServerState.Drain : server.Value.State)),
        new("resolve", Flag, "Whether the proxy has to look the address up while it runs, by the engine's name server.", server => Truth(server.Value.IsLookedUp)),
        new("places", Number, "How many addresses a name that is looked up may stand for; 1 for one container.", server => Whole(server.Value.Places)),
        new("service", Untrusted.OrNull(), "Service of a Swarm or of compose that it belongs to; null for neither.", server =>
            UntrustedText(server.Scope.Source(server.Value.Container) is { } container ? container.Swarm?.Service ?? container.Compose?.Service : null)),
        new("node", Untrusted.OrNull(), "Host name of the Swarm's node that it runs on; null where that is not known.", server =>
            UntrustedText(server.Scope.Source(server.Value.Container)?.Origin is { Node.Length: > 0 } origin ? origin.Node : null)),
        new("slot", Number, "Number within the upstream, from 1.", server => Whole(server.Value.Slot)),
    ], isOwner: true, areMany: true);

    public static readonly ModelObject<Scoped<Upstream>> Upstream = new("upstream",
    [
        new("name", Plain, "Unique within the output; letters, digits, dots, underscores and hyphens.", upstream => PlainText(upstream.Value.Name)),
        new("protocol", Plain, "http, https, h2c, grpc, grpcs, fastcgi or uwsgi.", upstream => Word(upstream.Value.Protocol)),
        new("balance", Plain, "roundrobin, leastconn, source, uri or random.", upstream => Word(upstream.Value.Balance)),
        new("balance_nginx", Plain.OrNull(), "Directive of nginx (without semicolon) that says more exactly what was asked for; null for none.", upstream => OwnText(upstream.Value.BalanceMethod?.Nginx)),
        new("balance_haproxy", Plain.OrNull(), "Algorithm of HAProxy that says more exactly what was asked for; null for none.", upstream => OwnText(upstream.Value.BalanceMethod?.HAProxy)),
        new("sticky", Plain, "off, source or cookie.", upstream => Word(upstream.Value.Sticky)),
        new("sticky_cookie", Untrusted, "Name of the cookie; empty unless sticky is cookie.", upstream => UntrustedText(upstream.Value.StickyCookie)),
        new("keepalive", Number, "Idle connections kept; 0 is off.", upstream => Whole(upstream.Value.Keepalive)),
        new("keepalive_auto", Flag, "Whether keepalive is twice the servers because nobody asked for another number.", upstream => Truth(upstream.Value.HasAutoKeepalive)),
        new("max_connections", Number, "Connections per server; 0 is unlimited.", upstream => Whole(upstream.Value.MaxConnections)),
        new("server_name", Plain.OrNull(), "Name sent upstream as SNI and Host; null is the request's.", upstream => PlainText(upstream.Value.ServerName)),
        new("verify", Verify.Type.OrNull(), "How the servers' certificate is verified (https, grpcs); null is not at all.", upstream =>
            Optional(Verify, upstream.Value.Verify is { } verify ? new Scoped<UpstreamVerify>(verify, upstream.Scope) : null)),
        new("check", Check.Type.OrNull(), "Active check by the proxy; null for none.", upstream => Optional(Check, upstream.Value.Check)),
        new("servers", new TemplateType.ListOf(Server.Type), "The servers, by slot; may be empty.", upstream => List(upstream.Value.Servers, upstream.Scope, static (server, scope) => scope.Server(server))),
        new("resolve", Flag, "Whether the proxy has to look up addresses of servers while it runs.", upstream => Truth(upstream.Value.Servers.Any(static server => server.IsLookedUp))),
        new("lookup", Plain.OrNull(), "Name and port of a usable server that has to be looked up, for proxies that look up one name; null without one.", upstream => PlainText(Lookup(upstream.Value))),
        new("usable", Flag, "Whether any server may get requests; if not, the answer is 503.", upstream => Truth(upstream.Value.Servers.Any(static server => IsUsable(server)))),
        new("only_backup", Flag, "Whether all usable servers are backups.", upstream => Truth(upstream.Value.Servers.All(static server => server.Backup || !IsUsable(server)))),
        new("slot_capacity", Number, "Slots to declare in proxies that fill them at run time.", upstream => Whole(upstream.Value.SlotCapacity)),
        new("slotted", Flag, "Whether every server is one address, so that slots can be filled at run time.", upstream => Truth(upstream.Value.IsSlotted)),
        new("slots", new TemplateType.ListOf(Server.Type), "One server for each slot, in their order: a free one has no container, is down and has an address where nobody listens. The servers where there are no slots.", upstream =>
            List(upstream.Value.Slots(), upstream.Scope, static (server, scope) => scope.Server(server))),
    ], areMany: true);

    public static readonly ModelObject<Scoped<Route>> Route = new("route",
    [
        new("id", Plain, "Eight hex digits, unique within the output.", route => OwnText(ModelScope.Id(route.Value.Path.IsRaw ? route.Value.Key + "\nraw" : route.Value.Key))) { IsKept = true },
        new("key", Untrusted, "Host and path.", route => UntrustedText(route.Value.Key)),
        new("match", Plain, "How the path selects: prefix (on segment borders unless it is raw), exact or regex.", route => Word(route.Value.Path.Match)),
        new("path", Untrusted, "The path, or the expression.", route => UntrustedText(route.Value.Path.Text)),
        new("raw", Flag, "Whether a prefix may end within a segment: /app also matches /application.", route => Truth(route.Value.Path.IsRaw)),
        new("rewrite", Untrusted.OrNull(), "Replaces the matched prefix; null leaves the path alone.", route => UntrustedText(route.Value.Rewrite)),
        new("destination", Plain.OrNull(), "What stands behind the upstream's name in nginx's proxy_pass, with its variables, for double quotes; null where target says it.", route =>
            OwnText(route.Value.Destination?.Nginx)),
        new("destination_decoded", Flag, "Whether it has parts of the decoded path; a path with control characters or spaces must be refused then.", route =>
            Truth(route.Value.Destination?.IsDecoded == true)),
        new("fastcgi_root", Untrusted.OrNull(), "Folder of a FastCGI application's files; null for the usual one.", route => UntrustedText(route.Value.FastCgiRoot)),
        new("fastcgi_index", Untrusted.OrNull(), "File of a FastCGI application that answers for a folder; null for the usual one.", route => UntrustedText(route.Value.FastCgiIndex)),
        new("redirect", Redirect.Type.OrNull(), "Answer with a redirect instead of proxying; null normally.", route => Optional(Redirect, route.Value.RedirectTo)),
        new("priority", Number, "Order among conflicts and expressions, higher first.", route => Whole(route.Value.Priority)),
        new("upstream", Upstream.Type, "The pool of servers.", route => TemplateValue.From(Upstream.Of(new Scoped<Upstream>(route.Value.Upstream, route.Scope)))),
        new("allow", PlainList, "Addresses and networks that may use it; empty is everyone.", route => PlainTexts(route.Value.Allow)),
        new("access_file", Included.Type.OrNull(), "The operator's file that says who may use it in the place of allow; null for none.", route => File(route.Value.AccessFile, route.Scope)),
        new("include", Included.Type.OrNull(), "The operator's file with directives for it; null for none.", route => File(route.Value.Include, route.Scope)),
        new("override", Included.Type.OrNull(), "The operator's file with the location that stands in its place; null for none.", route => File(route.Value.Override, route.Scope)),
        new("deny", PlainList, "Addresses and networks that may not; wins over allow.", route => PlainTexts(route.Value.Deny)),
        new("auth", Auth.Type.OrNull(), "Who has to log in, after allow and deny; null is nobody.", route => Optional(Auth, route.Value.Auth is { } auth ? new Scoped<BasicAuth>(auth, route.Scope) : null)),
        new("forward_auth", ForwardAuthModel.Asked.Type.OrNull(), "Who is asked about each request, after all of these; null is nobody.", route => Optional(ForwardAuthModel.Asked, route.Value.ForwardAuth)),
        new("error_pages", new TemplateType.ListOf(ErrorPageModel.Page.Type), "Pages in the place of errors, in the order in which they are to be looked at.", route => ErrorPageModel.Page.ListOf(route.Value.ErrorPages)),
        new("timeouts", Timeouts.Type, "Times towards the upstream.", route => TemplateValue.From(Timeouts.Of(route.Value.Timeouts))),
        new("max_body", Number, "Largest request body in bytes; 0 is no limit.", route => Whole(route.Value.MaxBody)),
        new("buffering", Flag, "False passes answers on as they come.", route => Truth(route.Value.Buffering)),
        new("response_headers", new TemplateType.ListOf(Header.Type), "Changes to the answer's headers.", route => Header.ListOf(route.Value.ResponseHeaders)),
        new("request_headers", new TemplateType.ListOf(Header.Type), "Changes to the request's headers.", route => Header.ListOf(route.Value.RequestHeaders)),
        new("data", UntrustedMap, "Labels templater.data.*, without the prefix.", route => UntrustedEntries(route.Value.Data, "data")),
        new("containers", new TemplateType.ListOf(ContainerModel.Container.Type), "Containers behind it.", route => route.Scope.Containers(route.Value.Containers)),
    ], isOwner: true, areMany: true);

    public static readonly ModelObject<Scoped<Location>> Location = new("location",
    [
        new("match", Plain, "exact, prefix or regex.", location => Word(location.Value.Match)),
        new("path", Untrusted, "The path; a prefix ends in a slash unless its route is raw.", location => UntrustedText(location.Value.Path)),
        new("target", Untrusted.OrNull(), "What replaces the path on the way to the container; null leaves it alone.", location => UntrustedText(location.Value.Target)),
        new("beats_regex", Flag, "Whether a prefix is tried before the expressions.", location => Truth(location.Value.Match == PathMatch.Prefix && location.Value.Route.Path.BeatsRegex)),
        new("route", Route.Type, "The route that answers.", location => location.Scope.Route(location.Value.Route)),
    ], isOwner: true, areMany: true);

    /// <summary>True for a server that may get something new.</summary>
    public static bool IsUsable(UpstreamServer server) => server.State == ServerState.Up && server.Weight > 0;

    /// <summary>A file of the operator; null when there is none.</summary>
    public static TemplateValue File(IncludedFile? file, ModelScope scope) => Optional(Included, file is null ? null : new Scoped<IncludedFile>(file, scope));

    private static string Escaped(string path) =>
        path.AsSpan().IndexOfAny("*?[\\") < 0 ? path : string.Concat(path.Select(static letter => letter is '*' or '?' or '[' or '\\' ? "\\" + letter : letter.ToString()));

    private static string? Lookup(Upstream upstream) =>
        upstream.Servers.FirstOrDefault(static server => server.IsLookedUp && IsUsable(server)) is { } server
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{server.Address}:{server.Port}")
            : null;

    /// <summary>An address as it stands in front of a port: IPv6 in brackets.</summary>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(address))]
    internal static string? Bracketed(string? address) =>
        address is not null && address.Contains(':', StringComparison.Ordinal) && !address.StartsWith('[') ? $"[{address}]" : address;
}
