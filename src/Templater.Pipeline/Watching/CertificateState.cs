using Templater.Pipeline.Certificates.Keeping;

namespace Templater.Pipeline.Watching;

/// <summary>A certificate that is wanted, in a <see cref="WatcherStatus"/>; holds no secret.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Names">Names in it.</param>
/// <param name="Activity"><c>resting</c>, <c>ordering</c> or <c>waiting</c>.</param>
public sealed record CertificateState(string Name, IReadOnlyList<string> Names, string Activity)
{
    /// <summary>The authority that issued it or that is asked; null when there is neither.</summary>
    public string? Authority { get; init; }

    /// <summary>What tells the one that is there from any other; null when none is there.</summary>
    public string? Id { get; init; }

    /// <summary>How it would be ordered now; null in files of earlier versions.</summary>
    public WantedOrder? Order { get; init; }

    /// <summary>When the one that is there ends; null when none is there.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>True when none is there, and a pair signed by itself stands for it.</summary>
    public bool HasPlaceholder { get; init; }

    /// <summary>True when the one that is there was revoked.</summary>
    public bool IsRevoked { get; init; }

    /// <summary>When it is renewed; null when none is there.</summary>
    public DateTimeOffset? RenewAt { get; init; }

    /// <summary>True when its authority said when to renew it (RFC 9773).</summary>
    public bool IsSuggested { get; init; }

    /// <summary>Why it waits, in a sentence; null unless it does.</summary>
    public string? WaitsFor { get; init; }

    /// <summary>When it goes on at the latest; null where something else has to happen first.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>What the last attempt ended with; null after a success.</summary>
    public string? LastError { get; init; }

    /// <summary>How many attempts failed in a row.</summary>
    public int Failed { get; init; }

    /// <summary>The same as the keeper has it.</summary>
    /// <param name="status">What the keeper says.</param>
    public static CertificateState Of(CertificateStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        return new CertificateState(status.Name, status.Names, status.Activity.ToString().ToLowerInvariant())
        {
            Authority = status.Authority,
            Order = status.Order,
            Id = status.Id,
            NotAfter = status.NotAfter,
            HasPlaceholder = status.HasPlaceholder,
            IsRevoked = status.IsRevoked,
            RenewAt = status.RenewAt,
            IsSuggested = status.IsSuggested,
            WaitsFor = status.WaitsFor,
            NextAt = status.NextAt,
            LastError = status.LastError,
            Failed = status.Failed,
        };
    }
}
