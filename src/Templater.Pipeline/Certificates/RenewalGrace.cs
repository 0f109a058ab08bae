using System.Collections.Immutable;

namespace Templater.Pipeline.Certificates;

/// <summary>What was found under the path of one chain: one of the two.</summary>
/// <param name="Pair">The pair, when it is usable.</param>
/// <param name="Unusable">What it is otherwise.</param>
internal sealed record FoundPair(CertificatePair? Pair, UnusablePair? Unusable);

/// <summary>
/// Whoever replaces a pair writes its files one after the other, or in pieces, and somebody may look in between. What was there
/// before holds for a moment then, and only after it a bad pair is one. At the first look there is no before. Not thread-safe.
/// </summary>
internal sealed class RenewalGrace(TimeProvider time)
{
    /// <summary>How long what was there before holds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private Dictionary<string, Memory>? _memories;

    /// <summary>What holds now, and when to look again because something is waited for.</summary>
    /// <param name="found">What was found, by path of the chain.</param>
    public (ImmutableArray<FoundPair> Holding, TimeSpan? AgainAfter) Judge(IReadOnlyDictionary<string, FoundPair> found)
    {
        var now = time.GetTimestamp();
        var before = _memories;
        var memories = new Dictionary<string, Memory>(StringComparer.Ordinal);
        var holding = ImmutableArray.CreateBuilder<FoundPair>();
        TimeSpan? again = null;
        foreach (var path in found.Keys.Concat(before?.Keys ?? Enumerable.Empty<string>()).Distinct(StringComparer.Ordinal))
        {
            var item = found.GetValueOrDefault(path);
            if (item?.Pair is { } good)
            {
                memories.Add(path, new Memory(good, null));
                holding.Add(item);
                continue;
            }

            var known = before?.GetValueOrDefault(path);
            var memory = new Memory(known?.LastGood, known?.LostAt ?? now) { IsOver = known?.IsOver ?? before is null };
            var rest = memory.IsOver ? TimeSpan.Zero : Patience - time.GetElapsedTime(memory.LostAt!.Value, now);
            if (rest > TimeSpan.Zero)
            {
                again = again < rest ? again : rest;
                memories.Add(path, memory);
                if (memory.LastGood is { } last)
                    holding.Add(new FoundPair(last, null));
            }
            else if (item?.Unusable is { } bad)
            {
                memories.Add(path, memory with { IsOver = true });
                holding.Add(new FoundPair(null, bad with { Names = Names(bad, memory.LastGood) }));
            }
        }

        _memories = memories;
        return (holding.ToImmutable(), again);
    }

    private static ImmutableArray<string> Names(UnusablePair bad, CertificatePair? last) =>
        last is null ? bad.Names : [.. bad.Names.Union(last.Names, StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <param name="LastGood">The last usable pair of this path; null when it never was one.</param>
    /// <param name="LostAt">Since when it has not been usable, as a timestamp; null while it is.</param>
    private sealed record Memory(CertificatePair? LastGood, long? LostAt)
    {
        /// <summary>True when nothing is waited for any more.</summary>
        public bool IsOver { get; init; }
    }
}
