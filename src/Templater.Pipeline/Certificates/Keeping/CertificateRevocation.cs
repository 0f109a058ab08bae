using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Store;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>Revokes certificates by their own keys (RFC 8555 section 7.6): no account is needed for that, nor a Templater that runs.</summary>
/// <param name="authority">Who issued them.</param>
/// <param name="userAgent">Name and version of the program, as authorities are told.</param>
/// <param name="time">The clock.</param>
public sealed class CertificateRevocation(AcmeAuthority authority, string userAgent, TimeProvider time)
{
    /// <summary>Revokes one; one that is revoked already is success.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">The authority does not do it, or is not reached.</exception>
    public async Task RevokeAsync(StoredCertificate certificate, RevocationReason reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var options = new AcmeHttpOptions { UserAgent = userAgent };
        using var http = new AcmeHttp(authority.CaBundle is { } bundle ? options with { Authorities = Authorities.RootsOf(authority.Name, bundle) } : options, time);
        await new AcmeClient(authority.Directory, http, time).RevokeAsync(certificate.Key, certificate.Chain.Leaf, reason, cancellationToken);
    }
}
