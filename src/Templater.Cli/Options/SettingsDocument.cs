using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Templater.Cli.Options;

/// <summary>The settings table as text for people, as JSON, and as the Markdown that the documentation holds.</summary>
internal static class SettingsDocument
{
    private const string Secret = "(secret)";

    /// <summary>Every setting with the value in force and its source; outputs of a file below.</summary>
    public static string Text(Settings settings)
    {
        var rows = new List<(string Name, string Value, string Source)> { ("SETTING", "VALUE", "FROM") };
        foreach (var setting in SettingsTable.All)
            rows.Add(Row(setting.Path, setting, settings.Values));
        foreach (var output in settings.Outputs.Where(_ => settings.Outputs.Length > 1 || settings.Outputs[0].Values != settings.Values))
            foreach (var setting in SettingsTable.All.Where(setting => setting.IsPerOutput && output.Values.Of(setting) != settings.Values.Of(setting)))
                rows.Add(Row($"outputs.{output.Name}.{setting.Path}", setting, output.Values));
        foreach (var output in settings.Outputs)
            foreach (var (key, value) in output.TemplateValues)
                rows.Add(($"outputs.{output.Name}.values.{VisibleText.Of(key)}", VisibleText.Of(value), ""));
        var (nameWidth, valueWidth) = (rows.Max(static row => row.Name.Length), Math.Min(rows.Max(static row => row.Value.Length), 40));
        var text = new StringBuilder();
        foreach (var (name, value, source) in rows)
            text.Append($"{name.PadRight(nameWidth)}  {value.PadRight(valueWidth)}  {source}".TrimEnd()).Append('\n');
        return text.ToString();
    }

    /// <summary>The same as one JSON object per setting in an array.</summary>
    public static string Json(Settings settings)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartArray();
            foreach (var setting in SettingsTable.All)
                WriteSetting(json, setting, null, settings.Values);
            foreach (var output in settings.Outputs)
                foreach (var setting in SettingsTable.All.Where(static setting => setting.IsPerOutput))
                    WriteSetting(json, setting, output.Name, output.Values);
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <summary>The table of the documentation: names, defaults, meanings, legal values.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder("| setting (YAML) | variable `TEMPLATER_…` | default | meaning | values |\n|---|---|---|---|---|\n");
        foreach (var group in SettingsTable.All.GroupBy(static setting => setting.Group))
        {
            text.Append(CultureInfo.InvariantCulture, $"| **{group.Key}** | | | | |\n");
            foreach (var setting in group)
                text.Append(CultureInfo.InvariantCulture,
                    $"| `{setting.Path}` | `{setting.Key}` | {DefaultOf(setting)} | {Cell(setting.Meaning)} | {Cell(setting.LegalValues)} |\n");
        }

        return text.ToString();
    }

    private static string DefaultOf(SettingDefinition setting) =>
        setting.Default.Length > 0 ? $"`{setting.Default}`" : Cell(setting.DefaultNote is { Length: > 0 } note ? note : "-");

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static (string Name, string Value, string Source) Row(string name, SettingDefinition setting, SettingValues values)
    {
        var value = values.Of(setting);
        return (name, Shown(setting, value) ?? (setting.DefaultNote is { Length: > 0 } note ? $"({note})" : "-"), value.Source);
    }

    private static string? Shown(SettingDefinition setting, SettingValue value) =>
        value.Text.Length == 0 ? null : setting.IsSecret ? Secret : VisibleText.Of(value.Text);

    private static void WriteSetting(Utf8JsonWriter json, SettingDefinition setting, string? output, SettingValues values)
    {
        var value = values.Of(setting);
        json.WriteStartObject();
        json.WriteString("setting", setting.Path);
        if (output is not null)
            json.WriteString("output", output);
        json.WriteString("variable", setting.EnvironmentName);
        json.WriteString("flag", setting.Flag);
        json.WriteString("value", Shown(setting, value));
        json.WriteString("from", value.Source);
        json.WriteString("meaning", setting.Meaning);
        json.WriteEndObject();
    }
}
