using System.Collections.Immutable;

namespace Templater.Pipeline.Certificates;

/// <summary>What lies in a certificates directory at one moment.</summary>
/// <param name="Pairs">The usable pairs, ordered by name, then path (ordinal).</param>
/// <param name="Findings">One for every file that looks like part of a pair and cannot be used, ordered by path.</param>
public sealed record CertificateReading(ImmutableArray<CertificatePair> Pairs, ImmutableArray<Finding> Findings);
