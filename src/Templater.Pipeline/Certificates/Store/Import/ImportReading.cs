using System.Collections.Immutable;
using Templater.Acme.Protocol;

namespace Templater.Pipeline.Certificates.Store.Import;

/// <summary>A certificate of another program.</summary>
/// <param name="Source">The file with the chain.</param>
/// <param name="Chain">The chain; its first certificate is that of the key.</param>
/// <param name="Key">Its key.</param>
/// <param name="Authority">The directory of the CA that it came from; null where that is not told.</param>
public sealed record ImportedCertificate(string Source, CertificateChain Chain, PrivateKey Key, Uri? Authority)
{
    /// <summary>The certificate as it would be stored.</summary>
    /// <param name="now">The present.</param>
    public StoredCertificate ToStored(DateTimeOffset now)
    {
        var names = Chain.Identifiers.Select(static one => one.Value).ToList();
        return new StoredCertificate { Name = names.FirstOrDefault() ?? "", Names = StoredCertificate.Sorted(Chain.Identifiers), Chain = Chain, Key = Key, Authority = Authority, StoredAt = now };
    }
}

/// <summary>An account of another program.</summary>
/// <param name="Source">The file with the key.</param>
/// <param name="Host">The CA's host, with its port where it is not the usual one.</param>
/// <param name="Directory">The CA's directory; null where the program does not keep it: then it is the one with this host that is set up here.</param>
/// <param name="Key">The account's key.</param>
/// <param name="Url">What the CA calls the account; null where that is not kept.</param>
/// <param name="Contacts">Addresses of mail that the CA was told.</param>
public sealed record ImportedAccount(string Source, string Host, Uri? Directory, PrivateKey Key, Uri? Url, ImmutableArray<string> Contacts);

/// <summary>What was found of another program.</summary>
/// <param name="Certificates">Its certificates, by their files' paths.</param>
/// <param name="Accounts">Its accounts, by their files' paths.</param>
/// <param name="Findings">What looked like either and cannot be used.</param>
public sealed record ImportReading(ImmutableArray<ImportedCertificate> Certificates, ImmutableArray<ImportedAccount> Accounts, ImmutableArray<Finding> Findings);
