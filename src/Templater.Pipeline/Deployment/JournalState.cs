using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Templater.Pipeline.Deployment;

/// <summary>How far one generation of an output has come.</summary>
public enum DeliveryPhase
{
    /// <summary>Checked, or not to be checked, and about to be renamed into place.</summary>
    Checked,
    /// <summary>In place; the proxy has to be told.</summary>
    Swapped,
    /// <summary>The proxy was told; it is not known yet whether it took it.</summary>
    Delivered,
    /// <summary>Live, and proven.</summary>
    Proven,
    /// <summary>The proxy was told and there is no way to prove more. Final.</summary>
    Unproven,
    /// <summary>The proxy started after the file was in place, or nobody has to be told. Final.</summary>
    NotNeeded,
    /// <summary>Refused before it was in place; the previous file was not touched.</summary>
    Refused,
    /// <summary>Did not become live, and the last good file was put back.</summary>
    RolledBack,
    /// <summary>Did not become live, and there was nothing to put back.</summary>
    Failed,
}

/// <summary>One generation of one output, as the journal knows it. Immutable.</summary>
public sealed record JournalEntry
{
    /// <summary>The cause of a file that was written before anything was known of the containers.</summary>
    public const string FirstStart = "first start";

    /// <summary>The generation id.</summary>
    public required string Generation { get; init; }

    /// <summary>What people call it: generations of an output are counted from 1. 0 for a file that was not rendered.</summary>
    public int Number { get; init; }

    /// <summary>SHA-256 of the file's content, lower-case hex.</summary>
    public required string Content { get; init; }

    /// <summary>The id that stands in the content where it is another one, because the proxy can be told the rest while it runs; else null.</summary>
    public string? ReloadGeneration { get; init; }

    /// <summary>The id that stands in the content, if one does.</summary>
    [JsonIgnore]
    public string Printed => ReloadGeneration ?? Generation;

    /// <summary>True when the content contains its id, so that a proof can read it back.</summary>
    public bool PrintsGeneration { get; init; }

    /// <summary>How far it has come.</summary>
    public required DeliveryPhase Phase { get; init; }

    /// <summary>What made it necessary, for the operator.</summary>
    public string Cause { get; init; } = "";

    /// <summary>When it was first wanted.</summary>
    public DateTimeOffset Desired { get; init; }

    /// <summary>When a checker had judged it; null when nobody does before the proxy, and in entries of earlier versions.</summary>
    public DateTimeOffset? Checked { get; init; }

    /// <summary>When it was renamed into place; null before that.</summary>
    public DateTimeOffset? Swapped { get; init; }

    /// <summary>When it was live and came to be owed again, to a proxy that had not been there; null when it never was.</summary>
    public DateTimeOffset? OwedAnew { get; init; }

    /// <summary>When the proxy was last told; null before that.</summary>
    public DateTimeOffset? Delivered { get; init; }

    /// <summary>When it reached a final phase; null before that.</summary>
    public DateTimeOffset? Settled { get; init; }

    /// <summary>How often the proxy was told without the generation becoming live.</summary>
    public int UnprovenDeliveries { get; init; }

    /// <summary>Keys of the reload targets that were told about this generation, ordinal order.</summary>
    public ImmutableArray<string> Targets { get; init; } = [];

    /// <summary>
    /// Keys of the runs that were ended by a restart for this generation, noted before that: each later run of the same container has
    /// read the file. Ordinal order.
    /// </summary>
    public ImmutableArray<string> Restarted { get; init; } = [];

    /// <summary>
    /// Keys of the targets that said, when it was live, that they run something else. Each is told once more; one that is among
    /// <see cref="Targets"/> again was, and has not been seen to run it since. Ordinal order.
    /// </summary>
    public ImmutableArray<string> RunningOtherwise { get; init; } = [];

    /// <summary>True once at least one proxy was seen to run it, so that it is not taken from the others either.</summary>
    public bool HasProof { get; init; }

    /// <summary>Why the proxy was reloaded and not told while it runs; empty where there is no such choice, or it was not reloaded.</summary>
    public string ReloadReason { get; init; } = "";

    /// <summary>How it was proven, or why it failed; one line.</summary>
    public string Result { get; init; } = "";

    /// <summary>When it was proven to be live; null when it was not.</summary>
    [JsonIgnore]
    public DateTimeOffset? Proven => Phase == DeliveryPhase.Proven ? Settled : null;

    /// <summary>From first wanted, or owed again, to final; null before that.</summary>
    [JsonIgnore]
    public TimeSpan? Duration => Settled - (OwedAnew ?? Desired);

    /// <summary>True while the proxy still has to be told, or has not been seen to take it.</summary>
    [JsonIgnore]
    public bool IsOwed => Phase is DeliveryPhase.Swapped or DeliveryPhase.Delivered;

    /// <summary>True when it did not become live.</summary>
    [JsonIgnore]
    public bool HasFailed => Phase is DeliveryPhase.Refused or DeliveryPhase.RolledBack or DeliveryPhase.Failed;

    /// <summary>True when this generation is what the proxy runs, as far as can be known.</summary>
    [JsonIgnore]
    public bool IsLive => Phase is DeliveryPhase.Proven or DeliveryPhase.Unproven or DeliveryPhase.NotNeeded;
}

/// <summary>The generation whose file is kept, to be put back when a later one is refused.</summary>
/// <param name="Generation">Its id; empty for a file that was there before Templater was.</param>
/// <param name="Content">SHA-256 of its content, lower-case hex.</param>
/// <param name="PrintsGeneration">True when the content contains the id.</param>
/// <param name="At">When it was found to be live.</param>
public sealed record GoodGeneration(string Generation, string Content, bool PrintsGeneration, DateTimeOffset At)
{
    /// <summary>Its number; 0 for a file that was there before Templater was.</summary>
    public int Number { get; init; }

    /// <summary>The id that stands in the content where it is another one; else null.</summary>
    public string? ReloadGeneration { get; init; }
}

/// <summary>A generation that stays by the operator's will.</summary>
/// <param name="Generation">Its id.</param>
/// <param name="Number">Its number.</param>
/// <param name="Since">Since when.</param>
public sealed record PinnedGeneration(string Generation, int Number, DateTimeOffset Since);

/// <summary>A generation that would be live if none was pinned.</summary>
/// <param name="Generation">Its id.</param>
/// <param name="Number">Its number.</param>
/// <param name="Since">When it was first wanted.</param>
public sealed record WaitingGeneration(string Generation, int Number, DateTimeOffset Since)
{
    /// <summary>What made it necessary.</summary>
    public string Cause { get; init; } = "";
}

/// <summary>Everything the journal of one output holds. Immutable.</summary>
public sealed record JournalState
{
    /// <summary>Most finished entries kept.</summary>
    public const int MaxHistory = 50;

    /// <summary>Format number of the file.</summary>
    public int Format { get; init; } = StateDirectory.Format;

    /// <summary>The generation that is on its way, or the last one; null when nothing was ever deployed.</summary>
    public JournalEntry? Current { get; init; }

    /// <summary>The last generation that was live, proven where that is possible; its file lies in <c>proven/</c>.</summary>
    public GoodGeneration? LastGood { get; init; }

    /// <summary>Finished entries, oldest first.</summary>
    public ImmutableArray<JournalEntry> History { get; init; } = [];

    /// <summary>The highest number of any generation so far.</summary>
    public int LastNumber { get; init; }

    /// <summary>The generation that the operator went back to, and that stays until the output is resumed; null when there is none.</summary>
    public PinnedGeneration? Pin { get; init; }

    /// <summary>What the inputs asked for last while a generation was pinned; null before that.</summary>
    public WaitingGeneration? Waiting { get; init; }

    /// <summary>
    /// The number of a generation: the one it had as far back as the history goes, so that what comes and goes keeps its name,
    /// else the next.
    /// </summary>
    internal int NumberOf(string generation) =>
        generation.Length == 0 ? 0
        : Current is { Number: > 0 } current && current.Generation == generation ? current.Number
        : History.LastOrDefault(entry => entry.Number > 0 && entry.Generation == generation)?.Number
        ?? (Pin is { } pin && pin.Generation == generation ? pin.Number : Waiting is { } waiting && waiting.Generation == generation ? waiting.Number : LastNumber + 1);

    /// <summary>The same with a generation that waits.</summary>
    internal JournalState Await(WaitingGeneration waiting) => this with { Waiting = waiting, LastNumber = Math.Max(LastNumber, waiting.Number) };

    /// <summary>The same with a new current entry; what was current becomes history.</summary>
    internal JournalState Begin(JournalEntry entry) =>
        Counting((Current is null ? this : Remember(Current)) with { Current = entry }, entry);

    /// <summary>The same with a finished entry added to the history.</summary>
    internal JournalState Remember(JournalEntry entry)
    {
        var history = History.Add(entry);
        return Counting(this with { History = history.Length > MaxHistory ? history.RemoveRange(0, history.Length - MaxHistory) : history }, entry);
    }

    /// <summary>What came since a generation was live for all of its proxies, newest first.</summary>
    [JsonIgnore]
    internal IEnumerable<JournalEntry> Unsettled =>
        (Current is { } current ? History.Add(current) : History).Reverse().TakeWhile(static entry => !entry.IsLive);

    private static JournalState Counting(JournalState state, JournalEntry entry) =>
        entry.Number > state.LastNumber ? state with { LastNumber = entry.Number } : state;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    WriteIndented = true,
    NewLine = "\n",
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalState))]
internal sealed partial class JournalJson : JsonSerializerContext;
