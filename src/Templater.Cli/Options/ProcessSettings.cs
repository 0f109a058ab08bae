using Microsoft.Extensions.Logging;

namespace Templater.Cli.Options;

/// <summary>Form of the log and of diagnostics.</summary>
internal enum LogForm
{
    Text,
    Json,
}

/// <summary>Settings about Templater's own process.</summary>
internal static class ProcessSettings
{
    private const SettingGroup Group = SettingGroup.Process;

    public static readonly SettingDefinition<LogLevel> Level = new("log_level", Group,
        SettingTypes.Choice(("debug", LogLevel.Debug), ("info", LogLevel.Information), ("warning", LogLevel.Warning), ("error", LogLevel.Error)),
        "least important lines that are written")
    {
        Unset = LogLevel.Information,
        Default = "info",
    };

    public static readonly SettingDefinition<LogForm> Format = new("log_format", Group,
        SettingTypes.Choice(("text", LogForm.Text), ("json", LogForm.Json)), "form of the log")
    {
        Unset = LogForm.Text,
        Default = "text",
    };

    public static readonly SettingDefinition<string> Listen = new("listen", Group, SettingTypes.Text, "status, metrics and pages, such as 127.0.0.1:9180")
    {
        Unset = "",
        Instead = "nothing listens: ask templater healthcheck, and read the log",
    };

    public static readonly SettingDefinition<string> ListenToken = new("listen_token", Group, SettingTypes.Text,
        "required for an address that is not loopback")
    {
        Unset = "",
        IsSecret = true,
        Instead = "nothing listens: ask templater healthcheck, and read the log",
    };

    public static IEnumerable<SettingDefinition> All => [Level, Format, Listen, ListenToken];
}
