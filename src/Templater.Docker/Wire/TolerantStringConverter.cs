using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Templater.Docker.Wire;

/// <summary>Reads any JSON string, whatever is in it.</summary>
/// <remarks>
/// The serialiser refuses a whole document because of one lone surrogate or one byte that is not UTF-8. Labels come from
/// strangers, so such places become U+FFFD here and the list stays readable. A <c>null</c> becomes the empty string.
/// </remarks>
internal sealed class TolerantStringConverter : JsonConverter<string>
{
    public override bool HandleNull => true;

    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Null => "",
        JsonTokenType.String => Text(ref reader),
        _ => throw new JsonException("a string was expected"),
    };

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Text(ref reader);

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);

    private static string Text(ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> raw = reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan;
        return reader.ValueIsEscaped ? Unescape(raw) : Encoding.UTF8.GetString(raw);
    }

    // The reader has checked the grammar: a backslash is always followed by a known letter, and \u by four hexadecimal digits.
    private static string Unescape(ReadOnlySpan<byte> raw)
    {
        var text = new StringBuilder(raw.Length);
        while (raw.Length > 0)
        {
            var plain = raw.IndexOf((byte)'\\');
            text.Append(Encoding.UTF8.GetString(plain < 0 ? raw : raw[..plain]));
            if (plain < 0)
                break;
            raw = raw[(plain + 1)..];
            if (raw[0] == (byte)'u')
            {
                text.Append((char)ushort.Parse(raw.Slice(1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                raw = raw[5..];
            }
            else
            {
                text.Append(Letter(raw[0]));
                raw = raw[1..];
            }
        }

        return WithoutLoneSurrogates(text.ToString());
    }

    private static char Letter(byte letter) => (char)letter switch
    {
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        var itself => itself,
    };

    private static string WithoutLoneSurrogates(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
            return text;
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            clean.Append(rune.ToString());
        return clean.ToString();
    }
}
