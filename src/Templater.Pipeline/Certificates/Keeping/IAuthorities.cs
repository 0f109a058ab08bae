using System.Collections.Immutable;
using Templater.Acme;
using Templater.Acme.Protocol;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>What an authority said of itself. Immutable.</summary>
/// <param name="IssuerDomains">The names that it goes by in CAA records; empty where it does not say.</param>
/// <param name="Account">URL of the account there.</param>
public sealed record AuthorityFacts(ImmutableArray<string> IssuerDomains, Uri Account);

/// <summary>The certification authorities of the operator, each with an account of its own, by name. Thread-safe.</summary>
public interface IAuthorities
{
    /// <summary>Thumbprint of the key that each account orders with next: the new one from <see cref="SwitchAsync"/> on.</summary>
    ImmutableSortedDictionary<string, string> Thumbprints { get; }

    /// <summary>Those whose account has a new key that they were not told yet.</summary>
    ImmutableSortedSet<string> Switched { get; }

    /// <summary>Reaches an authority, and makes or finds the account there.</summary>
    /// <param name="authority">Its name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">It is not reached, or does not take the account.</exception>
    /// <exception cref="IOException">The account cannot be kept.</exception>
    Task<AuthorityFacts> OpenAsync(string authority, CancellationToken cancellationToken);

    /// <summary>Asks when a certificate is to be renewed; null where the authority tells nobody.</summary>
    /// <param name="authority">Its name.</param>
    /// <param name="certificateId">The certificate.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">It does not answer.</exception>
    Task<RenewalInfo?> RenewalInfoAsync(string authority, string certificateId, CancellationToken cancellationToken);

    /// <summary>Obtains a certificate; <see cref="OpenAsync"/> went before.</summary>
    /// <param name="authority">Name of the authority.</param>
    /// <param name="wish">What is wanted.</param>
    /// <param name="solver">Answers the challenges.</param>
    /// <param name="journal">Keeps the order.</param>
    /// <param name="cancellationToken">Breaks it off; the order stays.</param>
    /// <exception cref="AcmeException">It is not to be had now.</exception>
    Task<IssuedCertificate> ObtainAsync(string authority, CertificateWish wish, IChallengeSolver solver, IOrderJournal journal, CancellationToken cancellationToken);

    /// <summary>Makes a new key for an account and keeps it beside the present one; nothing where that was done already.</summary>
    /// <param name="authority">Name of the authority.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It cannot be kept; the present one stays.</exception>
    Task SwitchAsync(string authority, CancellationToken cancellationToken);

    /// <summary>Tells an authority the new key of the account (RFC 8555 section 7.3.5), and forgets the old one.</summary>
    /// <param name="authority">Its name.</param>
    /// <param name="cancellationToken">Gives up; both keys stay.</param>
    /// <exception cref="AcmeException">It does not take it; both keys stay.</exception>
    /// <exception cref="IOException">What came of it cannot be kept; it is found out the next time.</exception>
    Task ChangeAsync(string authority, CancellationToken cancellationToken);

    /// <summary>Forgets a new key that the authority refused, once it is seen that the present one is the account's: else it may be all that is left.</summary>
    /// <param name="authority">Its name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">That is not to be seen; both keys stay.</exception>
    /// <exception cref="IOException">It cannot be removed.</exception>
    Task AbandonAsync(string authority, CancellationToken cancellationToken);
}
