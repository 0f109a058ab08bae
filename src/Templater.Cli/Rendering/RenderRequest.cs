namespace Templater.Cli.Rendering;

/// <summary>What <c>render</c> was asked for besides settings.</summary>
internal sealed record RenderRequest
{
    /// <summary>What containers are read from; null = the engine.</summary>
    public SnapshotInput? From { get; init; }

    /// <summary>File to write; null = standard output.</summary>
    public string? Output { get; init; }

    /// <summary>File to compare with; null = none.</summary>
    public string? Diff { get; init; }

    /// <summary>Run the checker on the result.</summary>
    public bool Validates { get; init; }

    /// <summary>Refused containers are failures.</summary>
    public bool IsStrict { get; init; }

    /// <summary>Errors only.</summary>
    public bool IsQuiet { get; init; }
}
