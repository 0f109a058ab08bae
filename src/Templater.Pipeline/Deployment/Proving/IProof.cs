using System.Collections.Immutable;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment.Proving;

/// <summary>Whether a generation is live in one proxy.</summary>
internal abstract record ProofResult
{
    private ProofResult()
    {
    }

    /// <param name="How">For the operator.</param>
    public sealed record Proven(string How) : ProofResult
    {
        /// <summary>What the operator should know all the same.</summary>
        public Finding? Note { get; init; }
    }

    /// <summary>The proxy keeps the old configuration and says why.</summary>
    /// <param name="Output">Its reasons.</param>
    public sealed record Refused(string Output) : ProofResult;

    /// <summary>It did not show in time.</summary>
    /// <param name="Why">One line.</param>
    public sealed record NotSeen(string Why) : ProofResult
    {
        /// <summary>The lines of the file that are the likely cause, from 1.</summary>
        public ImmutableArray<int> Lines { get; init; } = [];
    }

    /// <summary>It was told and cannot have done it yet, or cannot be seen right now: it is told again later.</summary>
    /// <param name="Why">One line.</param>
    public sealed record NotYet(string Why) : ProofResult
    {
        /// <summary>What the operator can do about that; null for nothing.</summary>
        public Finding? Note { get; init; }
    }

    /// <summary>The proxy has started with it and ended before anything could be known.</summary>
    public sealed record Ended : ProofResult;

    /// <summary>There is no way to know.</summary>
    /// <param name="IsBlind">True when not even a refusal could have been seen.</param>
    public sealed record Impossible(bool IsBlind) : ProofResult;
}

/// <summary>What is known about a proxy before it is told to reload.</summary>
/// <param name="Workers">Ids of its workers; null when they cannot be seen.</param>
internal sealed record ProofBaseline(ImmutableHashSet<int>? Workers)
{
    public static readonly ProofBaseline None = new((ImmutableHashSet<int>?)null);

    /// <summary>From when on the log is read, a while before the reload: the engine's clock is another one.</summary>
    public DateTimeOffset LogStart { get; init; }

    /// <summary>The lines about reloads that stood in the log already.</summary>
    public ImmutableArray<string> Lines { get; init; } = [];

    /// <summary>True when it has no worker: it does not serve yet, and would not notice a signal.</summary>
    public bool IsStarting => Workers is { IsEmpty: true };

    /// <summary>The same for a proxy that has read the file at its start: all its workers are new.</summary>
    public ProofBaseline OfStart => this with { Workers = Workers?.Clear() };
}

/// <summary>One reload that is to be proven.</summary>
/// <param name="Target">The proxy that was told.</param>
/// <param name="Entry">The generation.</param>
/// <param name="Baseline">What was captured before.</param>
/// <param name="Told">When it was told, as a timestamp of the clock: deadlines count from here.</param>
internal sealed record ProofRequest(IReloadTarget Target, JournalEntry Entry, ProofBaseline Baseline, long Told)
{
    // A slow machine under load reads and checks this much of a configuration in a second.
    private const double BytesPerSecond = 1_000_000;

    /// <summary>True when it started when the file was in place, so that it was not told anything else.</summary>
    public bool HasStartedWithIt { get; init; }

    /// <summary>True when it was restarted for this generation.</summary>
    public bool IsRestarted { get; init; }

    /// <summary>Bytes of the configuration.</summary>
    public long Size { get; init; }

    /// <summary>Time that loading it may take, beside the deadline of a small one.</summary>
    public TimeSpan LoadTime => TimeSpan.FromSeconds(Size / BytesPerSecond);
}

/// <summary>Finds out whether a generation is live: signalling is not applying.</summary>
internal interface IProof
{
    /// <summary>False when this never proves anything, so that a delivered reload is final.</summary>
    bool CanProve { get; }

    /// <summary>True when the generation is seen to be live right now, without any reload.</summary>
    Task<bool> IsLiveAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken);

    /// <summary>Asks a proxy that was seen to run a generation whether it still does: it may have restarted with another file.</summary>
    /// <returns>Null when it cannot be asked, or does not answer right now.</returns>
    Task<bool?> StillRunsAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken) => Task.FromResult<bool?>(null);

    /// <summary>Looks at the proxy before it is told.</summary>
    /// <exception cref="IOException">It cannot be seen right now, which may pass.</exception>
    Task<ProofBaseline> CaptureAsync(IReloadTarget target, CancellationToken cancellationToken);

    /// <summary>Waits until the generation is live, refused, or the deadline has passed. May be called again with the same request.</summary>
    Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken);
}
