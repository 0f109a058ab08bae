using Templater.Docker;

namespace Templater.Pipeline.Inventory.Engine;

/// <summary>Says to the operator why the engine could not be read.</summary>
internal static class EngineFailure
{
    /// <summary>The failure of a read that a failed call means.</summary>
    public static SnapshotFailedException From(DockerException exception)
    {
        var reason = exception.Reason switch
        {
            DockerErrorReason.PermissionDenied => ReasonIds.SocketDenied,
            DockerErrorReason.Forbidden => ReasonIds.CallForbidden,
            DockerErrorReason.Unreachable or DockerErrorReason.TimedOut or DockerErrorReason.TlsFailed
                or DockerErrorReason.TooOld or DockerErrorReason.InvalidSettings => ReasonIds.EngineUnreachable,
            _ => ReasonIds.SnapshotFailed,
        };
        return new SnapshotFailedException(reason, Sentence(exception), exception);
    }

    /// <summary>What went wrong, and of a call that was forbidden also what it is needed for; without a full stop.</summary>
    public static string What(DockerException exception)
    {
        var message = exception.Message.TrimEnd('.');
        return exception.Reason == DockerErrorReason.Forbidden && AllowedCalls.NeedOf(exception.Call ?? "") is { } need
            ? $"{message}. Needed for: {need}"
            : message;
    }

    /// <summary>The way out, as a sentence; empty when the message says it.</summary>
    public static string Remedy(DockerException exception) =>
        exception.Reason == DockerErrorReason.Forbidden ? "Allow it there; \"templater doctor\" prints the rules." : "";

    private static string Sentence(DockerException exception)
    {
        var what = What(exception);
        return $"{what}{(what.EndsWith('?') ? "" : ".")} {Remedy(exception)}".TrimEnd();
    }
}
