using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Templater.Language.Conformance;

/// <summary>The cases of standard input, answered in their order.</summary>
internal static class Batch
{
    // Answers are read by programs: text that is escaped would only be longer.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Run(Stream input, Stream output)
    {
        using var reader = new StreamReader(input, Encoding.UTF8);
        using var buffered = new BufferedStream(output, 1 << 16);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0)
                continue;
            using var row = JsonDocument.Parse(line);
            var answer = Answer(row.RootElement);
            using (var writer = new Utf8JsonWriter(buffered, WriterOptions))
            {
                writer.WriteStartObject();
                writer.WritePropertyName("id");
                row.RootElement.GetProperty("id").WriteTo(writer);
                writer.WriteString(answer.IsError ? "error" : "output", answer.Text);
                writer.WriteEndObject();
            }
            buffered.WriteByte((byte)'\n');
        }
    }

    /// <summary>The output of a case, or its errors, a line each.</summary>
    public static (bool IsError, string Text) Answer(JsonElement row)
    {
        var test = Case.Read(row);
        var parsed = Template.Parse(test.Source, test.Options, test.IsScript);
        if (parsed.Template is not { } template)
            return (true, string.Join('\n', parsed.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Select(Format)));
        var result = template.Render(test.Model);
        return result.Error is { } error ? (true, Format(error.Diagnostic)) : (false, test.Cut(result.Text!));
    }

    private static string Format(Diagnostic diagnostic) => $"{diagnostic.Path}({diagnostic.Line},{diagnostic.Column}) : error : {diagnostic.Message}";
}
