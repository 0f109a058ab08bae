using System.Collections.Immutable;
using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects;

/// <summary>
/// Reads the native keys about certificates to be obtained. They choose among what the operator defined, by name: never a URL, never
/// a credential.
/// </summary>
internal static class AcmeLabels
{
    /// <summary>All of its keys begin with this word.</summary>
    public const string Key = "acme";

    /// <summary>Most characters of a profile's name.</summary>
    private const int MaxProfile = 64;

    private static readonly ImmutableArray<NativeKey> Keys = [.. NativeKeys.All.Where(static key => key.Name == Key || key.Name.StartsWith(Key + ".", StringComparison.Ordinal))];

    private static readonly ImmutableArray<string> Challenges = [ChallengeType.Http01, ChallengeType.Dns01, ChallengeType.DnsPersist01, ChallengeType.TlsAlpn01];

    /// <summary>Reads what one route says; null when it says nothing.</summary>
    /// <param name="reader">The route's labels.</param>
    /// <param name="policy">What the operator defined; null where no certificates are obtained.</param>
    /// <param name="findings">Where complaints go.</param>
    public static AcmeSettings? Read(LabelReader reader, AcmePolicy? policy, ContainerFindings findings)
    {
        if (!Says(reader))
            return null;
        var settings = new AcmeSettings
        {
            IsWanted = reader.Value<bool>(Key, Quantities.TryBoolean, Quantities.LegalBoolean),
            Names = ReadNames(reader, findings),
            Authorities = policy is null ? null : reader.Object<string>("acme.ca", Known(policy.Authorities.Keys), OneOf(policy.Authorities.Keys, "of the settings' CAs")),
            Challenge = reader.Object<string>("acme.challenge", Known(Challenges), "one of " + string.Join(", ", Challenges)),
            Dns = policy is null ? null : reader.Object<string>("acme.dns", Known(policy.Dns), policy.Dns.IsEmpty ? "the name of a DNS provider of the settings, which have none," : OneOf(policy.Dns, "of the settings' DNS providers")),
            Profile = reader.Object<string>("acme.profile", TryProfile, "the name of a profile, with ! in front when it is required,"),
            KeyType = reader.Choice<KeyType>("acme.key-type"),
        };
        if (policy is null)
            WithoutEffect(reader, findings);
        return settings;
    }

    /// <summary>Reads a profile's name, with <c>!</c> in front when it is required.</summary>
    /// <param name="text">The text.</param>
    /// <param name="profile">The same.</param>
    public static bool TryProfile(string text, out string profile)
    {
        profile = text;
        var name = text.StartsWith('!') ? text[1..] : text;
        return name.Length is > 0 and <= MaxProfile && name.All(static character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.');
    }

    private static bool Says(LabelReader reader)
    {
        foreach (var key in Keys)
            if (reader.Raw(key.Name) is not null)
                return true;
        return false;
    }

    private static string? ReadNames(LabelReader reader, ContainerFindings findings)
    {
        if (reader.Raw("acme.names") is not var (label, value))
            return null;
        var names = new List<string>();
        foreach (var item in ValueList.Split(value).Take(HostListReader.MaxHosts))
        {
            var isGood = HostPatternParser.TryParse(item, out var pattern, out var complaint);
            if (isGood && pattern.Match is HostMatch.Exact or HostMatch.Wildcard or HostMatch.Ip)
                names.Add(pattern.Text.Trim('[', ']'));
            else
                findings.Warn(ReasonIds.InvalidHost, $"container {findings.Name}: {label}=\"{Untrusted.Shown(item)}\": {(isGood ? "a name, *.name or an address was expected" : complaint)}. The certificate is obtained without it.", label, item);
        }

        if (ValueList.Split(value).Length is 0 or > HostListReader.MaxHosts)
            reader.Complain("acme.names", label, value, $"a list of 1 to {HostListReader.MaxHosts} names");
        return names.Count > 0 ? string.Join(' ', names.Distinct(StringComparer.Ordinal)) : null;
    }

    private static void WithoutEffect(LabelReader reader, ContainerFindings findings)
    {
        foreach (var key in Keys)
            if (reader.Raw(key.Name) is var (label, value) && !key.Harmless.Contains(value.Trim(), StringComparer.OrdinalIgnoreCase))
            {
                findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name}: {Untrusted.Shown(label)} has no effect: no certificates are obtained. Set acme_email, which accepts the CA's terms.", label);
                return;
            }
    }

    private static ValueParser<string> Known(IEnumerable<string> names) => (string text, out string value) =>
    {
        value = text.ToLowerInvariant();
        return names.Contains(value, StringComparer.Ordinal);
    };

    private static string OneOf(IEnumerable<string> names, string what) => $"one {what} ({string.Join(", ", names)})";
}
