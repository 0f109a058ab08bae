using System.Collections.Immutable;
using Templater.Acme;
using Templater.Pipeline.Certificates.Wanted;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>By which account's thumbprint the proxies that run answer http-01 for the names of certificates, or hand challenges on. Pure.</summary>
public static class ProvenAnswers
{
    /// <summary>What is proven where they hand challenges on, or look for files, whoever asks: that they serve the names.</summary>
    public const string ForAnyone = "";

    /// <summary>
    /// The thumbprint, by name of the certificate; a certificate is missing as long as a proxy that serves one of its names is not known
    /// to answer for it, or answers otherwise than another.
    /// </summary>
    /// <param name="wanted">The certificates.</param>
    /// <param name="served">By output: what was decided for the file that its proxy is proven to run; an output is missing while that is not known.</param>
    /// <param name="isStateless">Whether proxies answer out of their configuration; else it is <see cref="ForAnyone"/>.</param>
    public static ImmutableDictionary<string, string> Of(ImmutableArray<WantedCertificate> wanted, IReadOnlyDictionary<string, RoutingResult> served, bool isStateless)
    {
        ArgumentNullException.ThrowIfNull(served);
        var answers = served.ToDictionary(pair => pair.Key, pair => AnswersOf(pair.Value), StringComparer.Ordinal);
        var proven = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var one in wanted)
            if ((one.Challenge == ChallengeType.TlsAlpn01 ? ByTls(one, served) : Thumbprint(one, answers, isStateless)) is { } thumbprint)
                proven[one.Name] = thumbprint;
        return proven.ToImmutable();
    }

    /// <summary>The same where files are on their way: what the next one will answer otherwise may be asked just then, and is not proven any more.</summary>
    /// <param name="wanted">The certificates.</param>
    /// <param name="served">By output: what was decided for the file that its proxy is proven to run; an output is missing while that is not known.</param>
    /// <param name="written">By output: what was decided for its latest file.</param>
    /// <param name="isStateless">Whether proxies answer out of their configuration; else it is <see cref="ForAnyone"/>.</param>
    public static ImmutableDictionary<string, string> Of(
        ImmutableArray<WantedCertificate> wanted, IReadOnlyDictionary<string, RoutingResult> served, IReadOnlyDictionary<string, RoutingResult> written, bool isStateless)
    {
        var (now, soon) = (Of(wanted, served, isStateless), Of(wanted, written, isStateless));
        return now.RemoveRange(now.Where(pair => soon.GetValueOrDefault(pair.Key) != pair.Value).Select(static pair => pair.Key));
    }

    // No name matters for that, so it may be one that no proxy serves.
    private static string? ByTls(WantedCertificate wanted, IReadOnlyDictionary<string, RoutingResult> served)
    {
        var handsOn = wanted.Outputs.IsEmpty
            ? served.Values.Any(static routing => routing.HandsTlsOn)
            : wanted.Outputs.All(output => served.TryGetValue(output, out var routing) && routing.HandsTlsOn);
        return handsOn ? ForAnyone : null;
    }

    private static string? Thumbprint(WantedCertificate wanted, Dictionary<string, ILookup<string, string?>> answers, bool isStateless)
    {
        if (wanted.Outputs.IsEmpty || !wanted.Outputs.All(answers.ContainsKey))
            return null;
        var given = wanted.Outputs.Select(output => answers[output]).ToArray();
        // What no proxy serves is answered by none, and proves nothing.
        if (!wanted.Names.All(name => given.Any(answer => answer.Contains(name))))
            return null;
        if (!isStateless)
            return ForAnyone;
        var thumbprints = wanted.Names.SelectMany(name => given.SelectMany(answer => answer[name])).Distinct(StringComparer.Ordinal).ToList();
        return thumbprints is [{ } only] ? only : null;
    }

    // Null for a name that is served and answers no challenge.
    private static ILookup<string, string?> AnswersOf(RoutingResult routing) => routing.VirtualHosts
        .SelectMany(host => NameOwners.NamesOf(host).Select(name => (Name: name, Thumbprint: host.Https.Thumbprints.GetValueOrDefault(name))))
        .ToLookup(answer => answer.Name, answer => answer.Thumbprint, StringComparer.Ordinal);
}
