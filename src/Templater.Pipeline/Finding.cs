namespace Templater.Pipeline;

/// <summary>How much a <see cref="Finding"/> matters to the person who operates the host.</summary>
public enum FindingSeverity
{
    /// <summary>Worth a line, nothing to do.</summary>
    Info,

    /// <summary>Something that was asked for was not done; everything else goes on.</summary>
    Warning,

    /// <summary>Traffic or renewal is or will be affected and a person must act.</summary>
    Error,
}

/// <summary>
/// One thing that somebody should know, as a value: what happened to what, why, and the way out. The same record
/// feeds the log, the diagnostics of one-shot commands and the status; the text never contains a secret and names
/// containers by name, not by id. Two findings are the same finding when all their fields are equal.
/// </summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Reason">Stable id, one of <see cref="ReasonIds"/>.</param>
/// <param name="Message">One paragraph: what happened to what, with the facts and what to do. No trailing newline.</param>
public sealed record Finding(FindingSeverity Severity, string Reason, string Message)
{
    /// <summary>Name of the container it is about, if it is about one.</summary>
    public string? Container { get; init; }

    /// <summary>Host name it is about, if any.</summary>
    public string? Host { get; init; }

    /// <summary>Full key of the label or environment variable that caused it, if any.</summary>
    public string? Label { get; init; }

    /// <summary>The offending value, shortened and with control characters made visible; never a secret.</summary>
    public string? Value { get; init; }

    /// <summary>What to do about it, when it is not part of <see cref="Message"/> already.</summary>
    public string? Hint { get; init; }

    /// <summary>
    /// What of <see cref="Message"/> stays as long as the matter does, where the rest only follows the clock; null = all of it.
    /// A finding whose other words change is the same one and not said again.
    /// </summary>
    public string? Matter { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Severity.ToString().ToLowerInvariant()} {Reason}: {Message}";
}
