using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment.Proving;

/// <summary>Whether a generation is live in one proxy.</summary>
internal abstract record ProofResult
{
    private ProofResult()
    {
    }

    /// <param name="How">For the operator.</param>
    public sealed record Proven(string How) : ProofResult;

    /// <summary>The proxy keeps the old configuration and says why.</summary>
    /// <param name="Output">Its reasons.</param>
    public sealed record Refused(string Output) : ProofResult;

    /// <summary>It did not show in time.</summary>
    /// <param name="Why">One line.</param>
    public sealed record NotSeen(string Why) : ProofResult;

    /// <summary>There is no way to know.</summary>
    public sealed record Impossible : ProofResult;
}

/// <summary>What is known about a proxy before it is told to reload.</summary>
/// <param name="Workers">Ids of its workers; null when they cannot be seen.</param>
internal sealed record ProofBaseline(System.Collections.Immutable.ImmutableHashSet<int>? Workers)
{
    public static readonly ProofBaseline None = new((System.Collections.Immutable.ImmutableHashSet<int>?)null);
}

/// <summary>One reload that is to be proven.</summary>
/// <param name="Target">The proxy that was told.</param>
/// <param name="Entry">The generation.</param>
/// <param name="Baseline">What was captured before.</param>
/// <param name="Told">When it was told.</param>
internal sealed record ProofRequest(IReloadTarget Target, JournalEntry Entry, ProofBaseline Baseline, DateTimeOffset Told);

/// <summary>Finds out whether a generation is live: signalling is not applying.</summary>
internal interface IProof
{
    /// <summary>False when this never proves anything, so that a delivered reload is final.</summary>
    bool CanProve { get; }

    /// <summary>True when the generation is seen to be live right now, without any reload.</summary>
    Task<bool> IsLiveAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken);

    /// <summary>Looks at the proxy before it is told.</summary>
    Task<ProofBaseline> CaptureAsync(IReloadTarget target, CancellationToken cancellationToken);

    /// <summary>Waits until the generation is live, refused, or the deadline has passed.</summary>
    Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken);
}
