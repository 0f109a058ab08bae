using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Templater.Acme;
using Templater.Acme.Dns;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Keeping;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Certificates.Preflight;

/// <summary>
/// Looks at what authorities look at, before one is asked: that each name resolves, that port 80 of each of its addresses gives the
/// answer to a token of our own (http-01), or port 443 (tls-alpn-01), and that its CAA records allow the authority. Thread-safe.
/// </summary>
/// <param name="dns">Asks for CAA records.</param>
/// <param name="check">Asks for answers.</param>
/// <param name="time">The clock.</param>
public sealed class CertificatePreflight(DnsClient dns, SelfCheck check, TimeProvider time) : IPreflight
{
    /// <summary>Most names that are looked at together.</summary>
    public const int MaxParallel = 4;

    /// <summary>Most addresses of a name that are asked.</summary>
    public const int MaxAddresses = 8;

    /// <summary>Most names whose problem is told.</summary>
    public const int MaxTold = 3;

    private const int TokenBytes = 32;
    private static readonly TimeSpan CleanUpTime = TimeSpan.FromSeconds(10);

    /// <summary>Asks for answers by TLS.</summary>
    internal TlsSelfCheck TlsCheck { get; init; } = new(time);

    /// <summary>The addresses of a name, by what this machine resolves names with.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = System.Net.Dns.GetHostAddressesAsync;

    /// <summary>The CAA records that hold for a name.</summary>
    internal Func<string, CancellationToken, Task<CaaSet>> FindCaa { get; init; } = (name, cancellationToken) => Caa.FindAsync(dns, name, cancellationToken);

    /// <inheritdoc/>
    public async Task<PreflightProblem?> ProblemAsync(WantedCertificate wanted, AuthorityFacts facts, string thumbprint, IChallengeSolver solver, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(solver);
        var problems = new List<(string Name, PreflightProblem Problem)>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(wanted.Names, options, async (name, token) =>
        {
            if (await ProblemAsync(Identifier.Parse(name), wanted.Challenge, facts, thumbprint, solver, token) is not { } problem)
                return;
            lock (problems)
                problems.Add((name, problem));
        });
        if (problems.Count == 0)
            return null;
        var told = problems.OrderBy(one => one.Name, StringComparer.Ordinal).Take(MaxTold).Select(one => $"{(wanted.Names.Length == 1 ? "it" : one.Name)} {one.Problem.Reason}");
        return new(string.Join(" ", told) + (problems.Count > MaxTold ? $" And {problems.Count - MaxTold} more." : ""), problems.TrueForAll(one => one.Problem.IsOfAuthority));
    }

    // Each reason continues a sentence that begins with the name.
    private async Task<PreflightProblem?> ProblemAsync(Identifier identifier, string challenge, AuthorityFacts facts, string thumbprint, IChallengeSolver solver, CancellationToken cancellationToken)
    {
        if (identifier.Type == Identifier.DnsType && await ForbiddenAsync(identifier, challenge, facts, cancellationToken) is { } forbidden)
            return forbidden;
        return challenge is ChallengeType.Http01 or ChallengeType.TlsAlpn01 && await UnansweredAsync(identifier, facts, thumbprint, solver, cancellationToken) is { } unanswered
            ? new(unanswered, IsOfAuthority: false)
            : null;
    }

    private async Task<PreflightProblem?> ForbiddenAsync(Identifier identifier, string challenge, AuthorityFacts facts, CancellationToken cancellationToken)
    {
        if (facts.IssuerDomains is [])
            return null;
        try
        {
            var set = await FindCaa(identifier.BaseName, cancellationToken);
            return Caa.Refusal(set, new(identifier.IsWildcard, facts.IssuerDomains, facts.Account.AbsoluteUri, challenge)) is { } refusal
                ? new($"may not have one from this CA: {refusal}.", IsOfAuthority: true)
                : null;
        }
        catch (DnsException exception)
        {
            // Each of them has to look, and finds the same.
            return new($"has CAA records that cannot be read, and no CA issues then: {exception.Message.TrimEnd('.')}. Where only the DNS of this machine does not tell, set acme.preflight to false (TEMPLATER_ACME_PREFLIGHT).", IsOfAuthority: false);
        }
    }

    private async Task<string?> UnansweredAsync(Identifier identifier, AuthorityFacts facts, string thumbprint, IChallengeSolver solver, CancellationToken cancellationToken)
    {
        IPAddress[] addresses;
        try
        {
            addresses = identifier.Type == Identifier.IpType ? [IPAddress.Parse(identifier.Value)] : await Resolve(identifier.Value, cancellationToken);
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData ? NoAddress : $"cannot be resolved: {exception.Message.TrimEnd('.')}. Look at the DNS of this machine.";
        }

        return addresses is [] ? NoAddress : await UnansweredAsync(identifier, [.. addresses.Distinct().Take(MaxAddresses)], facts, thumbprint, solver, cancellationToken);
    }

    private const string NoAddress = "does not resolve to any address. Add an A or AAAA record that leads here.";

    private async Task<string?> UnansweredAsync(Identifier identifier, IPAddress[] addresses, AuthorityFacts facts, string thumbprint, IChallengeSolver solver, CancellationToken cancellationToken)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        var challenge = new PendingChallenge(identifier, solver.Type, token, KeyAuthorization.Of(token, thumbprint), facts.Account);
        try
        {
            await solver.PresentAsync(challenge, cancellationToken);
            await solver.WaitAsync(challenge, cancellationToken);
            return await UnansweredAsync(identifier, addresses, challenge, cancellationToken);
        }
        catch (ChallengeException exception)
        {
            return $"cannot be proven: {exception.Message.TrimEnd('.')}.";
        }
        finally
        {
            await CleanUpAsync(solver, challenge);
        }
    }

    private async Task<string?> UnansweredAsync(Identifier identifier, IPAddress[] addresses, PendingChallenge challenge, CancellationToken cancellationToken)
    {
        var unreachable = 0;
        foreach (var address in addresses)
        {
            try
            {
                if (await ProblemAsync(address, challenge, cancellationToken) is { } problem)
                    return $"resolves to {address}, where {problem.Reason}. {(problem.IsRedirect ? WayOutOfRedirect : WayOut(challenge))}";
            }
            catch (NoRouteException)
            {
                // An authority may reach it nevertheless; what is known of the others has to do.
                unreachable++;
            }
        }

        return unreachable == addresses.Length ? $"resolves to {string.Join(", ", addresses.Select(address => address.ToString()))}, which cannot be reached from here. {WayOut(challenge)}" : null;
    }

    private async Task<SelfCheckProblem?> ProblemAsync(IPAddress address, PendingChallenge challenge, CancellationToken cancellationToken)
    {
        var identifier = challenge.Identifier;
        if (challenge.Type == ChallengeType.TlsAlpn01)
            return await TlsCheck.ProblemAsync(identifier, address, challenge.KeyAuthorization, cancellationToken) is { } byTls ? new($"on port 443 {byTls}") : null;
        return await check.ProblemAsync(identifier.Value, address, challenge.Token, challenge.KeyAuthorization, cancellationToken) is { } problem
            ? problem with { Reason = $"http://{Shown(identifier)}{SelfCheck.Path}… {problem.Reason}" } : null;
    }

    // Authorities follow redirects to other names, and may find the answer there; here nobody is asked for that.
    private const string WayOutOfRedirect =
        $"Leave {SelfCheck.Path} out of that redirect; where the answer is to come from there, set acme.preflight to false (TEMPLATER_ACME_PREFLIGHT).";

    private static string WayOut(PendingChallenge challenge) =>
        $"Point the A/AAAA record here or open port {(challenge.Type == ChallengeType.TlsAlpn01 ? 443 : 80)}; where this machine alone cannot reach its own address, set acme.preflight to false (TEMPLATER_ACME_PREFLIGHT).";

    private static string Shown(Identifier identifier) => identifier.Value.Contains(':', StringComparison.Ordinal) ? $"[{identifier.Value}]" : identifier.Value;

    // Has a time of its own: that of the look may be over.
    private async Task CleanUpAsync(IChallengeSolver solver, PendingChallenge challenge)
    {
        using var limit = new CancellationTokenSource(CleanUpTime, time);
        try
        {
            await solver.CleanUpAsync(challenge, limit.Token);
        }
        catch (Exception exception) when (exception is ChallengeException or OperationCanceledException)
        {
            // A token that nobody asks for does no harm.
        }
    }
}
