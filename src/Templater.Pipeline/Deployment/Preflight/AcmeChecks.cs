using System.Collections.Immutable;
using Templater.Acme;
using Templater.Pipeline.Certificates.Keeping;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>Can certificates be obtained? Pure.</summary>
internal static class AcmeChecks
{
    public static IEnumerable<PreflightItem> Of(AcmeFacts? facts)
    {
        if (facts is null)
            return [new PreflightItem("acme", null, "off: no certificates are obtained (acme_email turns it on)")];
        return
        [
            .. facts.Authorities.Select(trial => Authority(facts, trial)),
            new PreflightItem("certificates", null, facts.CertificatesObstacle is null ? $"{facts.CertificatesDirectory} can be written" : facts.CertificatesDirectory, facts.CertificatesObstacle is { } obstacle ? [obstacle] : []),
            Challenges(facts),
            .. facts.Dns.Select(Dns),
        ];
    }

    private static PreflightItem Authority(AcmeFacts facts, AuthorityTrial trial)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        if (trial.Trouble is { } trouble)
            findings.Add(new Finding(Severity(facts), ReasonIds.AcmeFailed, $"{trial.Name}: {trouble.TrimEnd('.')}."));
        if (trial.LacksBinding)
            findings.Add(new Finding(Severity(facts), ReasonIds.AcmeFailed, $"{trial.Name} makes no account without an external account, and none is set. {Authorities.WayToBind(trial.Name)}."));
        if (trial.AccountTrouble is { } unread)
            findings.Add(new Finding(FindingSeverity.Warning, ReasonIds.StateUnusable, $"whether there is an account at {trial.Name} cannot be looked at: {unread.TrimEnd('.')}. Ask inside the container that runs Templater, as its user."));
        var account = trial.AccountTrouble is not null ? "" : trial.Account is { } url ? $", account {url}" : ", the account will be made";
        return new PreflightItem("ca", null, $"{trial.Directory}{(trial.Trouble is null ? " answers" : "")}{account}", findings.ToImmutable()) { Name = trial.Name };
    }

    // Where another one can be ordered of, it is.
    private static FindingSeverity Severity(AcmeFacts facts) =>
        facts.Authorities.Any(static trial => trial is { Trouble: null, LacksBinding: false }) ? FindingSeverity.Warning : FindingSeverity.Error;

    private static PreflightItem Challenges(AcmeFacts facts)
    {
        // Labels may still choose what is set up.
        var all = facts.Listen is not null || facts.Webroot is not null ? facts.Challenges.Append(ChallengeType.Http01).Distinct(StringComparer.Ordinal) : facts.Challenges;
        return new PreflightItem(
            "challenges",
            null,
            string.Join("; ", all.Select(challenge => $"{challenge} {Answered(facts, challenge)}")),
            facts.WebrootObstacle is { } obstacle ? [new Finding(FindingSeverity.Error, ReasonIds.AcmeFailed, $"{obstacle.TrimEnd('.')}. Mount it here, so that this user may write it.")] : []);
    }

    private static string Answered(AcmeFacts facts, string challenge) => challenge switch
    {
        ChallengeType.Http01 when facts.Listen is { } address => $"by Templater at {address}, which the proxy hands on to",
        ChallengeType.Http01 when facts.Webroot is { } webroot => $"by files below {webroot}, which the proxy serves",
        ChallengeType.Http01 => "by the proxy's configuration",
        ChallengeType.TlsAlpn01 => $"by Templater at {facts.Listen}, which HAProxy hands on to",
        ChallengeType.Dns01 => $"by the DNS provider {facts.DefaultDns ?? "that is named with the certificate"}",
        _ => "by a TXT record for each name, which stays",
    };

    private static PreflightItem Dns(DnsProviderTrial trial) => new(
        "dns", null, $"{trial.Code}{(trial.Mistake is null ? ", everything that it needs is set" : "")}", trial.Mistake is { } mistake ? [new Finding(FindingSeverity.Error, ReasonIds.InvalidSetting, $"{(trial.Name == trial.Code ? "" : $"{trial.Name}: ")}{mistake.TrimEnd('.')}.")] : [])
    { Name = trial.Name };
}
