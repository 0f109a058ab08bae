using System.Collections.Immutable;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment.Proving;

/// <summary>A command of the operator: exit code 0 means live. <c>{generation}</c> in a word is the new generation.</summary>
/// <param name="words">The command's words.</param>
/// <param name="deadline">How long to go on asking.</param>
/// <param name="runner">Runs it.</param>
/// <param name="time">The clock.</param>
internal sealed class CommandProof(ImmutableArray<string> words, TimeSpan deadline, CommandRunner runner, TimeProvider time) : IProof
{
    private const string Placeholder = "{generation}";

    public bool CanProve => true;

    public Task<bool> IsLiveAsync(IReloadTarget target, JournalEntry entry, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task<ProofBaseline> CaptureAsync(IReloadTarget target, CancellationToken cancellationToken) => Task.FromResult(ProofBaseline.None);

    public async Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken)
    {
        CommandResult? last = null;
        var proven = await Polling.UntilAsync<ProofResult>(
            async () =>
            {
                last = await RunAsync(request.Entry, cancellationToken);
                return last.Succeeded ? new ProofResult.Proven($"command {words[0]}") : null;
            },
            request.Told,
            deadline,
            time,
            cancellationToken);
        return proven ?? new ProofResult.NotSeen($"{words[0]}: {last?.Describe()}");
    }

    private Task<CommandResult> RunAsync(JournalEntry entry, CancellationToken cancellationToken) => runner.RunAsync(
        [.. words.Select(word => word.Replace(Placeholder, entry.Printed, StringComparison.Ordinal))], CommandRunner.DefaultTimeLimit, cancellationToken);
}
