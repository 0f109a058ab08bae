using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Preflight;
using Templater.Pipeline.Web;

namespace Templater.Pipeline.Certificates.Challenges;

/// <summary>
/// http-01 that Templater answers itself, on an address to which the proxy hands such requests; connections of TLS there are somebody
/// else's (<see cref="TlsAlpnSolver"/>). Thread-safe.
/// </summary>
public sealed class ListenerSolver : IChallengeSolver, IDisposable
{
    /// <summary>Most answers that are there at a time: each order in flight may have a hundred names.</summary>
    public const int MaxAnswers = 1000;

    // application/octet-stream is what RFC 8555 section 8.3 shows; authorities do not look at it.
    private const string MediaType = "application/octet-stream";

    private readonly ConcurrentDictionary<string, string> _answers = new(StringComparer.Ordinal);
    private readonly WebListener _listener;

    /// <summary>Begins to listen; nobody is answered before <see cref="RunAsync"/>.</summary>
    /// <param name="address">Where; port 0 is any that is free.</param>
    /// <param name="time">The clock.</param>
    /// <param name="tls">Takes connections of TLS (<see cref="WebListener.Tls"/>); null = nobody does.</param>
    /// <exception cref="ListenFailedException">The address cannot be listened on.</exception>
    public ListenerSolver(IPEndPoint address, TimeProvider time, Func<Stream, CancellationToken, Task>? tls = null) =>
        _listener = new WebListener(address, Of, time) { Tls = tls };

    /// <summary>Folder of answers that other processes leave here (<see cref="WebrootSolver"/>); null for none.</summary>
    public string? Left { get; init; }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => _listener.EndPoint;

    /// <inheritdoc/>
    public string Type => ChallengeType.Http01;

    /// <summary>Answers until cancelled.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task RunAsync(CancellationToken cancellationToken) => _listener.RunAsync(cancellationToken);

    /// <inheritdoc/>
    public Task PresentAsync(PendingChallenge challenge, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        if (_answers.Count >= MaxAnswers)
            throw new ChallengeException($"more than {MaxAnswers} answers to http-01 are waited for already");
        _answers[challenge.Token] = challenge.KeyAuthorization;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task CleanUpAsync(PendingChallenge challenge, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        _answers.TryRemove(challenge.Token, out _);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private Answer Of(RequestHead? request)
    {
        if (request is null)
            return Answer.Text(400, "this is no request that is answered");
        if (request.Method is not ("GET" or "HEAD"))
            return Answer.Text(405, "only GET and HEAD are answered");
        return request.Path.StartsWith(SelfCheck.Path, StringComparison.Ordinal) && AnswerTo(request.Path[SelfCheck.Path.Length..]) is { } answer
            ? new Answer(200, MediaType, answer)
            : Answer.Text(404, "no such challenge is waited for");
    }

    private string? AnswerTo(string token)
    {
        if (_answers.TryGetValue(token, out var answer))
            return answer;
        if (Left is null || !KeyAuthorization.IsToken(token))
            return null;
        try
        {
            return Encoding.ASCII.GetString(NamedFile.ReadBytes(WebrootSolver.PathOf(Left, token), SelfCheck.MaxBytes).Span);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
