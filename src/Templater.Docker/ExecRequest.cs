namespace Templater.Docker;

/// <summary>A command to run in a container.</summary>
/// <param name="Command">Program and arguments; no shell is involved.</param>
public sealed record ExecRequest(IReadOnlyList<string> Command)
{
    /// <summary>User to run as; null means the container's.</summary>
    public string? User { get; init; }

    /// <summary>Longest wait for its end.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most bytes of its output that are kept; the rest is read and dropped.</summary>
    public int MaxOutputBytes { get; init; } = 64 * 1024;
}

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote.</param>
public sealed record ExecResult(int ExitCode, CapturedOutput Output);

/// <summary>How much of a log to read.</summary>
public sealed record LogsRequest
{
    /// <summary>Last lines only. Must be positive.</summary>
    public int Tail { get; init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value)); } = 100;

    /// <summary>True for standard error alone. A container with a terminal has none.</summary>
    public bool ErrorsOnly { get; init; }

    /// <summary>Only lines from this time on the engine's clock.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Most bytes of each stream that are kept: the last ones, from the beginning of a line on.</summary>
    public int MaxBytes { get; init; } = 256 * 1024;
}

/// <summary>What a program wrote. Not trusted.</summary>
/// <param name="Output">Standard output; everything, if the container has a terminal.</param>
/// <param name="Error">Standard error.</param>
/// <param name="IsTruncated">Whether more was written than kept.</param>
public sealed record CapturedOutput(string Output, string Error, bool IsTruncated)
{
    /// <summary>True when it came as one stream, from a container with a terminal. An empty one tells nothing.</summary>
    public bool IsOneStream { get; init; }
}
