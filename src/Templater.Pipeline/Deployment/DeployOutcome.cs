using System.Collections.Immutable;

namespace Templater.Pipeline.Deployment;

/// <summary>What became of one generation of one output. The cases are closed.</summary>
public abstract record DeployOutcome
{
    private DeployOutcome()
    {
    }

    /// <summary>What the operator should know about it.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];

    /// <summary>The file was there already and the proxy runs it; nothing was done.</summary>
    public sealed record Unchanged : DeployOutcome;

    /// <summary>It is live, and that is proven.</summary>
    /// <param name="Generation">The generation.</param>
    /// <param name="Proof">How it was proven.</param>
    public sealed record Live(string Generation, string Proof) : DeployOutcome;

    /// <summary>It is written, and the proxy was told or need not be; more cannot be known. Final.</summary>
    /// <param name="Generation">The generation.</param>
    /// <param name="How">What is known.</param>
    public sealed record Delivered(string Generation, string How) : DeployOutcome;

    /// <summary>It is written, and the proxy has still to be told.</summary>
    /// <param name="Generation">The generation.</param>
    /// <param name="Reason">Why not yet; one line.</param>
    /// <param name="WaitsForProxy">True when only the proxy is missing, which makes nothing unhealthy.</param>
    public sealed record Owed(string Generation, string Reason, bool WaitsForProxy) : DeployOutcome;

    /// <summary>A checker or the proxy refused it.</summary>
    /// <param name="Generation">The generation.</param>
    /// <param name="Output">What was said, fit to be shown.</param>
    /// <param name="Line">The line of the file it is about, if one was named.</param>
    /// <param name="Restored">True when the file had been replaced and the last good one was put back.</param>
    public sealed record Refused(string Generation, string Output, int? Line, bool Restored) : DeployOutcome
    {
        /// <summary>True when a checker refused it, so that the live file was never replaced and others can be tried at no cost.</summary>
        public bool IsByChecker { get; init; }

        /// <summary>All lines it may be about where none was named, in their order: those that listen on a port that is in use.</summary>
        public ImmutableArray<int> Lines { get; init; } = [];

        /// <summary>True when the proxy ended on it.</summary>
        public bool HasEnded { get; init; }
    }

    /// <summary>It could not be written, or did not become live; not tried again until the inputs change.</summary>
    /// <param name="Generation">The generation.</param>
    /// <param name="Reason">One line.</param>
    /// <param name="Restored">True when the file had been replaced and the last good one was put back.</param>
    public sealed record Failed(string Generation, string Reason, bool Restored) : DeployOutcome;
}

/// <summary>The delivery state of one output at one moment.</summary>
/// <param name="Current">The generation that is on its way or live; null before the first.</param>
/// <param name="LastGood">The last one that was live; put back when a later one is refused.</param>
/// <param name="OwedSince">Since when a reload is owed; null when none is.</param>
/// <param name="WaitsForProxy">True when it is owed only because the proxy does not run.</param>
/// <param name="IsWritten">True when the output's file exists.</param>
/// <param name="History">Finished generations, oldest first.</param>
public sealed record DeliveryStatus(
    JournalEntry? Current,
    GoodGeneration? LastGood,
    DateTimeOffset? OwedSince,
    bool WaitsForProxy,
    bool IsWritten,
    ImmutableArray<JournalEntry> History)
{
    /// <summary>The generation that the operator went back to; null when there is none.</summary>
    public PinnedGeneration? Pin { get; init; }

    /// <summary>What the inputs asked for last while a generation was pinned; null before that.</summary>
    public WaitingGeneration? Waiting { get; init; }

    /// <summary>The same as the journal has it.</summary>
    public JournalState AsJournal => new() { Current = Current, LastGood = LastGood, History = History, Pin = Pin, Waiting = Waiting };

    /// <summary>The number of a generation, as far back as the history goes; 0 when it is not known.</summary>
    /// <param name="generation">Its id.</param>
    public int NumberOf(string generation) =>
        (Current is { } current && current.Generation == generation ? current : History.LastOrDefault(entry => entry.Generation == generation))?.Number ?? 0;
}
