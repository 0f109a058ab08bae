using System.Text.Json.Serialization;

namespace Templater.Acme.Protocol;

/// <summary>RFC 8555 section 7.1.1: "In order to help clients configure themselves with the right URLs for each ACME operation, ACME servers provide a directory object".</summary>
public sealed record Directory
{
    /// <summary>Where nonces are had (section 7.2).</summary>
    public required Uri NewNonce { get; init; }

    /// <summary>Where accounts are made (section 7.3).</summary>
    public required Uri NewAccount { get; init; }

    /// <summary>Where orders are made (section 7.4).</summary>
    public required Uri NewOrder { get; init; }

    /// <summary>Where certificates are revoked (section 7.6).</summary>
    public required Uri RevokeCert { get; init; }

    /// <summary>Where an account's key is changed (section 7.3.5).</summary>
    public required Uri KeyChange { get; init; }

    /// <summary>Where it is told when to renew (RFC 9773 section 3); null where the CA does not tell.</summary>
    public Uri? RenewalInfo { get; init; }

    /// <summary>"meta (optional, object)".</summary>
    public DirectoryMeta? Meta { get; init; }

    /// <summary>The CA's profiles with what it says of them; empty where it has none (draft-ietf-acme-profiles section 3).</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, string> Profiles => Meta?.Profiles ?? new Dictionary<string, string>();
}

/// <summary>RFC 8555 section 7.1.1, the members of "meta".</summary>
public sealed record DirectoryMeta
{
    /// <summary>"A URL identifying the current terms of service".</summary>
    public string? TermsOfService { get; init; }

    /// <summary>"An HTTP or HTTPS URL locating a website providing more information about the ACME server".</summary>
    public string? Website { get; init; }

    /// <summary>"The hostnames that the ACME server recognizes as referring to itself for the purposes of CAA record validation".</summary>
    public IReadOnlyList<string>? CaaIdentities { get; init => field = AcmeJson.Whole(value); }

    /// <summary>"If this field is present and set to "true", then the CA requires that all newAccount requests include an "externalAccountBinding" field".</summary>
    public bool ExternalAccountRequired { get; init; }

    /// <summary>draft-ietf-acme-profiles section 3: names of profiles and what they are.</summary>
    public IReadOnlyDictionary<string, string>? Profiles { get; init; }
}
