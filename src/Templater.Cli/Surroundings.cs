namespace Templater.Cli;

/// <summary>Everything outside the process that a command may touch, besides files and sockets. Tests make their own.</summary>
internal sealed record Surroundings
{
    /// <summary>Results of commands; the log of <c>run</c>.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Diagnostics of one-shot commands.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>What <c>--from -</c> reads.</summary>
    public Stream Input { get; init; } = Stream.Null;

    /// <summary>Environment variables.</summary>
    public required IReadOnlyDictionary<string, string> Variables { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Signals sent to the process.</summary>
    public required ProcessSignals Signals { get; init; }

    /// <summary>Ids of containers that this process may run in; null = found out.</summary>
    public IReadOnlyList<string>? OwnContainers { get; init; }

    /// <summary>What the program before this one left open in the same process; empty when there was none.</summary>
    public string Inherited { get; init; } = "";

    /// <summary>
    /// Replaces the program by the one on disk and tells it what was left open; returns why that cannot be, and else never.
    /// </summary>
    public Func<string, string> Replace { get; init; } = static _ => "it is part of another program";
}
