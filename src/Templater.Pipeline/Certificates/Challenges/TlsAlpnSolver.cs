using System.Net.Security;
using System.Security.Authentication;
using Templater.Acme;
using Templater.Acme.Protocol;

namespace Templater.Pipeline.Certificates.Challenges;

/// <summary>
/// tls-alpn-01 (RFC 8737): shows the certificate of a challenge to whoever asks for its name with the protocol <c>acme-tls/1</c>, on
/// connections that somebody else accepts. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class TlsAlpnSolver(TimeProvider time) : IChallengeSolver, IDisposable
{
    /// <summary>Most names that are asked for at a time: each order in flight may have a hundred.</summary>
    public const int MaxAnswers = ListenerSolver.MaxAnswers;

    private static readonly SslApplicationProtocol Protocol = new(TlsAlpnCertificate.Protocol);

    private readonly Dictionary<string, Shown> _shown = new(StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public string Type => ChallengeType.TlsAlpn01;

    /// <inheritdoc/>
    public Task PresentAsync(PendingChallenge challenge, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        var name = TlsAlpnCertificate.ServerName(challenge.Identifier);
        lock (_shown)
        {
            if (_shown.TryGetValue(name, out var other))
            {
                // A handshake tells a name and no token, so one of two would fail at the authority.
                return other.KeyAuthorization == challenge.KeyAuthorization ? Task.CompletedTask
                    : throw new ChallengeException($"another order proves {challenge.Identifier} by {Type} at the same time");
            }

            if (_shown.Count >= MaxAnswers)
                throw new ChallengeException($"more than {MaxAnswers} answers to {Type} are waited for already");
            // It is made when the first one asks, and not while others wait.
            _shown[name] = new(challenge.KeyAuthorization, new Lazy<SslStreamCertificateContext>(() => Made(challenge)));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task CleanUpAsync(PendingChallenge challenge, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        var name = TlsAlpnCertificate.ServerName(challenge.Identifier);
        lock (_shown)
        {
            // A handshake may be under way with it: the finalizer frees it.
            if (_shown.TryGetValue(name, out var shown) && shown.KeyAuthorization == challenge.KeyAuthorization)
                _shown.Remove(name);
        }

        return Task.CompletedTask;
    }

    /// <summary>
    /// Goes through a handshake and says good-bye (RFC 8737 section 3: "the connection MUST be immediately closed"). Who offers another
    /// protocol, or asks for a name that no challenge is about, is refused.
    /// </summary>
    /// <param name="connection">The connection, before its first byte; stays open.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">Who asked has gone.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public async Task AnswerAsync(Stream connection, CancellationToken cancellationToken)
    {
        await using var tls = new SslStream(connection, leaveInnerStreamOpen: true);
        try
        {
            await tls.AuthenticateAsServerAsync((_, hello, _, _) => ValueTask.FromResult(OptionsFor(hello.ServerName)), null, cancellationToken);
            await tls.ShutdownAsync();
        }
        catch (AuthenticationException)
        {
            // They had no protocol in common, there is nothing to be shown for the name, or it was no handshake.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_shown)
            _shown.Clear();
    }

    // The standard wants TLS 1.2 at least, and no connection that goes on with an earlier one.
    private SslServerAuthenticationOptions OptionsFor(string name) => new()
    {
        ServerCertificateContext = Find(name) ?? throw new AuthenticationException("no challenge is about this name"),
        ApplicationProtocols = [Protocol],
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowTlsResume = false,
        AllowRenegotiation = false,
    };

    private SslStreamCertificateContext? Find(string name)
    {
        Shown? shown;
        lock (_shown)
            shown = _shown.GetValueOrDefault(name);
        return shown?.Certificate.Value;
    }

    private SslStreamCertificateContext Made(PendingChallenge challenge)
    {
        using var key = PrivateKey.Generate();
        return SslStreamCertificateContext.Create(TlsAlpnCertificate.Create(key, challenge.Identifier, challenge.KeyAuthorization, time.GetUtcNow()), null, offline: true);
    }

    private sealed record Shown(string KeyAuthorization, Lazy<SslStreamCertificateContext> Certificate);
}
