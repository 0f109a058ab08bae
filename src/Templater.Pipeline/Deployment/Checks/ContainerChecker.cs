using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Deployment.Checks;

/// <summary>A command inside a container that sees the candidate under the same path. Only ever used when named.</summary>
/// <param name="control">The engine.</param>
/// <param name="spec">The container and the command.</param>
internal sealed class ContainerChecker(IContainerControl control, ValidateSpec.Exec spec) : IConfigChecker
{
    public string Description => $"{spec.Words[0]} in {spec.Name}";

    public async Task<CheckResult> CheckAsync(string candidate, string live, CancellationToken cancellationToken)
    {
        if (control.Latest is not { } snapshot)
            return new CheckResult.Unusable("the engine has not answered yet");
        var running = ContainerSelection.ByName(snapshot, spec.Name).FirstOrDefault(container => container.State == ContainerState.Running);
        if (running is null)
            return new CheckResult.Unusable($"no container {spec.Name} runs");
        try
        {
            var words = CommandChecker.WithCandidate(spec.Words, candidate);
            return await control.ExecAsync(running.Id, words, CommandRunner.DefaultTimeLimit, cancellationToken) is { } result
                ? CheckerOutput.Judge(new CommandResult(result.ExitCode, result.Output), candidate, live)
                : new CheckResult.Unusable($"{running.Name} is not running");
        }
        catch (ContainerControlException error)
        {
            return new CheckResult.Unusable(error.Message);
        }
    }
}
