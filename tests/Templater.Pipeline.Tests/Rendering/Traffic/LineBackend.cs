using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Templater.Pipeline.Tests.Rendering.Traffic;

/// <summary>A TCP application: reads until the line <c>ping</c> has come, and answers with its name and everything that came.</summary>
internal sealed class LineBackend : IAsyncDisposable
{
    public const string Question = "ping\n";

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<TcpClient, Task> _open = new();
    private readonly TcpListener _listener;
    private readonly Task _accepting;
    private readonly string _name;
    private readonly X509Certificate2? _certificate;

    public LineBackend(string name, IPEndPoint address, X509Certificate2? certificate = null)
    {
        (_name, _certificate) = (name, certificate);
        _listener = new TcpListener(address);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_open.Values);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _open[client] = ServeAsync(client);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                if (_certificate is null)
                {
                    await AnswerAsync(client.GetStream());
                    return;
                }

                await using var secure = new SslStream(client.GetStream());
                await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                await AnswerAsync(secure);
            }
            catch (Exception exception) when (exception is AuthenticationException or IOException or OperationCanceledException or SocketException)
            {
                // The proxy went away, or the test is over.
            }
        }
    }

    private async Task AnswerAsync(Stream stream)
    {
        var seen = new StringBuilder();
        var buffer = new byte[1024];
        while (!seen.ToString().EndsWith(Question, StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer, _stop.Token);
            if (count == 0)
                return;
            seen.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        await stream.WriteAsync(Encoding.Latin1.GetBytes($"{_name}|{seen}"), _stop.Token);
    }
}
