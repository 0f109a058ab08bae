using System.Collections.Immutable;
using Templater.Acme;
using Templater.Pipeline.Routing.Dialects.Dotege;
using Templater.Pipeline.Routing.Dialects.NginxProxy;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>The certificates that are to be obtained for a host.</summary>
internal sealed partial class HostDecision
{
    private const char Required = '!';

    private AcmeChoice? Acme(HttpsMode mode)
    {
        if (_policy.Acme is not { } acme)
            return null;
        var isWanted = Value(settings => settings.Acme?.IsWanted, "acme", acme.IsDefault);
        // Who says which certificate is used wants no other.
        if (!isWanted || mode == HttpsMode.Off || NamedCertificate() is not null)
            return null;
        var challenge = Spoken(static settings => settings.Acme?.Challenge, "acme.challenge", acme.Challenge, CompanionWords.Challenge);
        var dns = challenge == ChallengeType.Dns01 ? Spoken(static settings => settings.Acme?.Dns, "acme.dns", acme.DefaultDns ?? "") : "";
        if (challenge == ChallengeType.Dns01 && dns.Length == 0)
        {
            NeedsProvider();
            return null;
        }

        var profile = Spoken(static settings => settings.Acme?.Profile, "acme.profile", acme.Profile is { } usual ? (acme.RequiresProfile ? Required + usual : usual) : "", CompanionWords.Profile);
        return new AcmeChoice
        {
            Names = Words(Spoken(static settings => settings.Acme?.Names, "acme.names", "", CompanionWords.Host, DotegeLabels.Subject)),
            IsSplit = Value(settings => settings.Acme?.IsSplit, CompanionWords.Single, false),
            Authorities = Spoken(static settings => settings.Acme?.Authorities, "acme.ca", "", CompanionWords.Authority) is { Length: > 0 } said ? Words(said) : acme.Preferred,
            Challenge = challenge,
            Dns = dns.Length > 0 ? dns : null,
            Profile = profile.TrimStart(Required) is { Length: > 0 } name ? name : null,
            RequiresProfile = profile.StartsWith(Required),
            KeyType = Value(settings => settings.Acme?.KeyType, "acme.key-type", acme.KeyType),
        };
    }

    // Nobody who is not asked pays for a list of names to be shown.
    private string Spoken(Func<HostSettings, string?> select, string key, string otherwise, string? companion = null, string? dotege = null)
    {
        key = _claims[0].Dialect switch { Dialect.NginxProxy => companion ?? key, Dialect.Dotege => dotege ?? key, _ => key };
        otherwise = select(Defaults) ?? otherwise;
        foreach (var claim in _claims)
            if (select(claim.Route.Host) is not null)
                return First(select, key, static text => text, otherwise.Length > 0 ? otherwise : "the default", _ => false) ?? otherwise;
        return otherwise;
    }

    private static ImmutableArray<string> Words(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    private void NeedsProvider() =>
        SayNotObtained($"{ChallengeType.Dns01} needs a DNS provider. Set acme_dns, or the label {_policy.LabelPrefix}.acme.dns to one of the settings' dns.");

    /// <summary>Says that no certificate is obtained because of its challenge.</summary>
    /// <param name="why">Why, with the way out: one or more sentences.</param>
    public void SayNotObtained(string why) => _findings.Add(new Finding(
        FindingSeverity.Warning,
        ReasonIds.UnsupportedOption,
        $"{_host}: no certificate is obtained: {why}")
    {
        Container = _claims[0].Container.Name,
        Host = _host,
        Label = Label("acme.challenge"),
    });
}
