using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Templater.Pipeline.Deployment.Proving.Nginx;

/// <summary>What came of asking a generation endpoint.</summary>
/// <param name="IsReached">True when something answers at that address, whatever it is.</param>
/// <param name="Generation">The generation; null when the answer is none.</param>
/// <param name="Problem">Why there is none; empty when there is one.</param>
internal readonly record struct GenerationAnswer(bool IsReached, string? Generation, string Problem);

/// <summary>Asks for a generation, on a connection of its own: old workers go on answering old connections.</summary>
internal static class GenerationQuestion
{
    /// <summary>An answer takes a moment; what does not answer within this is not reached.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(1);

    /// <summary>Hex digits of a generation.</summary>
    public const int Length = 16;

    // The headers that nginx sends, those of the operator among them, and the generation.
    private const int MaxAnswer = 8192;

    // Nginx takes this for a connection from whom it is.
    private const string ProxyProtocol = "PROXY UNKNOWN\r\n";

    /// <param name="place">Where.</param>
    /// <param name="endpoint">What.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<GenerationAnswer> AskAsync(IPEndPoint place, GenerationEndpoint endpoint, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TimeLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var isReached = false;
        try
        {
            using var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(place, either.Token);
            isReached = true;
            var question = $"{(endpoint.Listen.ExpectsProxyProtocol ? ProxyProtocol : "")}GET {endpoint.Path} HTTP/1.1\r\nHost: {endpoint.Host}\r\nConnection: close\r\nUser-Agent: templater\r\n\r\n";
            await socket.SendAsync(Encoding.ASCII.GetBytes(question), SocketFlags.None, either.Token);
            return Read(await AnswerAsync(socket, either.Token));
        }
        catch (SocketException error)
        {
            return new GenerationAnswer(isReached || error.SocketErrorCode == SocketError.ConnectionRefused, null, error.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new GenerationAnswer(isReached, null, $"no answer within {TimeLimit.TotalSeconds:0.###} s");
        }
    }

    private static async Task<string> AnswerAsync(Socket socket, CancellationToken cancellationToken)
    {
        var bytes = new byte[MaxAnswer];
        var length = 0;
        while (length < MaxAnswer && await socket.ReceiveAsync(bytes.AsMemory(length), SocketFlags.None, cancellationToken) is > 0 and var read)
            length += read;
        return Encoding.ASCII.GetString(bytes, 0, length);
    }

    /// <summary>Reads an answer of HTTP/1.</summary>
    internal static GenerationAnswer Read(string answer)
    {
        const int StatusLength = 3;
        var status = answer.StartsWith("HTTP/1.", StringComparison.Ordinal) && answer.IndexOf(' ', StringComparison.Ordinal) is > 0 and var blank && answer.Length > blank + StatusLength
            ? answer.Substring(blank + 1, StatusLength)
            : "";
        if (status != "200")
            return new GenerationAnswer(true, null, status.Length > 0 && status.All(char.IsAsciiDigit) ? $"answered {status}" : "it speaks no HTTP");
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var body = end < 0 ? "" : answer[end..].Trim();
        return body.Length == Length && body.All(char.IsAsciiHexDigitLower) ? new GenerationAnswer(true, body, "") : new GenerationAnswer(true, null, "what it answers is no generation");
    }
}
