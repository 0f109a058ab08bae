using System.Collections.Immutable;

namespace Templater.Pipeline.Deployment.Checks;

/// <summary>A command of the operator: exit code 0 accepts. <c>{file}</c> in a word is the candidate; without it, it is the last word.</summary>
/// <param name="words">The command's words.</param>
/// <param name="runner">Runs it.</param>
internal sealed class CommandChecker(ImmutableArray<string> words, CommandRunner runner) : IConfigChecker
{
    /// <summary>Stands for the candidate's path in a word of a command.</summary>
    public const string Placeholder = "{file}";

    public string Description => $"command {words[0]}";

    public async Task<CheckResult> CheckAsync(string candidate, string live, CancellationToken cancellationToken)
    {
        var result = await runner.RunAsync(WithCandidate(words, candidate), CommandRunner.DefaultTimeLimit, cancellationToken);
        return CheckerOutput.Judge(result, candidate, live);
    }

    public static ImmutableArray<string> WithCandidate(ImmutableArray<string> words, string candidate) =>
        words.Any(word => word.Contains(Placeholder, StringComparison.Ordinal))
            ? [.. words.Select(word => word.Replace(Placeholder, candidate, StringComparison.Ordinal))]
            : words.Add(candidate);
}
