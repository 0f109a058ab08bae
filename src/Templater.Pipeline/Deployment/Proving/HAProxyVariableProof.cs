using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment.Proving;

/// <summary>
/// Reads the generation back from the current worker: the configuration sets a <c>proc</c> variable, which changes
/// exactly when the new worker is live and keeps the old value after a failed reload.
/// </summary>
/// <param name="master">The master socket.</param>
/// <param name="deadline">How long to wait.</param>
/// <param name="time">The clock.</param>
internal sealed class HAProxyVariableProof(HAProxyMaster master, TimeSpan deadline, TimeProvider time) : IProof
{
    /// <summary>The variable that a configuration sets to its generation.</summary>
    public const string Variable = "proc.templater_generation";

    /// <summary>Starting a big HAProxy takes its time.</summary>
    public static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(60);

    // The count of an earlier failure may still stand there for a moment.
    private const int FailureSightingsNeeded = 3;

    // What the master wrote takes a while to get through the engine.
    private const int FailureSightingsWithoutReason = 10;

    private const string NoReason = "the master says that the reload failed, and not why: HAProxy's own log does. " + WorkersProof.WayToTheLog;

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(3);

    private readonly WorkersProof _workers = new(WorkerTitles.HAProxy, deadline, time);

    public bool CanProve => true;

    public async Task<bool> IsLiveAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken) =>
        entry.PrintsGeneration && await ReadAsync(cancellationToken) == entry.Printed;

    public async Task<bool?> StillRunsAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken) =>
        entry.PrintsGeneration && await ReadAsync(cancellationToken) is { } generation ? generation == entry.Printed : null;

    public async Task<ProofBaseline> CaptureAsync(IReloadTarget target, CancellationToken cancellationToken)
    {
        var baseline = await _workers.CaptureAsync(target, cancellationToken);
        // A master that answers can be told, even while none of its workers is a current one after a failed reload.
        return baseline.IsStarting ? baseline with { Workers = null } : baseline;
    }

    public async Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken)
    {
        if (!request.Entry.PrintsGeneration)
            return await _workers.ProveAsync(request, cancellationToken);
        string? last = null;
        var failures = 0;
        var seen = await Polling.UntilAsync<ProofResult>(
            async () =>
            {
                last = await ReadAsync(cancellationToken) ?? last;
                if (last == request.Entry.Printed && await HasNewWorkersAsync(request.Baseline, cancellationToken))
                    return new ProofResult.Proven($"HAProxy's {Variable}");
                failures = await HasFailedAsync(cancellationToken) ? failures + 1 : 0;
                return failures >= FailureSightingsNeeded ? await RefusalAsync(request, failures, cancellationToken) : null;
            },
            request.Told,
            deadline,
            time,
            cancellationToken);
        return seen ?? new ProofResult.NotSeen(last is null
            ? $"{master.Path} gave no {Variable} within {deadline.TotalSeconds:0.###} s; it needs level operator"
            : $"HAProxy still runs another generation after {deadline.TotalSeconds:0.###} s");
    }

    // Up to 2.6 the master counts failures and tells nothing else.
    private static async Task<ProofResult.Refused?> RefusalAsync(ProofRequest request, int failures, CancellationToken cancellationToken) =>
        await WorkersProof.ReadLogAsync(request, WorkerTitles.HAProxy, cancellationToken) switch
        {
            { Reasons.IsEmpty: false } log => WorkersProof.Refused(log),
            not null when failures < FailureSightingsWithoutReason => null,
            _ => new ProofResult.Refused(NoReason),
        };

    // What needed no reload by its id may have needed one all the same: only another worker has read the file again.
    private async Task<bool> HasNewWorkersAsync(ProofBaseline baseline, CancellationToken cancellationToken)
    {
        if (baseline.Workers is not { Count: > 0 } before)
            return true;
        try
        {
            var workers = await master.WorkersAsync(AnswerLimit, cancellationToken);
            return workers.Length > 0 && workers.All(worker => !before.Contains(worker.Pid));
        }
        catch (HAProxySocketException)
        {
            return false;
        }
    }

    private async Task<bool> HasFailedAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await master.HasFailedAsync(AnswerLimit, cancellationToken);
        }
        catch (HAProxySocketException)
        {
            return false;
        }
    }

    private async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await master.GetVariableAsync(Variable, AnswerLimit, cancellationToken);
        }
        catch (HAProxySocketException)
        {
            // While the master executes itself anew nobody answers for a moment.
            return null;
        }
    }
}
