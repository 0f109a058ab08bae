using System.Collections.Immutable;
using Templater.Pipeline.Certificates.Renewal;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>All that decides what the keeper of certificates does next. Immutable.</summary>
public sealed record KeeperSituation
{
    /// <summary>The wall clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>What is wanted; no two of the same name.</summary>
    public required ImmutableArray<WantedCertificate> Wanted { get; init; }

    /// <summary>False where more may be wanted than is known yet.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>What is stored, by name.</summary>
    public required IReadOnlyDictionary<string, HeldCertificate> Held { get; init; }

    /// <summary>What is remembered.</summary>
    public required KeeperMemory Memory { get; init; }

    /// <summary>By authority: thumbprint of the key that its account orders with next.</summary>
    public required IReadOnlyDictionary<string, string> Thumbprints { get; init; }

    /// <summary>By certificate: the thumbprint that all proxies which serve its names are proven to answer http-01 with (<see cref="ProvenAnswers"/>).</summary>
    public IReadOnlyDictionary<string, string> Live { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>By authority: what is known of its limits.</summary>
    public IReadOnlyDictionary<string, OrderLimits> Limits { get; init; } = ImmutableDictionary<string, OrderLimits>.Empty;

    /// <summary>Authorities that were reached and have taken the account.</summary>
    public IReadOnlySet<string> Open { get; init; } = ImmutableHashSet<string>.Empty;

    /// <summary>Authorities that are being reached.</summary>
    public IReadOnlySet<string> Opening { get; init; } = ImmutableHashSet<string>.Empty;

    /// <summary>Certificates whose authority is being asked about their renewal.</summary>
    public IReadOnlySet<string> Asking { get; init; } = ImmutableHashSet<string>.Empty;

    /// <summary>Certificates that the operator wants to be renewed now.</summary>
    public IReadOnlySet<string> Forced { get; init; } = ImmutableHashSet<string>.Empty;

    /// <summary>Authorities whose new account key is made and shown, and not yet known to them.</summary>
    public IReadOnlySet<string> Switched { get; init; } = ImmutableHashSet<string>.Empty;

    /// <summary>True when the proxy answers http-01 by itself, out of its configuration.</summary>
    public bool IsStateless { get; init; } = true;

    /// <summary>When certificates are renewed.</summary>
    public RenewalPolicy Renewal { get; init; } = new();
}

/// <summary>An order to begin.</summary>
/// <param name="Wanted">What is ordered.</param>
/// <param name="Authority">Where.</param>
/// <param name="Replaces">The certificate that it replaces there (RFC 9773 section 5); null for none.</param>
public sealed record PlannedOrder(WantedCertificate Wanted, string Authority, string? Replaces)
{
    /// <summary>What the certificate is known by that was there; null when none was.</summary>
    public string? HeldId { get; init; }

    /// <summary>True when the one that is there was revoked: its key is not used again.</summary>
    public bool NeedsNewKey { get; init; }
}

/// <summary>A question about a renewal.</summary>
/// <param name="Wanted">Name of the certificate.</param>
/// <param name="Held">The one that is asked about; it has a <see cref="HeldCertificate.RenewalId"/>.</param>
public sealed record PlannedAsk(string Wanted, HeldCertificate Held);

/// <summary>What to do now, and when to think again. Immutable.</summary>
/// <param name="Orders">Orders to begin.</param>
/// <param name="Turns">Certificates that another authority orders for from now on, by name.</param>
/// <param name="Opens">Authorities to reach.</param>
/// <param name="Asks">Certificates whose authority is to be asked about their renewal.</param>
/// <param name="Switches">Authorities for whose account a new key is to be made and shown.</param>
/// <param name="Changes">Authorities that are to be told the new key.</param>
/// <param name="WakeAt">When to think again, if nothing happens before.</param>
/// <param name="Status">How it stands with each certificate that is wanted, in their order.</param>
public sealed record KeeperPlan(
    ImmutableArray<PlannedOrder> Orders,
    ImmutableArray<KeyValuePair<string, string>> Turns,
    ImmutableArray<string> Opens,
    ImmutableArray<PlannedAsk> Asks,
    ImmutableArray<string> Switches,
    ImmutableArray<string> Changes,
    DateTimeOffset WakeAt,
    ImmutableArray<CertificateStatus> Status)
{
    /// <summary>How it stands with the accounts that are given another key, by name of the authority.</summary>
    public ImmutableArray<KeyChange> KeyChanges { get; init; } = [];
}
