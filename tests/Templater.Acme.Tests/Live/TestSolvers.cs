using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Templater.Acme.Protocol;
using Templater.Testing;

namespace Templater.Acme.Tests.Live;

/// <summary>Answers challenges and keeps count of the calls. What it presents and takes away is the derived class's.</summary>
internal abstract class TestSolver(string type) : IChallengeSolver
{
    private readonly ConcurrentQueue<string> _calls = new();

    public string Type => type;

    /// <summary>"present NAME", "wait NAME" and "clean NAME", in the order of the calls.</summary>
    public IReadOnlyList<string> Calls => [.. _calls];

    /// <summary>Throws what the test wants.</summary>
    public Func<PendingChallenge, CancellationToken, Task>? OnPresent { get; set; }

    public Func<PendingChallenge, CancellationToken, Task>? OnWait { get; set; }

    public async Task PresentAsync(PendingChallenge challenge, CancellationToken cancellationToken)
    {
        _calls.Enqueue($"present {challenge.Identifier}");
        if (OnPresent is not null)
            await OnPresent(challenge, cancellationToken);
        await AddAsync(challenge);
    }

    public async Task WaitAsync(PendingChallenge challenge, CancellationToken cancellationToken)
    {
        _calls.Enqueue($"wait {challenge.Identifier}");
        if (OnWait is not null)
            await OnWait(challenge, cancellationToken);
    }

    public async Task CleanUpAsync(PendingChallenge challenge, CancellationToken cancellationToken)
    {
        _calls.Enqueue($"clean {challenge.Identifier}");
        cancellationToken.ThrowIfCancellationRequested();
        await RemoveAsync(challenge);
    }

    protected abstract Task AddAsync(PendingChallenge challenge);

    protected abstract Task RemoveAsync(PendingChallenge challenge);
}

/// <summary>Answers on a port where Pebble looks, until it is disposed.</summary>
internal abstract class ListeningSolver : TestSolver, IDisposable
{
    private readonly TcpListener _listener;

    protected ListeningSolver(string type, int port)
        : base(type)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _ = ServeAsync();
    }

    public void Dispose() => _listener.Dispose();

    protected abstract Task AnswerAsync(Socket socket);

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync();
                _ = AnswerAsync(socket);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }
}

/// <summary>A web server where Pebble looks for http-01.</summary>
internal sealed class HttpSolver(int port) : ListeningSolver(ChallengeType.Http01, port)
{
    private readonly ConcurrentDictionary<string, string> _answers = new();

    /// <summary>How many answers are there.</summary>
    public int Presented => _answers.Count;

    /// <summary>What is answered instead; null for the right thing.</summary>
    public string? Wrong { get; set; }

    protected override Task AddAsync(PendingChallenge challenge)
    {
        _answers["/.well-known/acme-challenge/" + challenge.Token] = challenge.KeyAuthorization;
        return Task.CompletedTask;
    }

    protected override Task RemoveAsync(PendingChallenge challenge)
    {
        _answers.TryRemove("/.well-known/acme-challenge/" + challenge.Token, out _);
        return Task.CompletedTask;
    }

    protected override async Task AnswerAsync(Socket socket)
    {
        using var stream = new NetworkStream(socket, ownsSocket: true);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var path = (await reader.ReadLineAsync())?.Split(' ')[1] ?? "";
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
        }

        var reply = _answers.TryGetValue(path, out var text)
            ? $"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n{Wrong ?? text}"
            : "HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(reply));
    }
}

/// <summary>TXT records in the DNS server beside Pebble, for dns-01 and its relatives.</summary>
internal sealed class DnsSolver(Pebble pebble, Func<PendingChallenge, (string Name, string Value)> record, string type = ChallengeType.Dns01) : TestSolver(type)
{
    protected override Task AddAsync(PendingChallenge challenge)
    {
        var (name, value) = record(challenge);
        return pebble.AddTxtAsync(name, value);
    }

    protected override Task RemoveAsync(PendingChallenge challenge) => pebble.ClearTxtAsync(record(challenge).Name);
}

/// <summary>A TLS server where Pebble looks for tls-alpn-01.</summary>
internal sealed class TlsAlpnSolver(int port) : ListeningSolver(ChallengeType.TlsAlpn01, port)
{
    private readonly ConcurrentDictionary<string, X509Certificate2> _certificates = new();

    protected override Task AddAsync(PendingChallenge challenge)
    {
        using var key = PrivateKey.Generate();
        _certificates[TlsAlpnCertificate.ServerName(challenge.Identifier)] = TlsAlpnCertificate.Create(key, challenge.Identifier, challenge.KeyAuthorization, DateTimeOffset.UtcNow);
        return Task.CompletedTask;
    }

    protected override Task RemoveAsync(PendingChallenge challenge)
    {
        _certificates.TryRemove(TlsAlpnCertificate.ServerName(challenge.Identifier), out _);
        return Task.CompletedTask;
    }

    protected override async Task AnswerAsync(Socket socket)
    {
        try
        {
            await using var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ApplicationProtocols = [new SslApplicationProtocol(TlsAlpnCertificate.Protocol)],
                ServerCertificateSelectionCallback = (_, name) => _certificates.GetValueOrDefault(name ?? "")!,
            });
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            // The CA hangs up when it has seen the certificate.
        }
    }
}
