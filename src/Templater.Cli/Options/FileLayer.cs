using System.Collections.Immutable;
using Templater.Pipeline;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Names;

namespace Templater.Cli.Options;

/// <summary>What a settings file says.</summary>
internal sealed record FileLayer
{
    /// <summary>The file; null when there is none.</summary>
    public string? Path { get; init; }

    /// <summary>Values at the top.</summary>
    public Dictionary<SettingDefinition, SettingValue> Values { get; } = [];

    /// <summary>Values per output, in the file's order.</summary>
    public List<(string Name, FilePlace Place, Dictionary<SettingDefinition, SettingValue> Values, Dictionary<string, string> TemplateValues)> Outputs { get; } = [];

    /// <summary>Values for templates.</summary>
    public Dictionary<string, string> TemplateValues { get; } = new(StringComparer.Ordinal);

    /// <summary>Lists of clients that labels may name.</summary>
    public Dictionary<string, ImmutableArray<string>> AccessLists { get; } = new(StringComparer.Ordinal);

    /// <summary>Domains by project; null when the section says nothing of projects.</summary>
    public DomainPolicy? Domains { get; set; }

    /// <summary>Routes to what is no container, by name.</summary>
    public ImmutableArray<PlacedRoute> Routes { get; set; } = [];

    /// <summary>Who may be asked about requests where labels name them.</summary>
    public Dictionary<string, ForwardAuth> ForwardAuths { get; } = new(StringComparer.Ordinal);

    /// <summary>Certification authorities that labels may choose, by name.</summary>
    public Dictionary<string, CaDefinition> Cas { get; } = new(StringComparer.Ordinal);

    /// <summary>Certificates for names that no container asks for.</summary>
    public ImmutableArray<CertificateDefinition> Certificates { get; set; } = [];

    /// <summary>DNS providers that labels may choose, by name.</summary>
    public Dictionary<string, DnsDefinition> Dns { get; } = new(StringComparer.Ordinal);
}

/// <summary>Reads a settings file; every mistake becomes a problem with line and column.</summary>
internal sealed class FileLayerReader(string path, SettingsProblems problems)
{
    private const string OutputsSection = "outputs";
    private const string ValuesSection = "values";
    private const string AccessListsSection = "access_lists";
    private const string BuiltInList = "private";
    private const string FileSuffix = "_file";
    private const int MaxBytes = 1024 * 1024;
    private readonly FileLayer _layer = new() { Path = path };

    /// <summary>Reads it.</summary>
    public FileLayer Read()
    {
        if (Text() is not { } text)
            return _layer;
        try
        {
            switch (YamlTree.Read(path, text))
            {
                case null or YamlNode.Scalar { Text: null }:
                    break;
                case YamlNode.Mapping root:
                    ReadRoot(root);
                    break;
                case var other:
                    problems.Add($"{other.Place}: names with values were expected.");
                    break;
            }
        }
        catch (YamlMistakeException mistake)
        {
            problems.Add($"{mistake.Place}: {VisibleText.Of(mistake.Message)}.");
        }

        return _layer;
    }

    private string? Text()
    {
        try
        {
            return NamedFile.ReadText(path, MaxBytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problems.Add($"cannot read the settings file {VisibleText.Of(path)}: {VisibleText.Of(exception.Message)}");
        }

        return null;
    }

    private void ReadRoot(YamlNode.Mapping root)
    {
        foreach (var (key, value) in root.Entries)
            switch (key.Text)
            {
                case OutputsSection:
                    ReadOutputs(value);
                    break;
                case ValuesSection:
                    ReadTemplateValues(value, _layer.TemplateValues);
                    break;
                case RoutesSection.Name:
                    _layer.Routes = RoutesSection.Read(value, problems);
                    break;
                case AccessListsSection:
                    ReadAccessLists(value);
                    break;
                case var name when name == EngineSettings.Domains.Path && value is YamlNode.Mapping projects:
                    _layer.Domains = DomainsSection.Read(projects, problems);
                    break;
                case ForwardAuthSection.Name:
                    new ForwardAuthSection(problems).Read(value, _layer.ForwardAuths);
                    break;
                case CasSection.Name:
                    new CasSection(problems).Read(value, _layer.Cas);
                    break;
                case CertificatesSection.Name:
                    _layer.Certificates = new CertificatesSection(problems).Read(value);
                    break;
                case DnsSection.Name:
                    new DnsSection(problems).Read(value, _layer.Dns);
                    break;
                default:
                    ReadSetting("", key, value, _layer.Values, isOutput: false);
                    break;
            }
    }

    private void ReadOutputs(YamlNode value)
    {
        if (value is not YamlNode.Mapping outputs || outputs.Entries.Count == 0)
        {
            problems.Add($"{value.Place}: outputs: names of outputs with their settings were expected.");
            return;
        }

        foreach (var (key, settings) in outputs.Entries)
        {
            var values = new Dictionary<SettingDefinition, SettingValue>();
            var templateValues = new Dictionary<string, string>(StringComparer.Ordinal);
            if (!OutputNames.IsLegal(key.Text!))
                problems.Add($"{key.Place}: \"{VisibleText.Of(key.Text!)}\" cannot name an output: expected {OutputNames.LegalValues}.");
            if (settings is not YamlNode.Mapping mapping)
                problems.Add($"{settings.Place}: outputs.{VisibleText.Of(key.Text!)}: settings were expected.");
            else
                foreach (var (name, setting) in mapping.Entries)
                    if (name.Text == ValuesSection)
                        ReadTemplateValues(setting, templateValues);
                    else
                        ReadSetting("", name, setting, values, isOutput: true);
            _layer.Outputs.Add((key.Text!, key.Place, values, templateValues));
        }
    }

    private void ReadAccessLists(YamlNode value)
    {
        if (value is not YamlNode.Mapping lists)
        {
            problems.Add($"{value.Place}: {AccessListsSection}: names with lists of addresses were expected.");
            return;
        }

        foreach (var (key, list) in lists.Entries)
        {
            var name = $"{AccessListsSection}.{VisibleText.Of(key.Text!)}";
            if (!OutputNames.IsLegal(key.Text!) || key.Text == BuiltInList)
                problems.Add($"{key.Place}: \"{VisibleText.Of(key.Text!)}\" cannot name an access list: expected {OutputNames.LegalValues}, and not {BuiltInList}.");
            else if (TextOf(name, list) is var text && ClientRange.TryParse(text ?? "", out var ranges))
                _layer.AccessLists[key.Text!] = ranges;
            else
                problems.Add($"{list.Place}: {name}: {ClientRange.Legal} was expected.");
        }
    }

    private void ReadTemplateValues(YamlNode value, Dictionary<string, string> values)
    {
        if (value is YamlNode.Mapping mapping)
            foreach (var (key, item) in mapping.Entries)
                if (item is YamlNode.Scalar scalar)
                    values[key.Text!] = scalar.Text ?? "";
                else
                    problems.Add($"{item.Place}: values.{VisibleText.Of(key.Text!)}: a single value was expected.");
        else
            problems.Add($"{value.Place}: values: names with values were expected.");
    }

    private void ReadSetting(
        string parent, YamlNode.Scalar key, YamlNode value, Dictionary<SettingDefinition, SettingValue> values, bool isOutput)
    {
        var name = parent + key.Text;
        if (value is YamlNode.Mapping group)
        {
            foreach (var (innerKey, inner) in group.Entries)
                ReadSetting(name + ".", innerKey, inner, values, isOutput);
            return;
        }

        var setting = SettingsTable.Find(name);
        var fromFile = setting is null && name.EndsWith(FileSuffix, StringComparison.Ordinal) ? SettingsTable.Find(name[..^FileSuffix.Length]) : null;
        if ((setting ?? fromFile) is not { } found)
            problems.UnknownName(name, key.Place.ToString(), SettingsTable.All.Select(static known => known.Path).Append(OutputsSection).Append(ValuesSection));
        else if (isOutput && !found.IsPerOutput)
            problems.Add($"{key.Place}: {found.Path} holds for all outputs; write it at the top of the file.", found.Path);
        else if (TextOf(name, value) is { Length: > 0 } text)
            Add(found, fromFile is null ? text : SettingFile.Read(text, key.Place.ToString(), problems), value.Place, values);
    }

    private void Add(SettingDefinition setting, string? text, FilePlace place, Dictionary<SettingDefinition, SettingValue> values)
    {
        if (text is { Length: > 0 } && !values.TryAdd(setting, new SettingValue(text, SettingLayer.File, place.ToString())))
            problems.Add($"{place}: {setting.Path} is there twice.", setting.Path);
    }

    private string? TextOf(string name, YamlNode value)
    {
        switch (value)
        {
            case YamlNode.Scalar scalar:
                return scalar.Text?.Trim();
            case YamlNode.Sequence sequence when sequence.Items.All(static item => item is YamlNode.Scalar):
                return string.Join(',', sequence.Items.Select(static item => ((YamlNode.Scalar)item).Text));
            default:
                problems.Add($"{value.Place}: {VisibleText.Of(name)}: a single value or a list of them was expected.");
                return null;
        }
    }
}
