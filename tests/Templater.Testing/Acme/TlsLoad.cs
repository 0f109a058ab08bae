using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Templater.Testing;

/// <summary>
/// Opens a TLS connection to a site several times a second, whether or not earlier ones have ended. Each is a full handshake whose chain
/// is verified against one root and the name that was asked for, and over each one request is answered.
/// </summary>
public sealed class TlsLoad : IAsyncDisposable
{
    /// <summary>How many are begun in a second.</summary>
    public const int PerSecond = 5;

    // How long one may take; a machine that is busy with other tests stalls for seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly ConcurrentDictionary<string, Seen> _seen = new(StringComparer.Ordinal);
    private readonly IPEndPoint _endPoint;
    private readonly string _host;
    private readonly X509Certificate2 _root;
    private readonly Task _work;
    private int _done;

    private TlsLoad(IPEndPoint endPoint, string host, X509Certificate2 root)
    {
        (_endPoint, _host, _root) = (endPoint, host, root);
        _work = Task.Run(WorkAsync);
    }

    /// <summary>Connections that ended as they should.</summary>
    public int Done => Volatile.Read(ref _done);

    /// <summary>What became of the others.</summary>
    public IReadOnlyList<string> Failures => [.. _failures];

    /// <summary>Serial numbers of the certificates that were shown, in the order in which they were seen first.</summary>
    public IReadOnlyList<string> Serials => [.. InOrder().Select(static seen => seen.Key)];

    /// <summary>The certificate that was seen first last, in PEM; null before there is any.</summary>
    public string? Latest => InOrder().LastOrDefault().Value?.Pem;

    /// <summary>Begins.</summary>
    /// <param name="endPoint">Where the site is.</param>
    /// <param name="host">Its name.</param>
    /// <param name="root">Whom to trust alone.</param>
    public static TlsLoad Start(IPEndPoint endPoint, string host, X509Certificate2 root) => new(endPoint, host, root);

    /// <summary>Begins no more, and waits for those that are open.</summary>
    public async Task EndAsync()
    {
        await _end.CancelAsync();
        await _work;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _end.Dispose();
    }

    /// <summary>Numbers for a log.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_host}: {Done} connections, {_failures.Count} failed, {_seen.Count} certificates");

    private IEnumerable<KeyValuePair<string, Seen>> InOrder() => _seen.OrderBy(static seen => seen.Value.At);

    private async Task WorkAsync()
    {
        var open = new HashSet<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / PerSecond));
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                open.RemoveWhere(static task => task.IsCompleted);
                open.Add(ConnectAsync());
            }
        }
        catch (OperationCanceledException)
        {
            // The end that was asked for.
        }

        await Task.WhenAll(open);
    }

    private async Task ConnectAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        var serial = "no certificate";
        try
        {
            using var client = new TcpClient(_endPoint.AddressFamily) { NoDelay = true };
            await client.ConnectAsync(_endPoint, limit.Token);
            await using var stream = new SslStream(client.GetStream());
            await stream.AuthenticateAsClientAsync(Options(), limit.Token);
            using var shown = new X509Certificate2(stream.RemoteCertificate!);
            serial = shown.SerialNumber;
            _seen.TryAdd(serial, new Seen(TimeProvider.System.GetUtcNow(), shown.ExportCertificatePem()));
            await AskAsync(stream, limit.Token);
            Interlocked.Increment(ref _done);
        }
        catch (Exception exception) when (exception is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
            _failures.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {serial}: {exception.GetBaseException().Message}"));
        }
    }

    // Ended in turn, so that a broken connection is none that was answered.
    private async Task AskAsync(SslStream stream, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {_host}\r\nConnection: close\r\n\r\n"), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var answer = await reader.ReadToEndAsync(cancellationToken);
        if (!answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal))
            throw new IOException(answer.Length == 0 ? "no answer" : $"no answer but \"{answer[..Math.Min(answer.Length, 40)]}\"");
    }

    private SslClientAuthenticationOptions Options() => new()
    {
        TargetHost = _host,
        AllowTlsResume = false,
        CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { _root } },
    };

    private sealed record Seen(DateTimeOffset At, string Pem);
}
