using System.Collections.Immutable;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Routing.Grouping;

/// <summary>What a name is served with.</summary>
/// <param name="Pair">The pair; null when there is none.</param>
/// <param name="Unusable">The pair that is there and cannot be used, where there is no other.</param>
/// <param name="Elsewhere">The usable pair that lies where the proxy does not read it, where there is no other.</param>
internal sealed record ChosenCertificate(CertificatePair? Pair, UnusablePair? Unusable, CertificatePair? Elsewhere)
{
    /// <summary>True when the pair covers no name of the host and is used all the same.</summary>
    public bool IsDefault { get; init; }
}

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
    private readonly ImmutableArray<UnusablePair> _unusable;

    /// <summary>Sorts the pairs by what they cover, so that many hosts with many pairs stay cheap.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="kind">The proxy that is to read them.</param>
    public CertificateChoice(Snapshot snapshot, ProxyKind kind)
    {
        (_kind, _now) = (kind, snapshot.TakenAt);
        _unusable = snapshot.UnusableCertificates;
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
    public ChosenCertificate Best(HostPattern pattern)
    {
        if (pattern.Match is HostMatch.Regex or HostMatch.Default)
            return new ChosenCertificate(null, null, null);
        var name = pattern.Text.Trim('[', ']');
        ImmutableArray<CertificatePair> covering = _covering.Count == 0 ? [] : [.. Covering(name), .. Covering(Wildcard(name))];
        return CertificateSelection.For(covering, name, _kind, _now) is { } best
            ? new ChosenCertificate(best, null, null)
            : new ChosenCertificate(null, CertificateSelection.Unusable(_unusable, name, _kind), Elsewhere(covering));
    }

    /// <summary>The pair called <c>default</c>, for names that no pair covers; null when there is none that the proxy would show.</summary>
    public CertificatePair? Default() => _called[CertificateSelection.DefaultName].FirstOrDefault(pair => CertificateSelection.IsUsable(pair, _kind) && pair.NotBefore <= _now);

    /// <summary>The pair of that name, if it can serve the host.</summary>
    /// <param name="pattern">The name of the host; of patterns that stand for many names nothing can be checked.</param>
    /// <param name="name">The name of the pair.</param>
    public ChosenCertificate Named(HostPattern pattern, string name)
    {
        var fitting = _called[name]
            .Where(pair => pair.NotBefore <= _now)
            .Where(pair => pattern.Match is HostMatch.Regex or HostMatch.Default || CertificateSelection.Covers(pair, pattern.Text.Trim('[', ']')))
            .OrderByDescending(pair => pair.NotAfter)
            .ThenBy(pair => pair.ChainPath, StringComparer.Ordinal)
            .ToImmutableArray();
        return fitting.FirstOrDefault(pair => CertificateSelection.IsUsable(pair, _kind)) is { } pair
            ? new ChosenCertificate(pair, null, null)
            : new ChosenCertificate(
                null, _unusable.FirstOrDefault(pair => pair.Name == name && CertificateSelection.IsMeantFor(pair, _kind)), Elsewhere(fitting));
    }

    // Only HAProxy leaves pairs unread that another place would make good; Centauri reads none at all.
    private CertificatePair? Elsewhere(ImmutableArray<CertificatePair> pairs) =>
        _kind == ProxyKind.HAProxy ? pairs.FirstOrDefault(pair => !pair.IsInHAProxyFolder && pair.NotBefore <= _now && _now < pair.NotAfter) : null;

    /// <summary>A wildcard stands for exactly one label (RFC 6125 6.4.3).</summary>
    private static string Wildcard(string name) =>
        name.IndexOf('.', StringComparison.Ordinal) is var dot and > 0 ? "*" + name[dot..] : "";

    private List<CertificatePair> Covering(string name) => _covering.GetValueOrDefault(name, []);
}
