namespace Templater.Pipeline.Inventory;

/// <summary>
/// A snapshot could not be read completely. Nothing partial was handed out: whoever catches it keeps what it had.
/// </summary>
/// <remarks>The message is one line, fit to be shown to the operator, and never contains a secret.</remarks>
public sealed class SnapshotFailedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="reason">One of <see cref="ReasonIds"/>.</param>
    /// <param name="message">What failed, with the facts and the way out.</param>
    /// <param name="inner">What was caught, if anything.</param>
    public SnapshotFailedException(string reason, string message, Exception? inner = null)
        : base(message, inner) => Reason = reason;

    /// <summary>One of <see cref="ReasonIds"/>.</summary>
    public string Reason { get; }

    /// <summary>The same as a finding of severity error.</summary>
    public Finding ToFinding() => new(FindingSeverity.Error, Reason, Message);
}
