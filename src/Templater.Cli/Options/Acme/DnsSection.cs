using System.Collections.Immutable;
using Templater.Acme.Dns.Providers;

namespace Templater.Cli.Options;

/// <summary>A DNS provider as the file defines it.</summary>
/// <param name="Provider">What it is.</param>
/// <param name="Values">Values of its variables; most of them are secrets.</param>
internal sealed record DnsDefinition(DnsProvider Provider, ImmutableSortedDictionary<string, string> Values)
{
    /// <summary>The values are credentials.</summary>
    public override string ToString() => Provider.Code;
}

/// <summary>
/// Reads <c>dns:</c>, the DNS providers that labels may choose, with their credentials under the names that lego documents. Every
/// mistake becomes a problem with its place; no value is ever repeated.
/// </summary>
internal sealed class DnsSection(SettingsProblems problems)
{
    /// <summary>Its name in the file.</summary>
    public const string Name = "dns";

    private const string Code = "provider";
    private const string FileSuffix = "_FILE";

    /// <summary>The provider of a name; null when there is none.</summary>
    public static DnsProvider? Find(string code) => DnsProviders.All.FirstOrDefault(provider => provider.Code == code);

    /// <summary>The names of all providers, for messages.</summary>
    public static string Codes => string.Join(", ", DnsProviders.All.Select(static provider => provider.Code));

    /// <summary>Reads the section.</summary>
    /// <param name="value">Its content.</param>
    /// <param name="found">Where the definitions go, by name.</param>
    public void Read(YamlNode value, Dictionary<string, DnsDefinition> found)
    {
        if (value is not YamlNode.Mapping mapping)
        {
            problems.Add($"{value.Place}: {Name}: names with the variables of DNS providers were expected.");
            return;
        }

        foreach (var (key, definition) in mapping.Entries)
            if (!OutputNames.IsLegal(key.Text!))
                problems.Add($"{key.Place}: \"{VisibleText.Of(key.Text!)}\" cannot name a DNS provider: expected {OutputNames.LegalValues}.");
            else if (definition is not (YamlNode.Mapping or YamlNode.Scalar { Text: null }))
                problems.Add($"{definition.Place}: {Name}.{key.Text}: variables with their values were expected.");
            else if (ReadOne(key, definition as YamlNode.Mapping) is { } provider)
                found[key.Text!] = provider;
    }

    private DnsDefinition? ReadOne(YamlNode.Scalar key, YamlNode.Mapping? parts)
    {
        var name = $"{Name}.{key.Text}";
        var entries = parts?.Entries ?? [];
        var named = entries.FirstOrDefault(static entry => entry.Key.Text == Code);
        var code = named.Value is YamlNode.Scalar { Text: { } text } ? text.Trim() : key.Text!;
        if (Find(code) is not { } provider)
        {
            problems.Add($"{(named.Value ?? key).Place}: {name}: \"{VisibleText.Of(code)}\" is no DNS provider that is known here: write {Code}: with one of {Codes}; others can be called with exec or httpreq.");
            return null;
        }

        var values = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (part, value) in entries)
            if (part.Text != Code)
                ReadVariable(provider, name, part, value, values);
        return new DnsDefinition(provider, values.ToImmutable());
    }

    private void ReadVariable(DnsProvider provider, string name, YamlNode.Scalar part, YamlNode value, ImmutableSortedDictionary<string, string>.Builder values)
    {
        var variable = part.Text!;
        var isKnown = IsKnown(provider, variable);
        var isFile = !isKnown && variable.EndsWith(FileSuffix, StringComparison.Ordinal) && IsKnown(provider, variable[..^FileSuffix.Length]);
        if (!isKnown && !isFile)
            problems.UnknownName($"{name}.{variable}", part.Place.ToString(), provider.Variables.Select(known => $"{name}.{known.Name}"));
        else if (value is not YamlNode.Scalar { Text: { } text } || text.Trim() is not { Length: > 0 } trimmed)
            problems.Add($"{value.Place}: {name}.{variable}: a single value was expected.");
        else if ((isFile ? SettingFile.Read(trimmed, value.Place.ToString(), problems) : trimmed) is { } content)
            values[isFile ? variable[..^FileSuffix.Length] : variable] = content;
    }

    private static bool IsKnown(DnsProvider provider, string variable) => provider.Variables.Any(known => known.Name == variable || known.Alias == variable);
}
