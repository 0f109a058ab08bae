using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>How a certificate that is wanted would be ordered now. Immutable; holds no secret.</summary>
/// <param name="Authority">The authority that is asked.</param>
/// <param name="Challenge">How control of its names is proven.</param>
/// <param name="Dns">Name of the DNS provider; null where the challenge needs none.</param>
/// <param name="Profile">The authority's profile; null = its default.</param>
/// <param name="RequiresProfile">True when nothing is ordered of an authority that does not have the profile.</param>
/// <param name="KeyType">Kind of the key.</param>
public sealed record WantedOrder(string Authority, string Challenge, string? Dns = null, string? Profile = null, bool RequiresProfile = false, KeyType KeyType = default)
{
    /// <summary>Of what is wanted.</summary>
    /// <param name="wanted">The certificate.</param>
    /// <param name="authority">The authority that it is ordered at next.</param>
    public static WantedOrder Of(WantedCertificate wanted, string authority)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return new(authority, wanted.Challenge, wanted.Dns, wanted.Profile, wanted.RequiresProfile, wanted.KeyType);
    }
}
