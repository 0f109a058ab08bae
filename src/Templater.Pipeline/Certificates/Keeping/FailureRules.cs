using Templater.Acme.Protocol;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>What a failed order stands in the way of, and what is left of it. Pure.</summary>
public static class FailureRules
{
    /// <summary>An authority that wants to be left alone for longer than this is passed over for the next one; a shorter time is waited for.</summary>
    public static readonly TimeSpan LongPause = TimeSpan.FromMinutes(10);

    /// <summary>
    /// What stands in the way after a failure: what this authority cannot or will not do, another one may; a proof that failed would
    /// fail there, too.
    /// </summary>
    /// <param name="exception">The failure.</param>
    /// <param name="names">The names, as <see cref="Renewal.PastOrder.Names"/>.</param>
    /// <param name="authority">Where they were ordered.</param>
    /// <param name="now">The wall clock.</param>
    public static FailureSubject SubjectOf(AcmeException exception, string names, string authority, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception.Failure switch
        {
            AcmeFailure.Unreachable or AcmeFailure.Account => new(FailureScope.Authority, "", authority),
            AcmeFailure.RateLimited when exception.RetryAt is not { } at || at - now > LongPause => new(FailureScope.Refusal, names, authority),
            AcmeFailure.Identifier or AcmeFailure.Profile => new(FailureScope.Refusal, names, authority),
            _ => new(FailureScope.Names, names, ""),
        };
    }

    /// <summary>
    /// Why, as it is told of every certificate that the subject stands in the way of: what is wrong with an authority is not told as what
    /// it kept from being done for one of them.
    /// </summary>
    /// <param name="exception">The failure.</param>
    /// <param name="subject">What it stands in the way of.</param>
    public static string ReasonOf(AcmeException exception, FailureSubject subject)
    {
        ArgumentNullException.ThrowIfNull(exception);
        const string attempt = "cannot ", end = ": ";
        return subject.Scope == FailureScope.Authority && exception.Message.StartsWith(attempt, StringComparison.Ordinal) && exception.Message.IndexOf(end, StringComparison.Ordinal) is > 0 and var at
            ? exception.Message[(at + end.Length)..]
            : exception.Message;
    }

    /// <summary>True when nothing comes of the order any more, so that the next attempt makes a new one; false when it is gone on with, or was never made.</summary>
    /// <param name="exception">The failure.</param>
    public static bool EndsOrder(AcmeException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception.Failure is AcmeFailure.Identifier or AcmeFailure.Validation or AcmeFailure.Order or AcmeFailure.Refused or AcmeFailure.Profile;
    }
}
