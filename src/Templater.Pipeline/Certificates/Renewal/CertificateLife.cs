namespace Templater.Pipeline.Certificates.Renewal;

/// <summary>What of a certificate decides when it is renewed.</summary>
/// <param name="Id">What it is known by at its CA (RFC 9773 section 4.1), or any other text that no second certificate has.</param>
/// <param name="NotBefore">Start of its validity; CAs date it back, by an hour for instance.</param>
/// <param name="NotAfter">End of its validity; after <paramref name="NotBefore"/>.</param>
public sealed record CertificateLife(string Id, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    /// <summary>From start to end of its validity.</summary>
    public TimeSpan Lifetime => NotAfter - NotBefore;
}

/// <summary>When a CA wants a certificate to be renewed (RFC 9773 section 4.2).</summary>
/// <param name="CertificateId">The certificate that it was said of: for any other it says nothing, least of all for the one that replaces it.</param>
/// <param name="Start">Start of the window.</param>
/// <param name="End">End of the window; a window that does not end after its start counts as none.</param>
public sealed record SuggestedWindow(string CertificateId, DateTimeOffset Start, DateTimeOffset End)
{
    internal bool IsFor(CertificateLife certificate) =>
        End > Start && string.Equals(CertificateId, certificate.Id, StringComparison.Ordinal);
}
