using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>
/// Which pair a name is served with. A pair that the proxy cannot read, that is not valid yet or that does not cover the name
/// is never used; an expired one only when there is no other.
/// </summary>
internal sealed class CertificateChoice
{
    private readonly ProxyKind _kind;
    private readonly DateTimeOffset _now;
    private readonly Dictionary<string, List<CertificatePair>> _covering = new(StringComparer.Ordinal);
    private readonly ILookup<string, CertificatePair> _called;

    /// <summary>Sorts the pairs by what they cover, so that many hosts with many pairs stay cheap.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="kind">The proxy that is to read them.</param>
    public CertificateChoice(Snapshot snapshot, ProxyKind kind)
    {
        (_kind, _now) = (kind, snapshot.TakenAt);
        _called = snapshot.Certificates.ToLookup(pair => pair.Name, StringComparer.Ordinal);
        foreach (var pair in snapshot.Certificates)
        {
            foreach (var name in pair.Names)
            {
                if (!_covering.TryGetValue(name, out var pairs))
                    _covering.Add(name, pairs = []);
                pairs.Add(pair);
            }
        }
    }

    /// <summary>The best pair, see <see cref="CertificateSelection.For"/>.</summary>
    /// <param name="pattern">The name; nothing can be checked of patterns that stand for many names, and they get none.</param>
    public CertificatePair? Best(HostPattern pattern)
    {
        if (pattern.Match is HostMatch.Regex or HostMatch.Default)
            return null;
        var name = pattern.Text.Trim('[', ']');
        return CertificateSelection.For([.. Covering(name), .. Covering(Wildcard(name))], name, _kind, _now);
    }

    /// <summary>The pair of that name, if it can serve the host.</summary>
    /// <param name="pattern">The name of the host; of patterns that stand for many names nothing can be checked.</param>
    /// <param name="name">The name of the pair.</param>
    public CertificatePair? Named(HostPattern pattern, string name) =>
        _called[name]
            .Where(pair => CertificateSelection.IsUsable(pair, _kind) && pair.NotBefore <= _now)
            .Where(pair => pattern.Match is HostMatch.Regex or HostMatch.Default || CertificateSelection.Covers(pair, pattern.Text.Trim('[', ']')))
            .OrderByDescending(pair => pair.NotAfter)
            .ThenBy(pair => pair.ChainPath, StringComparer.Ordinal)
            .FirstOrDefault();

    /// <summary>A wildcard stands for exactly one label (RFC 6125 6.4.3).</summary>
    private static string Wildcard(string name) =>
        name.IndexOf('.', StringComparison.Ordinal) is var dot and > 0 ? "*" + name[dot..] : "";

    private List<CertificatePair> Covering(string name) => _covering.GetValueOrDefault(name, []);
}
