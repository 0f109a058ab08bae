using System.Collections.Immutable;
using System.Globalization;
using Templater.Cli.Status;
using Templater.Pipeline;
using Templater.Pipeline.Deployment;

namespace Templater.Cli.Rollback;

/// <summary>One <c>rollback</c>: asks the program that runs, and waits for what comes of it.</summary>
/// <param name="surroundings">Output and clock.</param>
/// <param name="directory">The state directory.</param>
/// <param name="staleAfter">After how much silence a program counts as ended.</param>
/// <param name="reloadAlarm">As in the status.</param>
internal sealed class RollbackRun(Surroundings surroundings, string directory, TimeSpan staleAfter, TimeSpan reloadAlarm)
{
    /// <summary>How long is waited for the generation to be live.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly RunningProgram _program = new(surroundings, directory, staleAfter, reloadAlarm);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>Goes back to a generation; lists those that are kept when none is named.</summary>
    /// <param name="generation">Its number, or how its id begins.</param>
    /// <param name="output">Name of the output.</param>
    /// <param name="cancellationToken">Ends the wait; what was asked stays asked.</param>
    public async Task<int> GoBackAsync(string? generation, string? output, CancellationToken cancellationToken)
    {
        var name = Output(output, generation ?? "GENERATION");
        var requests = new RollbackRequests(directory, name);
        var kept = _program.Permitted(requests.Generations);
        if (generation is null)
        {
            await surroundings.Output.WriteAsync(Listed(name, kept).AsMemory(), cancellationToken);
            return ExitCode.Done;
        }

        var wanted = Wanted(name, generation, kept);
        _program.Require("go back to a generation");
        var asked = surroundings.Time.GetUtcNow();
        _program.Permitted(() => { requests.AskFor(wanted.Generation); return true; });
        return await WaitAsync(requests, name, state => Fate(state, wanted, asked), cancellationToken);
    }

    /// <summary>Lets an output follow its inputs again.</summary>
    /// <param name="output">Name of the output.</param>
    /// <param name="cancellationToken">Ends the wait; what was asked stays asked.</param>
    public async Task<int> ResumeAsync(string? output, CancellationToken cancellationToken)
    {
        var name = Output(output, "--resume");
        var journal = JournalReader.Look(directory, name);
        if (journal.Problem is { } problem)
        {
            throw new CommandFailedException(ExitCode.Environment, ReasonIds.StateUnusable,
                $"the journal of output \"{VisibleText.Of(name)}\" in the state directory {directory} cannot be read: {VisibleText.Of(problem)}. So nobody can tell whether it is pinned, and nothing was asked. Ask inside the container that runs Templater, with its version and as its user.");
        }

        if (journal.State is not { Pin: not null })
        {
            await surroundings.Output.WriteAsync($"output {VisibleText.Of(name)} is not pinned\n".AsMemory(), cancellationToken);
            return ExitCode.Done;
        }

        _program.Require("resume");
        var requests = new RollbackRequests(directory, name);
        _program.Permitted(() => { requests.AskToResume(); return true; });
        return await WaitAsync(requests, name, static state => state.Pin is null ? new Answer("it follows its inputs again") : null, cancellationToken);
    }

    private sealed record Answer(string Text, bool IsBad = false);

    private string Output(string? named, string argument)
    {
        if (StateDirectory.Problem(directory) is { } unusable)
            throw new CommandFailedException(ExitCode.Environment, ReasonIds.StateUnusable, unusable);
        var outputs = _program.Permitted(() => JournalReader.Outputs(directory));
        if (named is not null)
            return outputs.Contains(named) ? named
                : throw Failed(ExitCode.Invalid, $"there is no output \"{VisibleText.Of(named)}\"{(outputs.IsEmpty ? "" : $"; there are {Names(outputs)}")}.");
        return outputs switch
        {
            [var only] => only,
            [] => throw Failed(ExitCode.Invalid, $"nothing was ever live with the state directory {directory}."),
            _ => throw Failed(ExitCode.Usage, $"there are several outputs, {Names(outputs)}. Name one: templater rollback {VisibleText.Of(argument)} {VisibleText.Of(outputs[0])}."),
        };
    }

    private static ArchivedGeneration Wanted(string output, string generation, ImmutableArray<ArchivedGeneration> kept)
    {
        var isNumber = int.TryParse(generation, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        var found = kept.Where(known => isNumber && known.Number == number).ToList();
        if (found.Count == 0)
            found = [.. kept.Where(known => generation.Length > 0 && known.Generation.StartsWith(generation, StringComparison.OrdinalIgnoreCase))];
        return found switch
        {
            [var only] => only,
            [] => throw Failed(ExitCode.Invalid, $"output \"{VisibleText.Of(output)}\" has no generation \"{VisibleText.Of(generation)}\" to go back to. {(kept.IsEmpty ? "None is kept yet." : $"Kept are {Kept(kept)}.")}"),
            _ => throw Failed(ExitCode.Invalid, $"\"{VisibleText.Of(generation)}\" is how several generations begin: {Kept([.. found])}. Name one by its number."),
        };
    }

    private async Task<int> WaitAsync(RollbackRequests requests, string output, Func<JournalState, Answer?> fate, CancellationToken cancellationToken)
    {
        var end = surroundings.Time.GetUtcNow() + Patience;
        while (true)
        {
            if (!requests.IsPending && JournalReader.Read(directory, output) is { } state && fate(state) is { } answer)
            {
                if (answer.IsBad)
                    throw Failed(ExitCode.Invalid, $"output \"{VisibleText.Of(output)}\": {answer.Text}");
                await surroundings.Output.WriteAsync($"output {VisibleText.Of(output)}: {answer.Text}\n".AsMemory(), cancellationToken);
                return ExitCode.Done;
            }

            if (surroundings.Time.GetUtcNow() >= end)
                throw new CommandFailedException(ExitCode.Environment, ReasonIds.Pinned, requests.IsPending
                    ? $"output \"{VisibleText.Of(output)}\": the Templater that runs has not taken what was asked within {Patience.TotalSeconds:0} s. It will when it can; templater status tells."
                    : $"output \"{VisibleText.Of(output)}\": it is noted, and not proven to be live after {Patience.TotalSeconds:0} s. templater status tells what it waits for.");
            await Task.Delay(Look, surroundings.Time, cancellationToken);
        }
    }

    private static Answer? Fate(JournalState state, ArchivedGeneration wanted, DateTimeOffset asked)
    {
        var shown = StatusWords.Generation(wanted.Number, wanted.Generation);
        if (state.Pin?.Generation == wanted.Generation && state.Current is { IsLive: true } current && current.Generation == wanted.Generation)
            return new Answer($"generation {shown} is live{(current.Result.Length > 0 ? $" ({VisibleText.Of(current.Result)})" : "")} and stays until templater rollback --resume");
        var last = state.History.Append(state.Current).LastOrDefault(entry => entry is not null && entry.Generation == wanted.Generation && entry.Desired >= asked);
        return last is { HasFailed: true } ? new Answer($"generation {shown} was not taken: {VisibleText.Of(last.Result)}. It stays pinned; templater rollback --resume follows the inputs again.", IsBad: true) : null;
    }

    private static string Listed(string output, ImmutableArray<ArchivedGeneration> kept) => kept.IsEmpty
        ? $"output {VisibleText.Of(output)}: no generation is kept yet\n"
        : string.Concat(kept.Select(known => $"{StatusWords.Generation(known.Number, known.Generation)}  live at {known.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}Z  {VisibleText.Of(known.Cause)}\n"));

    private static string Kept(ImmutableArray<ArchivedGeneration> kept) => string.Join(", ", kept.Select(static known => StatusWords.Generation(known.Number, known.Generation)));

    private static string Names(ImmutableArray<string> outputs) => string.Join(", ", outputs.Select(VisibleText.Of));

    private static CommandFailedException Failed(int code, string message) => new(code, ReasonIds.InvalidInput, message);
}
