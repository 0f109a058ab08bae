using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Templater.Pipeline;
using Templater.Pipeline.Deployment.Preflight;

namespace Templater.Cli.Doctoring;

/// <summary>What the checks found, as one JSON object whose members keep their names.</summary>
internal static class DoctorDocument
{
    public static string Of(PreflightFacts facts, ImmutableArray<PreflightItem> items, ImmutableArray<SocketProxyRules> rules)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("checks");
            foreach (var item in items)
                Write(json, item);
            json.WriteEndArray();
            json.WriteStartArray("calls");
            foreach (var trial in facts.Calls)
                Write(json, trial);
            json.WriteEndArray();
            json.WriteStartArray("rules");
            foreach (var rule in rules)
                Write(json, rule);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static void Write(Utf8JsonWriter json, PreflightItem item)
    {
        json.WriteStartObject();
        json.WriteString("check", item.Check);
        json.WriteString("output", item.Output);
        if (item.Name is { } name)
            json.WriteString("name", name);
        json.WriteString("level", item.Level);
        json.WriteString("fact", VisibleText.Of(item.Fact));
        json.WriteStartArray("findings");
        foreach (var finding in item.Findings)
            Write(json, finding);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Finding finding)
    {
        json.WriteStartObject();
        json.WriteString("level", DoctorText.Word(finding.Severity));
        json.WriteString("reason", finding.Reason);
        json.WriteString("message", VisibleText.Of(finding.Message));
        if (finding.Container is { } container)
            json.WriteString("container", VisibleText.Of(container));
        if (finding.Value is { } value)
            json.WriteString("value", VisibleText.Of(value));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, CallTrial trial)
    {
        json.WriteStartObject();
        json.WriteString("call", trial.Call.ToString());
        json.WriteString("needed_for", trial.Call.Need);
        json.WriteString("outcome", DoctorText.Word(trial.Outcome));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SocketProxyRules rule)
    {
        json.WriteStartObject();
        json.WriteString("program", rule.Program);
        json.WriteStartArray("lines");
        foreach (var line in rule.Lines)
            json.WriteStringValue(line);
        json.WriteEndArray();
        json.WriteString("note", rule.Note);
        json.WriteEndObject();
    }
}
