using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Store;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>By what an authority was shown that a certificate may be revoked (RFC 8555 section 7.6).</summary>
public enum RevocationProof
{
    /// <summary>The key of the account that ordered it.</summary>
    Account,

    /// <summary>
    /// The certificate's own key. Some authorities, Let's Encrypt among them, then note keyCompromise, whatever reason is given, and sign
    /// for that key no more.
    /// </summary>
    CertificateKey,
}

/// <summary>Revokes certificates (RFC 8555 section 7.6); no Templater that runs is needed for that.</summary>
/// <param name="authority">Who issued them.</param>
/// <param name="account">The account there; null where none is known.</param>
/// <param name="userAgent">Name and version of the program, as authorities are told.</param>
/// <param name="time">The clock.</param>
public sealed class CertificateRevocation(AcmeAuthority authority, Account? account, string userAgent, TimeProvider time)
{
    /// <summary>
    /// Revokes one; one that is revoked already is success. It is done by the account, so that the reason is what is given and the key stays
    /// good for others who use it; by the certificate's own key where that is compromised, or there is no account that may do it.
    /// </summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>By what it was done.</returns>
    /// <exception cref="AcmeException">The authority does not do it, or is not reached.</exception>
    public async Task<RevocationProof> RevokeAsync(StoredCertificate certificate, RevocationReason reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var options = new AcmeHttpOptions { UserAgent = userAgent };
        using var http = new AcmeHttp(authority.CaBundle is { } bundle ? options with { Authorities = Authorities.RootsOf(authority.Name, bundle) } : options, time);
        var client = new AcmeClient(authority.Directory, http, time);
        if (account is not null && reason != RevocationReason.KeyCompromise)
        {
            try
            {
                await client.RevokeAsync(account, certificate.Chain.Leaf, reason, cancellationToken);
                return RevocationProof.Account;
            }
            catch (AcmeException exception) when (exception.Problem is { } problem && (problem.Is(ProblemType.Unauthorized) || problem.Is(ProblemType.AccountDoesNotExist)))
            {
                // Another account ordered it, or this one is no more.
            }
        }

        await client.RevokeAsync(certificate.Key, certificate.Chain.Leaf, reason, cancellationToken);
        return RevocationProof.CertificateKey;
    }
}
