using Templater.Cli.Options;
using Templater.Pipeline;

namespace Templater.Cli.Running;

/// <summary>Finds <c>--set</c> words that name a setting and that no template reads: the flag of that setting was meant.</summary>
internal static class UnreadSets
{
    /// <summary>One warning for each of them.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="outputs">All outputs; of a template that cannot be used nobody knows what it would read.</param>
    public static IEnumerable<Finding> Of(Settings settings, IReadOnlyCollection<LoadedOutput> outputs)
    {
        if (outputs.Any(static output => output.Load.Renderer is null))
            yield break;
        foreach (var name in settings.Sets.Keys.Order(StringComparer.Ordinal))
            if (SettingsTable.Find(name) is { } setting && !outputs.Any(output => output.Load.Renderer!.ReadsValue(name)))
                yield return Warning(name, setting, settings);
    }

    private static Finding Warning(string name, SettingDefinition setting, Settings settings)
    {
        var templates = string.Join(", ", settings.Outputs.Select(static output => output.Values.Of(OutputSettings.Template).Text).Distinct());
        return new Finding(FindingSeverity.Warning, ReasonIds.SettingNotInEffect,
            $"--set {VisibleText.Of(name)}=… only makes a value that templates see as values.{VisibleText.Of(name)}, which {VisibleText.Of(templates)} does not read; the setting {setting.Path} stays as it is. Did you mean {setting.Flag}?")
        {
            Label = setting.Path,
        };
    }
}
