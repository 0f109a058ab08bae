using System.CommandLine;

namespace Templater.Cli.Options;

/// <summary>The flag that replaces the live engine by a file.</summary>
internal static class SourceOptions
{
    public static Option<string> From() => new("--from")
    {
        Description = "Read containers from a file instead of the engine: a snapshot, docker inspect, or docker ps --format json",
        HelpName = "FILE",
    };
}
