namespace Templater.Acme.Dns;

/// <summary>Why the DNS did not tell what was asked, or did not do it.</summary>
public enum DnsFailure
{
    /// <summary>What was sent or received is no message, or not one that fits.</summary>
    Malformed,

    /// <summary>No answer came in time.</summary>
    TimedOut,

    /// <summary>The server cannot be reached, or closed the connection.</summary>
    Unreachable,

    /// <summary>The server answered with an error.</summary>
    Refused,
}

/// <summary>The DNS did not tell what was asked, or did not do it. The message is one line that names server and name, and holds no secret.</summary>
public sealed class DnsException : Exception
{
    /// <summary>Creates it for something malformed.</summary>
    /// <param name="message">What went wrong.</param>
    public DnsException(string message)
        : base(message)
    {
    }

    /// <summary>Creates it.</summary>
    /// <param name="failure">The kind of failure.</param>
    /// <param name="message">What went wrong, where, and the way out.</param>
    /// <param name="innerException">The cause, if any.</param>
    public DnsException(DnsFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>The kind of failure.</summary>
    public DnsFailure Failure { get; }
}
