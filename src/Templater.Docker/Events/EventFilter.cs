using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Templater.Docker;

/// <summary>Which events to be told about: those that match one value of every list that is not empty.</summary>
public sealed record EventFilter
{
    /// <summary>
    /// Everything that can change what is routed. Health checks make <c>exec_*</c> events by the hundred on a big host; they are not here.
    /// </summary>
    public static EventFilter Watching { get; } = new()
    {
        Types = ["container", "network", "service", "node"],
        Actions =
        [
            "create", "start", "restart", "die", "kill", "stop", "pause", "unpause", "oom", "rename", "update", "destroy",
            "health_status", "connect", "disconnect", "remove",
        ],
    };

    /// <summary>Event types: <c>container</c>, <c>network</c>, ...</summary>
    public ImmutableArray<string> Types { get; init; } = [];

    /// <summary>Actions; <c>health_status</c> stands for all its results.</summary>
    public ImmutableArray<string> Actions { get; init; } = [];

    /// <summary>Container ids or names.</summary>
    public ImmutableArray<string> Containers { get; init; } = [];

    internal string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            Write(writer, "container", Containers);
            Write(writer, "event", Actions);
            Write(writer, "type", Types);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, string name, ImmutableArray<string> values)
    {
        if (values.IsEmpty)
            return;
        writer.WriteStartArray(name);
        foreach (var value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }
}
