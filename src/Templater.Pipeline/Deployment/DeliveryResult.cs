using System.Collections.Immutable;

namespace Templater.Pipeline.Deployment;

/// <summary>What one attempt to deliver an owed reload came to.</summary>
internal abstract record DeliveryResult
{
    private DeliveryResult()
    {
    }

    public ImmutableArray<Finding> Findings { get; init; } = [];

    public sealed record Settled(DeliveryPhase Phase, string How) : DeliveryResult;

    /// <summary>Nobody could be told, or not everybody.</summary>
    public sealed record StillOwed(string Why, bool WaitsForProxy) : DeliveryResult
    {
        /// <summary>Attempts that end like this before it is worth a message: every proxy looks like that in its first moments.</summary>
        public int QuietAttempts { get; init; }

        /// <summary>How long the proxy, which is there, may be silent like this; null when it is not there, or not silent.</summary>
        public TimeSpan? SilenceLimit { get; init; }

        /// <summary>True when only old workers are waited for.</summary>
        public bool IsHeld { get; init; }

        /// <summary>True when only the end of the interval since the last reload is waited for.</summary>
        public bool IsTooSoon { get; init; }
    }

    /// <param name="By">The proxy.</param>
    /// <param name="Output">Its reasons.</param>
    /// <param name="IsNothingTaken">True when no other proxy can have taken the configuration, and this one no part of it while it ran.</param>
    public sealed record Refused(string By, string Output, bool IsNothingTaken) : DeliveryResult
    {
        /// <summary>True when it was started with the file and ended on it, so that nothing runs there now.</summary>
        public bool HasEnded { get; init; }

        /// <summary>The path by which that proxy knows the file; null when nobody can tell.</summary>
        public string? Config { get; init; }

        /// <summary>The lines that are the likely cause where its reasons name none, from 1.</summary>
        public ImmutableArray<int> Lines { get; init; } = [];
    }

    /// <summary>Told, and not live by the deadline.</summary>
    /// <param name="By">The proxy.</param>
    /// <param name="Why">What was seen instead.</param>
    public sealed record NotSeen(string By, string Why) : DeliveryResult
    {
        /// <summary>The lines that are the likely cause, from 1.</summary>
        public ImmutableArray<int> Lines { get; init; } = [];
    }
}
