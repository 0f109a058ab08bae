using System.Buffers;
using System.Collections.Immutable;
using Templater.Acme;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Certificates.Wanted;

/// <summary>By which account's thumbprint plain http answers challenges for the names of a host. Pure.</summary>
internal static class AcmeThumbprints
{
    // SHA-256 in base64url (RFC 7638 section 3).
    private const int Length = 43;

    private static readonly SearchValues<char> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>The thumbprints, by name; empty where the proxy answers no challenges for the host.</summary>
    /// <param name="host">The host, with what it wants.</param>
    /// <param name="policy">The operator's settings.</param>
    /// <param name="answers">Who orders next; null where nobody does.</param>
    public static ImmutableSortedDictionary<string, string> Of(VirtualHost host, AcmePolicy? policy, AcmeAnswers? answers)
    {
        if (host.Https.Acme is not { } choice || answers is null || policy is not { IsStateless: true })
            return Ordinal.Empty;
        var found = Ordinal.Empty.ToBuilder();
        foreach (var group in CertificateGroups.Of(host, policy))
            if (group.Challenge == ChallengeType.Http01 && answers.Thumbprints.TryGetValue(Authority(group, choice, answers), out var thumbprint) && IsThumbprint(thumbprint))
                // http-01 proves no wildcard, which is told where one is wanted.
                foreach (var name in group.Names.Where(static name => !name.StartsWith(CertificateGroups.Star, StringComparison.Ordinal)))
                    found[name] = thumbprint;
        return found.ToImmutable();
    }

    /// <summary>The thumbprints of the accounts that hosts without a choice of their own may turn to, in order of preference.</summary>
    /// <param name="policy">The operator's settings.</param>
    /// <param name="answers">Who orders; null where nobody does.</param>
    public static IEnumerable<string> Possible(AcmePolicy? policy, AcmeAnswers? answers)
    {
        if (policy is not { IsStateless: true } || answers is null)
            yield break;
        foreach (var authority in policy.Preferred)
            if (answers.Thumbprints.TryGetValue(authority, out var thumbprint) && IsThumbprint(thumbprint))
                yield return thumbprint;
    }

    // A certificate is called like one of its names, though not always the first.
    private static string Authority(CertificateGroup group, AcmeChoice choice, AcmeAnswers answers)
    {
        if (answers.Turned.Count > 0)
            foreach (var name in group.Names)
                if (answers.Turned.TryGetValue(name, out var turned) && choice.Authorities.Contains(turned))
                    return turned;
        return choice.Authorities[0];
    }

    // It is printed into configurations, and a recorded snapshot may hold anything.
    private static bool IsThumbprint(string text) => text.Length == Length && !text.AsSpan().ContainsAnyExcept(Characters);
}
