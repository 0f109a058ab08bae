using Microsoft.Extensions.Logging;
using Templater.Cli.Web;

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
    private const int LeastToken = 16;

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

    public static readonly SettingDefinition<ListenAddress> Listen = new("listen", Group,
        SettingTypes.Of("an address and a port, such as 127.0.0.1:9180, [::1]:9180, or :9180 for all", ListenAddress.Parse),
        "where health, metrics and status are to be had over HTTP, such as 127.0.0.1:9180")
    {
        Unset = ListenAddress.Nowhere,
    };

    public static readonly SettingDefinition<string> ListenToken = new("listen_token", Group,
        SettingTypes.Of<string>("at least 16 printable characters of ASCII, without spaces", static text =>
            text.Length >= LeastToken && text.All(static c => c is > ' ' and <= '~') ? text : null),
        "required for an address that is not loopback; sent as Authorization: Bearer TOKEN")
    {
        Unset = "",
        IsSecret = true,
    };

    public static IEnumerable<SettingDefinition> All => [Level, Format, Listen, ListenToken];
}
