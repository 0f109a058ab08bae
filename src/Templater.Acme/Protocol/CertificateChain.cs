using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Templater.Acme.Protocol;

/// <summary>
/// What a CA issued (RFC 8555 section 7.4.2): "the first element MUST be an end-entity certificate", each following one
/// certifies the one before it. The root may be left out. Immutable.
/// </summary>
public sealed class CertificateChain
{
    /// <summary>Most certificates of a chain; those of public CAs have two to four.</summary>
    public const int MaxCertificates = 20;

    /// <summary>How far the clocks of the CA and of this machine may be apart for a certificate to count as valid already.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromHours(1);

    private const string Label = "CERTIFICATE";

    private CertificateChain(IReadOnlyList<X509Certificate2> certificates) => Certificates = certificates;

    /// <summary>The certificates, that of the key first.</summary>
    public IReadOnlyList<X509Certificate2> Certificates { get; }

    /// <summary>The certificate of the key.</summary>
    public X509Certificate2 Leaf => Certificates[0];

    /// <summary>When the leaf ends, in UTC. The platform's own value is in local time.</summary>
    public DateTimeOffset NotAfter => Leaf.NotAfter.ToUniversalTime();

    /// <summary>When the leaf begins, in UTC.</summary>
    public DateTimeOffset NotBefore => Leaf.NotBefore.ToUniversalTime();

    /// <summary>All names and addresses of the leaf.</summary>
    public IReadOnlyList<Identifier> Identifiers => NamesOf(Leaf);

    /// <summary>The whole chain in PEM, written anew: 64 characters a line, a line break at the end of each certificate, nothing between them.</summary>
    public string ToPem() => string.Concat(Certificates.Select(certificate => certificate.ExportCertificatePem() + "\n"));

    /// <summary>
    /// Reads a chain. RFC 8555 section 11.4 has clients look whether there is anything in it but certificates: software that
    /// reads key and chain from one file would take a key out of it.
    /// </summary>
    /// <param name="pem">The text.</param>
    /// <exception cref="FormatException">Anything in it but certificates, or none; the message holds nothing of it.</exception>
    public static CertificateChain Parse(string pem)
    {
        ArgumentNullException.ThrowIfNull(pem);
        var certificates = new List<X509Certificate2>();
        var rest = pem.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (!rest[..fields.Location.Start.Value].IsWhiteSpace())
                throw new FormatException("there is something between the certificates that is none");
            if (!rest[fields.Label].SequenceEqual(Label))
                throw new FormatException($"it has a block that is no certificate but {(rest[fields.Label].Contains("PRIVATE KEY", StringComparison.Ordinal) ? "a private key" : "something else")}");
            if (certificates.Count == MaxCertificates)
                throw new FormatException($"it has more than {MaxCertificates} certificates");
            certificates.Add(Certificate(rest[fields.Base64Data], certificates.Count + 1));
            rest = rest[fields.Location.End..];
        }

        if (!rest.IsWhiteSpace())
            throw new FormatException(certificates.Count == 0 ? "there is no certificate in it" : $"it is cut off or damaged after {certificates.Count} certificates");
        return certificates.Count > 0 ? new CertificateChain(certificates) : throw new FormatException("it is empty");
    }

    /// <summary>What keeps the chain from being used; null where nothing does.</summary>
    /// <param name="key">The key that it must be for.</param>
    /// <param name="identifiers">What it must be for, no less and no more.</param>
    /// <param name="now">The present.</param>
    public string? Mistake(PrivateKey key, IReadOnlyList<Identifier> identifiers, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!key.Fits(Leaf))
        {
            return Certificates.Skip(1).Any(key.Fits)
                ? "its first certificate is not that of the key, but a later one is"
                : "its first certificate is for another key";
        }

        if (NotAfter <= now)
            return $"it has ended already, at {NotAfter:yyyy-MM-dd HH:mm:ss} UTC";
        if (NotBefore > now + ClockTolerance)
            return $"it begins only at {NotBefore:yyyy-MM-dd HH:mm:ss} UTC, and it is {now.UtcDateTime:yyyy-MM-dd HH:mm:ss} now by this machine's clock";
        var (named, ordered) = (Identifiers.ToHashSet(), identifiers.ToHashSet());
        if (!named.SetEquals(ordered))
            return $"it is for {Shown(named)} and not for {Shown(ordered)}";
        return IsLinked() ? null : "its certificates do not sign one another";
    }

    /// <summary>Whether the last certificate was issued by an authority of this name (its common name, as CAs' documentation has it).</summary>
    /// <param name="root">For example <c>ISRG Root X1</c>.</param>
    public bool EndsAt(string root) =>
        string.Equals(Certificates[^1].IssuerName.EnumerateRelativeDistinguishedNames().Where(IsCommonName).Select(name => name.GetSingleElementValue()).FirstOrDefault(), root, StringComparison.OrdinalIgnoreCase);

    private static bool IsCommonName(X500RelativeDistinguishedName name) => !name.HasMultipleElements && name.GetSingleElementType().Value == "2.5.4.3";

    private static X509Certificate2 Certificate(ReadOnlySpan<char> base64, int number)
    {
        try
        {
            return Examined(X509CertificateLoader.LoadCertificate(Convert.FromBase64String(base64.ToString())));
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            throw new FormatException($"certificate {number} of it cannot be read", exception);
        }
    }

    // What is within is decoded only when it is asked for, which is too late to refuse the certificate.
    private static X509Certificate2 Examined(X509Certificate2 certificate)
    {
        try
        {
            _ = (NamesOf(certificate), CertificateId.Of(certificate), certificate.IssuerName.EnumerateRelativeDistinguishedNames().Count());
            return certificate;
        }
        catch
        {
            certificate.Dispose();
            throw;
        }
    }

    private static List<Identifier> NamesOf(X509Certificate2 certificate)
    {
        var names = new List<Identifier>();
        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            names.AddRange(extension.EnumerateDnsNames().Select(name => new Identifier(Identifier.DnsType, name.ToLowerInvariant())));
            names.AddRange(extension.EnumerateIPAddresses().Select(Identifier.Ip));
        }

        return names;
    }

    private static string Shown(IEnumerable<Identifier> identifiers) =>
        string.Join(", ", identifiers.Select(identifier => Problem.Line(identifier.Value)).Order(StringComparer.Ordinal)) is { Length: > 0 } names ? names : "no name";

    // Names and signatures; whether the end is trusted is for the clients to decide, and whether it is in time was looked at.
    private bool IsLinked()
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllFlags;
        chain.ChainPolicy.ExtraStore.AddRange(Certificates.Skip(1).ToArray());
        chain.Build(Leaf);
        return chain.ChainElements.Count == Certificates.Count
            && chain.ChainElements.Zip(Certificates).All(pair => pair.First.Certificate.RawDataMemory.Span.SequenceEqual(pair.Second.RawDataMemory.Span))
            && !chain.ChainElements.SelectMany(element => element.ChainElementStatus).Any(status => status.Status.HasFlag(X509ChainStatusFlags.NotSignatureValid));
    }
}

public sealed partial class AcmeClient
{
    /// <summary>Most alternates that are looked at for a preferred root.</summary>
    public const int MaxAlternates = 10;

    private const string ChainOperation = "download the certificate";

    /// <summary>Section 7.4.2: downloads the chain of an order that is valid.</summary>
    /// <param name="account">The account that made the order.</param>
    /// <param name="url"><see cref="Order.Certificate"/>.</param>
    /// <param name="preferredRoot">Common name of the authority that the chain should end at; null for the CA's default.</param>
    /// <param name="mistake">What keeps an alternate from being used; null where nothing does.</param>
    /// <param name="notice">Is told in one line which alternate was left aside, and why.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The chain that ends there; where none does, the default one, which <paramref name="mistake"/> was not asked about.</returns>
    /// <exception cref="AcmeException">The default one cannot be had, or has anything in it but certificates.</exception>
    public async Task<CertificateChain> DownloadAsync(Account account, Uri url, string? preferredRoot, Func<CertificateChain, string?> mistake, Action<string>? notice, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(mistake);
        var (chain, alternates) = await ReadChainAsync(account, url, cancellationToken);
        if (preferredRoot is null || chain.EndsAt(preferredRoot))
            return chain;
        foreach (var alternate in alternates.Take(MaxAlternates))
        {
            if (await ReadAlternateAsync(account, alternate, notice, cancellationToken) is not { } other || !other.EndsAt(preferredRoot))
                continue;
            if (mistake(other) is not { } found)
                return other;
            notice?.Invoke($"an alternate chain of {url.Authority} that ends at '{preferredRoot}' is left aside: {found}");
        }

        return chain;
    }

    // One that cannot be had costs nothing: the default one is there.
    private async Task<CertificateChain?> ReadAlternateAsync(Account account, Uri url, Action<string>? notice, CancellationToken cancellationToken)
    {
        try
        {
            return (await ReadChainAsync(account, url, cancellationToken)).Chain;
        }
        catch (AcmeException exception)
        {
            notice?.Invoke($"an alternate chain of {url.Authority} is left aside: {exception.Message}");
            return null;
        }
    }

    // "The server MAY provide one or more link relation header fields [RFC8288] with relation "alternate"."
    private async Task<(CertificateChain Chain, IReadOnlyList<Uri> Alternates)> ReadChainAsync(Account account, Uri url, CancellationToken cancellationToken)
    {
        var response = await PostAsGetAsync(account, url, ChainOperation, cancellationToken);
        try
        {
            return (CertificateChain.Parse(Encoding.UTF8.GetString(response.Body.Span)), [.. response.Links.Where(link => link.Relation == "alternate").Select(link => link.Target)]);
        }
        catch (FormatException exception)
        {
            throw new AcmeException(AcmeFailure.BadAnswer, $"cannot {ChainOperation}: what {url.Authority} sent cannot be used: {exception.Message}", exception);
        }
    }
}
