using Templater.Pipeline;

namespace Templater.Cli.Options;

/// <summary>Settings out of environment variables, with <c>NAME_FILE</c> for values that lie in files.</summary>
internal static class EnvironmentLayer
{
    /// <summary>Variable that names the settings file.</summary>
    public const string ConfigName = SettingDefinition.EnvironmentPrefix + "CONFIG";

    private const string FileSuffix = "_FILE";

    /// <summary>The values of all variables that are settings; unknown names and unreadable files become problems.</summary>
    public static Dictionary<SettingDefinition, SettingValue> Read(IReadOnlyDictionary<string, string> variables, SettingsProblems problems)
    {
        var values = new Dictionary<SettingDefinition, SettingValue>();
        foreach (var setting in SettingsTable.All)
            if (setting.PlainEnvironmentName is { } plain && variables.GetValueOrDefault(plain)?.Trim() is { Length: > 0 } text)
                values[setting] = new SettingValue(text, SettingLayer.Environment, plain);
        foreach (var name in variables.Keys.Where(static name => name.StartsWith(SettingDefinition.EnvironmentPrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            if (name != ConfigName && variables[name].Trim() is { Length: > 0 } text)
                ReadOne(name, text, variables, values, problems);
        return values;
    }

    private static void ReadOne(
        string name,
        string text,
        IReadOnlyDictionary<string, string> variables,
        Dictionary<SettingDefinition, SettingValue> values,
        SettingsProblems problems)
    {
        var key = name[SettingDefinition.EnvironmentPrefix.Length..];
        if (Find(key) is { } setting)
        {
            values[setting] = new SettingValue(text, SettingLayer.Environment, name);
        }
        else if (key.EndsWith(FileSuffix, StringComparison.Ordinal) && Find(key[..^FileSuffix.Length]) is { } fromFile)
        {
            if (variables.GetValueOrDefault(fromFile.EnvironmentName)?.Trim() is { Length: > 0 })
                problems.Add($"{fromFile.EnvironmentName} and {name} are both set; one of them is enough.");
            else if (SettingFile.Read(text, name, problems) is { Length: > 0 } content)
                values[fromFile] = new SettingValue(content, SettingLayer.Environment, $"{name}={text}");
        }
        else
        {
            problems.UnknownName(name, "environment", SettingsTable.All.Select(static setting => setting.EnvironmentName).Append(ConfigName));
        }
    }

    // Variables are case-sensitive: TEMPLATER_Http_Port is a mistake.
    private static SettingDefinition? Find(string key) => SettingsTable.Find(key) is { } setting && setting.Key == key ? setting : null;
}

/// <summary>A file that holds the value of one setting.</summary>
internal static class SettingFile
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>Its text without surrounding white space; null when it cannot be read, which is a problem.</summary>
    public static string? Read(string path, string name, SettingsProblems problems)
    {
        try
        {
            return NamedFile.ReadText(path, MaxBytes).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problems.Add($"{name}: cannot read {VisibleText.Of(path)}: {VisibleText.Of(exception.Message)}");
        }

        return null;
    }
}
