using Microsoft.Extensions.Logging;
using Templater.Cli.Logging;
using Templater.Cli.Options;
using Templater.Pipeline;
using Templater.Testing;

namespace Templater.Cli.Tests.Logging;

public sealed partial class LogWriterTests
{
    private static readonly Finding Ambiguous = new(FindingSeverity.Warning, ReasonIds.PortAmbiguous, "container \"admin\" is not routed.")
    {
        Container = "admin",
        Host = "admin.example.com",
        Label = "templater.port",
        Value = "a\nb",
        Hint = "Add it.",
    };

    private readonly StringWriter _output = new();

    [Test]
    public void NewsHasTimeAndLevel()
    {
        Writer(LogForm.Text).Write(new LogEntry(LogLevel.Information, "templater 1.0.0"));
        Assert.That(_output.ToString(), Is.EqualTo("03:04:05 info  templater 1.0.0\n"));
    }

    [Test]
    public void AFindingHasItsReason()
    {
        Writer(LogForm.Text).Write(Ambiguous);
        Assert.That(_output.ToString(), Is.EqualTo("03:04:05 warning port-ambiguous: container \"admin\" is not routed. Add it.\n"));
    }

    [Test]
    public void JsonHasAllFields()
    {
        Writer(LogForm.Json).Write(Ambiguous);
        Assert.That(_output.ToString(), Is.EqualTo(
            """{"time":"2026-01-02T03:04:05.000Z","level":"warning","reason":"port-ambiguous","message":"container \"admin\" is not routed.","container":"admin","host":"admin.example.com","label":"templater.port","value":"a\\nb","hint":"Add it."}""" + "\n"));
    }

    [Test]
    public void DiagnosticsHaveNoTime()
    {
        new LogWriter(_output, LogForm.Text, LogLevel.Information, null).Write(Ambiguous);
        Assert.That(_output.ToString(), Does.StartWith("warning port-ambiguous: "));
    }

    [TestCase(LogLevel.Error, 1)]
    [TestCase(LogLevel.Warning, 2)]
    [TestCase(LogLevel.Information, 3)]
    [TestCase(LogLevel.Debug, 4)]
    public void LessImportantLinesAreLeftOut(LogLevel least, int lines)
    {
        var writer = new LogWriter(_output, LogForm.Text, least, null);
        foreach (var level in new[] { LogLevel.Error, LogLevel.Warning, LogLevel.Information, LogLevel.Debug })
            writer.Write(new LogEntry(level, "text"));
        Assert.That(_output.ToString().Count(static c => c == '\n'), Is.EqualTo(lines));
    }

    [TestCase("a\nb", "a\\nb")]
    [TestCase("a\r\tb\0", "a\\r\\tb\\0")]
    [TestCase("\u001b[31mred", "\\u001b[31mred", TestName = "ControlCharactersAreMadeVisible(escape)")]
    [TestCase("\u202eevil", "\\u202eevil")]
    [TestCase("\u2028", "\\u2028")]
    [TestCase("\u0085\u007f", "\\u0085\\u007f")]
    [TestCase("äöü 🐳", "äöü 🐳")]
    public void ControlCharactersAreMadeVisible(string text, string expected)
    {
        new LogWriter(_output, LogForm.Text, LogLevel.Information, null).Write(new LogEntry(LogLevel.Information, text));
        Assert.That(_output.ToString(), Is.EqualTo($"info  {expected}\n"));
    }

    [Test]
    public void ALoneSurrogateIsMadeVisible() => Assert.That(VisibleText.Of("a\ud800b\udc00"), Is.EqualTo("a\\ud800b\\udc00"));

    [Test]
    public void MessagesOfThePipelineKeepTheirReasonAndFields()
    {
        using var provider = new TemplaterLoggerProvider(Writer(LogForm.Text));
        var logger = provider.CreateLogger("any");
        LogDenied(logger, "/config/nginx.conf");
        Assert.That(_output.ToString(), Is.EqualTo("03:04:05 error output-denied: cannot write /config/nginx.conf\n"));
    }

    [Test]
    public void MessagesOfThePipelineKeepTheirFieldsInJson()
    {
        using var provider = new TemplaterLoggerProvider(Writer(LogForm.Json));
        var logger = provider.CreateLogger("any");
        LogContainer(logger, "shop\u0007");
        Assert.That(_output.ToString(), Does.Contain("\"message\":\"shop\\\\u0007 left\",\"container\":\"shop\\\\u0007\"").And.Not.Contain("\"reason\""));
    }

    private LogWriter Writer(LogForm form) => new(_output, form, LogLevel.Information, new FakeTimeProvider());

    [LoggerMessage(EventId = 1, EventName = "output-denied", Level = LogLevel.Error, Message = "cannot write {Path}")]
    private static partial void LogDenied(ILogger logger, string path);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "{Container} left")]
    private static partial void LogContainer(ILogger logger, string container);
}
