using Microsoft.Extensions.Logging;

namespace Templater.Pipeline.Tests.Watching;

/// <summary>Keeps lines as <c>level reason: text</c>, debug left out.</summary>
internal sealed class RecordingLogger : ILogger
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    public Dictionary<string, object?> LastFields { get; private set; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        lock (_lock)
        {
            _lines.Add($"{logLevel.ToString().ToLowerInvariant()} {eventId.Name}: {formatter(state, exception)}");
            if (state is IReadOnlyList<KeyValuePair<string, object?>> fields)
                LastFields = fields.ToDictionary(static f => f.Key, static f => f.Value);
        }
    }
}
