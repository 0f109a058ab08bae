using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Templater.Testing;

/// <summary>An event that the fake engine emitted.</summary>
/// <param name="Type"><c>container</c> or <c>network</c>.</param>
/// <param name="Action">What happened.</param>
/// <param name="ActorId">Id of the container or network.</param>
/// <param name="Attributes">Facts and labels.</param>
/// <param name="Time">The engine's time.</param>
public sealed record FakeEvent(string Type, string Action, string ActorId, IReadOnlyDictionary<string, string> Attributes, DateTimeOffset Time)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Action} {Attributes.GetValueOrDefault("name", ActorId)}";

    internal byte[] ToJson(bool hasOldFields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (hasOldFields && Type == "container")
            {
                json.WriteString("status", Action);
                json.WriteString("id", ActorId);
                json.WriteString("from", Attributes.GetValueOrDefault("image", ""));
            }

            json.WriteString("Type", Type);
            json.WriteString("Action", Action);
            json.WriteStartObject("Actor");
            json.WriteString("ID", ActorId);
            json.WriteStartObject("Attributes");
            foreach (var (key, value) in Attributes)
                json.WriteString(key, value);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteString("scope", "local");
            json.WriteNumber("time", Time.ToUnixTimeSeconds());
            json.WriteNumber("timeNano", (Time - DateTimeOffset.UnixEpoch).Ticks * 100);
            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }
}

/// <summary>The <c>filters</c> of an event request, in either of the two forms the API knows.</summary>
internal sealed class FakeEventFilter
{
    private readonly Dictionary<string, HashSet<string>> _wanted = new(StringComparer.Ordinal);

    public FakeEventFilter(string json)
    {
        if (json.Length == 0)
            return;
        using var document = JsonDocument.Parse(json);
        foreach (var filter in document.RootElement.EnumerateObject())
        {
            _wanted[filter.Name] = filter.Value.ValueKind == JsonValueKind.Array
                ? [.. filter.Value.EnumerateArray().Select(value => value.GetString()!)]
                : [.. filter.Value.EnumerateObject().Select(value => value.Name)];
        }
    }

    public bool Matches(FakeEvent message) =>
        Has("type", message.Type)
        // health_status without a colon stands for all its results, as exec_create and exec_start do.
        && (Has("event", message.Action) || Has("event", message.Action.Split(':')[0]))
        && (Has("container", message.ActorId) || Has("container", message.Attributes.GetValueOrDefault("name", "")));

    public static DateTimeOffset? Since(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(seconds)
            : null;

    private bool Has(string filter, string value) => !_wanted.TryGetValue(filter, out var values) || values.Contains(value);
}
