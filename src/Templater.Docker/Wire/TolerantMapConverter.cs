using System.Text.Json;
using System.Text.Json.Serialization;

namespace Templater.Docker.Wire;

/// <summary>Reads labels and other maps of strings, whatever is in their keys and values; the last of equal keys counts.</summary>
/// <remarks>The serialiser's own reader of maps decodes keys by itself, and refuses the document because of a bad one.</remarks>
internal sealed class TolerantMapConverter : JsonConverter<IReadOnlyDictionary<string, string>>
{
    private static readonly TolerantStringConverter Strings = new();

    public override IReadOnlyDictionary<string, string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("an object was expected");
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = Strings.ReadAsPropertyName(ref reader, typeof(string), options);
            reader.Read();
            map[key] = Strings.Read(ref reader, typeof(string), options);
        }

        return map;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (key, text) in value)
            writer.WriteString(key, text);
        writer.WriteEndObject();
    }
}
