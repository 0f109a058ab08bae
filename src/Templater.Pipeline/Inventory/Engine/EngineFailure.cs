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

    private static string Sentence(DockerException exception)
    {
        var message = exception.Message.TrimEnd('.') + ".";
        if (exception.Reason != DockerErrorReason.Forbidden)
            return message;
        var need = Need(exception.Call);
        return $"{message}{(need is null ? "" : $" Needed for: {need}.")} Allow it there; \"templater doctor\" prints the rules.";
    }

    // The list of calls says /containers/{id}/json where a call says /containers/0123…/json.
    private static string? Need(string? call)
    {
        var segments = (call ?? "").Split('/');
        if (segments.Length > 2)
            segments[2] = "{id}";
        var pattern = string.Join('/', segments);
        return AllowedCalls.For(CallPurposes.Watch).Calls
            .FirstOrDefault(allowed => allowed.ToString() == call || allowed.ToString() == pattern)?.Need;
    }
}
