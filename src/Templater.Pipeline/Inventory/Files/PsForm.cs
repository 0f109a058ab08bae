using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Templater.Pipeline.Inventory.Files;

/// <summary>One line of <c>docker ps --no-trunc --format json</c>; every value is text for people.</summary>
internal sealed record PsLine
{
    public string? ID { get; init; }
    public string? Names { get; init; }
    public string? Image { get; init; }
    public string? Labels { get; init; }
    public string? Networks { get; init; }
    public string? Ports { get; init; }
    public string? State { get; init; }
    public string? Status { get; init; }
    public string? CreatedAt { get; init; }
}

[JsonSerializable(typeof(PsLine))]
internal sealed partial class PsJson : JsonSerializerContext;

/// <summary>
/// Reads the lines of <c>docker ps</c>. They tell no addresses, no environment and no network ids, and they join labels
/// with commas, so a label value with a comma is put together again by a rule of thumb: a part without <c>=</c>
/// continues the value before it.
/// </summary>
internal static class PsForm
{
    private const int MaxPortRange = 1000;
    private static readonly string[] CreatedFormats = ["yyyy-MM-dd HH:mm:ss zzz"];

    /// <summary>Reads all lines; empty ones are skipped.</summary>
    /// <exception cref="SnapshotFailedException">A line is something else.</exception>
    public static Snapshot Read(ReadOnlyMemory<byte> bytes, string file)
    {
        var containers = ImmutableArray.CreateBuilder<Container>();
        var number = 0L;
        foreach (var range in bytes.Span.Split((byte)'\n'))
        {
            var line = bytes.Span[range].Trim(" \t\r"u8);
            if (line.Length > 0)
                containers.Add(Read(Line(line, file, number), file, number + 1));
            number++;
        }

        return SnapshotOrder.Canonical(new Snapshot
        {
            TakenAt = containers.Select(static c => c.Created).DefaultIfEmpty(DateTimeOffset.UnixEpoch).Max(),
            Containers = containers.ToImmutable(),
            Networks = EndpointNetworks.Of(containers),
            HasAddresses = false,
        });
    }

    private static PsLine Line(ReadOnlySpan<byte> line, string file, long before)
    {
        try
        {
            return JsonSerializer.Deserialize(line, PsJson.Default.PsLine) ?? new PsLine();
        }
        catch (JsonException exception)
        {
            throw JsonFileText.Invalid(file, exception, "a line of docker ps --no-trunc --format json", before);
        }
    }

    private static Container Read(PsLine line, string file, long number)
    {
        if (string.IsNullOrEmpty(line.ID) || string.IsNullOrEmpty(line.Names))
            throw JsonFileText.Invalid(file, number, 1, "a line of docker ps --no-trunc --format json was expected, with ID and Names.");
        var labels = ContainerReader.Labels(Labels(line.Labels ?? ""));
        var state = string.IsNullOrEmpty(line.State) ? StateOf(line.Status ?? "") : ContainerWords.State(line.State);
        return new Container
        {
            Id = new ContainerId(UntrustedText.Bounded(line.ID)),
            Name = ContainerReader.Name(line.Names.Split(','), line.ID),
            Image = ImageReferenceParser.Parse(line.Image ?? ""),
            State = state,
            Health = state == ContainerState.Running ? HealthOf(line.Status ?? "") : HealthStatus.None,
            Created = Created(line.CreatedAt ?? ""),
            Labels = labels,
            Endpoints = [.. (line.Networks ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)
                .Select(static name => new Endpoint { NetworkName = UntrustedText.Bounded(name) })],
            Ports = ContainerReader.Ports(Ports(line.Ports ?? "")),
            Compose = ContainerWords.Compose(labels),
            Swarm = ContainerWords.Swarm(labels),
        };
    }

    internal static Dictionary<string, string> Labels(string text)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var last = "";
        foreach (var part in text.Split(','))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && IsKey(part.AsSpan(0, equals)))
                labels[last = part[..equals]] = part[(equals + 1)..];
            else if (labels.ContainsKey(last))
                labels[last] += "," + part;
        }

        return labels;
    }

    // Label keys have no blanks and no quoting; values such as "GET=1 foo" do.
    private static bool IsKey(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('.' or '-' or '_' or '/'))
                return false;
        }

        return true;
    }

    internal static IEnumerable<ContainerPort> Ports(string text)
    {
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var arrow = part.IndexOf("->", StringComparison.Ordinal);
            var inside = arrow < 0 ? part : part[(arrow + 2)..];
            var slash = inside.IndexOf('/', StringComparison.Ordinal);
            if (!TryReadRange(slash < 0 ? inside : inside[..slash], out var first, out var count))
                continue;
            var outside = arrow < 0 ? "" : part[(part.LastIndexOf(':', arrow) + 1)..arrow];
            var isPublished = TryReadRange(outside, out var host, out var hostCount) && hostCount == count;
            for (var i = 0; i < count; i++)
                yield return new ContainerPort(first + i, slash < 0 ? "tcp" : inside[(slash + 1)..], isPublished ? host + i : 0);
        }
    }

    private static bool TryReadRange(string text, out int first, out int count)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        count = 1;
        if (!int.TryParse(dash < 0 ? text : text[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out first))
            return false;
        if (dash < 0)
            return true;
        if (!int.TryParse(text[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var last) || last < first)
            return false;
        count = Math.Min(last - first + 1, MaxPortRange);
        return true;
    }

    private static ContainerState StateOf(string status) =>
        status.StartsWith("Up", StringComparison.Ordinal)
            ? status.EndsWith("(Paused)", StringComparison.Ordinal) ? ContainerState.Paused : ContainerState.Running
        : status.StartsWith("Exited", StringComparison.Ordinal) ? ContainerState.Exited
        : ContainerWords.State(status.Split(' ')[0].ToLowerInvariant());

    private static HealthStatus HealthOf(string status) =>
        ContainerWords.Health(new Docker.Wire.ContainerSummary { Status = status }.ReadHealth());

    // 2026-01-02 03:04:05 +0000 UTC: the zone's name adds nothing to its offset.
    private static DateTimeOffset Created(string text)
    {
        var parts = text.Split(' ');
        return parts.Length >= 3 && parts[2].Length == 5 && DateTimeOffset.TryParseExact(
            $"{parts[0]} {parts[1]} {parts[2][..3]}:{parts[2][3..]}", CreatedFormats, CultureInfo.InvariantCulture,
            DateTimeStyles.None, out var created) ? created.ToUniversalTime() : DateTimeOffset.UnixEpoch;
    }
}
