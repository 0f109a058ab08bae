namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>How it stands with another key for the account at an authority, which an operator asked for. Immutable; holds no secret.</summary>
/// <param name="Authority">Name of the authority.</param>
public sealed record KeyChange(string Authority)
{
    /// <summary>What is waited for: the second half of a sentence; null when it is over.</summary>
    public string? WaitsFor { get; init; }

    /// <summary>When it was over, in this process; null while it is under way.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why the account keeps its key after all; null where it has another one, or may still get it.</summary>
    public string? Refusal { get; init; }
}
