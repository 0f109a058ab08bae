using Templater.Acme.Protocol;

namespace Templater.Acme;

/// <summary>
/// Proves control of the identifiers of one order (RFC 8555 section 7.5): all challenges are presented, then all are waited for,
/// then the CA is told of all, and all answers are taken away again whatever happened.
/// </summary>
internal sealed class ChallengeRound(AcmeClient client, Account account, IReadOnlyList<IChallengeSolver> solvers, TimeProvider clock, Action<string>? notice)
{
    // RFC 8555 section 7.1.6.
    private const string PendingStatus = "pending";

    private sealed record Solving(Authorization Authorization, Challenge Challenge, PendingChallenge Pending, IChallengeSolver Solver);

    /// <summary>Returns when every authorization of the order is valid.</summary>
    /// <exception cref="AcmeException">One is not, and why.</exception>
    public async Task SolveAsync(Order order, CancellationToken cancellationToken)
    {
        var authorizations = await EachAsync(order.Authorizations, url => client.ReadAuthorizationAsync(account, url, cancellationToken));
        foreach (var dead in authorizations.Where(one => one.Status is not (AuthorizationStatus.Pending or AuthorizationStatus.Valid)))
            throw Failed(order, [dead], AcmeFailure.Order);
        // Section 7.4.1 and 7.5: a CA may know already that the account controls a name, and then asks nothing.
        var pending = authorizations.Where(one => one.Status == AuthorizationStatus.Pending).ToList();
        var tasks = pending.ConvertAll(TaskFor);
        try
        {
            await SolveAsync(order, tasks, cancellationToken);
        }
        catch (AcmeException exception) when (exception.Failure == AcmeFailure.Validation)
        {
            // The order is over. After all other failures it is gone on with, and needs its authorizations.
            await RelinquishAsync(pending);
            throw;
        }
    }

    private async Task SolveAsync(Order order, List<Solving> tasks, CancellationToken cancellationToken)
    {
        try
        {
            await EachSolverAsync(tasks, "present the answer to", task => task.Solver.PresentAsync(task.Pending, cancellationToken), cancellationToken);
            await EachSolverAsync(tasks, "see the answer to", task => task.Solver.WaitAsync(task.Pending, cancellationToken), cancellationToken);
            await EachAsync(tasks.Where(task => task.Challenge.Status == PendingStatus), async task =>
            {
                await AnswerAsync(task, cancellationToken);
                return task;
            });
            var over = await EachAsync(tasks, task => client.WaitForAuthorizationAsync(account, task.Authorization.Url, cancellationToken));
            if (over.Where(one => one.Status != AuthorizationStatus.Valid).ToList() is { Count: > 0 } failed)
                throw Failed(order, failed, AcmeFailure.Validation);
        }
        finally
        {
            await CleanUpAsync(tasks);
        }
    }

    // CAs refuse to be told twice, as after a reply that was lost: what counts is whether they took it.
    private async Task AnswerAsync(Solving task, CancellationToken cancellationToken)
    {
        try
        {
            await client.AnswerChallengeAsync(account, task.Challenge, cancellationToken);
        }
        catch (AcmeException exception) when (exception.Failure == AcmeFailure.Refused)
        {
            var now = await client.ReadAuthorizationAsync(account, task.Authorization.Url, cancellationToken);
            if (now.Status == AuthorizationStatus.Pending && now.Challenges.All(challenge => challenge.Url != task.Challenge.Url || challenge.Status == PendingStatus))
                throw;
        }
    }

    private Solving TaskFor(Authorization authorization)
    {
        foreach (var solver in solvers)
        {
            if (authorization.Challenges.FirstOrDefault(challenge => challenge.Type == solver.Type) is not { } challenge)
                continue;
            return new Solving(authorization, challenge, PendingFor(authorization, challenge), solver);
        }

        throw new AcmeException(
            AcmeFailure.Challenge,
            $"cannot prove control of {Problem.Line(authorization.Ordered.Value)}: {client.DirectoryUrl.Authority} takes {Types(authorization.Challenges.Select(one => one.Type))}, and what is set up here answers {Types(solvers.Select(one => one.Type))}")
        {
            Identifiers = [authorization.Ordered],
        };
    }

    private PendingChallenge PendingFor(Authorization authorization, Challenge challenge)
    {
        var hasToken = challenge.Type != ChallengeType.DnsPersist01;
        if (hasToken && !KeyAuthorization.IsToken(challenge.Token))
            throw new AcmeException(AcmeFailure.BadAnswer, $"{client.DirectoryUrl.Authority} sent a token for {Problem.Line(authorization.Identifier.Value)} that is none (RFC 8555 section 8.3 allows the characters of base64url alone); it is used for nothing");
        return new PendingChallenge(
            authorization.Identifier,
            challenge.Type,
            hasToken ? challenge.Token! : "",
            hasToken ? KeyAuthorization.Of(challenge.Token!, account.Key.Public.Thumbprint) : "",
            account.Url)
        {
            IsWildcard = authorization.Wildcard,
            IssuerDomainNames = challenge.IssuerDomainNames ?? [],
        };
    }

    // All are tried although one fails: the others' failures are told at once too.
    private static async Task EachSolverAsync(List<Solving> tasks, string verb, Func<Solving, Task> action, CancellationToken cancellationToken)
    {
        var failures = new List<(Solving Task, ChallengeException Exception)>();
        await EachAsync(tasks, async task =>
        {
            try
            {
                await action(task);
            }
            catch (ChallengeException exception)
            {
                lock (failures)
                    failures.Add((task, exception));
            }

            return task;
        });
        cancellationToken.ThrowIfCancellationRequested();
        if (failures.Count == 0)
            return;
        var said = failures.Select(failure => $"{failure.Task.Pending.Type} for {Problem.Line(failure.Task.Authorization.Ordered.Value)}: {Problem.Line(failure.Exception.Message)}").Order(StringComparer.Ordinal);
        throw new AcmeException(AcmeFailure.Challenge, $"cannot {verb} {string.Join("; ", said)}", failures[0].Exception)
        {
            Identifiers = [.. failures.Select(failure => failure.Task.Authorization.Ordered)],
        };
    }

    // Has its own time: the order's may be over.
    private async Task CleanUpAsync(List<Solving> tasks)
    {
        using var time = new CancellationTokenSource(client.Limits.CleanUpTimeout, clock);
        await EachAsync(tasks, async task =>
        {
            try
            {
                await task.Solver.CleanUpAsync(task.Pending, time.Token);
            }
            catch (ChallengeException exception)
            {
                notice?.Invoke($"the answer to {task.Pending.Type} for {Problem.Line(task.Authorization.Ordered.Value)} was not taken away: {Problem.Line(exception.Message)}");
            }
            catch (OperationCanceledException)
            {
                notice?.Invoke($"the answer to {task.Pending.Type} for {Problem.Line(task.Authorization.Ordered.Value)} was not taken away within {client.Limits.CleanUpTimeout.TotalSeconds:0} s");
            }

            return task;
        });
    }

    // Section 7.5.2; CAs count pending authorizations, and nothing comes of these any more. Nothing depends on it.
    private async Task RelinquishAsync(List<Authorization> pending)
    {
        using var time = new CancellationTokenSource(client.Limits.CleanUpTimeout, clock);
        await EachAsync(pending, async authorization =>
        {
            try
            {
                var now = await client.ReadAuthorizationAsync(account, authorization.Url, time.Token);
                if (now.Status == AuthorizationStatus.Pending)
                    await client.DeactivateAuthorizationAsync(account, authorization.Url, time.Token);
            }
            catch (Exception exception) when (exception is AcmeException or OperationCanceledException)
            {
                // The CA ends it by itself after its time.
            }

            return authorization;
        });
    }

    private AcmeException Failed(Order order, List<Authorization> failed, AcmeFailure failure)
    {
        var problems = failed.Select(one => (one.Challenges.Select(challenge => challenge.Error).FirstOrDefault(error => error is not null) ?? new Problem { Type = one.Status }) with { Identifier = one.Ordered }).ToList();
        var said = problems.Select(problem => $"{Problem.Line(problem.Identifier!.Value)}: {problem}").Order(StringComparer.Ordinal);
        return new AcmeException(failure, $"{client.DirectoryUrl.Authority} did not find proven, of the order for {order.Names}: {string.Join("; ", said)}")
        {
            Problem = new Problem { Type = Problem.Namespace + ProblemType.Compound, Subproblems = problems },
            Identifiers = [.. failed.Select(one => one.Ordered)],
        };
    }

    private static string Types(IEnumerable<string> types) => string.Join(", ", types.Distinct().Select(Problem.Line).Order(StringComparer.Ordinal)) is { Length: > 0 } all ? all : "nothing";

    private static async Task<List<TResult>> EachAsync<TSource, TResult>(IEnumerable<TSource> all, Func<TSource, Task<TResult>> action)
    {
        using var free = new SemaphoreSlim(AcmeLimits.MaxParallelRequests);
        return [.. await Task.WhenAll(all.Select(GuardedAsync))];

        async Task<TResult> GuardedAsync(TSource one)
        {
            await free.WaitAsync();
            try
            {
                return await action(one);
            }
            finally
            {
                free.Release();
            }
        }
    }
}
