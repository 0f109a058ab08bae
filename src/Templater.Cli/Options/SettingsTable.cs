using System.Collections.Immutable;

namespace Templater.Cli.Options;

/// <summary>Every setting there is: the one table behind flags, variables, the YAML file, <c>settings</c> and the documentation.</summary>
internal static class SettingsTable
{
    /// <summary>All settings, in the order in which they are listed.</summary>
    public static readonly ImmutableArray<SettingDefinition> All =
    [
        .. EngineSettings.All, .. OutputSettings.All, .. RoutingSettings.All, .. CertificateSettings.All, .. ProcessSettings.All,
    ];

    private static readonly Dictionary<string, SettingDefinition> ByKey =
        All.ToDictionary(static setting => setting.Key, StringComparer.Ordinal);

    /// <summary>The setting with a name in any spelling, without the prefix of variables; null when there is none.</summary>
    public static SettingDefinition? Find(string name) => ByKey.GetValueOrDefault(SettingDefinition.KeyOf(name));
}
