using System.CommandLine;

namespace Templater.Cli.Options;

/// <summary>The flag that replaces the live engine by a file.</summary>
internal static class SourceOptions
{
    /// <summary>The flag of commands that read once.</summary>
    public static Option<string> From() => new("--from")
    {
        Description = "Read containers from a file, - for standard input, instead of the engine: a snapshot, docker inspect, or docker ps --format json",
        HelpName = "FILE",
    };

    /// <summary>The flag of a command that reads again and again.</summary>
    public static Option<string> FromWatched()
    {
        var option = new Option<string>("--from")
        {
            Description = "Watch a file instead of the engine: a snapshot, docker inspect, or docker ps --format json",
            HelpName = "FILE",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(static token => token.Value == SnapshotInput.StandardInput))
                result.AddError("--from -: run reads containers again whenever they change, and standard input only once. Write them to a file and name it, or use render --from -.");
        });
        return option;
    }
}
