using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>A client that sends exactly the bytes it is given. Everything ends after <see cref="Patience"/>.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private const int MaxAnswerBytes = 4 << 20;

    private readonly CancellationTokenSource _limit = new(Patience);
    private readonly TcpClient _client;
    private Stream _stream;

    private RawConnection(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(10);

    public SslStream? Tls => _stream as SslStream;

    /// <summary>Connects to a port of this machine.</summary>
    /// <param name="port">The port.</param>
    /// <param name="from">Own address, any of 127.0.0.0/8, or ::1.</param>
    /// <param name="serverName">Name for TLS; null speaks plain.</param>
    /// <param name="protocols">Application protocols to offer.</param>
    public static async Task<RawConnection> OpenAsync(int port, string from = "127.0.0.1", string? serverName = null, params SslApplicationProtocol[] protocols)
    {
        var own = IPAddress.Parse(from);
        var client = new TcpClient(new IPEndPoint(own, 0)) { NoDelay = true };
        await client.ConnectAsync(own.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, port);
        var connection = new RawConnection(client);
        if (serverName is not null)
            await connection.SecureAsync(serverName, protocols);
        return connection;
    }

    /// <summary>Connects by TLS and shows a certificate when asked for one.</summary>
    /// <param name="port">The port.</param>
    /// <param name="serverName">Name for TLS; empty sends none.</param>
    /// <param name="certificate">The certificate; null = none.</param>
    public static async Task<RawConnection> OpenWithAsync(int port, string serverName, X509Certificate2? certificate)
    {
        var connection = await OpenAsync(port);
        await connection.SecureAsync(serverName, [], certificate);
        return connection;
    }

    /// <summary>Speaks TLS from now on.</summary>
    public Task SecureAsync(string serverName) => SecureAsync(serverName, []);

    public async Task SendAsync(string text) => await _stream.WriteAsync(Encoding.Latin1.GetBytes(text), _limit.Token);

    /// <summary>Reads one answer; what follows stays unread.</summary>
    public async Task<Answer> ReadAsync(bool withoutBody = false)
    {
        var head = await ReadUntilAsync("\r\n\r\n");
        var status = int.Parse(head.Split(' ', 3)[1], CultureInfo.InvariantCulture);
        var answer = new Answer(status, Answer.ReadHeaders(head), "");
        if (withoutBody || status is < 200 or 204 or 304)
            return answer;
        if (answer["Transfer-Encoding"] == "chunked")
            return answer with { Body = await ReadChunksAsync() };
        return answer["Content-Length"] is { } length
            ? answer with { Body = await ReadAsync(int.Parse(length, CultureInfo.InvariantCulture)) }
            : answer with { Body = await ReadToEndAsync() };
    }

    /// <summary>Reads an answer; null when the connection ended without any.</summary>
    public async Task<Answer?> ReadOrEndAsync()
    {
        try
        {
            return await ReadAsync();
        }
        catch (Exception exception) when (exception is IOException)
        {
            return null;
        }
    }

    /// <summary>Reads that many bytes; fewer at the end.</summary>
    public async Task<string> ReadAsync(int count)
    {
        var buffer = new byte[count];
        return Encoding.Latin1.GetString(buffer, 0, await _stream.ReadAtLeastAsync(buffer, count, throwOnEndOfStream: false, _limit.Token));
    }

    /// <summary>Reads up to and with a text; fewer at the end.</summary>
    public async Task<string> ReadUntilAsync(string end)
    {
        var read = new StringBuilder();
        var one = new byte[1];
        while (read.Length < MaxAnswerBytes && await _stream.ReadAsync(one, _limit.Token) == 1)
        {
            read.Append((char)one[0]);
            if (one[0] == end[^1] && read.Length >= end.Length && read.ToString(read.Length - end.Length, end.Length) == end)
                return read.ToString();
        }

        throw new EndOfStreamException($"the connection ended after: {read}");
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _client.Dispose();
        _limit.Dispose();
    }

    private async Task SecureAsync(string serverName, SslApplicationProtocol[] protocols, X509Certificate2? certificate = null)
    {
#pragma warning disable CA5359 // the test's own certificates
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
        _stream = tls;
        var options = new SslClientAuthenticationOptions { TargetHost = serverName, ApplicationProtocols = [.. protocols] };
        // Certificates are chosen among those that the server's authorities signed, unless there is no choice.
        if (certificate is not null)
            options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
        await tls.AuthenticateAsClientAsync(options, _limit.Token);
    }

    private async Task<string> ReadChunksAsync()
    {
        var body = new StringBuilder();
        while (body.Length < MaxAnswerBytes)
        {
            var size = int.Parse((await ReadUntilAsync("\r\n")).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.Append(await ReadAsync(size));
            await ReadUntilAsync("\r\n");
            if (size == 0)
                break;
        }

        return body.ToString();
    }

    private async Task<string> ReadToEndAsync()
    {
        using var reader = new StreamReader(_stream, Encoding.Latin1, leaveOpen: true);
        return await reader.ReadToEndAsync(_limit.Token);
    }
}
