using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>Which pair a name is served with. A pair that is not valid now or does not cover the name is never used.</summary>
internal static class CertificateChoice
{
    /// <summary>The best pair: an exact name before a wildcard, then the one valid longest, then by name.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="pattern">The name.</param>
    public static CertificatePair? Best(Snapshot snapshot, HostPattern pattern) =>
        snapshot.Certificates
            .Where(pair => IsValid(pair, snapshot.TakenAt) && Rank(pair, pattern) > 0)
            .OrderByDescending(pair => Rank(pair, pattern))
            .ThenByDescending(pair => pair.NotAfter)
            .ThenBy(pair => pair.Name, StringComparer.Ordinal)
            .FirstOrDefault();

    /// <summary>The pair of that name, if it can serve the host.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="pattern">The name of the host; of patterns that stand for many names nothing can be checked.</param>
    /// <param name="name">The name of the pair.</param>
    public static CertificatePair? Named(Snapshot snapshot, HostPattern pattern, string name) =>
        snapshot.Certificates
            .Where(pair => pair.Name == name && IsValid(pair, snapshot.TakenAt))
            .Where(pair => pattern.Match is HostMatch.Regex or HostMatch.Default || Rank(pair, pattern) > 0)
            .OrderByDescending(pair => pair.NotAfter)
            .ThenBy(pair => pair.ChainPath, StringComparer.Ordinal)
            .FirstOrDefault();

    private static bool IsValid(CertificatePair pair, DateTimeOffset now) => pair.NotBefore <= now && now < pair.NotAfter;

    private static int Rank(CertificatePair pair, HostPattern pattern) => pattern.Match switch
    {
        HostMatch.Regex or HostMatch.Default => 0,
        _ when pair.Names.Contains(pattern.Text.Trim('[', ']'), StringComparer.OrdinalIgnoreCase) => 2,
        HostMatch.Exact when Parent(pattern.Text) is { } parent && pair.Names.Contains("*." + parent, StringComparer.OrdinalIgnoreCase) => 1,
        _ => 0,
    };

    /// <summary>A wildcard stands for exactly one label (RFC 6125 6.4.3).</summary>
    private static string? Parent(string name) =>
        name.IndexOf('.', StringComparison.Ordinal) is var dot and > 0 ? name[(dot + 1)..] : null;
}
