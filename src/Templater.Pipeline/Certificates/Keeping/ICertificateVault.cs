using System.Collections.Immutable;
using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>Where certificates and orders that are under way are kept. Thread-safe.</summary>
public interface ICertificateVault
{
    /// <summary>What is there, by name.</summary>
    /// <exception cref="IOException">That cannot be seen, which does not mean that nothing is there.</exception>
    /// <exception cref="UnauthorizedAccessException">That may not be seen.</exception>
    ImmutableDictionary<string, HeldCertificate> Held { get; }

    /// <summary>What the certificate that is there is known by (<see cref="Renewal.CertificateLife.Id"/>), looked at anew; null where there is none.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="IOException">That cannot be seen.</exception>
    string? IdOf(string name);

    /// <summary>The key of a certificate that is there; null where it cannot be read.</summary>
    /// <param name="name">Its name.</param>
    PrivateKey? KeyOf(string name);

    /// <summary>What would be in the way of a certificate, so that it is not worth to be ordered: one line. Null when nothing is.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="IOException">That cannot be seen.</exception>
    string? ObstacleTo(string name);

    /// <summary>Claims the right to order a certificate among all processes that share the vault.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>To be disposed of when the order has ended; null where another process has it.</returns>
    /// <exception cref="IOException">Nothing can be claimed.</exception>
    IDisposable? TryClaim(string name);

    /// <summary>Keeps a certificate and puts it where proxies look.</summary>
    /// <param name="wanted">What was wanted.</param>
    /// <param name="authority">Who issued it.</param>
    /// <param name="issued">The certificate.</param>
    /// <param name="cancellationToken">Gives up; what was there before stays whole.</param>
    /// <exception cref="IOException">It cannot be written; what was there before stays whole.</exception>
    Task SaveAsync(WantedCertificate wanted, string authority, IssuedCertificate issued, CancellationToken cancellationToken);

    /// <summary>Notes that a certificate was revoked (<see cref="HeldCertificate.IsRevoked"/>), and looks anew at what is there.</summary>
    /// <param name="name">Its name; nothing happens where none is kept by it.</param>
    /// <param name="id">What it is known by (<see cref="Renewal.CertificateLife.Id"/>).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">That cannot be noted.</exception>
    Task NoteRevokedAsync(string name, string id, CancellationToken cancellationToken);

    /// <summary>The order that is under way at an authority; null when there is none.</summary>
    /// <param name="wanted">The certificate.</param>
    /// <param name="authority">Where.</param>
    PendingOrder? PendingOf(WantedCertificate wanted, string authority);

    /// <summary>True when an order for a certificate is under way, wherever.</summary>
    /// <param name="name">Name of the certificate.</param>
    bool HasPending(string name);

    /// <summary>Keeps the order of a certificate while it is under way.</summary>
    /// <param name="wanted">The certificate.</param>
    /// <param name="authority">Where.</param>
    IOrderJournal JournalOf(WantedCertificate wanted, string authority);

    /// <summary>Forgets the order that was under way.</summary>
    /// <param name="name">Name of the certificate.</param>
    /// <param name="authority">Where; null for everywhere, as when the certificate is there.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It cannot be removed.</exception>
    Task ForgetPendingAsync(string name, string? authority, CancellationToken cancellationToken);
}
