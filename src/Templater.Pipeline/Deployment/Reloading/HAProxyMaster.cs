using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>Why HAProxy's master socket gave no answer.</summary>
internal enum HAProxySocketTrouble
{
    /// <summary>Nobody listens: HAProxy is not running, or just about to answer again.</summary>
    Absent,
    /// <summary>The socket may not be opened.</summary>
    Denied,
    /// <summary>There was no answer, or not a whole one.</summary>
    NoAnswer,
    /// <summary>No socket can have that path.</summary>
    BadPath,
}

/// <summary>HAProxy's master socket gave no answer.</summary>
/// <param name="message">One line.</param>
/// <param name="trouble">Why.</param>
/// <param name="inner">The socket's error.</param>
internal sealed class HAProxySocketException(string message, HAProxySocketTrouble trouble, Exception? inner) : IOException(message, inner)
{
    public HAProxySocketTrouble Trouble { get; } = trouble;

    /// <summary>True when the whole command was sent: it may have been carried out.</summary>
    public bool WasSent { get; init; }

    public bool IsAbsent => Trouble == HAProxySocketTrouble.Absent;
}

/// <summary>
/// HAProxy's master CLI (management guide, 9.4): one command per connection, the answer ends with the connection. Level operator
/// suffices to reload and to read; changing servers and pairs while HAProxy runs takes level admin.
/// </summary>
/// <param name="path">The socket.</param>
/// <param name="time">Clock of the time limit.</param>
internal sealed partial class HAProxyMaster(string path, TimeProvider time)
{
    private const int MaxAnswer = 1024 * 1024;

    public string Path { get; } = path;

    /// <exception cref="HAProxySocketException">It cannot be reached, or did not answer in time.</exception>
    public async Task<string> SendAsync(string command, TimeSpan timeLimit, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var wasSent = false;
        try
        {
            await ConnectAsync(socket, either.Token);
            await socket.SendAsync(Encoding.ASCII.GetBytes(command + "\n"), either.Token);
            wasSent = true;
            // The master keeps a connection open for more commands until our side is closed.
            socket.Shutdown(SocketShutdown.Send);
            return await ReadToEndAsync(socket, either.Token);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HAProxySocketException($"{Path} did not answer \"{Shown(command)}\" within {timeLimit.TotalSeconds:0.###} s", HAProxySocketTrouble.NoAnswer, error) { WasSent = wasSent };
        }
        catch (SocketException error)
        {
            // A master that executes itself anew drops who has just connected.
            throw new HAProxySocketException($"{Path} broke off \"{Shown(command)}\": {error.Message}", HAProxySocketTrouble.NoAnswer, error);
        }
    }

    /// <summary>Reads a <c>proc</c> variable of the current worker; null when it has none.</summary>
    public async Task<string?> GetVariableAsync(string name, TimeSpan timeLimit, CancellationToken cancellationToken)
    {
        const string Value = "value=<";
        var answer = await SendAsync($"@1 get var {name}", timeLimit, cancellationToken);
        var start = answer.IndexOf(Value, StringComparison.Ordinal);
        if (start < 0)
            return null;
        start += Value.Length;
        var end = answer.IndexOf('>', start);
        return end < 0 ? null : answer[start..end];
    }

    /// <summary>The workers of <c>show proc</c>, current ones only.</summary>
    public async Task<ImmutableArray<ProxyProcess>> WorkersAsync(TimeSpan timeLimit, CancellationToken cancellationToken) =>
        [.. (await AllWorkersAsync(timeLimit, cancellationToken)).Where(static worker => worker.Title != Proving.WorkerTitles.OldHAProxyWorker)];

    /// <summary>The workers of <c>show proc</c>, old ones too.</summary>
    public async Task<ImmutableArray<ProxyProcess>> AllWorkersAsync(TimeSpan timeLimit, CancellationToken cancellationToken) =>
        ParseWorkers(await SendAsync("show proc", timeLimit, cancellationToken));

    /// <summary>True when the last reload failed: the master then goes on with the old worker and says so until one succeeds.</summary>
    public async Task<bool> HasFailedAsync(TimeSpan timeLimit, CancellationToken cancellationToken) =>
        ParseFailed(await SendAsync("show proc", timeLimit, cancellationToken));

    // "162  master  1 [failed: 1]  0d00h00m02s": zero after every success (2.6 counts, later versions stay at one).
    public static bool ParseFailed(string answer)
    {
        const string Failed = "[failed: ";
        var at = answer.IndexOf(Failed, StringComparison.Ordinal);
        return at >= 0 && answer.AsSpan(at + Failed.Length) is [>= '1' and <= '9', ..];
    }

    /// <summary>When the master that answered <c>show proc</c> began, to a second: it stays the same one when it is reloaded. Null when it does not say.</summary>
    public DateTimeOffset? BeganOf(string answer) => ParseUptime(answer) is { } uptime ? time.GetUtcNow() - uptime : null;

    // "162  master  1 [failed: 1]  0d00h00m02s"
    public static TimeSpan? ParseUptime(string answer)
    {
        if (Uptime().Match(answer) is not { Success: true, Groups: var groups })
            return null;
        var numbers = groups.Values.Skip(1).Select(static group => int.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture)).ToArray();
        return new TimeSpan(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    public static ImmutableArray<ProxyProcess> ParseWorkers(string answer)
    {
        var workers = ImmutableArray.CreateBuilder<ProxyProcess>();
        string? title = null;
        foreach (var line in answer.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith('#'))
                title = line.StartsWith("# workers", StringComparison.Ordinal) ? "haproxy worker"
                    : line.StartsWith("# old workers", StringComparison.Ordinal) ? Proving.WorkerTitles.OldHAProxyWorker
                    : null;
            else if (title is not null
                && line.Split([' ', '\t'], 2)[0] is var field
                && int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                workers.Add(new ProxyProcess(pid, 0, title));
        }

        return workers.ToImmutable();
    }

    // ENOENT arrives as AddressNotAvailable. In a directory that may not be entered nothing can be seen, but it may well be there.
    internal static HAProxySocketTrouble TroubleOf(SocketError error, bool isThere) => error switch
    {
        SocketError.AccessDenied => HAProxySocketTrouble.Denied,
        SocketError.ConnectionRefused or SocketError.AddressNotAvailable or SocketError.HostNotFound => HAProxySocketTrouble.Absent,
        _ => isThere ? HAProxySocketTrouble.NoAnswer : HAProxySocketTrouble.Absent,
    };

    // What follows the first line may be a key.
    internal static string Shown(string command) => command.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end ? command[..end] : command;

    private async Task ConnectAsync(Socket socket, CancellationToken cancellationToken)
    {
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path), cancellationToken);
        }
        catch (SocketException error)
        {
            var trouble = TroubleOf(error.SocketErrorCode, File.Exists(Path));
            throw new HAProxySocketException($"cannot connect to {Path} as {UnixFile.OwnIdentity}: {error.Message}", trouble, error);
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw new HAProxySocketException($"{Path} is too long for a socket's path", HAProxySocketTrouble.BadPath, error);
        }
    }

    private static async Task<string> ReadToEndAsync(Socket socket, CancellationToken cancellationToken)
    {
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (answer.Length < MaxAnswer && await socket.ReceiveAsync(buffer, cancellationToken) is > 0 and var count)
                answer.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            // Up to 2.6 the master executes itself anew in the middle of a reload; what it said so far is its answer.
        }

        return answer.ToString();
    }

    [GeneratedRegex(@"^[0-9]+\s+master\s.*\s([0-9]{1,6})d([0-9]{2})h([0-9]{2})m([0-9]{2})s", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Uptime();
}
