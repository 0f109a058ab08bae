using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Templater.Testing;

/// <summary>A request on its way to the CA.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Path">Its path.</param>
/// <param name="Headers">Its headers; names without regard to case.</param>
/// <param name="Body">Its body.</param>
public sealed record ProxiedRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>A reply to a client of <see cref="AcmeFaultProxy"/>.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The body.</param>
/// <param name="Headers">Headers without those of the framing; a name may come twice.</param>
public sealed record ProxiedReply(int Status, byte[] Body, IReadOnlyList<(string Name, string Value)> Headers)
{
    /// <summary>A reply that the CA knows nothing of.</summary>
    /// <param name="status">The status.</param>
    /// <param name="mediaType">The media type.</param>
    /// <param name="body">The body.</param>
    /// <param name="headers">Further headers.</param>
    public static ProxiedReply Of(int status, string mediaType, string body, params (string Name, string Value)[] headers) =>
        new(status, Encoding.UTF8.GetBytes(body), [("Content-Type", mediaType), .. headers]);

    /// <summary>A problem document.</summary>
    /// <param name="status">The status.</param>
    /// <param name="type">The type, without the namespace of ACME.</param>
    /// <param name="headers">Further headers.</param>
    public static ProxiedReply Problem(int status, string type, params (string Name, string Value)[] headers) =>
        Of(status, "application/problem+json", $$"""{"type":"urn:ietf:params:acme:error:{{type}}","detail":"said by the test","status":{{status}}}""", headers);

    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The same with another body.</summary>
    /// <param name="text">The body.</param>
    public ProxiedReply With(string text) => this with { Body = Encoding.UTF8.GetBytes(text) };

    /// <summary>The same with a header set, or without it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">Its values; none to leave it out.</param>
    public ProxiedReply WithHeader(string name, params string[] values) => this with
    {
        Headers = [.. Headers.Where(header => !header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)), .. values.Select(value => (name, value))],
    };
}

/// <summary>
/// Stands in front of a CA and breaks what it is told to. It speaks TLS and leaves the header Host as it is, of which Pebble
/// makes its URLs: so all that the CA names leads through here.
/// </summary>
public sealed class AcmeFaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<ProxiedRequest> _requests = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly HttpClient _http;
    private readonly TransportCertificates _certificates;
    private readonly IPAddress _address;
    private readonly int _port;
    private readonly Task _accepting;

    /// <summary>Starts it.</summary>
    /// <param name="certificates">What its TLS shows.</param>
    /// <param name="port">The CA's port.</param>
    /// <param name="address">The address of both; null for 127.0.0.1.</param>
    public AcmeFaultProxy(TransportCertificates certificates, int port, IPAddress? address = null)
    {
        ArgumentNullException.ThrowIfNull(certificates);
        (_certificates, _port, _address) = (certificates, port, address ?? IPAddress.Loopback);
        _listener = new TcpListener(_address, 0);
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { certificates.Authority } };
        handler.SslOptions.TargetHost = "localhost";
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Passes a request on; what a fault is given to do so, or not.</summary>
    /// <param name="request">The request.</param>
    public delegate Task<ProxiedReply> Onward(ProxiedRequest request);

    /// <summary>The port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The CA's directory through here.</summary>
    public Uri DirectoryUrl => new(string.Create(CultureInfo.InvariantCulture, $"https://{_address}:{Port}/dir"));

    /// <summary>
    /// Decides on each request: passes it on and gives back what comes, or something else, or null to cut the connection. The
    /// token ends when the proxy does. Called by several requests at the same time.
    /// </summary>
    public Func<ProxiedRequest, Onward, CancellationToken, Task<ProxiedReply?>>? Fault { get; set; }

    /// <summary>All requests so far, in the order of their arrival.</summary>
    public IReadOnlyList<ProxiedRequest> Requests => [.. _requests];

    /// <summary>No fault: who asks about renewals is told to ask again soon, and not after hours.</summary>
    /// <param name="request">The request.</param>
    /// <param name="onward">Passes it on.</param>
    /// <param name="cancellationToken">Not used: nothing is waited for.</param>
    public static async Task<ProxiedReply?> AskedAgainSoon(ProxiedRequest request, Onward onward, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(onward);
        var reply = await onward(request);
        return request.Path.Contains("/renewalInfo/", StringComparison.Ordinal) ? reply.WithHeader("Retry-After", "1") : reply;
    }

    /// <summary>Ends it with all its connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                var connection = Task.Run(() => ServeAsync(socket));
                _connections[connection] = true;
                _ = connection.ContinueWith(done => _connections.TryRemove(done, out _), TaskScheduler.Default);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificates.Server }, _stop.Token);
            while (await ReadAsync(tls) is { } request)
            {
                _requests.Enqueue(request);
                var reply = Fault is { } fault ? await fault(request, OnwardAsync, _stop.Token) : await OnwardAsync(request);
                if (reply is null)
                    break;
                await WriteAsync(tls, request, reply);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException or HttpRequestException)
        {
            // The client went away, or the CA did, or the test is over.
        }
    }

    private async Task<ProxiedReply> OnwardAsync(ProxiedRequest request)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(string.Create(CultureInfo.InvariantCulture, $"https://{_address}:{_port}{request.Path}")));
        message.Headers.Host = request.Headers["Host"];
        if (request.Method == "POST")
            message.Content = new ByteArrayContent(request.Body);
        foreach (var (name, value) in request.Headers.Where(header => header.Key is not ("Host" or "Connection")))
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
                message.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        using var reply = await _http.SendAsync(message, _stop.Token);
        var headers = reply.Headers.Concat(reply.Content.Headers)
            .Where(header => !header.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) && !header.Key.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
            .SelectMany(header => header.Value.Select(value => (header.Key, value)));
        return new ProxiedReply((int)reply.StatusCode, await reply.Content.ReadAsByteArrayAsync(_stop.Token), [.. headers]);
    }

    private async Task<ProxiedRequest?> ReadAsync(SslStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < 4 || !head[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
                return null;
            head.Add(one[0]);
        }

        var lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        var body = new byte[headers.TryGetValue("Content-Length", out var length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        await stream.ReadExactlyAsync(body, _stop.Token);
        var request = lines[0].Split(' ');
        return new ProxiedRequest(request[0], request[1], headers, body);
    }

    private async Task WriteAsync(SslStream stream, ProxiedRequest request, ProxiedReply reply)
    {
        var head = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {reply.Status} Reply\r\n"));
        foreach (var (name, value) in reply.Headers)
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        if (reply.Status != (int)HttpStatusCode.NoContent)
            head.Append("Content-Length: ").Append(reply.Body.Length).Append("\r\n");
        head.Append("\r\n");
        var body = request.Method == "HEAD" ? [] : reply.Body;
        await stream.WriteAsync((byte[])[.. Encoding.UTF8.GetBytes(head.ToString()), .. body], _stop.Token);
        await stream.FlushAsync(_stop.Token);
    }
}
