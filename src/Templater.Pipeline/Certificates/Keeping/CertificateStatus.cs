using System.Collections.Immutable;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>What a certificate that is wanted does now.</summary>
public enum CertificateActivity
{
    /// <summary>It is there, and nothing is to be done.</summary>
    Resting,

    /// <summary>It is being ordered.</summary>
    Ordering,

    /// <summary>It is to be ordered and something has to be waited for.</summary>
    Waiting,
}

/// <summary>How it stands with a certificate that is wanted. Immutable; holds no secret.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Names">Names in it, ordinal order.</param>
/// <param name="Activity">What it does now.</param>
public sealed record CertificateStatus(string Name, ImmutableArray<string> Names, CertificateActivity Activity)
{
    /// <summary>The authority that issued it or, while it is ordered, that issues it; null when there is neither.</summary>
    public string? Authority { get; init; }

    /// <summary>What the one that is there is known by (<see cref="Renewal.CertificateLife.Id"/>); null when none is there.</summary>
    public string? Id { get; init; }

    /// <summary>How it would be ordered now; null in files of earlier versions.</summary>
    public WantedOrder? Order { get; init; }

    /// <summary>When the one that is there ends; null when none is there.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>True when none is there, and a pair signed by itself stands for it.</summary>
    public bool HasPlaceholder { get; init; }

    /// <summary>What its hosts are while none is there.</summary>
    public HostsWithoutPair WithoutIt { get; init; }

    /// <summary>True when the one that is there was revoked.</summary>
    public bool IsRevoked { get; init; }

    /// <summary>When it is renewed; null when none is there.</summary>
    public DateTimeOffset? RenewAt { get; init; }

    /// <summary>True when its authority said when to renew it (RFC 9773).</summary>
    public bool IsSuggested { get; init; }

    /// <summary>What is waited for: the second half of a sentence. Null unless it waits.</summary>
    public string? WaitsFor { get; init; }

    /// <summary>When it goes on at the latest; null where something else has to happen first.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>What the last attempt ended with; null after a success.</summary>
    public string? LastError { get; init; }

    /// <summary>How many attempts failed in a row.</summary>
    public int Failed { get; init; }

    /// <summary>True when <see cref="LastError"/> was seen before any authority was asked, so that no attempt was used up.</summary>
    public bool IsPreflight { get; init; }

    /// <summary>Names that it should have, and that were left out, as the authority did not sign for them.</summary>
    public ImmutableArray<string> LeftOut { get; init; } = [];
}
