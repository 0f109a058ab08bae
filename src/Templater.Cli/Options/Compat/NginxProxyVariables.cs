using Templater.Pipeline.Routing;

namespace Templater.Cli.Options;

/// <summary>nginx-proxy's variables, defaults and paths.</summary>
internal static class NginxProxyVariables
{
    private const string TheirSocket = "/tmp/docker.sock";
    private const string OurSocket = "/var/run/docker.sock";
    private const string NoParameters = "the ciphers in use need no Diffie-Hellman parameters, and none are generated";
    private const string JsonFormat =
        """{"time_local":"$time_iso8601","client_ip":"$http_x_forwarded_for","remote_addr":"$remote_addr","request":"$request","status":"$status","body_bytes_sent":"$body_bytes_sent","request_time":"$request_time","upstream_response_time":"$upstream_response_time","upstream_addr":"$upstream_addr","upstream_status":"$upstream_status","http_referrer":"$http_referer","http_user_agent":"$http_user_agent","request_id":"$request_id"}""";

    /// <summary>What is taken from it.</summary>
    public static readonly CompatTable Table = new(
        "nginx-proxy",
        [
            new(OutputSettings.Template, "nginx-http"),
            new(OutputSettings.Output, "/etc/nginx/conf.d/default.conf"),
            new(CertificateSettings.CertsDirectory, "/etc/nginx/certs"),
            new(OutputSettings.VhostDirectory, "/etc/nginx/vhost.d"),
            new(OutputSettings.AuthDirectory, "/etc/nginx/htpasswd"),
            new(EngineSettings.Conflict, "merge"),
            // It knows nothing of health: a container whose check never passed is served there, and must go on being served.
            new(EngineSettings.Health, "any"),
            new(RoutingSettings.IPv6, "false"),
            new(RoutingSettings.HttpsCode, "301"),
            new(RoutingSettings.Hsts, "max-age=31536000"),
            new(CompatSettings.ProxyLabel, "com.github.nginx-proxy.nginx-proxy.nginx"),
        ],
        [
            new("ACME_HTTP_CHALLENGE_LOCATION", "where http answers challenges with files of `/usr/share/nginx/html`: wherever it answers (`true`), nowhere (`false`), where it only redirects (`legacy`)", static (text, _) =>
                text == "legacy" ? CompatMeaning.Of(CompatSettings.Challenges, text)
                : CompatVariable.Truth(text) is { } isAnswered ? CompatMeaning.Of(CompatSettings.Challenges, isAnswered ? "true" : "false")
                : CompatMeaning.Bad("true, false or legacy")) { IsForNginx = true },
            CompatVariable.Boolean(CompatSettings.UnknownChallenges, "answer challenges for unknown hosts too") with { IsForNginx = true },
            CompatVariable.Boolean(CompatSettings.DebugEndpoint, "answer `/nginx-proxy-debug` on every host with what is known about it, to anybody") with { IsForNginx = true },
            CompatVariable.Same(CompatSettings.DefaultHost, "the host that answers for unknown ones"),
            CompatVariable.Same(CompatSettings.Root, "the answer for `/` on hosts without a route for it: `none`, a status, or a redirect such as `301 https://$host/app$request_uri`") with { IsForNginx = true },
            CompatVariable.WithoutEffect("DHPARAM_BITS", NoParameters),
            CompatVariable.WithoutEffect("DHPARAM_GENERATION", NoParameters),
            CompatVariable.WithoutEffect("DHPARAM_SKIP", NoParameters),
            CompatVariable.Boolean("DISABLE_ACCESS_LOGS", RoutingSettings.AccessLog, "off", "on"),
            CompatVariable.Same(CompatSettings.ContainerFilters, "routes only containers with these labels: `label=KEY` or `label=KEY=VALUE`, separated by commas; other filters are refused"),
            CompatVariable.Boolean(CompatSettings.HttpOnMissingCertificate, "serve by http while there is no certificate"),
            CompatVariable.Boolean("ENABLE_HTTP2", RoutingSettings.Http2),
            CompatVariable.Boolean("ENABLE_HTTP3", RoutingSettings.Http3),
            CompatVariable.Boolean("ENABLE_IPV6", RoutingSettings.IPv6),
            CompatVariable.Boolean("ENABLE_PROXY_PROTOCOL", RoutingSettings.ProxyProtocol),
            CompatVariable.Same("HSTS", RoutingSettings.Hsts),
            CompatVariable.Choice("HTTPS_METHOD", RoutingSettings.Https,
                ("redirect", "redirect"), ("noredirect", "optional"), ("nohttp", "only"), ("nohttps", "off")),
            CompatVariable.Same("HTTPS_PORT", RoutingSettings.HttpsPort),
            CompatVariable.Same("HTTP_PORT", RoutingSettings.HttpPort),
            new("LOG_JSON", "a format of JSON for the access log, unless `LOG_FORMAT` is set", static (text, _) => CompatVariable.Truth(text) switch
            {
                true => CompatMeaning.Of(new CompatDefault(CompatSettings.LogFormat, JsonFormat), new CompatDefault(CompatSettings.LogEscape, "json")),
                false => CompatMeaning.Nothing,
                _ => CompatMeaning.Bad(CompatVariable.Booleans),
            }) { IsForNginx = true },
            CompatVariable.Same(CompatSettings.LogFormat, "the format of the access log, in nginx's words") with { IsForNginx = true },
            CompatVariable.Same(CompatSettings.LogEscape, "how nginx escapes values in it: `default`, `json`, `none`") with { IsForNginx = true },
            CompatVariable.Same(CompatSettings.ProxyLabel, "the label, of any value, by which nginx is found, reloaded, and asked for its networks, where no container has `templater.proxy`"),
            CompatVariable.Same(CompatSettings.NonGetRedirect, "the status of redirects to https for other methods than GET and HEAD"),
            CompatVariable.Boolean("PREFER_IPV6_NETWORK", EngineSettings.IpFamily, "ipv6", "ipv4"),
            CompatVariable.Same(CompatSettings.Resolvers, "nginx's name servers; without it `127.0.0.11`, the engine's") with { IsForNginx = true },
            CompatVariable.Boolean(CompatSettings.HashedUpstreamNames, "call upstreams by the SHA-1 of their host") with { IsForNginx = true },
            new("SSL_POLICY", $"`{RoutingSettings.TlsPolicies.Path}`: Mozilla's three; for those of AWS Mozilla-Intermediate holds, which is said", static (text, _) => Policy(text)),
            CompatVariable.Boolean(CompatSettings.TrustDefaultCertificate, "the certificate called `default` serves hosts without their own") with { IsForNginx = true },
            CompatVariable.Boolean(CompatSettings.TrustDownstreamProxy, "pass on the X-Forwarded headers of all clients, unless `trusted_proxies` says whose") with
            {
                IsForNginx = true,
                VoidedBy = RoutingSettings.TrustedProxies,
                WhenAbsent = "is not set: as with nginx-proxy, applications are told what clients claim by X-Forwarded headers. Set it to false where no other proxy stands in front of this one, or name that one by trusted_proxies",
            },
        ]);

    /// <summary>The engine's socket where nginx-proxy's compose files mount it; null where it is not, or lies at the usual place, too.</summary>
    public static SettingValue? Socket() =>
        File.Exists(TheirSocket) && !File.Exists(OurSocket) ? new SettingValue("unix://" + TheirSocket, SettingLayer.Compat, $"compat {Table.Name}") : null;

    /// <summary>Everything that no other setting says.</summary>
    /// <param name="values">The settings of an output.</param>
    public static NginxProxyCompat? Of(SettingValues values) =>
        values.Get(EngineSettings.Compat) != CompatProgram.NginxProxy ? null : new NginxProxyCompat
        {
            WithoutPair = values.Get(CompatSettings.HttpOnMissingCertificate) ? MissingPair.Serve : MissingPair.Refuse,
            NonGetCode = values.IsSet(CompatSettings.NonGetRedirect) ? values.Get(CompatSettings.NonGetRedirect) : null,
            TrustsDefaultPair = values.Get(CompatSettings.TrustDefaultCertificate),
            DefaultHost = values.Get(CompatSettings.DefaultHost),
            HashesUpstreamNames = values.Get(CompatSettings.HashedUpstreamNames),
            Filters = values.Get(CompatSettings.ContainerFilters),
            Root = values.Get(CompatSettings.Root),
            LogFormat = values.Get(CompatSettings.LogFormat),
            LogEscape = values.Get(CompatSettings.LogEscape),
            Resolvers = values.Get(CompatSettings.Resolvers),
            TrustsForwarded = values.Get(CompatSettings.TrustDownstreamProxy),
            ShowsDebug = values.Get(CompatSettings.DebugEndpoint),
            AnswersUnknownChallenges = values.Get(CompatSettings.UnknownChallenges),
        };

    private static CompatMeaning Policy(string text) => text switch
    {
        "Mozilla-Modern" => CompatMeaning.Of(RoutingSettings.TlsPolicies, "modern"),
        "Mozilla-Intermediate" => CompatMeaning.Of(RoutingSettings.TlsPolicies, "intermediate"),
        "Mozilla-Old" => CompatMeaning.Of(RoutingSettings.TlsPolicies, "old"),
        _ when text.StartsWith("AWS-", StringComparison.Ordinal) =>
            CompatMeaning.WithoutEffect("only Mozilla's three policies are known, and Mozilla-Intermediate holds"),
        _ => CompatMeaning.Bad("one of Mozilla-Modern, Mozilla-Intermediate, Mozilla-Old"),
    };
}
