using System.Collections.Immutable;
using System.Globalization;
using Templater.Language;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.NginxProxy;

/// <summary>
/// The labels of nginx-proxy, <c>com.github.nginx-proxy.nginx-proxy.*</c>. None of those that are read here restricts anything:
/// a value that cannot be read is ignored with a warning.
/// </summary>
internal sealed class ProxyLabels(Container container, ContainerFindings findings)
{
    /// <summary>What their keys begin with.</summary>
    public const string Prefix = "com.github.nginx-proxy.nginx-proxy.";

    /// <summary>The label that asks for client certificates; it is read by <see cref="NginxProxyHost"/>.</summary>
    public const string ClientCertificates = Prefix + "ssl_verify_client";

    /// <summary>The label that marks nginx-proxy's nginx.</summary>
    public const string Proxy = Prefix + "nginx";

    /// <summary>The label by which the pair <c>default</c> serves names that no pair covers.</summary>
    public const string TrustDefault = Prefix + "trust-default-cert";

    /// <summary>The label with the status of redirects to https for other methods than GET and HEAD.</summary>
    public const string NonGet = Prefix + "non-get-redirect";

    /// <summary>The label by which anybody may ask what is known about the host.</summary>
    public const string DebugEndpoint = Prefix + "debug-endpoint";

    private const string Http2 = Prefix + "http2.enable";
    private const string Http3 = Prefix + "http3.enable";
    private const string Keepalive = Prefix + "keepalive";
    private const string Balance = Prefix + "loadbalance";

    private const int MaxKeepalive = 10_000;

    /// <summary>Every label.</summary>
    public static readonly ImmutableArray<string> Known =
        [ClientCertificates, Proxy, TrustDefault, NonGet, DebugEndpoint, Http2, Http3, Keepalive, Balance];

    /// <summary>Adds what the labels say about the host.</summary>
    /// <param name="host">The settings without them.</param>
    /// <param name="hasDebug">True where nginx-proxy is replaced, and hosts may tell what is known about them.</param>
    public HostSettings Apply(HostSettings host, bool hasDebug)
    {
        ReportUnknown(hasDebug);
        var nonGet = Text(NonGet);
        var code = host.NonGetCode;
        if (nonGet.Length > 0 && !TryNonGetCode(nonGet, out code))
            Ignore(NonGet, nonGet, LegalNonGetCode);
        return host with
        {
            Http2 = Truth(Http2),
            Http3 = Truth(Http3),
            NonGetCode = code,
            TrustsDefaultPair = Truth(TrustDefault),
            ShowsDebug = hasDebug ? Truth(DebugEndpoint) : null,
        };
    }

    /// <summary>Adds what the labels say about the route.</summary>
    /// <param name="route">The settings without them.</param>
    public RouteSettings Apply(RouteSettings route)
    {
        var balance = Text(Balance);
        if (balance.Length > 0)
        {
            if (LoadBalance.TryParse(balance, out var algorithm, out var method))
                route = route with { Balance = algorithm, BalanceMethod = method };
            else
                Ignore(Balance, balance, LoadBalance.Legal, ReasonIds.UnsupportedOption);
        }

        return ReadKeepalive() is { } keepalive ? route with { Keepalive = keepalive } : route;
    }

    /// <summary>What is legal for redirects of other methods, for messages.</summary>
    public const string LegalNonGetCode = "301, 307 or 308";

    /// <summary>Reads the status of redirects of other methods than GET and HEAD.</summary>
    /// <param name="text">The value.</param>
    /// <param name="code">The status; null when it is none.</param>
    public static bool TryNonGetCode(string text, out int? code)
    {
        code = text switch { "301" => 301, "307" => 307, "308" => 308, _ => null };
        return code is not null;
    }

    /// <summary>Reads a truth value as nginx-proxy does, with the forms of other programs.</summary>
    /// <param name="text">The value.</param>
    /// <param name="value">The truth.</param>
    public static bool TryTruth(string text, out bool value) =>
        Quantities.TryBoolean(text.ToLowerInvariant() switch { "t" => "true", "f" => "false", var other => other }, out value);

    private int? ReadKeepalive()
    {
        var text = Text(Keepalive);
        switch (text)
        {
            case "":
                return null;
            case "auto":
                return RouteSettings.AutoKeepalive;
            case "disabled":
                return 0;
            default:
                if (Quantities.TryInteger(text, 0, MaxKeepalive, out var count))
                    return count;
                Ignore(Keepalive, text, string.Create(CultureInfo.InvariantCulture, $"auto, disabled or a number up to {MaxKeepalive}"));
                return null;
        }
    }

    private bool? Truth(string key)
    {
        var text = Text(key);
        if (text.Length == 0)
            return null;
        if (TryTruth(text, out var value))
            return value;
        Ignore(key, text, Quantities.LegalBoolean);
        return null;
    }

    private void ReportUnknown(bool hasDebug)
    {
        foreach (var (key, value) in container.Labels)
        {
            if (!key.StartsWith(Prefix, StringComparison.Ordinal))
                continue;
            if (!Known.Contains(key, StringComparer.Ordinal))
            {
                var hint = NearestName.Find(key[Prefix.Length..], Known.Select(static known => known[Prefix.Length..])) is { } near ? $" Was {Prefix}{near} meant?" : "";
                findings.Warn(ReasonIds.UnknownLabel, $"container {findings.Name}: the label {Untrusted.Shown(key)} is not known and has no effect.{hint}", key);
            }
            else if (key == DebugEndpoint && !hasDebug && !(TryTruth(value.Trim(), out var isOn) && !isOn))
                findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name}: {key} has no effect: there is a debug endpoint only where nginx-proxy is replaced, by the setting compat.", key, value);
        }
    }

    private string Text(string key)
    {
        var text = container.Labels.GetValueOrDefault(key, "").Trim();
        if (Untrusted.IsReadable(text))
            return text;
        Ignore(key, text, $"text of at most {Untrusted.MaxValueBytes} bytes");
        return "";
    }

    private void Ignore(string key, string text, string legal, string reason = ReasonIds.InvalidValue) =>
        findings.Warn(reason, $"container {findings.Name}: {key}=\"{Untrusted.Shown(text)}\": {legal} was expected. The default holds.", key, text);
}
