using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Mono.Unix.Native;

namespace Templater.Pipeline.Deployment;

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">Its exit code; -1 when it could not be started or was killed by us.</param>
/// <param name="Output">What it wrote to both streams, at most <see cref="CommandRunner.MaxOutput"/> characters.</param>
/// <param name="Problem">Why there is no exit code: not found, not executable, timed out. Null when it ended by itself.</param>
internal sealed record CommandResult(int ExitCode, string Output, string? Problem = null)
{
    public bool Succeeded => Problem is null && ExitCode == 0;

    public string Describe() => Problem ?? $"exit code {ExitCode}{(Output.Length > 0 ? ": " : "")}{ShownText.OneLine(Output)}";
}

/// <summary>
/// Runs an operator's command without a shell, bounded in time and output. Where <c>setsid</c> is installed the command
/// gets a process group of its own, so that killing it also reaches children whose parent has already gone.
/// </summary>
/// <param name="time">Clock of the time limit.</param>
internal sealed class CommandRunner(TimeProvider time)
{
    /// <summary>Most characters of output that are kept; the rest is read and dropped.</summary>
    public const int MaxOutput = 64 * 1024;

    /// <summary>Longest time a command may take unless said otherwise.</summary>
    public static readonly TimeSpan DefaultTimeLimit = TimeSpan.FromSeconds(30);

    // A child in the background may keep the pipes open after the command itself has ended.
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(1);

    public async Task<CommandResult> RunAsync(ImmutableArray<string> words, TimeSpan timeLimit, CancellationToken cancellationToken)
    {
        if (ProgramPath.Find(words[0]) is not { } program)
            return new CommandResult(-1, "", $"the program {words[0]} was not found or may not be executed");
        var group = OperatingSystem.IsWindows() ? null : ProgramPath.Find("setsid");
        using var process = new Process { StartInfo = StartInfo(group, program, words) };
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            return new CommandResult(-1, "", $"{words[0]} cannot be started: {error.Message}");
        }

        process.StandardInput.Close();
        var output = new BoundedText(MaxOutput);
        using var reading = new CancellationTokenSource();
        var readers = Task.WhenAll(
            output.ReadAsync(process.StandardOutput, reading.Token),
            output.ReadAsync(process.StandardError, reading.Token));
        var problem = await WaitAsync(process, group is not null, words[0], timeLimit, cancellationToken);
        reading.CancelAfter(DrainLimit);
        await readers;
        cancellationToken.ThrowIfCancellationRequested();
        return new CommandResult(problem is null ? process.ExitCode : -1, output.ToString(), problem);
    }

    private async Task<string?> WaitAsync(
        Process process, bool ownGroup, string name, TimeSpan timeLimit, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await process.WaitForExitAsync(either.Token);
            return null;
        }
        catch (OperationCanceledException)
        {
            Kill(process, ownGroup);
            return $"{name} did not end within {timeLimit.TotalSeconds:0.###} s and {(await HasEndedAsync(process) ? "was killed" : "cannot be killed")}";
        }
    }

    // What hangs in the kernel, or runs as another user, is not waited for.
    private async Task<bool> HasEndedAsync(Process process)
    {
        using var limit = new CancellationTokenSource(DrainLimit, time);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static void Kill(Process process, bool ownGroup)
    {
        // setsid made the process the leader of a group with its own id; a negative pid addresses that group.
        if (ownGroup)
            _ = Syscall.kill(-process.Id, Signum.SIGKILL);
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (AggregateException)
        {
            // A child that changed its user cannot be killed by us; the rest is gone.
        }
    }

    private static ProcessStartInfo StartInfo(string? group, string program, ImmutableArray<string> words)
    {
        var start = new ProcessStartInfo(group ?? program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        if (group is not null)
            start.ArgumentList.Add(program);
        foreach (var word in words.AsSpan()[1..])
            start.ArgumentList.Add(word);
        return start;
    }
}
