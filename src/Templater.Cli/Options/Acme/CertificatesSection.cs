using System.Collections.Immutable;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Routing;

namespace Templater.Cli.Options;

/// <summary>A certificate as the file defines it, for names that no container asks for; null where it says nothing.</summary>
/// <param name="Place">Where.</param>
/// <param name="Names">Its names, its own first.</param>
internal sealed record CertificateDefinition(FilePlace Place, ImmutableArray<string> Names)
{
    /// <summary>Names of CAs, in order of preference; empty where it says nothing.</summary>
    public ImmutableArray<(FilePlace Place, string Name)> Cas { get; init; } = [];

    public string? Challenge { get; init; }

    public (FilePlace Place, string Name)? Dns { get; init; }

    public string? Profile { get; init; }

    public KeyType? KeyType { get; init; }

    /// <summary>How problems call it.</summary>
    public string Called => $"{Place}: {CertificatesSection.Name}.{Names[0]}";
}

/// <summary>Reads <c>certificates:</c>, what is to be obtained whatever runs. Every mistake becomes a problem with its place.</summary>
internal sealed class CertificatesSection(SettingsProblems problems)
{
    /// <summary>Its name in the file.</summary>
    public const string Name = "certificates";

    private const string NamesKey = "names";
    private const string CaKey = "ca";
    private const string ChallengeKey = "challenge";
    private const string DnsKey = "dns";
    private const string ProfileKey = "profile";
    private const string KeyTypeKey = "key_type";
    private const string LegalName = "a host name, *.name or an address was expected";
    private const string NoUnderscore = "no CA signs for a name with an underscore. Use another name, or put a pair of your own into certs_dir";
    private static readonly ImmutableArray<string> Keys = [NamesKey, CaKey, ChallengeKey, DnsKey, ProfileKey, KeyTypeKey];

    /// <summary>Reads the section.</summary>
    /// <param name="value">Its content.</param>
    /// <returns>The certificates, in their order.</returns>
    public ImmutableArray<CertificateDefinition> Read(YamlNode value)
    {
        if (value is not YamlNode.Mapping mapping)
        {
            problems.Add($"{value.Place}: {Name}: names with what is wanted for them were expected, such as {Name}: {{ mail.example.com: }}.");
            return [];
        }

        var found = ImmutableArray.CreateBuilder<CertificateDefinition>();
        foreach (var (key, definition) in mapping.Entries)
            if (!TryName(key.Text!, out var name, out var complaint))
                problems.Add($"{key.Place}: {Name}: \"{VisibleText.Of(key.Text!)}\" is no name of a certificate: {complaint}.");
            else if (found.Any(known => known.Names[0] == name))
                problems.Add($"{key.Place}: {Name}.{name} is there twice.");
            else if (definition is YamlNode.Mapping parts)
                found.Add(ReadParts(name, key.Place, parts));
            else if (definition is YamlNode.Scalar { Text: null })
                found.Add(new CertificateDefinition(key.Place, [name]));
            else
                problems.Add($"{definition.Place}: {Name}.{name}: names with values were expected, or nothing.");
        return found.ToImmutable();
    }

    private CertificateDefinition ReadParts(string own, FilePlace place, YamlNode.Mapping parts)
    {
        var definition = new CertificateDefinition(place, [own]);
        var called = $"{Name}.{own}";
        foreach (var (part, value) in parts.Entries)
            definition = part.Text switch
            {
                NamesKey => definition with { Names = [own, .. Further($"{called}.{NamesKey}", value).Where(name => name != own).Distinct(StringComparer.Ordinal)] },
                CaKey => definition with { Cas = [.. Words(value, $"{called}.{CaKey}")] },
                ChallengeKey => definition with { Challenge = Legal(CertificateSettings.Challenge, $"{called}.{ChallengeKey}", value) },
                DnsKey => definition with { Dns = Text(value, $"{called}.{DnsKey}", CertificateSettings.Dns.LegalValues) is { } dns ? (value.Place, dns) : null },
                ProfileKey => definition with { Profile = Legal(CertificateSettings.Profile, $"{called}.{ProfileKey}", value) },
                KeyTypeKey => definition with { KeyType = Legal(CertificateSettings.KeyTypes, $"{called}.{KeyTypeKey}", value) is { } type ? CertificateSettings.KeyTypes.Parse(type) : null },
                _ => Unknown(definition, called, part),
            };
        return definition;
    }

    private CertificateDefinition Unknown(CertificateDefinition definition, string called, YamlNode.Scalar part)
    {
        problems.UnknownName($"{called}.{part.Text}", part.Place.ToString(), Keys.Select(known => $"{called}.{known}"));
        return definition;
    }

    private IEnumerable<string> Further(string called, YamlNode value)
    {
        foreach (var (place, word) in Words(value, called))
            if (TryName(word, out var name, out var complaint))
                yield return name;
            else
                problems.Add($"{place}: {called}: \"{VisibleText.Of(word)}\" is none: {complaint}.");
    }

    private IEnumerable<(FilePlace Place, string Text)> Words(YamlNode value, string called)
    {
        foreach (var item in value is YamlNode.Sequence list ? list.Items : [value])
            if (Text(item, called, "a list of words") is { } text)
                foreach (var word in SettingTypes.Words(text))
                    yield return (item.Place, word);
    }

    private string? Legal(SettingDefinition setting, string called, YamlNode value)
    {
        if (Text(value, called, setting.LegalValues) is not { } text)
            return null;
        if (setting.Complaint(text) is null)
            return text;
        problems.Add($"{value.Place}: {called}: \"{VisibleText.Of(text)}\": expected {setting.LegalValues}.");
        return null;
    }

    private string? Text(YamlNode value, string called, string legal)
    {
        if (value is YamlNode.Scalar { Text: { } text } && text.Trim() is { Length: > 0 } trimmed)
            return trimmed;
        problems.Add($"{value.Place}: {called}: {legal} was expected.");
        return null;
    }

    // A host may have an underscore, a certificate may not.
    private static bool TryName(string text, out string name, out string complaint)
    {
        var isHost = HostPattern.TryParse(text, out var pattern) is null && pattern.Match is HostMatch.Exact or HostMatch.Wildcard or HostMatch.Ip;
        name = isHost ? pattern.Text.Trim('[', ']') : "";
        complaint = isHost ? NoUnderscore : LegalName;
        return isHost && CertificateStore.IsName(name);
    }
}
