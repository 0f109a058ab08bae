using Microsoft.Extensions.Logging;

namespace Templater.Pipeline.Watching;

/// <summary>The loop's own messages; findings are written by <see cref="FindingLog"/>.</summary>
internal static partial class WatchLog
{
    /// <summary>A line about a generation.</summary>
    [LoggerMessage(Level = LogLevel.Information, EventName = "generation", Message = "{Line}")]
    public static partial void Generation(ILogger logger, string line);

    /// <summary>A list lost too much and is asked for again.</summary>
    [LoggerMessage(Level = LogLevel.Information, EventName = "shrink", Message =
        "{Lost} of {All} routes are missing in the engine's list and no event explains it; asking again before anything is changed")]
    public static partial void Doubted(ILogger logger, int lost, int all);

    /// <summary>What a look was made for.</summary>
    [LoggerMessage(Level = LogLevel.Debug, EventName = "look", Message = "looking at {Containers} containers. cause: {Cause}")]
    public static partial void Look(ILogger logger, int containers, string cause);
}
