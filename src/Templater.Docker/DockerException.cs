namespace Templater.Docker;

/// <summary>Why a call to the engine failed.</summary>
public enum DockerErrorReason
{
    /// <summary>Address, TLS files or another setting cannot be used; no call was made.</summary>
    InvalidSettings,
    /// <summary>Nobody answers there, or the connection was lost.</summary>
    Unreachable,
    /// <summary>The socket exists, but this process may not open it.</summary>
    PermissionDenied,
    /// <summary>The TLS handshake failed: certificate not trusted, wrong name, or client certificate refused.</summary>
    TlsFailed,
    /// <summary>No such container, network or path (404).</summary>
    NotFound,
    /// <summary>Not possible in the present state, for example a signal to a container that does not run (409).</summary>
    Conflict,
    /// <summary>Refused (401, 403): a socket proxy or an authorisation plugin does not allow this call.</summary>
    Forbidden,
    /// <summary>The engine is older than API 1.41.</summary>
    TooOld,
    /// <summary>The answer is larger than <see cref="EngineOptions.MaxResponseBytes"/>.</summary>
    TooLarge,
    /// <summary>No complete answer in time; the engine may be stopped or overloaded.</summary>
    TimedOut,
    /// <summary>The answer is not what the Engine API says.</summary>
    BadResponse,
    /// <summary>The engine reported an error of its own (400, 500, ...); the message carries its text.</summary>
    EngineError,
}

/// <summary>A call to the engine that did not succeed. Its message is one line for the operator, without stack text.</summary>
public sealed class DockerException : Exception
{
    /// <summary>Creates it; <paramref name="message"/> must be one line that names the address or the call.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="message">For the operator.</param>
    /// <param name="inner">What was underneath.</param>
    public DockerException(DockerErrorReason reason, string message, Exception? inner = null)
        : base(message, inner) => Reason = reason;

    /// <summary>Why the call failed.</summary>
    public DockerErrorReason Reason { get; }

    /// <summary>The call as <c>GET /networks</c>, without version prefix and query; null when none was made.</summary>
    public string? Call { get; init; }

    /// <summary>HTTP status of the answer; null without one.</summary>
    public int? Status { get; init; }
}
