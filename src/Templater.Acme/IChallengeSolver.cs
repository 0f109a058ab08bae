using Templater.Acme.Protocol;

namespace Templater.Acme;

/// <summary>
/// Answers the challenges of one type (RFC 8555 section 8), so that the CA sees that the account controls a name. An order
/// calls <see cref="PresentAsync"/> for each of its challenges, then <see cref="WaitAsync"/> for each, tells the CA, and calls
/// <see cref="CleanUpAsync"/> for each, whatever happened.
/// </summary>
/// <remarks>
/// Orders run beside each other: the calls for different challenges come at the same time and in any order, also several for
/// the same name with different values (a wildcard and the name itself). Implementations are thread-safe.
/// </remarks>
public interface IChallengeSolver
{
    /// <summary>The type of challenge that it answers, one of <see cref="ChallengeType"/>. Never changes.</summary>
    string Type { get; }

    /// <summary>
    /// Makes the answer, for example writes the TXT record. Returns as soon as the answer is handed over: what takes time
    /// until it is seen everywhere belongs into <see cref="WaitAsync"/>, so that all names of an order wait at the same time.
    /// Presenting the same answer twice is no error (an order that a crash broke off begins again).
    /// </summary>
    /// <param name="challenge">What is asked.</param>
    /// <param name="cancellationToken">Gives up; <see cref="CleanUpAsync"/> is still called.</param>
    /// <exception cref="ChallengeException">It cannot be presented; the message says why and what to do.</exception>
    Task PresentAsync(PendingChallenge challenge, CancellationToken cancellationToken);

    /// <summary>
    /// Waits until the CA will see the answer, within a bound of the implementation's own. Called after all challenges of the
    /// order are presented. Where there is nothing to wait for, as by default, it returns at once.
    /// </summary>
    /// <param name="challenge">The same object as was presented.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ChallengeException">The answer is not seen in time: the CA is then not told, which saves a failed validation.</exception>
    Task WaitAsync(PendingChallenge challenge, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Takes the answer away, and nothing else: other values of the same name stay. Called after success, failure and
    /// cancellation alike, also where <see cref="PresentAsync"/> failed or was cancelled half-way, and possibly by another
    /// process than the one that presented; so it depends on nothing but its argument. Nothing there to be taken away is success.
    /// </summary>
    /// <param name="challenge">The challenge, with the same values as was presented.</param>
    /// <param name="cancellationToken">Not that of the order: it ends only when the time for cleaning up is over.</param>
    /// <exception cref="ChallengeException">Something is left behind; the message says what. The order goes on.</exception>
    Task CleanUpAsync(PendingChallenge challenge, CancellationToken cancellationToken);
}

/// <summary>A challenge that waits for its answer. Holds no secret: all of it is seen by the CA and in the DNS.</summary>
/// <param name="Identifier">The name or address of the authorization; for a wildcard the name without <c>*.</c>.</param>
/// <param name="Type">The type of challenge, one of <see cref="ChallengeType"/>.</param>
/// <param name="Token">The CA's token, checked to be base64url (RFC 8555 section 8.1): safe in a path. Empty for dns-persist-01, which has none.</param>
/// <param name="KeyAuthorization">
/// "token.thumbprint" (RFC 8555 section 8.1): what http-01 answers with. The value of a TXT record is
/// <see cref="Protocol.KeyAuthorization.DnsValue"/> of it. Empty for dns-persist-01.
/// </param>
/// <param name="AccountUrl">The account's URL, from which dns-account-01 and dns-persist-01 make their records.</param>
public sealed record PendingChallenge(Identifier Identifier, string Type, string Token, string KeyAuthorization, Uri AccountUrl)
{
    /// <summary>Whether the answer is for <c>*.</c> in front of the name (RFC 8555 section 7.1.4, "wildcard").</summary>
    public bool IsWildcard { get; init; }

    /// <summary>The names by which the CA calls itself in records of dns-persist-01; empty for all other types.</summary>
    public IReadOnlyList<string> IssuerDomainNames { get; init; } = [];
}

/// <summary>Names of the types of challenges (registry of RFC 8555 section 9.7.8).</summary>
public static class ChallengeType
{
    /// <summary>A file by plain HTTP on port 80 (RFC 8555 section 8.3).</summary>
    public const string Http01 = "http-01";

    /// <summary>A TXT record at <c>_acme-challenge</c> (RFC 8555 section 8.4); the only one besides those of the drafts that proves a wildcard.</summary>
    public const string Dns01 = "dns-01";

    /// <summary>A certificate by TLS with the protocol <c>acme-tls/1</c> on port 443 (RFC 8737).</summary>
    public const string TlsAlpn01 = "tls-alpn-01";

    /// <summary>As dns-01, at a name of the account's own (draft-ietf-acme-dns-account-label).</summary>
    public const string DnsAccount01 = "dns-account-01";

    /// <summary>A TXT record that stays (draft-ietf-acme-dns-persist).</summary>
    public const string DnsPersist01 = "dns-persist-01";
}

/// <summary>A challenge could not be presented, was not seen in time, or left something behind. The message is one line for the operator and holds no credential.</summary>
public sealed class ChallengeException : Exception
{
    /// <summary>Creates it with a message.</summary>
    /// <param name="message">What went wrong, for which name, and the way out.</param>
    public ChallengeException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it with a message and the cause.</summary>
    /// <param name="message">What went wrong, for which name, and the way out.</param>
    /// <param name="innerException">The cause.</param>
    public ChallengeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
