namespace Templater.Acme.Protocol;

/// <summary>What kind of trouble it is: it decides what is done next.</summary>
public enum AcmeFailure
{
    /// <summary>The CA was not reached, did not answer in time, or said that it has trouble of its own. Again later, or at another CA.</summary>
    Unreachable,

    /// <summary>A limit of the CA's is used up: not again before <see cref="AcmeException.RetryAt"/>.</summary>
    RateLimited,

    /// <summary>The account is not known, not allowed, or asks for something of the operator. Nothing helps but a change of the settings.</summary>
    Account,

    /// <summary>The CA does not sign for <see cref="AcmeException.Identifiers"/> (all of the order where it names none).</summary>
    Identifier,

    /// <summary>The CA has no such profile.</summary>
    Profile,

    /// <summary>The CA did not find the answer to a challenge for <see cref="AcmeException.Identifiers"/>; each such failure counts against a limit.</summary>
    Validation,

    /// <summary>An answer could not be presented or was not seen in time, or no solver fits what the CA offers. The CA was not told, so nothing counts.</summary>
    Challenge,

    /// <summary>The order is over: invalid, expired, forgotten, or made with a key that is not at hand.</summary>
    Order,

    /// <summary>The order took longer than its limit; it may still be finished by handing it in again.</summary>
    Unfinished,

    /// <summary>The CA answered something that the RFC does not allow. Nothing of the answer is used.</summary>
    BadAnswer,

    /// <summary>The CA refused a request as wrong.</summary>
    Refused,
}

/// <summary>
/// A certification authority refused, failed or was not reached. The message is one line for the operator: what was tried,
/// where, and what was said. It never holds a key, a signature or a credential.
/// </summary>
public sealed class AcmeException : Exception
{
    /// <summary>Creates it.</summary>
    /// <param name="failure">The kind of trouble.</param>
    /// <param name="message">One line.</param>
    /// <param name="innerException">The cause; null where there is none.</param>
    public AcmeException(AcmeFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>The kind of trouble.</summary>
    public AcmeFailure Failure { get; }

    /// <summary>What the CA said; null where it said nothing.</summary>
    public Problem? Problem { get; init; }

    /// <summary>The HTTP status; 0 where there was no answer.</summary>
    public int Status { get; init; }

    /// <summary>When the CA wants to be asked again (Retry-After); null where it did not say.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>The identifiers that are the cause, where some are and others not; else empty.</summary>
    public IReadOnlyList<Identifier> Identifiers { get; init; } = [];

    /// <summary>False where the request certainly did not reach the CA (no connection), so that it may be sent again whatever it was.</summary>
    internal bool MayBeProcessed { get; init; } = true;

    /// <summary>The same, met before the request itself was sent.</summary>
    internal AcmeException WithoutTheRequest() => Copy(Failure, mayBeProcessed: false);

    /// <summary>The same as another kind of trouble, which only what was asked for can tell.</summary>
    internal AcmeException As(AcmeFailure failure) => Copy(failure, MayBeProcessed);

    private AcmeException Copy(AcmeFailure failure, bool mayBeProcessed) => new(failure, Message, InnerException)
    {
        Problem = Problem,
        Status = Status,
        RetryAt = RetryAt,
        Identifiers = Identifiers,
        MayBeProcessed = mayBeProcessed,
    };

    /// <summary>The refusal of a request.</summary>
    internal static AcmeException Refusal(string operation, Uri url, AcmeResponse response)
    {
        var problem = Problem.Of(response);
        var again = response.RetryAt is { } at ? $"; it wants to be asked again after {at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC" : "";
        var redirect = response.Status is >= 300 and < 400 && response.Location is { } location ? $"; it points to {Problem.Line(location.ToString())}: give the directory's URL as it is now" : "";
        return new(FailureOf(problem), $"cannot {operation}: {url.Authority} says {problem}{again}{redirect}")
        {
            Problem = problem,
            Status = response.Status,
            RetryAt = response.RetryAt,
            Identifiers = problem.Identifiers,
        };
    }

    // "unauthorized" is about whatever was asked for: who asks for more knows it (As).
    private static AcmeFailure FailureOf(Problem problem) => problem.ShortType switch
    {
        ProblemType.RateLimited => AcmeFailure.RateLimited,
        ProblemType.AccountDoesNotExist or ProblemType.ExternalAccountRequired or ProblemType.UserActionRequired
            or ProblemType.InvalidContact or ProblemType.UnsupportedContact => AcmeFailure.Account,
        ProblemType.RejectedIdentifier or ProblemType.UnsupportedIdentifier or ProblemType.Caa => AcmeFailure.Identifier,
        ProblemType.InvalidProfile => AcmeFailure.Profile,
        // Told only after as many nonces as are tried: nothing is wrong with the request.
        ProblemType.BadNonce => AcmeFailure.Unreachable,
        _ when problem.Status == 429 => AcmeFailure.RateLimited,
        _ when problem.Status >= 500 => AcmeFailure.Unreachable,
        _ => AcmeFailure.Refused,
    };
}
