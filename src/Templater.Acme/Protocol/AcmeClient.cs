using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Templater.Acme.Protocol;

/// <summary>
/// The requests of RFC 8555 to one CA. The parts of this class stand beside the objects that they are about: accounts in
/// <c>Account.cs</c>, orders in <c>Order.cs</c>, and so on. Thread-safe; keeps nonces and the directory, and nothing else.
/// </summary>
/// <param name="directoryUrl">The CA's directory (section 7.1.1), the only URL that is known beforehand.</param>
/// <param name="http">Carries the requests; stays the caller's.</param>
/// <param name="clock">Measures pauses.</param>
public sealed partial class AcmeClient(Uri directoryUrl, AcmeHttp http, TimeProvider clock)
{
    private readonly NoncePool _nonces = new(clock);
    private volatile ReadDirectory? _directory;

    private sealed record ReadDirectory(Directory Directory, long At);

    /// <summary>What may be sent again when it is not known whether the CA has processed it.</summary>
    private enum Replay
    {
        /// <summary>Twice is as good as once.</summary>
        Always,

        /// <summary>Only what certainly was not processed: no connection, or 503 with Retry-After.</summary>
        IfNotProcessed,
    }

    /// <summary>The CA's directory.</summary>
    public Uri DirectoryUrl { get; } = directoryUrl;

    /// <summary>The bounds that hold for its requests.</summary>
    public AcmeLimits Limits => http.Limits;

    /// <summary>The directory; read once, and again when it has become old.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">It cannot be read.</exception>
    public async Task<Directory> DirectoryAsync(CancellationToken cancellationToken)
    {
        if (_directory is { } known && clock.GetElapsedTime(known.At) < Limits.DirectoryAge)
            return known.Directory;
        return await ReadDirectoryAsync(cancellationToken);
    }

    private async Task<Directory> ReadDirectoryAsync(CancellationToken cancellationToken)
    {
        const string operation = "read the CA's directory";
        var response = await GetAsync(DirectoryUrl, operation, cancellationToken);
        var directory = response.Read(AcmeJson.Default.Directory, operation);
        _directory = new(directory, clock.GetTimestamp());
        return directory;
    }

    // RFC 8555 section 6.3 allows GET for the directory and newNonce, RFC 9773 section 4.1 for renewal information.
    private Task<AcmeResponse> GetAsync(Uri url, string operation, CancellationToken cancellationToken) =>
        RepeatedAsync(() => AnsweredAsync(HttpMethod.Get, url, null, operation, cancellationToken), Replay.Always, cancellationToken);

    /// <summary>Section 6.3: "POST-as-GET requests": reads a resource of the account's.</summary>
    private Task<AcmeResponse> PostAsGetAsync(Account account, Uri url, string operation, CancellationToken cancellationToken) =>
        PostAsync(account.Key, account.Url, url, ReadOnlyMemory<byte>.Empty, Replay.Always, operation, cancellationToken);

    private Task<AcmeResponse> PostAsync<T>(Account account, Uri url, T payload, JsonTypeInfo<T> type, Replay replay, string operation, CancellationToken cancellationToken) =>
        PostAsync(account.Key, account.Url, url, JsonSerializer.SerializeToUtf8Bytes(payload, type), replay, operation, cancellationToken);

    /// <summary>Posts to a URL of the directory. One that is not there any more (404) is looked up anew, once: a CA may move them.</summary>
    private async Task<AcmeResponse> PostAsync(Func<Directory, Uri> resource, Func<Uri, (PrivateKey Key, Uri? Account, byte[] Payload)> make, Replay replay, string operation, CancellationToken cancellationToken)
    {
        var url = resource(await DirectoryAsync(cancellationToken));
        try
        {
            return await PostedAsync(url);
        }
        catch (AcmeException exception) when (exception.Status == (int)HttpStatusCode.NotFound)
        {
            var now = resource(await ReadDirectoryAsync(cancellationToken));
            if (now == url)
                throw;
            return await PostedAsync(now);
        }

        Task<AcmeResponse> PostedAsync(Uri target)
        {
            var (key, account, payload) = make(target);
            return PostAsync(key, account, target, payload, replay, operation, cancellationToken);
        }
    }

    private Task<AcmeResponse> PostAsync(PrivateKey key, Uri? account, Uri url, ReadOnlyMemory<byte> payload, Replay replay, string operation, CancellationToken cancellationToken) =>
        RepeatedAsync(() => SignedAsync(key, account, url, payload, operation, cancellationToken), replay, cancellationToken);

    /// <summary>
    /// Section 6.5: "An error response with the "badNonce" error type MUST include a Replay-Nonce header field with a fresh
    /// nonce that the server will accept in a retry of the original query". It is used for that and not put into the pool.
    /// </summary>
    private async Task<AcmeResponse> SignedAsync(PrivateKey key, Uri? account, Uri url, ReadOnlyMemory<byte> payload, string operation, CancellationToken cancellationToken)
    {
        AcmeHttp.MustBeHttps(url, operation);
        string? fresh = null;
        for (var attempt = 0; ; attempt++)
        {
            var nonce = fresh ?? _nonces.Take() ?? await NewNonceAsync(operation, cancellationToken);
            var response = await http.SendAsync(HttpMethod.Post, url, Jws.Signed(key, account, nonce, url, payload.Span), operation, cancellationToken);
            if (!response.IsSuccess && Problem.Of(response).Is(ProblemType.BadNonce) && attempt < AcmeLimits.MaxNonceRetries)
            {
                fresh = NoncePool.IsNonce(response.Nonce) ? response.Nonce : null;
                continue;
            }

            _nonces.Add(response.Nonce);
            return response.IsSuccess ? response : throw AcmeException.Refusal(operation, url, response);
        }
    }

    /// <summary>Section 7.2: "To get a fresh nonce, the client sends a HEAD request to the newNonce resource on the server".</summary>
    private async Task<string> NewNonceAsync(string operation, CancellationToken cancellationToken)
    {
        var url = (await DirectoryAsync(cancellationToken)).NewNonce;
        var response = await HeadAsync(url, operation, cancellationToken);
        return NoncePool.IsNonce(response.Nonce)
            ? response.Nonce!
            : throw new AcmeException(AcmeFailure.BadAnswer, $"cannot {operation}: {url.Authority} gives no nonce that can be used at {url.AbsolutePath}") { Status = response.Status };
    }

    // Sent again with the request that the nonce is for, and not also by itself: else a CA that is gone is found out after four times the time.
    private async Task<AcmeResponse> HeadAsync(Uri url, string operation, CancellationToken cancellationToken)
    {
        try
        {
            return await AnsweredAsync(HttpMethod.Head, url, null, operation, cancellationToken);
        }
        catch (AcmeException exception)
        {
            throw exception.WithoutTheRequest();
        }
    }

    private async Task<AcmeResponse> AnsweredAsync(HttpMethod method, Uri url, byte[]? message, string operation, CancellationToken cancellationToken)
    {
        var response = await http.SendAsync(method, url, message, operation, cancellationToken);
        return response.IsSuccess ? response : throw AcmeException.Refusal(operation, url, response);
    }

    /// <summary>Sends again what the CA's trouble or the network's kept from an answer, a few times and with growing pauses.</summary>
    private async Task<AcmeResponse> RepeatedAsync(Func<Task<AcmeResponse>> send, Replay replay, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await send();
            }
            catch (AcmeException exception) when (attempt < AcmeLimits.MaxTransientRetries && MayRepeat(exception, replay) && PauseAfter(exception, attempt) is { } pause)
            {
                await Task.Delay(pause, clock, cancellationToken);
            }
        }
    }

    private static bool MayRepeat(AcmeException exception, Replay replay) =>
        exception.Failure == AcmeFailure.Unreachable
        && (replay == Replay.Always || !exception.MayBeProcessed || (exception.Status == (int)HttpStatusCode.ServiceUnavailable && exception.RetryAt is not null));

    // Null where the CA wants more time than a request waits: that is the caller's to plan.
    private TimeSpan? PauseAfter(AcmeException exception, int attempt)
    {
        if (exception.RetryAt is { } at && at - clock.GetUtcNow() is var asked && asked > TimeSpan.Zero)
            return asked <= Limits.MaxPause ? asked : null;
        return Jittered(Limits.TransientPause * Math.Pow(2, attempt));
    }

    private static TimeSpan Jittered(TimeSpan pause) => pause * (1 + (RandomNumberGenerator.GetInt32(1000) / 2000.0));

    /// <summary>
    /// Reads something again and again until it has come to an end, with the pause that the CA asks for (section 7.4, 7.5.1 and
    /// 8.2: Retry-After) within <see cref="AcmeLimits.MinPollPause"/> and <see cref="AcmeLimits.MaxPollPause"/>.
    /// </summary>
    private async Task<T> PolledAsync<T>(Func<Task<(T Value, DateTimeOffset? RetryAt)>> read, Func<T, bool> isOver, string what, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        var own = Limits.MinPollPause;
        while (true)
        {
            var (value, retryAt) = await read();
            if (isOver(value))
                return value;
            if (clock.GetElapsedTime(start) >= Limits.PollDeadline)
                throw new AcmeException(AcmeFailure.Unfinished, $"{DirectoryUrl.Authority} did not finish {what} within {Limits.PollDeadline.TotalMinutes:0.#} minutes");
            var pause = retryAt is { } at ? at - clock.GetUtcNow() : own;
            await Task.Delay(Clamped(pause, Limits.MinPollPause, Limits.MaxPollPause), clock, cancellationToken);
            own = Clamped(own * 2, Limits.MinPollPause, Limits.MaxOwnPollPause);
        }
    }

    private static TimeSpan Clamped(TimeSpan value, TimeSpan least, TimeSpan most) => value < least ? least : value > most ? most : value;
}
