using System.Collections.Immutable;
using Templater.Docker;
using Templater.Pipeline;

namespace Templater.Cli;

/// <summary>A command cannot do what was asked, and says why in one line per finding.</summary>
internal sealed class CommandFailedException(int exitCode, ImmutableArray<Finding> findings) : Exception("the command failed")
{
    public CommandFailedException(int exitCode, string reason, string message)
        : this(exitCode, [new Finding(FindingSeverity.Error, reason, message)])
    {
    }

    /// <summary>The failure of a client that cannot be made, or of a call.</summary>
    public static CommandFailedException Of(DockerException exception) => exception.Reason == DockerErrorReason.InvalidSettings
        ? new CommandFailedException(Cli.ExitCode.Usage, ReasonIds.InvalidSetting, exception.Message)
        : new CommandFailedException(Cli.ExitCode.Environment, ReasonIds.EngineUnreachable, exception.Message);

    /// <summary>How the process ends, one of <see cref="Cli.ExitCode"/>.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>What went wrong.</summary>
    public ImmutableArray<Finding> Findings { get; } = findings;
}
