namespace Templater.Cli.Options;

/// <summary>nginx-proxy's variables, defaults and paths.</summary>
internal static class NginxProxyVariables
{
    private const string NoParameters = "the ciphers in use need no Diffie-Hellman parameters, and none are generated";

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
        ],
        [
            Refused("DOCKER_CONTAINER_FILTERS"),
            Refused("ENABLE_HTTP_ON_MISSING_CERT"),
            CompatVariable.WithoutEffect("DHPARAM_BITS", NoParameters),
            CompatVariable.WithoutEffect("DHPARAM_SKIP", NoParameters),
            CompatVariable.WithoutEffect("DHPARAM_GENERATION", NoParameters),
            CompatVariable.Boolean("DISABLE_ACCESS_LOGS", RoutingSettings.AccessLog, "off", "on"),
            CompatVariable.Boolean("ENABLE_HTTP2", RoutingSettings.Http2),
            CompatVariable.Boolean("ENABLE_HTTP3", RoutingSettings.Http3),
            CompatVariable.Boolean("ENABLE_IPV6", RoutingSettings.IPv6),
            CompatVariable.Boolean("ENABLE_PROXY_PROTOCOL", RoutingSettings.ProxyProtocol),
            CompatVariable.Same("HTTP_PORT", RoutingSettings.HttpPort),
            CompatVariable.Same("HTTPS_PORT", RoutingSettings.HttpsPort),
            CompatVariable.Choice("HTTPS_METHOD", RoutingSettings.Https,
                ("redirect", "redirect"), ("noredirect", "optional"), ("nohttp", "only"), ("nohttps", "off")),
            CompatVariable.Same("HSTS", RoutingSettings.Hsts),
            CompatVariable.Boolean("PREFER_IPV6_NETWORK", EngineSettings.IpFamily, "ipv6", "ipv4"),
            new("SSL_POLICY", $"`{RoutingSettings.TlsPolicies.Path}`: Mozilla's three; of others `intermediate` holds, which is said", static (text, _) => Policy(text)),
        ]);

    // What restricts is never left out in silence.
    private static CompatVariable Refused(string name) =>
        new(name, "refused: not supported by this version", static (_, _) => CompatMeaning.Bad("nothing, because this version does not support it; unset it"));

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
