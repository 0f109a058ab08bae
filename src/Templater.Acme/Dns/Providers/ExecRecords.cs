using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Templater.Acme.Dns.Providers;

/// <summary>What <see cref="ExecRecords"/> needs.</summary>
/// <param name="Path">The program.</param>
public sealed record ExecOptions(string Path)
{
    /// <summary>Whether the program makes the value itself: it is given domain, token and key authorization.</summary>
    public bool IsRaw { get; init; }

    /// <summary>How long one call may take before the program is killed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Times to wait.</summary>
    public TxtCapabilities Capabilities { get; init; } = new();
}

/// <summary>
/// TXT records by a program, called as lego's <c>exec</c> does: <c>PROGRAM present|cleanup FQDN. VALUE</c>, or in raw mode
/// <c>PROGRAM present|cleanup -- DOMAIN TOKEN KEYAUTH</c>. No shell is involved; any exit code but 0 is a failure. One call at a time.
/// </summary>
/// <param name="options">The program.</param>
/// <param name="time">Counts the time-out.</param>
public sealed class ExecRecords(ExecOptions options, TimeProvider time) : ITxtRecords
{
    // Of what a program writes only the end is kept.
    private const int MaxKept = 4096;
    private const int BufferLength = 4096;

    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public TxtCapabilities Capabilities { get; } = options.Capabilities with { IsSequential = true };

    /// <inheritdoc/>
    public Task AddAsync(TxtRecord record, CancellationToken cancellationToken) => RunAsync("present", record, cancellationToken);

    /// <inheritdoc/>
    public Task RemoveAsync(TxtRecord record, CancellationToken cancellationToken) => RunAsync("cleanup", record, cancellationToken);

    private async Task RunAsync(string action, TxtRecord record, CancellationToken cancellationToken)
    {
        string[] arguments = options.IsRaw
            ? [action, "--", record.Domain, record.Token, record.KeyAuthorization]
            : [action, record.Name, record.Value];
        using var process = Start(arguments);
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var drain = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var output = TailAsync(process.StandardOutput.BaseStream, drain.Token);
        var error = TailAsync(process.StandardError.BaseStream, drain.Token);
        try
        {
            await process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            End(process);
            await drain.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw new ChallengeException($"exec: {options.Path} {action} did not end within {options.Timeout.TotalSeconds:0.#} s for {record.Name}, and was killed");
        }

        // A child of it may hold the pipes open for ever.
        drain.CancelAfter(DrainLimit);
        var (said, complained) = (await output, await error);
        if (process.ExitCode != 0)
            throw new ChallengeException($"exec: {options.Path} {action} ended with exit code {process.ExitCode} for {record.Name}: {ProviderHttp.Line(LastLine(complained) ?? LastLine(said) ?? "it wrote nothing")}");
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is AggregateException or Win32Exception or InvalidOperationException)
        {
            // What it began as another user is not ours to end.
        }
    }

    private Process Start(string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(options.Path, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (Win32Exception exception)
        {
            throw new ChallengeException($"exec: {options.Path} cannot be started: {exception.Message}; EXEC_PATH names the program", exception);
        }
    }

    private static async Task<string> TailAsync(Stream stream, CancellationToken cancellationToken)
    {
        var kept = new List<byte>();
        var buffer = new byte[BufferLength];
        try
        {
            while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var length)
            {
                kept.AddRange(buffer.AsSpan(0, length));
                if (kept.Count > MaxKept)
                    kept.RemoveRange(0, kept.Count - MaxKept);
            }
        }
        catch (OperationCanceledException)
        {
            // What came so far is enough for a message.
        }

        return Encoding.UTF8.GetString([.. kept]);
    }

    private static string? LastLine(string text) => text.Split('\n').LastOrDefault(line => line.Trim() != "");
}
