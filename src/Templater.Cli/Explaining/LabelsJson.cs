using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Templater.Pipeline.Routing.Spelling;

namespace Templater.Cli.Explaining;

/// <summary>Writes native labels for programs: one object a line. Names and order of members are kept, and new ones come last.</summary>
internal static class LabelsJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The object, with a line break at its end.</summary>
    public static string Of(SpelledContainer spelled)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteString("container", spelled.Container.Name);
            json.WriteString("service", spelled.Container.Compose?.Service ?? spelled.Container.Swarm?.Service);
            json.WriteString("dialect", spelled.DialectName);
            json.WriteStartArray("hosts");
            foreach (var host in spelled.Hosts)
                json.WriteStringValue(host);
            json.WriteEndArray();
            json.WriteStartObject("labels");
            foreach (var label in spelled.Labels)
                json.WriteString(label.Key, label.Value);
            json.WriteEndObject();
            json.WriteStartArray("remarks");
            foreach (var remark in spelled.Remarks)
                json.WriteStringValue(remark);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan) + "\n";
    }
}
