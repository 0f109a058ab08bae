using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment;

/// <summary>The messages about deliveries: one method per message.</summary>
internal static class DeployFindings
{
    public static Finding RefusedByChecker(string checker, int number, string output, int? line, JournalEntry? present) => new(
        FindingSeverity.Error,
        ReasonIds.ConfigRefused,
        $"{checker} refused generation {number}: {Quote(output, line)}. {(present is { IsLive: true, Number: > 0 } live ? $"Generation {live.Number} stays live." : "What is in place was not touched.")}");

    public static Finding RefusedByProxy(string proxy, int number, string output, int? line, GoodGeneration? restored) => new(
        FindingSeverity.Error,
        ReasonIds.ConfigRefused,
        $"{proxy} refused generation {number}: {Quote(output, line)}. {Restored(restored)}");

    public static Finding RefusedAtStart(string proxy, int number, string output, int? line, GoodGeneration? restored) => new(
        FindingSeverity.Error,
        ReasonIds.ConfigRefused,
        $"{proxy} refused generation {number}: {Quote(output, line)}. It ended on it. {RestoredForStart(restored)}");

    public static Finding CheckerUnusable(string checker, string why) => new(
        FindingSeverity.Warning,
        ReasonIds.CheckerFailed,
        $"{checker} cannot judge the configuration: {why}. The proxy itself is relied on: what it does not take is put back. Repair the checker, or set validate to none.");

    public static Finding CheckerNeeded(string checker, string why) => new(
        FindingSeverity.Error,
        ReasonIds.CheckerFailed,
        $"{checker} cannot judge the configuration: {why}. Nothing else could tell in time whether the proxy takes it, so the live configuration was not touched. Repair the checker, or set validate to none.");

    public static Finding ReloadFailed(ReloadAnswer.Failed failure) => ReloadFailed(failure.Why, failure.Remedy) with
    {
        Reason = failure.IsForbidden ? ReasonIds.CallForbidden : ReasonIds.ReloadFailed,
    };

    /// <param name="why">What failed, without a full stop.</param>
    /// <param name="remedy">What to do, as a sentence; empty when the reason says it.</param>
    public static Finding ReloadFailed(string why, string remedy = "") => new(
        FindingSeverity.Error, ReasonIds.ReloadFailed, $"{why}. The reload stays owed and is tried again.{(remedy.Length > 0 ? " " : "")}{remedy}");

    public static Finding Unproven(string why, bool again) => new(
        again ? FindingSeverity.Warning : FindingSeverity.Error,
        ReasonIds.ReloadUnproven,
        again ? $"{why}. The proxy is told once more." : why);

    public static Finding RunsOtherwise(string proxy) => new(
        FindingSeverity.Warning,
        ReasonIds.ReloadUnproven,
        $"{proxy} says that it runs another configuration, and still did after it was told once more. It is asked on and not told again until it answers otherwise or the configuration changes: see that what the setting verify asks is this proxy, and that it reads the file that is written.");

    /// <param name="output">Name of the output.</param>
    /// <param name="pin">What stays.</param>
    /// <param name="waiting">What would be live else; null when it is the same.</param>
    public static Finding Pinned(string output, PinnedGeneration pin, WaitingGeneration? waiting) => new(
        FindingSeverity.Warning,
        ReasonIds.Pinned,
        $"output \"{output}\" is pinned to generation {pin.Number} by rollback{(waiting is null ? "" : $", generation {waiting.Number} waits ({waiting.Cause})")}: no change goes live until templater rollback --resume {output}.");

    public static Finding PinnedIsGone(string output, PinnedGeneration pin) => new(
        FindingSeverity.Error,
        ReasonIds.Pinned,
        $"generation {pin.Number}, to which output \"{output}\" is pinned, is not kept any more. What is in place stays. Choose another by templater rollback, or follow the inputs again by templater rollback --resume {output}.");

    public static Finding NotArchived(string output, string generation) => new(
        FindingSeverity.Error,
        ReasonIds.Pinned,
        $"output \"{output}\" cannot go back to generation {generation}: it is not kept. templater rollback lists those that are.");

    public static Finding RequestNotUnderstood(string output) => new(
        FindingSeverity.Error,
        ReasonIds.Pinned,
        $"what was asked of output \"{output}\" in the state directory was not understood and was thrown away. Ask by templater rollback.");

    public static Finding JournalUnwritable(string why) => new(
        FindingSeverity.Error,
        ReasonIds.OutputFailed,
        $"cannot write the journal: {Sentence(why)} Everything goes on without it; after a crash the proxy would be told once more, and what would be put back is older. Make the state directory writable and free some space.");

    /// <param name="number">Number of the generation; 0 for what nobody rendered.</param>
    /// <param name="why">Why it could not be written.</param>
    public static Finding NotKept(int number, string why) => new(
        FindingSeverity.Error,
        ReasonIds.OutputFailed,
        $"cannot keep {(number == 0 ? "the file that was there before" : $"generation {number}")} for putting it back: {Sentence(why)} Everything goes on; what would be put back is older. Make the state directory writable and free some space; it is tried again.");

    /// <param name="number">Number of the generation.</param>
    /// <param name="why">Why it could not be written.</param>
    public static Finding NotArchivedYet(int number, string why) => new(
        FindingSeverity.Error,
        ReasonIds.OutputFailed,
        $"cannot keep generation {number} for templater rollback: {Sentence(why)} Everything else goes on. Make the state directory writable and free some space; it is tried again.");

    public static Finding GoodUnreadable(string why) => new(
        FindingSeverity.Error,
        ReasonIds.OutputFailed,
        $"cannot read the last good file in the state directory: {Sentence(why)} It was not put back; a restarted proxy would meet the refused one.");

    public static Finding NotServing(string proxy) => new(
        FindingSeverity.Warning,
        ReasonIds.ReloadUnproven,
        $"{proxy} is a reload target, but no worker of a proxy runs in it: it hangs, or it is no such proxy. It is not signalled until there is one. Repair it, or take its label or name out of the reload setting.");

    public static Finding HeldUp(string proxy, string how) => new(
        FindingSeverity.Warning,
        ReasonIds.ReloadUnproven,
        $"{proxy} {how}, so it has not read the new configuration. The reload stays owed. Let it go on (kill -CONT, docker unpause), or restart it.");

    public static Finding Blind(string proxy) => new(
        FindingSeverity.Error,
        ReasonIds.ReloadUnproven,
        $"{proxy} was told to reload, but neither its processes nor its log can be seen and nothing checked the configuration: a refused one would stay unnoticed. Let Templater read /containers/*/top and /containers/*/logs, or set validate or verify.");

    public static Finding Displaced(string path) => new(
        FindingSeverity.Warning,
        ReasonIds.OutputFailed,
        $"{path} was changed by somebody else while its reload was owed. Nobody is told about it; it is written anew.");

    public static string Restored(GoodGeneration? good) => good is null
        ? "There is no earlier configuration to put back; a restarted proxy would meet this one."
        : $"{Former(good)} stays live and was restored on disk.";

    private static string RestoredForStart(GoodGeneration? good) => good is null
        ? "There is no earlier configuration to put back, so the file stays and the next start meets it again."
        : $"{Former(good)} was restored on disk for its next start.";

    private static string Sentence(string why) => why.TrimEnd('.') + ".";

    private static string Former(GoodGeneration good) => good.Number == 0 ? "The file that was there before" : $"Generation {good.Number}";

    internal static string Quote(string output, int? line) =>
        (line is { } number ? $"line {number} " : "") + $"\"{Complaint.Of(output, line)}\"";
}
