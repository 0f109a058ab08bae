using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Templater.Cli.Options;
using Templater.Pipeline;

namespace Templater.Cli.Logging;

/// <summary>
/// Writes entries as lines: <c>12:00:01 info  text</c>, <c>12:00:01 warning reason-id: text</c>, or one JSON object each. Without a
/// clock the time is left out, which is the form of diagnostics. There are no colours. Thread-safe.
/// </summary>
internal sealed class LogWriter(TextWriter output, LogForm form, LogLevel least, TimeProvider? time)
{
    private readonly Lock _lock = new();

    /// <summary>The diagnostics of a one-shot command: standard error, no time.</summary>
    public static LogWriter ForDiagnostics(Surroundings surroundings, Settings settings) =>
        new(surroundings.Error, settings.Get(ProcessSettings.Format), settings.Get(ProcessSettings.Level), null);

    /// <summary>The log of the daemon: standard output, with the time.</summary>
    public static LogWriter ForLog(Surroundings surroundings, Settings settings) =>
        new(surroundings.Output, settings.Get(ProcessSettings.Format), settings.Get(ProcessSettings.Level), surroundings.Time);

    /// <summary>True when entries of a level are written.</summary>
    public bool IsEnabled(LogLevel level) => level >= least && level != LogLevel.None;

    /// <summary>Writes one finding.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="source">What begins the line, such as a file's name with a colon.</param>
    public void Write(Finding finding, string source = "") => Write(LogEntry.Of(finding), source);

    /// <summary>Writes some findings.</summary>
    public void WriteAll(IEnumerable<Finding> findings)
    {
        foreach (var finding in findings)
            Write(finding);
    }

    /// <summary>Writes one entry, if its level is important enough.</summary>
    public void Write(LogEntry entry, string source = "")
    {
        if (!IsEnabled(entry.Level))
            return;
        var line = form == LogForm.Json ? Json(entry) : source + Text(entry);
        lock (_lock)
        {
            try
            {
                output.Write(line);
                output.Write('\n');
                output.Flush();
            }
            catch (IOException)
            {
                // A log that cannot be written must not end what it tells about; the next line may find room.
            }
        }
    }

    private string Text(LogEntry entry)
    {
        var line = new StringBuilder();
        if (time is not null)
            line.Append(time.GetLocalNow().ToString("HH:mm:ss ", CultureInfo.InvariantCulture));
        if (entry.Reason is { } reason)
            line.Append(Word(entry.Level)).Append(' ').Append(reason).Append(": ");
        else
            line.Append(Word(entry.Level).PadRight(5)).Append(' ');
        line.Append(VisibleText.Of(entry.Message));
        if (entry.Hint is { Length: > 0 } hint)
            line.Append(' ').Append(VisibleText.Of(hint));
        return line.ToString();
    }

    private string Json(LogEntry entry)
    {
        var buffer = new ArrayBufferWriter<byte>();
        // The log is read by programs and people, not pasted into HTML.
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (time is not null)
                json.WriteString("time", time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("level", Word(entry.Level));
            WriteField(json, "reason", entry.Reason);
            WriteField(json, "message", entry.Message);
            WriteField(json, "container", entry.Container);
            WriteField(json, "host", entry.Host);
            WriteField(json, "label", entry.Label);
            WriteField(json, "value", entry.Value);
            WriteField(json, "hint", entry.Hint);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteField(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, VisibleText.Of(value));
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        _ => "error",
    };
}
