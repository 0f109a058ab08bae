using System.Collections.Immutable;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Cli.Options;

/// <summary>Settings about the proxy's listeners, and defaults of labels.</summary>
internal static class RoutingSettings
{
    private const SettingGroup Group = SettingGroup.Routing;

    public static readonly SettingDefinition<int> HttpPort = new("http_port", Group, SettingTypes.Port, "port of the proxy for http")
    {
        Unset = 0,
        Default = "80",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<int> HttpsPort = new("https_port", Group, SettingTypes.Port, "port of the proxy for https")
    {
        Unset = 0,
        Default = "443",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<ImmutableArray<StreamPort>> StreamPorts = new("stream_ports", Group, RoutingTypes.StreamPorts,
        "ports that labels may open for TCP and UDP")
    {
        Unset = [],
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<bool?> IPv6 = new("ipv6", Group, SettingTypes.OptionalBoolean, "listen on [::] too")
    {
        Unset = null,
        DefaultNote = "true when the proxy has IPv6",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<HttpsMode> Https = new("https", Group,
        SettingTypes.Choice(("redirect", HttpsMode.Redirect), ("optional", HttpsMode.Optional), ("only", HttpsMode.Only), ("off", HttpsMode.Off)),
        "what http and https do")
    {
        Unset = HttpsMode.Redirect,
        Default = "redirect",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<int> HttpsCode = new("https_code", Group, RoutingTypes.RedirectCode, "status of the redirect to https")
    {
        Unset = 0,
        Default = "308",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<string> Hsts = new("hsts", Group, RoutingTypes.Hsts, "Strict-Transport-Security")
    {
        Unset = "",
        Default = "off",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<bool> Http2 = new("http2", Group, SettingTypes.Boolean, "offer HTTP/2")
    {
        Unset = true,
        Default = "true",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<bool> Http3 = new("http3", Group, SettingTypes.Boolean, "offer HTTP/3")
    {
        Unset = false,
        Default = "false",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<TlsPolicy> TlsPolicies = new("tls_policy", Group,
        SettingTypes.Choice(("modern", TlsPolicy.Modern), ("intermediate", TlsPolicy.Intermediate), ("old", TlsPolicy.Old)),
        "protocol and cipher set (Mozilla's)")
    {
        Unset = TlsPolicy.Intermediate,
        Default = "intermediate",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<BalanceAlgorithm> Balance = new("balance", Group,
        SettingTypes.Choice(
            ("roundrobin", BalanceAlgorithm.RoundRobin), ("leastconn", BalanceAlgorithm.LeastConn), ("source", BalanceAlgorithm.Source),
            ("uri", BalanceAlgorithm.Uri), ("random", BalanceAlgorithm.Random)),
        "how requests are spread over servers")
    {
        Unset = BalanceAlgorithm.RoundRobin,
        Default = "roundrobin",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<long> MaxBody = new("max_body", Group, SettingTypes.Size, "largest request body, 0 = no limit")
    {
        Unset = 0,
        Default = "0",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<Fallback> FallbackAnswer = new("fallback", Group, RoutingTypes.Fallback, "answer for unknown hosts")
    {
        Unset = new Fallback(0, null),
        Default = "503",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<ImmutableArray<string>> TrustedProxies = new("trusted_proxies", Group, SettingTypes.Networks,
        "networks whose X-Forwarded-* headers are believed")
    {
        Unset = [],
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<bool> ProxyProtocol = new("proxy_protocol", Group, SettingTypes.Boolean,
        "expect the PROXY protocol on all listeners; beside TRUSTED_PROXIES only from those")
    {
        Unset = false,
        Default = "false",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<string> ProxyVersion = new("proxy_version", Group, SettingTypes.Of("a version such as 1.30.2", VersionText),
        "version of the proxy; nothing that it does not know is written")
    {
        Unset = "",
        DefaultNote = "that of the checker or of the proxy's image, else nginx 1.22, HAProxy 2.6",
        IsPerOutput = true,
    };

    public static readonly SettingDefinition<bool> AccessLog = new("access_log", Group, SettingTypes.Boolean, "access log of the proxy")
    {
        Unset = true,
        Default = "on",
        IsPerOutput = true,
    };

    public static IEnumerable<SettingDefinition> All =>
    [
        HttpPort, HttpsPort, StreamPorts, IPv6, Https, HttpsCode, Hsts, Http2, Http3, TlsPolicies, Balance, MaxBody, FallbackAnswer,
        TrustedProxies, ProxyProtocol, ProxyVersion, AccessLog,
    ];

    /// <summary>The version that the operator says the proxy has; null = none.</summary>
    /// <param name="values">The values of an output.</param>
    public static Version? VersionOf(SettingValues values) => values.Get(ProxyVersion) is { Length: > 0 } text ? Version.Parse(text) : null;

    private static string? VersionText(string text) =>
        text.All(static character => char.IsAsciiDigit(character) || character == '.') && Version.TryParse(text, out var version) ? version.ToString() : null;
}
