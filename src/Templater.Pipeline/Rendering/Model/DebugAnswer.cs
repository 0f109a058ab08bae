using System.Globalization;
using System.Text;
using System.Text.Json;
using Templater.Pipeline.Rendering.Quoting;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Files;

namespace Templater.Pipeline.Rendering.Model;

/// <summary>
/// What nginx-proxy's debug endpoint says about a host: its members <c>global</c> and <c>vhost</c>. Settings and names only: nothing of an
/// environment or a label beyond what the routes are made of, no login and no file. Pure.
/// </summary>
internal sealed class DebugAnswer(RoutingPolicy policy, NginxProxyCompat compat, ProxySource proxy)
{
    /// <summary>Where it is asked, by its beginning.</summary>
    public const string Path = "/nginx-proxy-debug";

    /// <summary>Most bytes of it as nginx's parameter, which may have 4,096.</summary>
    public const int MaxBytes = 4000;

    private const string Regex = "Hostname is a regexp and unsafe to include in the debug response.";
    private const string WithoutPaths = "Virtual paths configuration for this hostname is too large and has been stripped from response.";
    private const string WithoutAll = "The configuration for this hostname is too large and has been stripped from response.";

    /// <summary>A JSON object in ASCII; null where nobody asked for it, or a route of the host has that place.</summary>
    /// <param name="host">The host.</param>
    /// <param name="scope">The model that it is part of.</param>
    public string? About(VirtualHost host, ModelScope scope)
    {
        if (!host.IsDebugged || Locations.Of(host).Any(static location => location is { Match: PathMatch.Prefix, Path: Path }))
            return null;
        var whole = Text(host, scope, null);
        if (Fits(whole))
            return whole;
        var shorter = Text(host, scope, WithoutPaths);
        return Fits(shorter) ? shorter : Json(json => json.WriteString("warning", WithoutAll));
    }

    private static bool Fits(string json) => NginxQuoting.Evaluated(json).Text is { } quoted && Encoding.UTF8.GetByteCount(quoted) <= MaxBytes;

    private string Text(VirtualHost host, ModelScope scope, string? warning) => Json(json =>
    {
        json.WriteStartObject("global");
        Global(json);
        json.WriteEndObject();
        json.WriteStartObject("vhost");
        Host(json, host);
        if (warning is null)
            Paths(json, host, scope);
        json.WriteEndObject();
        if (warning is not null)
            json.WriteString("warning", warning);
    });

    private static string Json(Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    // Truth values of variables are texts there, as they stood in the environment.
    private void Global(Utf8JsonWriter json)
    {
        json.WriteString("acme_http_challenge", policy.Challenges switch { ChallengeMode.Never => "false", ChallengeMode.WithoutSite => "legacy", _ => "true" });
        json.WriteBoolean("default_cert_ok", proxy.DefaultPair is not null);
        json.WriteString("default_host", compat.DefaultHost?.ToString());
        json.WriteString("default_root_response", compat.Root is { } root ? string.Create(CultureInfo.InvariantCulture, $"{root.Status} {root.Url}").TrimEnd() : "none");
        json.WriteBoolean("enable_access_log", proxy.Output.Proxy.AccessLog);
        json.WriteString("enable_debug_endpoint", Word(compat.ShowsDebug));
        json.WriteString("enable_http2", Word(policy.Http2));
        json.WriteString("enable_http3", Word(policy.Http3));
        json.WriteString("enable_http_on_missing_cert", Word(compat.WithoutPair == MissingPair.Serve));
        json.WriteBoolean("enable_ipv6", proxy.ListensOnIPv6);
        json.WriteString("external_http_port", policy.HttpPort.ToString(CultureInfo.InvariantCulture));
        json.WriteString("external_https_port", policy.HttpsPort.ToString(CultureInfo.InvariantCulture));
        json.WriteString("hsts", policy.Hsts ?? "off");
        json.WriteString("https_method", Method(policy.Https));
        json.WriteString("log_format", compat.LogFormat);
        json.WriteString("log_format_escape", compat.LogEscape);
        json.WriteString("non_get_redirect", (compat.NonGetCode ?? policy.HttpsCode).ToString(CultureInfo.InvariantCulture));
        json.WriteString("resolvers", string.Join(' ', compat.Resolvers));
        json.WriteBoolean("sha1_upstream_name", compat.HashesUpstreamNames);
        json.WriteString("ssl_policy", Policy(policy.TlsPolicy));
        json.WriteString("trust_default_cert", Word(compat.TrustsDefaultPair));
        json.WriteBoolean("trust_downstream_proxy", compat.TrustsForwarded);
    }

    private static void Host(Utf8JsonWriter json, VirtualHost host)
    {
        var https = host.Https;
        json.WriteBoolean("acme_http_challenge_enabled", https.Challenges == ChallengeMode.Always);
        json.WriteBoolean("acme_http_challenge_legacy", https.Challenges == ChallengeMode.WithoutSite);
        json.WriteString("cert", https.Certificate?.Name ?? "");
        json.WriteBoolean("cert_ok", https.Certificate is not null);
        json.WriteBoolean("default", host.Pattern.Match == HostMatch.Default || host.Aliases.Any(static name => name.Match == HostMatch.Default));
        json.WriteBoolean("enable_debug_endpoint", host.IsDebugged);
        json.WriteNumber("external_http_port", host.HttpPort);
        json.WriteNumber("external_https_port", host.HttpsPort);
        json.WriteString("hostname", host.Pattern.Match == HostMatch.Regex ? Regex : host.Pattern.ToString());
        json.WriteString("hsts", https.Hsts ?? "off");
        json.WriteBoolean("http2_enabled", https.Http2);
        json.WriteBoolean("http3_enabled", https.Http3);
        json.WriteString("https_method", Method(Effective(https)));
        json.WriteBoolean("is_regexp", host.Pattern.Match == HostMatch.Regex);
        json.WriteString("server_tokens", host.ServerTokens ?? "");
        json.WriteString("ssl_policy", Policy(https.Policy));
        json.WriteString("upstream_name", host.Routes.FirstOrDefault(static route => route.Path == PathPattern.Root)?.Upstream.Name ?? host.Name);
    }

    private static void Paths(Utf8JsonWriter json, VirtualHost host, ModelScope scope)
    {
        json.WriteStartObject("paths");
        foreach (var route in host.Routes)
        {
            json.WriteStartObject(HostFileNames.Of(route.Path)[0]);
            json.WriteString("dest", route.Destination?.Nginx ?? route.Rewrite ?? "");
            json.WriteString("keepalive", route.Upstream.Keepalive > 0 ? route.Upstream.Keepalive.ToString(CultureInfo.InvariantCulture) : "disabled");
            json.WriteString("network_tag", route.Allow.Length > 0 || route.AccessFile is not null ? "internal" : "external");
            json.WriteStartObject("ports");
            foreach (var port in route.Upstream.Servers.GroupBy(static server => server.Port).OrderBy(static group => group.Key))
            {
                json.WriteStartArray(port.Key.ToString(CultureInfo.InvariantCulture));
                foreach (var name in port.Select(server => scope.Source(server.Container)?.Name ?? server.Address))
                {
                    json.WriteStartObject();
                    json.WriteString("Name", name);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
            json.WriteString("proto", Word(route.Upstream.Protocol));
            json.WriteString("upstream", route.Upstream.Name);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static HttpsMode Effective(HttpsPolicy https) =>
        https is { Certificate: null, Mode: HttpsMode.Redirect or HttpsMode.Only, WithoutPair: MissingPair.Serve, IsWithheld: false } ? HttpsMode.Optional : https.Mode;

    private static string Method(HttpsMode mode) => mode switch
    {
        HttpsMode.Redirect => "redirect",
        HttpsMode.Optional => "noredirect",
        HttpsMode.Only => "nohttp",
        _ => "nohttps",
    };

    private static string Policy(TlsPolicy policy) => $"Mozilla-{policy}";

    private static string Word(bool value) => value ? "true" : "false";

    private static string Word(UpstreamProtocol protocol) => protocol.ToString().ToLowerInvariant();
}
