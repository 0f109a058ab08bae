using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Templater.Language;
using Templater.Pipeline.Rendering;

namespace Templater.Cli;

/// <summary>The documentation of what templates see, made from the very table that the model is built from.</summary>
internal static class ModelDocument
{
    /// <summary>For people: every kind of object with its members, then the functions.</summary>
    public static string Text()
    {
        var text = new StringBuilder("What a template sees. Untrusted text comes from containers and is printed through a quoting function.\n");
        foreach (var shape in Shapes())
        {
            text.Append('\n').Append(shape.Name).Append('\n');
            var (names, types) = (shape.Members.Max(static member => member.Name.Length), shape.Members.Max(static member => member.Type.ToString().Length));
            foreach (var member in shape.Members)
                text.Append($"  {member.Name.PadRight(names)}  {member.Type.ToString().PadRight(types)}  {member.Documentation}\n");
        }

        text.Append("\nFunctions beside those of the language\n");
        var signatures = TemplateModel.Functions.Max(static function => function.Signature.Length);
        foreach (var function in TemplateModel.Functions)
            text.Append($"  {function.Signature.PadRight(signatures)}  {function.Documentation}\n");
        return text.ToString();
    }

    /// <summary>For programs: a JSON schema (draft 2020-12).</summary>
    public static string JsonSchema()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            json.WriteString("$ref", "#/$defs/" + TemplateModel.Root.Name);
            json.WriteStartObject("$defs");
            foreach (var shape in Shapes())
                WriteShape(json, shape);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    // Breadth first, so that what a template meets first comes first.
    private static List<Shape> Shapes()
    {
        var found = new List<Shape> { TemplateModel.Root };
        for (var index = 0; index < found.Count; index++)
            foreach (var member in found[index].Members)
                if (ShapeIn(member.Type) is { } shape && !found.Contains(shape))
                    found.Add(shape);
        return found;
    }

    private static Shape? ShapeIn(TemplateType type) => type switch
    {
        TemplateType.ObjectOf typed => typed.Shape,
        TemplateType.ListOf list => ShapeIn(list.Element),
        TemplateType.MapOf map => ShapeIn(map.Value),
        _ => null,
    };

    private static void WriteShape(Utf8JsonWriter json, Shape shape)
    {
        json.WriteStartObject(shape.Name);
        json.WriteString("type", "object");
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartObject("properties");
        foreach (var member in shape.Members)
        {
            json.WriteStartObject(member.Name);
            json.WriteString("description", member.Documentation);
            WriteType(json, member.Type);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteType(Utf8JsonWriter json, TemplateType type)
    {
        if (type is TemplateType.ObjectOf typed)
        {
            json.WriteString("$ref", "#/$defs/" + typed.Shape.Name);
        }
        else if (NameOf(type) is { } name)
        {
            WriteName(json, name, type.Nullable);
            if (type is TemplateType.Text { Untrusted: true } or TemplateType.Any { Untrusted: true })
                json.WriteBoolean("x-untrusted", true);
        }

        var (inner, keyword) = type switch
        {
            TemplateType.ListOf list => (list.Element, "items"),
            TemplateType.MapOf map => (map.Value, "additionalProperties"),
            _ => (null, ""),
        };
        if (inner is null)
            return;
        json.WriteStartObject(keyword);
        WriteType(json, inner);
        json.WriteEndObject();
    }

    private static void WriteName(Utf8JsonWriter json, string name, bool isNullable)
    {
        if (!isNullable)
        {
            json.WriteString("type", name);
            return;
        }

        json.WriteStartArray("type");
        json.WriteStringValue(name);
        json.WriteStringValue("null");
        json.WriteEndArray();
    }

    private static string? NameOf(TemplateType type) => type switch
    {
        TemplateType.Boolean => "boolean",
        TemplateType.Number => "number",
        TemplateType.Text or TemplateType.Date or TemplateType.Duration => "string",
        TemplateType.ListOf => "array",
        TemplateType.MapOf => "object",
        _ => null,
    };
}
