using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Templater.Language;

/// <summary>JSON to values and back.</summary>
internal static class Json
{
    private const int Piece = 64 * 1024;
    private const int LongestEscape = 6;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.Default };

    public static string Write(TemplateValue value, FunctionCall call)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, WriterOptions))
            Write(writer, value, RenderLimits.ValueDepth, call);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void Write(Utf8JsonWriter writer, TemplateValue value, int depth, FunctionCall call)
    {
        if (depth == 0)
            throw RuntimeErrors.ValueTooDeep();
        call.Context.CountIteration(call.Span);
        // Each character is at least a byte.
        if (LeftFor(writer, call) < (value.AsText()?.Length ?? 0))
            throw RuntimeErrors.StringTooLong(call.Context.Limits.StringCharacters, call.Span);
        switch (value.Kind)
        {
            case ValueKind.Function:
                throw call.Wrong(0, "a value without functions");
            case ValueKind.Null:
                writer.WriteNullValue();
                break;
            case ValueKind.Boolean:
                writer.WriteBooleanValue(value.Bits != 0);
                break;
            case ValueKind.Number:
                WriteNumber(writer, value, call);
                break;
            case ValueKind.List:
                writer.WriteStartArray();
                foreach (var item in Sequence.Of(value, call.Context, call.Span))
                    Write(writer, item, depth - 1, call);
                writer.WriteEndArray();
                break;
            case ValueKind.Object:
                writer.WriteStartObject();
                foreach (var (key, member) in value.AsObject()!.Members)
                {
                    call.Context.CountText(key.AsText()?.Length ?? 0);
                    var name = WellFormed(call.Context.ToText(key));
                    // A name is written at once, and may become six times as long.
                    if (name.Length > LeftFor(writer, call) / LongestEscape)
                        throw RuntimeErrors.StringTooLong(call.Context.Limits.StringCharacters, call.Span);
                    writer.WritePropertyName(name);
                    Write(writer, member, depth - 1, call);
                }
                writer.WriteEndObject();
                break;
            default:
                WriteText(writer, WellFormed(call.Context.ToText(value)), call);
                break;
        }
    }

    private static long LeftFor(Utf8JsonWriter writer, FunctionCall call) =>
        call.Context.Limits.StringCharacters - writer.BytesCommitted - writer.BytesPending;

    // In pieces: each may become six times as long, and all of them together too long.
    private static void WriteText(Utf8JsonWriter writer, string text, FunctionCall call)
    {
        if (text.Length <= Piece)
        {
            writer.WriteStringValue(text);
            return;
        }
        for (var at = 0; at < text.Length; at += Piece)
        {
            var length = Math.Min(Piece, text.Length - at);
            writer.WriteStringValueSegment(text.AsSpan(at, length), isFinalSegment: at + length == text.Length);
            writer.Flush();
            if (LeftFor(writer, call) < 0)
                throw RuntimeErrors.StringTooLong(call.Context.Limits.StringCharacters, call.Span);
        }
    }

    // A lone surrogate is no text: the JSON writer refuses it, so it becomes U+FFFD here.
    private static string WellFormed(string text)
    {
        foreach (var rune in text.EnumerateRunes())
            if (rune == Rune.ReplacementChar)
                return string.Concat(text.EnumerateRunes());
        return text;
    }

    private static void WriteNumber(Utf8JsonWriter writer, TemplateValue value, FunctionCall call)
    {
        if (!double.IsFinite(value.ToDouble()))
            throw call.Error("JSON has no such number");
        writer.WriteRawValue(ValueText.Of(value));
    }

    public static TemplateValue Read(string text, Taint taint, FunctionCall call)
    {
        try
        {
            using var document = JsonDocument.Parse(WellFormed(text), new JsonDocumentOptions { MaxDepth = RenderLimits.ValueDepth });
            return Read(document.RootElement, taint, call);
        }
        catch (JsonException broken)
        {
            throw call.Error($"the text is not JSON (line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1})");
        }
        catch (InvalidOperationException)
        {
            // The escape of a lone surrogate is valid JSON, but no text.
            throw call.Error("the JSON holds a text that is not Unicode");
        }
    }

    private static TemplateValue Read(JsonElement element, Taint taint, FunctionCall call)
    {
        call.Context.CountIteration(call.Span);
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                return TemplateValue.FromText(element.GetString()!, taint);
            case JsonValueKind.Number:
                return element.TryGetDecimal(out var number) ? TemplateValue.From(number) : TemplateValue.From(element.GetDouble());
            case JsonValueKind.True or JsonValueKind.False:
                return TemplateValue.From(element.ValueKind == JsonValueKind.True);
            case JsonValueKind.Array:
                return TemplateValue.From(new TemplateList([.. element.EnumerateArray().Select(e => Read(e, taint, call))], isOwned: true));
            case JsonValueKind.Object:
                var result = new MapObject();
                foreach (var member in element.EnumerateObject())
                    result.Put(TemplateValue.FromText(member.Name, taint), Read(member.Value, taint, call));
                return TemplateValue.From(result);
            default:
                return TemplateValue.Null;
        }
    }
}
