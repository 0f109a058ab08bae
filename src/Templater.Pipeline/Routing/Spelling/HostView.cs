using Templater.Pipeline.Routing.Dialects;
using Templater.Pipeline.Routing.Dialects.NginxProxy;
using Templater.Pipeline.Routing.Grouping;

namespace Templater.Pipeline.Routing.Spelling;

/// <summary>What a claim asks of its host, as native labels can say it. Nothing is opened by what they cannot say.</summary>
internal sealed class HostView(RoutingPolicy policy, Action<string> remark)
{
    private static readonly HostSettings NoDefaults = new();

    /// <summary>The settings with the dialect's own defaults in them, and without what has no native word.</summary>
    /// <param name="host">The settings.</param>
    public HostSettings Of(HostSettings host)
    {
        var defaults = host.Defaults ?? NoDefaults;
        if (host.NonGetCode is { } code && code != (host.HttpsCode ?? defaults.HttpsCode))
            remark($"{ProxyLabels.NonGet}: the status of the redirect to https is the same for all methods");
        if (host.ServerTokens is not null)
            remark($"{NginxProxyHost.Tokens} has no native word");
        if (host.Challenges is not (null or ChallengeMode.Always))
            remark($"{NginxProxyHost.Challenges}: challenges are answered wherever http answers");
        if (host.TrustsDefaultPair == true)
            remark($"{ProxyLabels.TrustDefault}: a pair must cover the host, or be named by tls.certificate");
        if (host.ShowsDebug == true)
            remark($"{ProxyLabels.DebugEndpoint} has no native word: templater explain tells more, and to nobody else");
        if (host.Provider is not null || host.Subject is not null)
            remark("provider and subject of the certificate have no native word: who makes it is the operator's choice");
        return host with
        {
            Https = Mode(host, defaults),
            HttpsCode = host.HttpsCode ?? defaults.HttpsCode,
            Hsts = host.Hsts ?? defaults.Hsts,
            NonGetCode = null,
            WithoutPair = null,
            TrustsDefaultPair = null,
            ShowsDebug = null,
            VerifiesClients = null,
            Challenges = null,
            ServerTokens = null,
            Provider = null,
            Subject = null,
            Acme = Acme(host, defaults),
            Defaults = null,
        };
    }

    // Where no certificates are obtained, those who come from elsewhere are not told to ask for some.
    private AcmeSettings? Acme(HostSettings host, HostSettings defaults)
    {
        if (policy.Acme is null && host.Defaults is not null)
            return null;
        if (host.Acme?.IsSplit == true)
            remark($"{CompanionWords.Single} has no native word: the names of a host are one certificate");
        var isWanted = host.Acme?.IsWanted ?? defaults.Acme?.IsWanted;
        return host.Acme is null && isWanted is null ? null : (host.Acme ?? new AcmeSettings()) with { IsWanted = isWanted, IsSplit = null };
    }

    private HttpsMode? Mode(HostSettings host, HostSettings defaults)
    {
        var said = host.Https ?? defaults.Https;
        switch (said ?? policy.Https, host.WithoutPair ?? defaults.WithoutPair)
        {
            case (HttpsMode.Redirect, MissingPair.Refuse):
                remark("http redirects even while there is no certificate; the nearest native word is https=only, with which http answers 503");
                return HttpsMode.Only;
            case (HttpsMode.Only, MissingPair.Serve):
                remark("http is served while there is no certificate; with https=only it answers 503");
                return said;
            default:
                return said;
        }
    }
}
