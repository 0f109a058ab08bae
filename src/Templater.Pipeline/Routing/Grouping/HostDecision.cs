using System.Collections.Immutable;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Routing.Dialects;
using Templater.Pipeline.Routing.Dialects.Dotege;
using Templater.Pipeline.Routing.Dialects.NginxProxy;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>
/// Decides what holds for a host as a whole. Of the containers that say something the one with the highest priority
/// decides, then the oldest; what an application says that does not own the host is not heard.
/// </summary>
internal sealed partial class HostDecision
{
    private static readonly HostSettings NoDefaults = new();

    private readonly RoutingPolicy _policy;
    private readonly ImmutableArray<Claim> _claims;
    private readonly string _host;
    private readonly bool _isMerged;
    private readonly List<Finding> _findings = [];
    private Dictionary<string, (Claim Claim, Refusal Refusal)>? _refused;

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
        (_policy, _host, _claims, _isMerged) = (policy, Untrusted.Shown(host), claims, isMerged);
    }

    /// <summary>Differences that were found on the way.</summary>
    public IEnumerable<Finding> Findings => _findings;

    private bool IsHeard(Claim claim) => IsHeard(claim, _claims[0], _isMerged);

    private HostSettings Defaults => _claims[0].Route.Host.Defaults ?? NoDefaults;

    /// <summary>Claims that must not be served, because what they close on the host is decided otherwise by its owner.</summary>
    public IEnumerable<(Claim Claim, Refusal Refusal)> Refused => _refused is null ? [] : _refused.Values;

    /// <summary>True when there are any.</summary>
    public bool HasRefused => _refused is not null;

    /// <summary>A claim as it may be served: without its server and redirect when it is refused.</summary>
    /// <param name="claim">The claim.</param>
    public Claim WithoutRefused(Claim claim) => _refused is not null && _refused.TryGetValue(claim.Key, out var refused)
        ? claim.Refused(refused.Refusal)
        : claim;

    /// <summary>The certificate that a label chose; null when none did.</summary>
    public (string Name, Claim By)? NamedCertificate()
    {
        foreach (var claim in _claims)
            if (claim.Route.Host.Certificate is { } name && IsHeard(claim))
                return (name, claim);
        return null;
    }

    /// <summary>The names that only redirect, and who asked.</summary>
    public (ImmutableArray<HostPattern> Names, Claim By)? RedirectFrom()
    {
        var deciding = _claims.FirstOrDefault(claim => IsHeard(claim) && claim.Route.Host.RedirectFrom is not null);
        return deciding?.Route.Host.RedirectFrom is { } names ? (names, deciding) : null;
    }

    /// <summary>Everything about http and https.</summary>
    /// <param name="certificate">The pair, if there is one.</param>
    /// <param name="isDefaultPair">True when the pair covers no name of the host and is used all the same.</param>
    public HttpsPolicy Https(CertificatePair? certificate, bool isDefaultPair)
    {
        var hsts = Text(settings => settings.Hsts, "hsts", _policy.Hsts ?? "");
        if (_claims.Any(static claim => claim.Route.Host.Certificate is not null))
            First(settings => settings.Certificate, "tls.certificate", name => name, certificate?.Name ?? "none", _ => true);
        var mode = Value(settings => settings.Https, "https", _policy.Https, mode => mode == HttpsMode.Only);
        var withoutPair = WithoutPair(mode);
        if (mode is HttpsMode.Off or HttpsMode.Optional || withoutPair != MissingPair.Refuse)
            RefuseSecureOnly();
        return new HttpsPolicy
        {
            Mode = mode,
            WithoutPair = withoutPair,
            IsDefaultPair = certificate is not null && isDefaultPair,
            NonGetRedirectCode = NonGetCode(),
            Certificate = certificate,
            Challenges = Challenges(mode),
            RedirectCode = Value(settings => settings.HttpsCode, "https.code", _policy.HttpsCode),
            Hsts = string.IsNullOrEmpty(hsts) ? null : hsts,
            Http2 = Value(settings => settings.Http2, "http2", _policy.Http2),
            Http3 = Value(settings => settings.Http3, "http3", _policy.Http3),
            Policy = Value(settings => settings.TlsPolicy, "tls.policy", _policy.TlsPolicy),
            Acme = Acme(mode),
        };
    }

    /// <summary>True when the pair called <c>default</c> serves names that no pair covers.</summary>
    public bool TrustsDefaultPair() => Value(settings => settings.TrustsDefaultPair, ProxyLabels.TrustDefault, false);

    /// <summary>True when anybody may ask what is known about the host: only where nginx-proxy is replaced.</summary>
    public bool IsDebugged() => _policy.NginxProxy is { } compat && Value(settings => settings.ShowsDebug, ProxyLabels.DebugEndpoint, compat.ShowsDebug);

    /// <summary>What nginx tells about itself; null = its own default.</summary>
    public string? ServerTokens() =>
        _claims.Any(static claim => claim.Route.Host.ServerTokens is not null)
            ? First(settings => settings.ServerTokens, NginxProxyHost.Tokens, tokens => tokens, "the default", _ => false)
            : null;

    // The words of nginx-proxy for "no https" want no certificate either.
    private ChallengeMode Challenges(HttpsMode mode) =>
        mode == HttpsMode.Off && _claims[0].Dialect == Dialect.NginxProxy
            ? ChallengeMode.Never
            : Value(settings => settings.Challenges, NginxProxyHost.Challenges, _policy.Challenges);

    private int? NonGetCode() =>
        Defaults.NonGetCode is not null || _claims.Any(static claim => claim.Route.Host.NonGetCode is not null) ? Value(settings => settings.NonGetCode, ProxyLabels.NonGet, _policy.HttpsCode) : null;

    // The words of nginx-proxy for "https only" let http serve until there is a pair; the others' do not.
    private MissingPair WithoutPair(HttpsMode mode)
    {
        var wish = Value(settings => settings.WithoutPair, NginxProxyHost.WithoutCertificate, MissingPair.Usual, value => value == MissingPair.Refuse);
        var isMeantStrictly = mode == HttpsMode.Only
            && _claims.Any(static claim => claim.Dialect != Dialect.NginxProxy && claim.Route.Host.Https == HttpsMode.Only);
        return wish == MissingPair.Serve && isMeantStrictly ? MissingPair.Usual : wish;
    }

    // A router of Traefik that answers https alone must not appear in plain http because another container has the say.
    private void RefuseSecureOnly()
    {
        foreach (var claim in _claims)
            if (claim is { Dialect: Dialect.Traefik, IsContender: true, Route.Host.WithoutPair: MissingPair.Refuse })
                Refuse(claim, $"{Label("https")}=redirect");
    }

    /// <summary>External port for http.</summary>
    public int HttpPort() => Value(settings => settings.HttpPort, "listen.http", _policy.HttpPort);

    /// <summary>External port for https.</summary>
    public int HttpsPort() => Value(settings => settings.HttpsPort, "listen.https", _policy.HttpsPort);

    /// <summary>Status of the redirect of <see cref="RedirectFrom"/>.</summary>
    public int RedirectCode() => Value(settings => settings.RedirectCode, "redirect.code", 308);

    /// <summary>Data of the deciding container.</summary>
    public ImmutableSortedDictionary<string, string> Data() => _claims[0].Route.Host.Data;

    private T Value<T>(Func<HostSettings, T?> select, string key, T otherwise, Func<T, bool>? closes = null)
        where T : struct
    {
        otherwise = select(Defaults) ?? otherwise;
        // Hardly any host says anything about most settings.
        foreach (var claim in _claims)
            if (select(claim.Route.Host) is not null)
                return Said(select, key, otherwise, closes);
        return otherwise;
    }

    private T Said<T>(Func<HostSettings, T?> select, string key, T otherwise, Func<T, bool>? closes)
        where T : struct
    {
        var said = First(
            settings => select(settings) is { } value ? (object)value : null,
            key,
            value => Shown((T)value),
            Shown(otherwise),
            value => closes?.Invoke((T)value) ?? false);
        return said is null ? otherwise : (T)said;
    }

    private static string Shown<T>(T value)
        where T : struct => value is Enum ? value.ToString()!.ToLowerInvariant() : value.ToString()!;

    private string Text(Func<HostSettings, string?> select, string key, string otherwise)
    {
        otherwise = select(Defaults) ?? otherwise;
        foreach (var claim in _claims)
            if (select(claim.Route.Host) is not null)
                return First(select, key, ShownText, ShownText(otherwise), _ => false) ?? otherwise;
        return otherwise;
    }

    private static string ShownText(string text) => text.Length > 0 ? text : "off";

    /// <summary>What the first that is heard says; every other that differs is reported.</summary>
    /// <param name="select">The setting.</param>
    /// <param name="key">Its key.</param>
    /// <param name="show">The value for people.</param>
    /// <param name="otherwise">What holds when nobody who is heard says anything, for people.</param>
    /// <param name="closes">True for a value that closes something: who says it and is not heard must not be served.</param>
    private T? First<T>(Func<HostSettings, T?> select, string key, Func<T, string> show, string otherwise, Func<T, bool> closes)
        where T : class
    {
        var said = _claims.Where(claim => select(claim.Route.Host) is not null && (claim.IsContender || !_claims[0].IsContender)).ToArray();
        var deciding = said.FirstOrDefault(IsHeard);
        var value = deciding is null ? null : select(deciding.Route.Host)!;
        var used = value is null ? otherwise : show(value);
        foreach (var other in said)
        {
            var own = select(other.Route.Host)!;
            if (other.Container.Id == deciding?.Container.Id || show(own) == used)
                continue;
            var isRefused = !IsHeard(other) && closes(own);
            Differs(key, used, deciding, show(own), other, isRefused);
            if (isRefused)
                Refuse(other, $"{Label(key)}={Untrusted.Shown(show(own))}");
        }

        return value;
    }

    // Keys of native labels are lower case and begin with no domain.
    private string Label(string key) =>
        char.IsAsciiLetterUpper(key[0]) || key.StartsWith(ProxyLabels.Prefix, StringComparison.Ordinal) || key.StartsWith(DotegeLabels.Prefix, StringComparison.Ordinal) ? key : $"{_policy.LabelPrefix}.{key}";

    private void Refuse(Claim other, string label) => (_refused ??= new(StringComparer.Ordinal)).TryAdd(
        other.Key,
        (other, new Refusal(ReasonIds.ConflictValue, $"{label} is not heard on {_host}, which belongs to \"{Untrusted.Shown(_claims[0].Container.Name)}\".")));

    private void Differs(string key, string used, Claim? deciding, string ignored, Claim other, bool isRefused)
    {
        var owner = deciding ?? _claims[0];
        var heard = deciding is null
            ? $"{Untrusted.Shown(used)} holds, because the host belongs to \"{Untrusted.Shown(owner.Container.Name)}\", and"
            : $"{Untrusted.Shown(used)} (\"{Untrusted.Shown(owner.Container.Name)}\", used) and";
        var tail = isRefused ? "The other is not routed, because that would open what it closes; give both the same value." : "Give both containers the same value.";
        _findings.Add(new Finding(
            FindingSeverity.Warning,
            ReasonIds.ConflictValue,
            $"{_host}: {Label(key)} differs: {heard} {Untrusted.Shown(ignored)} (\"{Untrusted.Shown(other.Container.Name)}\"). {tail}")
        {
            Container = other.Container.Name,
            Host = _host,
            Label = Label(key),
        });
    }
}
