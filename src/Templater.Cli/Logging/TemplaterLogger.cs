using Microsoft.Extensions.Logging;

namespace Templater.Cli.Logging;

/// <summary>
/// Brings the messages of the pipeline to a <see cref="LogWriter"/>. A message's event name is its reason id when it has the form of
/// one (lower-case words joined by hyphens); parameters named like the fields of an entry become these fields.
/// </summary>
internal sealed class TemplaterLogger(LogWriter writer) : ILogger
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => writer.IsEnabled(logLevel);

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        var message = formatter(state, exception);
        if (exception is not null)
            message = $"{message} {exception.GetType().Name}: {exception.Message}";
        var entry = new LogEntry(logLevel, message) { Reason = IsReasonId(eventId.Name) ? eventId.Name : null };
        if (state is IReadOnlyList<KeyValuePair<string, object?>> fields)
            foreach (var (name, value) in fields)
                entry = WithField(entry, name, value as string);
        writer.Write(entry);
    }

    private static LogEntry WithField(LogEntry entry, string name, string? value) => value is null ? entry : name.ToLowerInvariant() switch
    {
        "reason" => entry with { Reason = value },
        "container" => entry with { Container = value },
        "host" => entry with { Host = value },
        "label" => entry with { Label = value },
        "value" => entry with { Value = value },
        "hint" => entry with { Hint = value },
        _ => entry,
    };

    private static bool IsReasonId(string? name) =>
        name is { Length: > 0 } && name.Contains('-') && name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}

/// <summary>Gives every part of the program the same logger.</summary>
internal sealed class TemplaterLoggerProvider(LogWriter writer) : ILoggerProvider, ILoggerFactory
{
    private readonly TemplaterLogger _logger = new(writer);

    /// <inheritdoc cref="ILoggerProvider.CreateLogger"/>
    public ILogger CreateLogger(string categoryName) => _logger;

    /// <summary>Not supported: there is one provider, this one.</summary>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held; the writer belongs to whoever made it.
    }
}
