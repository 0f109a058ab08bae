using System.Collections.Immutable;

namespace Templater.Pipeline.Certificates;

/// <summary>What lies in a certificates directory at one moment.</summary>
/// <param name="Pairs">The usable pairs, ordered by name, then path (ordinal).</param>
/// <param name="Unusable">Pairs that are there and cannot be used, in the same order.</param>
/// <param name="Findings">One for every file that looks like part of a pair and cannot be used, ordered by path.</param>
public sealed record CertificateReading(
    ImmutableArray<CertificatePair> Pairs, ImmutableArray<UnusablePair> Unusable, ImmutableArray<Finding> Findings)
{
    /// <summary>What a directory without files gives.</summary>
    public static CertificateReading Nothing { get; } = new([], [], []);

    /// <summary>When to read again although no file changes: a pair is just being replaced. Null when nothing is waited for.</summary>
    public TimeSpan? AgainAfter { get; init; }
}
