namespace Templater.Cli;

/// <summary>What the exit code of every command means.</summary>
internal static class ExitCode
{
    /// <summary>Done, or identical.</summary>
    public const int Done = 0;

    /// <summary>It differs, and nothing else is wrong.</summary>
    public const int Differs = 1;

    /// <summary>Wrong usage or settings.</summary>
    public const int Usage = 2;

    /// <summary>A template, a snapshot or a label is invalid, rejected by the checker, or refused under <c>--strict</c>.</summary>
    public const int Invalid = 3;

    /// <summary>The engine, the proxy, the disk or the checker is not available.</summary>
    public const int Environment = 4;

    /// <summary>A mistake in Templater itself (<c>EX_SOFTWARE</c> of sysexits.h); a stack trace says where.</summary>
    public const int Bug = 70;

    /// <summary>Ended by a signal.</summary>
    public static int Signal(int number) => 128 + number;
}
