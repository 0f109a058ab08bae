using System.Collections.Immutable;

namespace Templater.Testing.Hosts;

/// <summary>Makes what one container says about itself, in one of the dialects or in several at once.</summary>
internal sealed class LabelGenerator(Choice choice)
{
    /// <summary>The one client that restricted containers let in.</summary>
    public const string Client = "203.0.113.7";

    /// <summary>A hash that all proxies can check.</summary>
    public const string Hash = "$5$abcdefgh$gruCpC7VkOTspMQTTSAR8mtlO9Upms.fwqE5y16JVM.";

    private static readonly string[] Names =
    [
        "a.example.com", "b.example.com", "c.example.com", "shop.example.com", "*.example.com", "~^v[0-9]+\\.example\\.com$", "10.0.0.1", "[2001:db8::7]", "*",
    ];

    private static readonly string[] Paths = ["/", "/app", "/app/v1", "=/exact", "~^/img/"];

    // Keys that decide who may reach what, each with values that cannot be understood.
    private static readonly (string Key, string Value)[] Closing =
    [
        ("allow", "everybody"), ("allow", "10.0.0.0/99"), ("deny", "10.0.0.1-10.0.0.9"), ("auth.basic", "ops:secret"), ("auth.basic", "ops:y$05"), ("auth.basic.file", "missing"),
        ("auth.basic.file", "../staff"), ("auth.forward", "nobody"), ("https", "sometimes"), ("tls.client-auth", "always"), ("tls.client-ca", "../ca.pem"), ("upstream.verify", "perhaps"),
        ("path", "app"), ("path", "/../x"), ("port", "99999"), ("protocol", "gopher"), ("network", "nowhere"), ("redirect.to", "javascript:alert(1)"), ("enable", "perhaps"),
        ("upstream.group", "Bad Group"), ("tls.certificate", "../x"), ("alow", Client),
    ];

    // Keys that decide nothing of the kind: whatever they say, the container may be served.
    private static readonly (string Key, string[] Values)[] Other =
    [
        ("priority", ["5", "-5", "many"]), ("weight", ["2", "0", "-1"]), ("backup", ["true", "maybe"]), ("balance", ["leastconn", "source", "uri", "random", "fair"]),
        ("sticky", ["source", "cookie", "cookie:SID"]), ("keepalive", ["off", "8", "many"]), ("maxconn", ["5"]), ("check", ["tcp", "/healthz"]), ("timeout.server", ["5m", "soon"]),
        ("max-body", ["10m"]), ("buffering", ["off"]), ("hsts", ["31536000", "off"]), ("https.code", ["302"]), ("http2", ["false"]), ("tls.policy", ["modern", "old"]),
        ("listen.http", ["8000", "8443"]), ("listen.https", ["8443"]), ("redirect.from", ["www.example.com", "old.example.com b.example.com"]), ("redirect.code", ["301"]),
        ("response.set.X-Frame-Options", ["DENY; \"$x\""]), ("response.delete", ["Server"]), ("request.set.X-Team", ["blue"]), ("health", ["any", "starting"]), ("ready-after", ["5m", "2h"]), ("ready-after", ["10m"]),
        ("drain", ["true"]), ("endpoints", ["dns", "vip"]), ("nonsense", ["x"]), ("data.team", ["{{ }}"]), ("upstream.server-name", ["inner.example.com"]),
        ("rewrite", ["/", "/inner"]), ("protocol", ["https", "grpc", "fastcgi"]), ("port", ["8080", "9000"]), ("https", ["off", "optional", "only"]), ("instance", ["blue"]),
        ("upstream.group", ["blue-green"]), ("redirect.to", ["https://new.example.com/x"]), ("network", ["front back", "shop_default"]), ("enable", ["false", "true"]), ("deny", ["198.51.100.1"]),
    ];

    /// <summary>Labels and variables of a container, and what they close.</summary>
    public (ImmutableSortedDictionary<string, string> Labels, ImmutableSortedDictionary<string, string> Env, Wish? Wish) Make() => choice.Between(0, 99) switch
    {
        < 50 => Native(),
        < 75 => NginxProxy(),
        < 83 => Dotege(),
        < 88 => Traefik(),
        < 92 => (Map(("templater.host", Hosts()), ("com.chameth.vhost", Hosts())), Map(("VIRTUAL_HOST", Hosts())), null),
        < 95 => (Map(("templater.host", choice.Of("", "https://a.example.com/", "a b;c", "~(", "*.*"))), Map(), null),
        _ => (Map(("some.label", "x")), Map(), null),
    };

    /// <summary>Labels of streams, beside whatever else a container says.</summary>
    public ImmutableSortedDictionary<string, string> Streams()
    {
        var labels = Map(("templater.streams.db.listen", choice.Of("5432", "5432", "6432", "7432", "53/udp", "9999", "many"))).ToBuilder();
        foreach (var (key, values) in choice.Some<(string, string[])>(
            choice.Between(0, 4), ("host", ["db.example.com", "*.example.com", "~x"]), ("tls", ["pass", "terminate", "off", "on"]), ("port", ["5432", "8080", "0"]), ("proxy-protocol", ["v1", "v2", "v3"]),
            ("allow", [Client, Client, "everybody"]), ("deny", ["198.51.100.1", "nobody"]), ("balance", ["leastconn", "source"]), ("weight", ["2", "none"]), ("backup", ["true"]), ("maxconn", ["5"]),
            ("timeout.connect", ["1s", "soon"]), ("timeout.tunnel", ["20m"]), ("check", ["tcp", "/healthz"])))
            labels["templater.streams.db." + key] = choice.Of(values);
        return labels.ToImmutable();
    }

    /// <summary>A map of labels or variables.</summary>
    public static ImmutableSortedDictionary<string, string> Map(params (string Key, string Value)[] items) =>
        items.ToImmutableSortedDictionary(static item => item.Key, static item => item.Value, StringComparer.Ordinal);

    private string Hosts() => string.Join(choice.Of(" ", ", "), choice.Some(choice.Of(1, 1, 1, 2), Names));

    private (ImmutableSortedDictionary<string, string>, ImmutableSortedDictionary<string, string>, Wish?) Native()
    {
        var labels = Map(("templater.host", Hosts())).ToBuilder();
        if (choice.In100(40))
            labels["templater.path"] = choice.Of(Paths);
        if (choice.In100(12))
        {
            labels["templater.routes.one.port"] = "8080";
            labels["templater.routes.two.path"] = choice.Of(Paths);
        }

        foreach (var (key, values) in choice.Some(choice.Between(0, 4), Other))
            labels["templater." + key] = choice.Of(values);
        var (allow, login) = (choice.In100(20) ? Client : null, choice.In100(15));
        if (allow is not null)
            labels["templater.allow"] = choice.Of(Client, "office");
        if (login)
            labels[choice.In100(50) ? "templater.auth.basic.file" : "templater.auth.basic"] = "staff";
        if (labels.ContainsKey("templater.auth.basic"))
            labels["templater.auth.basic"] = "ops:" + Hash;
        var closed = choice.In100(20);
        if (closed)
        {
            var (key, value) = choice.Of(Closing);
            // A named route may have a path and a port of its own.
            labels.Remove("templater.routes.one.port");
            labels.Remove("templater.routes.two.path");
            labels["templater." + key] = value;
        }

        return (labels.ToImmutable(), Map(), closed || allow is not null || login ? new Wish(closed, allow, login && !closed) : null);
    }

    private (ImmutableSortedDictionary<string, string>, ImmutableSortedDictionary<string, string>, Wish?) NginxProxy()
    {
        var env = Map(("VIRTUAL_HOST", Hosts())).ToBuilder();
        foreach (var (name, values) in choice.Some<(string, string[])>(
            choice.Between(0, 3), ("VIRTUAL_PORT", ["8080", "99999", "default"]), ("VIRTUAL_PATH", ["/app", "~ ^/img/", "^~ /app"]), ("VIRTUAL_DEST", ["/", "/inner$uri"]), ("VIRTUAL_PROTO", ["https", "grpc"]),
            ("HTTPS_METHOD", ["redirect", "noredirect", "nohttps", "nohttp"]), ("HSTS", ["off", "max-age=1"]), ("SSL_POLICY", ["Mozilla-Modern", "AWS-TLS-1-2-2017-01"]), ("EXTERNAL_HTTP_PORT", ["8000"]),
            ("NON_GET_REDIRECT", ["308"]), ("SERVER_TOKENS", ["off"]), ("ENABLE_HTTP_ON_MISSING_CERT", ["false"]), ("VIRTUAL_HOST_MULTIPORTS", ["a.example.com: {/: {port: 8080}, /app: {port: 9000, dest: /}}"])))
            env[name] = choice.Of(values);
        var labels = choice.In100(75) ? Map() : Map(("com.github.nginx-proxy.nginx-proxy." + choice.Of("keepalive", "loadbalance"), choice.Of("auto", "8", "ip_hash", "random two least_conn", "round_robin; deny all")));
        var (access, closes) = choice.Of<(string?, bool)>((null, false), (null, false), (null, false), ("internal", false), ("intern", true));
        if (access is not null)
            env["NETWORK_ACCESS"] = access;
        return (labels, env.ToImmutable(), access is null ? null : new Wish(closes, closes ? null : "private", false));
    }

    private (ImmutableSortedDictionary<string, string>, ImmutableSortedDictionary<string, string>, Wish?) Dotege()
    {
        var labels = Map(("com.chameth.vhost", Hosts())).ToBuilder();
        if (choice.In100(50))
            labels["com.chameth.proxy"] = choice.Of("8080", "80", "none");
        if (choice.In100(30))
            labels["com.chameth.headers.x"] = choice.Of("X-Frame-Options: DENY", "X-Some value", "");
        if (choice.In100(15))
            labels["com.chameth.proxytag"] = "blue";
        var closed = choice.In100(15);
        if (closed)
            labels["com.chameth.auth"] = "staff";
        return (labels.ToImmutable(), Map(), closed ? new Wish(true, null, false) : null);
    }

    private (ImmutableSortedDictionary<string, string>, ImmutableSortedDictionary<string, string>, Wish?) Traefik()
    {
        const string Router = "traefik.http.routers.r.";
        const string Middleware = "traefik.http.middlewares.m.";
        var rule = $"Host(`{choice.Of("a.example.com", "b.example.com", "shop.example.com")}`)" + choice.Of("", "", " && PathPrefix(`/app`)", " || Host(`c.example.com`)");
        var labels = Map((Router + "rule", rule)).ToBuilder();
        if (choice.In100(40))
            labels["traefik.http.services.s.loadbalancer.server.port"] = choice.Of("8080", "9000");
        if (choice.In100(20))
            labels[Router + "priority"] = choice.Of("5", "many");
        Wish? wish = null;
        switch (choice.Between(0, 9))
        {
            case 0 or 1:
                (labels[Router + "middlewares"], labels[Middleware + "basicauth.users"], wish) = ("m", "ops:" + Hash, new Wish(false, null, true));
                break;
            case 2:
                (labels[Router + "middlewares"], labels[Middleware + "stripprefix.prefixes"]) = ("m", "/app");
                break;
            case 3:
                (labels[Router + "middlewares"], wish) = (choice.Of("nobody", "auth@file"), new Wish(true, null, false));
                break;
            case 4:
                (labels[Router + "middlewares"], labels[Middleware + "ipallowlist.sourcerange"], wish) = ("m", Client, new Wish(true, null, false));
                break;
        }

        return (labels.ToImmutable(), Map(), wish);
    }
}
