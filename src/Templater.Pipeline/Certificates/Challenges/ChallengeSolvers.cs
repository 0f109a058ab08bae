using System.Collections.Immutable;
using Templater.Acme;
using Templater.Acme.Dns;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Certificates.Challenges;

/// <summary>What answers challenges, as the operator decided. Thread-safe.</summary>
public sealed class ChallengeSolvers : IDisposable
{
    private readonly IChallengeSolver _http;
    private readonly TlsAlpnSolver _tls;
    private readonly ImmutableSortedDictionary<string, Dns01Solver> _dns;
    private readonly DnsPersistSolver _persistent;

    /// <summary>Makes them; where Templater answers http-01 and tls-alpn-01 itself, it begins to listen.</summary>
    /// <param name="plan">What the operator decided.</param>
    /// <param name="dns">Asks the DNS.</param>
    /// <param name="http">Calls the APIs of DNS providers; must follow no redirects.</param>
    /// <param name="time">The clock.</param>
    /// <param name="notice">Is told in one line what was noticed and stops nothing; from any thread.</param>
    /// <param name="left">Folder of answers that other processes leave to the one that listens; null for none.</param>
    /// <exception cref="ArgumentException">A DNS provider lacks a setting; the message says which.</exception>
    /// <exception cref="Web.ListenFailedException">The address cannot be listened on.</exception>
    public ChallengeSolvers(AcmePlan plan, DnsClient dns, HttpClient http, TimeProvider time, Action<string> notice, string? left = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _persistent = new DnsPersistSolver(dns, time);
        _tls = new TlsAlpnSolver(time);
        var dnsSolvers = new SortedDictionary<string, Dns01Solver>(StringComparer.Ordinal);
        try
        {
            foreach (var (name, provider) in plan.Dns)
                dnsSolvers[name] = SolverOf(provider);
            _http = plan.Listen is { } address ? new ListenerSolver(address, time, _tls.AnswerAsync) { Left = left }
                : plan.Webroot is { } webroot ? new WebrootSolver(webroot)
                : new StatelessSolver();
        }
        catch
        {
            foreach (var solver in dnsSolvers.Values)
                solver.Dispose();
            throw;
        }

        _dns = dnsSolvers.ToImmutableSortedDictionary(StringComparer.Ordinal);

        Dns01Solver SolverOf(AcmeDnsProvider provider) =>
            new(provider.Create(http, time), dns, new PropagationCheck(dns, plan.Propagation)) { Warn = notice };
    }

    /// <summary>What answers for a certificate.</summary>
    /// <param name="wanted">The certificate.</param>
    /// <exception cref="AcmeException">Nothing does.</exception>
    public IChallengeSolver For(WantedCertificate wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return wanted.Challenge switch
        {
            ChallengeType.Http01 => _http,
            ChallengeType.TlsAlpn01 when _http is ListenerSolver => _tls,
            ChallengeType.TlsAlpn01 => throw new AcmeException(AcmeFailure.Challenge, $"nothing answers {wanted.Challenge} for {wanted.Name}: acme.listen (TEMPLATER_ACME_LISTEN) is not set"),
            ChallengeType.DnsPersist01 => _persistent,
            ChallengeType.Dns01 when wanted.Dns is { } name && _dns.TryGetValue(name, out var solver) => solver,
            ChallengeType.Dns01 => throw new AcmeException(AcmeFailure.Challenge, $"no DNS provider is set up for {wanted.Name}{(wanted.Dns is { } name ? $": there is none called {name}" : "")}"),
            _ => throw new AcmeException(AcmeFailure.Challenge, $"nothing answers {wanted.Challenge} for {wanted.Name}; http-01, tls-alpn-01, dns-01 and dns-persist-01 are answered"),
        };
    }

    /// <summary>Answers http-01 and tls-alpn-01 where Templater does so itself, until cancelled.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task RunAsync(CancellationToken cancellationToken) =>
        _http is ListenerSolver listener ? listener.RunAsync(cancellationToken) : Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        (_http as IDisposable)?.Dispose();
        _tls.Dispose();
        foreach (var solver in _dns.Values)
            solver.Dispose();
    }
}
