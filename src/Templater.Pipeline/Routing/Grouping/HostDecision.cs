using System.Collections.Immutable;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>
/// Decides what holds for a host as a whole. Of the containers that say something the one with the highest priority
/// decides, then the oldest; what an application says that does not own the host is not heard.
/// </summary>
internal sealed class HostDecision
{
    private readonly RoutingPolicy _policy;
    private readonly ImmutableArray<Claim> _claims;
    private readonly string _host;
    private readonly Func<Claim, bool> _isHeard;
    private readonly List<Finding> _findings = [];

    /// <summary>True when a claim has a say in what holds for the host.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="deciding">The host's first claim.</param>
    /// <param name="isMerged">True when all applications on the host are heard.</param>
    public static bool IsHeard(Claim claim, Claim deciding, bool isMerged) =>
        // What is dead or refused does not govern what lives.
        (claim.IsContender || !deciding.IsContender) && (isMerged || claim.Application == deciding.Application);

    /// <summary>Prepares the decision.</summary>
    /// <param name="policy">The operator's settings.</param>
    /// <param name="host">The host's name for messages.</param>
    /// <param name="claims">Its claims, the deciding one first.</param>
    /// <param name="isMerged">True when all applications on the host are heard.</param>
    public HostDecision(RoutingPolicy policy, string host, ImmutableArray<Claim> claims, bool isMerged)
    {
        (_policy, _host, _claims) = (policy, Untrusted.Shown(host), claims);
        _isHeard = claim => IsHeard(claim, claims[0], isMerged);
    }

    /// <summary>Differences that were found on the way.</summary>
    public IEnumerable<Finding> Findings => _findings;

    private HostSettings Defaults => _claims[0].Route.Host.Defaults ?? new HostSettings();

    /// <summary>The certificate that a label chose; null when none did.</summary>
    public (string Name, Claim By)? NamedCertificate() =>
        First(settings => settings.Certificate, "tls.certificate", name => name) is var (name, claim) ? (name, claim) : null;

    /// <summary>The names that only redirect, and who asked.</summary>
    public (ImmutableArray<HostPattern> Names, Claim By)? RedirectFrom()
    {
        var deciding = _claims.FirstOrDefault(claim => _isHeard(claim) && claim.Route.Host.RedirectFrom is not null);
        return deciding?.Route.Host.RedirectFrom is { } names ? (names, deciding) : null;
    }

    /// <summary>Everything about http and https.</summary>
    /// <param name="certificate">The pair, if there is one.</param>
    public HttpsPolicy Https(CertificatePair? certificate)
    {
        var hsts = Text(settings => settings.Hsts, "hsts") ?? _policy.Hsts;
        return new HttpsPolicy
        {
            Mode = Value(settings => settings.Https, "https", _policy.Https),
            Certificate = certificate,
            RedirectCode = Value(settings => settings.HttpsCode, "https.code", _policy.HttpsCode),
            Hsts = string.IsNullOrEmpty(hsts) ? null : hsts,
            Http2 = Value(settings => settings.Http2, "http2", _policy.Http2),
            Http3 = Value(settings => settings.Http3, "http3", _policy.Http3),
            Policy = Value(settings => settings.TlsPolicy, "tls.policy", _policy.TlsPolicy),
        };
    }

    /// <summary>External port for http.</summary>
    public int HttpPort() => Value(settings => settings.HttpPort, "listen.http", _policy.HttpPort);

    /// <summary>External port for https.</summary>
    public int HttpsPort() => Value(settings => settings.HttpsPort, "listen.https", _policy.HttpsPort);

    /// <summary>Status of the redirect of <see cref="RedirectFrom"/>.</summary>
    public int RedirectCode() => Value(settings => settings.RedirectCode, "redirect.code", 308);

    /// <summary>Data of the deciding container.</summary>
    public ImmutableSortedDictionary<string, string> Data() => _claims[0].Route.Host.Data;

    private T Value<T>(Func<HostSettings, T?> select, string key, T otherwise)
        where T : struct =>
        First(
            settings => select(settings) is { } value ? Boxed(value) : null,
            key,
            value => value is Enum ? value.ToString()!.ToLowerInvariant() : value.ToString()!) is var (found, _)
            ? (T)found
            : select(Defaults) ?? otherwise;

    private static object Boxed<T>(T value)
        where T : struct => value;

    private string? Text(Func<HostSettings, string?> select, string key) =>
        First(select, key, text => text.Length > 0 ? text : "off") is var (found, _) ? found : select(Defaults);

    private (T Value, Claim By)? First<T>(Func<HostSettings, T?> select, string key, Func<T, string> show)
        where T : class
    {
        var said = _claims.Where(claim => select(claim.Route.Host) is not null).ToArray();
        if (said.FirstOrDefault(_isHeard) is not { } deciding)
            return null;
        var value = select(deciding.Route.Host)!;
        foreach (var other in said)
        {
            if (other.Container.Id != deciding.Container.Id && !select(other.Route.Host)!.Equals(value))
                Differs(key, show(value), deciding, show(select(other.Route.Host)!), other);
        }

        return (value, deciding);
    }

    private void Differs(string key, string used, Claim deciding, string ignored, Claim other) =>
        _findings.Add(new Finding(
            FindingSeverity.Warning,
            ReasonIds.ConflictValue,
            $"{_host}: {_policy.LabelPrefix}.{key} differs: {Untrusted.Shown(used)} (\"{Untrusted.Shown(deciding.Container.Name)}\", used) and {Untrusted.Shown(ignored)} (\"{Untrusted.Shown(other.Container.Name)}\"). Give both containers the same value.")
        {
            Container = other.Container.Name,
            Host = _host,
            Label = $"{_policy.LabelPrefix}.{key}",
        });
}
