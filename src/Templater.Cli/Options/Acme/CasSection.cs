using System.Collections.Immutable;

namespace Templater.Cli.Options;

/// <summary>A certification authority as the file defines it; null where it says nothing.</summary>
/// <param name="Place">Where.</param>
internal sealed record CaDefinition(FilePlace Place)
{
    public Uri? Url { get; init; }

    public Uri? Staging { get; init; }

    public string? Email { get; init; }

    public string? EabKid { get; init; }

    public string? EabHmac { get; init; }

    public string? Bundle { get; init; }

    /// <summary>The key is a secret.</summary>
    public override string ToString() => $"CA {Url}";
}

/// <summary>Reads <c>cas:</c>, the certification authorities that labels may choose. Every mistake becomes a problem with its place.</summary>
internal sealed class CasSection(SettingsProblems problems)
{
    /// <summary>Its name in the file.</summary>
    public const string Name = "cas";

    private const string Url = "url";
    private const string Staging = "staging";
    private const string Email = "email";
    private const string Kid = "eab_kid";
    private const string Hmac = "eab_hmac";
    private const string HmacFile = Hmac + "_file";
    private const string Bundle = "bundle";
    private const string LegalUrl = "the URL of a directory, https://…,";
    private static readonly ImmutableArray<string> Keys = [Url, Staging, Email, Kid, Hmac, HmacFile, Bundle];

    /// <summary>A URL of a directory; null when it is none.</summary>
    public static Uri? DirectoryUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps && url.UserInfo.Length == 0 && url.Fragment.Length == 0 ? url : null;

    /// <summary>Reads the section.</summary>
    /// <param name="value">Its content.</param>
    /// <param name="found">Where the definitions go, by name.</param>
    public void Read(YamlNode value, Dictionary<string, CaDefinition> found)
    {
        if (value is not YamlNode.Mapping mapping)
        {
            problems.Add($"{value.Place}: {Name}: names with the directory URLs of certification authorities were expected.");
            return;
        }

        foreach (var (key, definition) in mapping.Entries)
        {
            var name = $"{Name}.{VisibleText.Of(key.Text!)}";
            if (!OutputNames.IsLegal(key.Text!))
                problems.Add($"{key.Place}: \"{VisibleText.Of(key.Text!)}\" cannot name a CA: expected {OutputNames.LegalValues}.");
            else
                found[key.Text!] = definition is YamlNode.Mapping parts ? ReadParts(key.Text!, name, key.Place, parts) : new CaDefinition(key.Place) { Url = ReadUrl(name, definition) };
        }
    }

    private CaDefinition ReadParts(string key, string name, FilePlace place, YamlNode.Mapping parts)
    {
        var ca = new CaDefinition(place);
        foreach (var (part, value) in parts.Entries)
            ca = part.Text switch
            {
                Url => ca with { Url = ReadUrl($"{name}.{Url}", value) },
                Staging => ca with { Staging = ReadUrl($"{name}.{Staging}", value) },
                Email => ca with { Email = Text($"{name}.{Email}", value, CertificateSettings.Email.Complaint, CertificateSettings.Email.LegalValues) },
                Kid => ca with { EabKid = Text($"{name}.{Kid}", value, CertificateSettings.EabKid.Complaint, CertificateSettings.EabKid.LegalValues) },
                Hmac => ca with { EabHmac = Text($"{name}.{Hmac}", value, CertificateSettings.EabHmac.Complaint, CertificateSettings.EabHmac.LegalValues) },
                HmacFile => ca with { EabHmac = Text($"{name}.{HmacFile}", value, static _ => null, "") is { } path ? SettingFile.Read(path, value.Place.ToString(), problems) : null },
                Bundle => ca with { Bundle = Text($"{name}.{Bundle}", value, CertificateSettings.Bundle.Complaint, CertificateSettings.Bundle.LegalValues) },
                _ => Unknown(ca, name, part),
            };
        if (!parts.Entries.Any(static entry => entry.Key.Text == Url) && !BuiltInAuthorities.All.Any(known => known.Name == key))
            problems.Add($"{place}: {name}: {Url} is missing: {LegalUrl} was expected.");
        if (ca.EabKid is null != ca.EabHmac is null)
            problems.Add($"{place}: {name}: {Kid} and {Hmac} belong together; one of them is missing.");
        return ca;
    }

    private CaDefinition Unknown(CaDefinition ca, string name, YamlNode.Scalar part)
    {
        problems.UnknownName($"{name}.{part.Text}", part.Place.ToString(), Keys.Select(known => $"{name}.{known}"));
        return ca;
    }

    private Uri? ReadUrl(string name, YamlNode value)
    {
        if (value is YamlNode.Scalar { Text: { } text } && DirectoryUrl(text.Trim()) is { } url)
            return url;
        problems.Add($"{value.Place}: {name}: {LegalUrl} was expected.");
        return null;
    }

    // What was written is not repeated: it may be a secret.
    private string? Text(string name, YamlNode value, Func<string, string?> complaint, string legal)
    {
        if (value is YamlNode.Scalar { Text: { } text } && text.Trim() is { Length: > 0 } trimmed && complaint(trimmed) is null)
            return trimmed;
        problems.Add($"{value.Place}: {name}: {(legal.Length > 0 ? legal : "a file")} was expected.");
        return null;
    }
}
