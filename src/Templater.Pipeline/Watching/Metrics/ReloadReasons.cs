using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Watching.Metrics;

/// <summary>Why a generation was made, as one of few words: its cause names containers, of which there is no end. Pure.</summary>
internal static class ReloadReasons
{
    private const string PutBack = "put back: ";

    public static string Of(JournalEntry entry) =>
        entry.OwedAnew is not null ? "proxy-started"
        : entry.Cause.StartsWith(PutBack, StringComparison.Ordinal) ? "put-back"
        : entry.ReloadReason.StartsWith(HAProxyRuntime.Failed, StringComparison.Ordinal) ? "runtime-failed"
        : entry.Cause switch
        {
            "start" or "first start" => "start",
            "found on disk" or "tried again" => "recovery",
            Cause.NothingInParticular => "re-sync",
            "reload requested" => "request",
            _ => "change",
        };
}
