using Templater.Acme.Protocol;

namespace Templater.Acme;

/// <summary>
/// Keeps what an order needs to be gone on with after a crash. A certificate that the CA issued and whose key is lost is lost
/// too, and counts against the CA's limits.
/// </summary>
public interface IOrderJournal
{
    /// <summary>
    /// Keeps the order; called when it was made, and again with its key before the CA is asked to issue. When this returns, it
    /// must be on the disk. The caller of <see cref="CertificateOrderer.ObtainAsync"/> forgets it again once the certificate is stored.
    /// </summary>
    /// <param name="order">The order.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task KeepAsync(PendingOrder order, CancellationToken cancellationToken);

    /// <summary>
    /// Takes note that a new order was asked for (RFC 8555 section 7.4), which the CA may count whatever came of it: an order, a refusal,
    /// or no reply. Called once for each such request, after its end; where there is an order, <see cref="KeepAsync"/> follows.
    /// </summary>
    void Ordered()
    {
    }
}

/// <summary>An order that is under way, with what has to be known to go on with it at the right CA and for the right names.</summary>
/// <param name="Directory">The CA's directory: nobody else knows of the order.</param>
/// <param name="Url">Where it is at the CA.</param>
/// <param name="Identifiers">What it is for.</param>
/// <param name="Key">The key of the certificate; null while none was made.</param>
public sealed record PendingOrder(Uri Directory, Uri Url, IReadOnlyList<Identifier> Identifiers, PrivateKey? Key);
