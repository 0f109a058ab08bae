using Templater.Pipeline;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Status;

/// <summary>The Templater that runs with a state directory, for commands that ask it something.</summary>
/// <param name="surroundings">The clock.</param>
/// <param name="directory">The state directory.</param>
/// <param name="staleAfter">After how much silence a program counts as ended.</param>
/// <param name="reloadAlarm">As in the status.</param>
internal sealed class RunningProgram(Surroundings surroundings, string directory, TimeSpan staleAfter, TimeSpan reloadAlarm)
{
    /// <summary>What it says of itself, and whether it runs.</summary>
    public StatusReport Report()
    {
        var (told, _) = new StatusFile(directory).Look();
        return StatusReport.Of(told, [], surroundings.Time.GetUtcNow(), staleAfter, reloadAlarm, RunLock.IsHeld(directory));
    }

    /// <summary>That what is shown is what one left behind that does not run any more.</summary>
    /// <param name="directory">The state directory.</param>
    public static Finding LeftBehind(string directory) => new(FindingSeverity.Warning, ReasonIds.TemplaterNotRunning,
        $"no Templater runs with the state directory {directory}: this is what it left behind. Start it with templater run.");

    /// <summary>Fails unless it runs.</summary>
    /// <param name="what">What nobody would do.</param>
    public void Require(string what)
    {
        if (Report().IsRunning)
            return;
        // Who may not read it knows nothing of who runs.
        if (StateDirectory.Problem(directory) is { } unusable)
            throw new CommandFailedException(ExitCode.Environment, ReasonIds.StateUnusable, unusable);
        throw new CommandFailedException(ExitCode.Environment, ReasonIds.TemplaterNotRunning,
            $"no Templater runs with the state directory {directory}, so nobody would {what}. Start it with templater run, and ask again.");
    }

    /// <summary>Does something with the state directory, or fails in words.</summary>
    /// <param name="action">What is done.</param>
    public T Permitted<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Environment, ReasonIds.StateUnusable,
                $"the state directory {directory} cannot be used: {FileTrouble.Of(exception)} Ask inside the container that runs Templater, as its user.");
        }
    }
}
