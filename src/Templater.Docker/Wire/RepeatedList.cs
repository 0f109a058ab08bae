using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Templater.Docker.Wire;

/// <summary>
/// Reads a JSON array of objects that is asked for again and again and of which little changes: an object whose bytes are those of
/// last time is not parsed again, and gives the very same value. Not thread-safe.
/// </summary>
/// <param name="type">How an element is read.</param>
internal sealed class RepeatedList<T>(JsonTypeInfo<T> type)
    where T : class
{
    // Enough to tell containers apart by their id, which comes first.
    private const int KeyBytes = 72;
    private const int FirstSize = 64 * 1024;

    private byte[] _last = [];
    private byte[] _spare = [];
    private Dictionary<int, Element> _elements = [];

    /// <summary>Reads an answer to its end.</summary>
    /// <param name="body">The answer; whoever made it bounds its length.</param>
    /// <param name="cancellationToken">Stops reading. The reader must not be used again then, nor after any exception.</param>
    /// <returns>The elements; null ones are left out.</returns>
    /// <exception cref="JsonException">It is not such an array.</exception>
    public async Task<IReadOnlyList<T>> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            if (length == _spare.Length)
                Array.Resize(ref _spare, Math.Max(FirstSize, _spare.Length * 2));
            var count = await body.ReadAsync(_spare.AsMemory(length), cancellationToken);
            if (count == 0)
                break;
            length += count;
        }

        var values = Parse(_spare.AsSpan(0, length));
        (_last, _spare) = (_spare, _last);
        return values;
    }

    private List<T> Parse(ReadOnlySpan<byte> json)
    {
        var values = new List<T>(_elements.Count);
        var elements = new Dictionary<int, Element>(_elements.Count);
        if (!TryParse(json, values, elements))
        {
            // Whatever it is, the serialiser says it best.
            elements.Clear();
            values = [.. JsonSerializer.Deserialize(json, ArrayType) ?? throw new JsonException("the answer is null")];
        }

        _elements = elements;
        values.RemoveAll(static value => value is null);
        return values;
    }

    private JsonTypeInfo<T[]> ArrayType => (JsonTypeInfo<T[]>)type.Options.GetTypeInfo(typeof(T[]));

    private bool TryParse(ReadOnlySpan<byte> json, List<T> values, Dictionary<int, Element> elements)
    {
        var at = AfterSpace(json, 0);
        if (At(json, at) != '[')
            return false;
        at = AfterSpace(json, at + 1);
        while (At(json, at) == '{')
        {
            var key = KeyOf(json[at..]);
            if (!_elements.TryGetValue(key, out var element) || !json[at..].StartsWith(_last.AsSpan(element.Start, element.Length)))
                element = ReadElement(json[at..]);
            elements[key] = element with { Start = at };
            values.Add(element.Value);
            at = AfterSpace(json, at + element.Length);
            if (At(json, at) == ']')
                return AfterSpace(json, at + 1) == json.Length;
            if (At(json, at) != ',')
                return false;
            at = AfterSpace(json, at + 1);
        }

        return values.Count == 0 && At(json, at) == ']' && AfterSpace(json, at + 1) == json.Length;
    }

    private Element ReadElement(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        reader.Skip();
        var length = (int)reader.BytesConsumed;
        return new Element(0, length, JsonSerializer.Deserialize(json[..length], type)!);
    }

    private static int KeyOf(ReadOnlySpan<byte> json)
    {
        var hash = new HashCode();
        hash.AddBytes(json[..Math.Min(KeyBytes, json.Length)]);
        return hash.ToHashCode();
    }

    private static int AfterSpace(ReadOnlySpan<byte> json, int at)
    {
        while (at < json.Length && json[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            at++;
        return at;
    }

    private static char At(ReadOnlySpan<byte> json, int at) => at < json.Length ? (char)json[at] : '\0';

    private readonly record struct Element(int Start, int Length, T Value);
}
