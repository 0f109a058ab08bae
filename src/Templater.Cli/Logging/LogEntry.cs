using Microsoft.Extensions.Logging;
using Templater.Pipeline;

namespace Templater.Cli.Logging;

/// <summary>One line of the log or one diagnostic. All texts may come from elsewhere; they are made visible when written.</summary>
internal sealed record LogEntry(LogLevel Level, string Message)
{
    /// <summary>Reason id; null for plain news.</summary>
    public string? Reason { get; init; }

    public string? Container { get; init; }

    public string? Host { get; init; }

    public string? Label { get; init; }

    public string? Value { get; init; }

    public string? Hint { get; init; }

    /// <summary>The entry of a finding.</summary>
    public static LogEntry Of(Finding finding) => new(LevelOf(finding.Severity), finding.Message)
    {
        Reason = finding.Reason,
        Container = finding.Container,
        Host = finding.Host,
        Label = finding.Label,
        Value = finding.Value,
        Hint = finding.Hint,
    };

    public static LogLevel LevelOf(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Error => LogLevel.Error,
        FindingSeverity.Warning => LogLevel.Warning,
        _ => LogLevel.Information,
    };
}
