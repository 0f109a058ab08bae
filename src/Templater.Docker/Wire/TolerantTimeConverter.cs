using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Templater.Docker.Wire;

/// <summary>Reads an RFC 3339 time with up to nine decimals; Go's zero time, an empty string and rubbish are all "never".</summary>
internal sealed class TolerantTimeConverter : JsonConverter<DateTimeOffset?>
{
    public override DateTimeOffset? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.TrySkip();
            return null;
        }

        return !reader.ValueIsEscaped && reader.TryGetDateTimeOffset(out var time) && time.Year > 1 ? time.ToUniversalTime() : null;
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset? value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) ?? "0001-01-01T00:00:00Z");
}

/// <summary>Reads the keys of an object such as <c>{"80/tcp": {}}</c> and nothing else of it.</summary>
internal sealed class KeysConverter : JsonConverter<IReadOnlyList<string>>
{
    private static readonly TolerantStringConverter Strings = new();

    public override IReadOnlyList<string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("an object was expected");
        var keys = new List<string>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            keys.Add(Strings.ReadAsPropertyName(ref reader, typeof(string), options));
            // Not Skip, which throws while a stream is read; the value of a converter is always there as a whole.
            reader.TrySkip();
        }

        return keys;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<string> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var key in value)
        {
            writer.WriteStartObject(key);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
