using Templater.Acme.Protocol;
using Directory = Templater.Acme.Protocol.Directory;

namespace Templater.Acme;

/// <summary>
/// Obtains certificates by the sequence of RFC 8555 section 7.1: submit an order, prove control of its identifiers, finalize it
/// with a CSR, await issuance, download. One method for each step. Thread-safe; orders run beside each other.
/// </summary>
/// <param name="client">The CA.</param>
/// <param name="account">The account there.</param>
/// <param name="solvers">Answer challenges, in order of preference.</param>
/// <param name="journal">Keeps orders under way.</param>
/// <param name="clock">The time.</param>
/// <param name="notice">Is told in one line what did not go as wished and yet did not stop the order; called from any thread.</param>
public sealed class CertificateOrderer(AcmeClient client, Account account, IReadOnlyList<IChallengeSolver> solvers, IOrderJournal journal, TimeProvider clock, Action<string>? notice = null)
{
    /// <summary>Most times that one wish is ordered anew with fewer names, or after an order that came to nothing without a fault of the names.</summary>
    public const int MaxOrders = 3;

    /// <summary>Most times that one order is finalized: anew after "orderNotReady", or after a reply that was lost before the CA had read the request.</summary>
    public const int MaxFinalizations = 3;

    private readonly ChallengeRound _challenges = new(client, account, solvers, clock, notice);

    /// <summary>Obtains a certificate, going on with a pending order where there is one.</summary>
    /// <param name="wish">What is wanted.</param>
    /// <param name="cancellationToken">Breaks it off, after answers to challenges are taken away. The order stays, and can be handed in again.</param>
    /// <exception cref="AcmeException">It is not to be had now; the failure tells why, and whether trying again makes sense.</exception>
    public async Task<IssuedCertificate> ObtainAsync(CertificateWish wish, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wish);
        wish = wish with { Identifiers = [.. wish.Identifiers.Distinct()] };
        ArgumentOutOfRangeException.ThrowIfZero(wish.Identifiers.Count, nameof(wish));
        var leftOut = new List<(Identifier, string)>();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ObtainOnceAsync(wish, cancellationToken) with { LeftOut = leftOut };
            }
            catch (AcmeException exception) when (attempt < MaxOrders && After(exception, wish, leftOut) is { } next)
            {
                notice?.Invoke($"{exception.Message}; ordering anew{(next.Identifiers.Count < wish.Identifiers.Count ? $" without {Names(wish.Identifiers.Except(next.Identifiers))}" : "")}");
                wish = next;
            }
        }
    }

    private async Task<IssuedCertificate> ObtainOnceAsync(CertificateWish wish, CancellationToken cancellationToken)
    {
        var (order, profile) = await BeginAsync(wish, cancellationToken);
        if (order.Status == OrderStatus.Pending)
            order = await AuthorizeAsync(order, cancellationToken);
        var key = await KeyForAsync(wish, order, cancellationToken);
        order = await FinalizeAsync(order, key, wish.Identifiers, cancellationToken);
        var chain = await DownloadAsync(order, key, wish, cancellationToken);
        return new IssuedCertificate(chain, key, wish.Identifiers) { Profile = profile };
    }

    // What to order next after a failure; null where the failure is the end of it.
    private static CertificateWish? After(AcmeException exception, CertificateWish wish, List<(Identifier, string)> leftOut)
    {
        // A pending order of before may have come to nothing while nobody looked; that is no reason not to begin a new one.
        if (exception.Failure == AcmeFailure.Order && wish.Pending is not null)
            return wish with { Pending = null };
        if (!wish.AllowsSubset || exception.Failure is not (AcmeFailure.Identifier or AcmeFailure.Validation))
            return null;
        var rest = wish.Identifiers.Except(Refused(exception, wish)).ToList();
        if (rest.Count == 0 || rest.Count == wish.Identifiers.Count)
            return null;
        leftOut.AddRange(wish.Identifiers.Except(rest).Select(identifier => (identifier, exception.Message)));
        return wish with { Identifiers = rest, Pending = null };
    }

    // Where a CA refuses one name alone, it may say which in its explanation only: Cannot issue for "a.example".
    private static IReadOnlyList<Identifier> Refused(AcmeException exception, CertificateWish wish)
    {
        if (exception.Identifiers.Count > 0)
            return exception.Identifiers;
        var detail = exception.Problem?.Detail ?? "";
        var quoted = wish.Identifiers.Where(one => detail.Contains($"\"{one}\"", StringComparison.OrdinalIgnoreCase) || detail.Contains($"'{one}'", StringComparison.OrdinalIgnoreCase)).ToList();
        return quoted.Count == 1 ? quoted : [];
    }

    /// <summary>Section 7.4: the order: the pending one, as it has become in the meantime, or a new one.</summary>
    private async Task<(Order Order, string? Profile)> BeginAsync(CertificateWish wish, CancellationToken cancellationToken)
    {
        if (wish.Pending is { } pending)
            return (await ResumeAsync(pending, wish, cancellationToken), wish.Profile);
        var directory = await client.DirectoryAsync(cancellationToken);
        var profile = ProfileFor(wish, directory);
        var replaces = directory.RenewalInfo is null ? null : wish.Replaces;
        var (order, given) = await OrderAsync(wish, profile, replaces, cancellationToken);
        await journal.KeepAsync(new PendingOrder(client.DirectoryUrl, order.Url, wish.Identifiers, null), cancellationToken);
        return (Living(order), given);
    }

    private async Task<Order> ResumeAsync(PendingOrder pending, CertificateWish wish, CancellationToken cancellationToken)
    {
        // Its URL may be anybody's: it is not asked, least of all with a signature of this account.
        if (pending.Directory != client.DirectoryUrl)
            throw new AcmeException(AcmeFailure.Order, $"the order that was under way is at {pending.Directory.Authority} and not at {client.DirectoryUrl.Authority}");
        Order order;
        try
        {
            order = await client.ReadOrderAsync(account, pending.Url, cancellationToken);
        }
        catch (AcmeException exception) when (exception is { Status: >= 400 and < 500, Failure: AcmeFailure.Refused or AcmeFailure.Account } && exception.Problem?.Is(ProblemType.AccountDoesNotExist) != true)
        {
            throw new AcmeException(AcmeFailure.Order, $"the order that was under way is gone: {exception.Message}", exception);
        }

        if (!order.Identifiers.ToHashSet().SetEquals(wish.Identifiers))
            throw new AcmeException(AcmeFailure.Order, $"the order that was under way is for {order.Names} and not for {Names(wish.Identifiers)}");
        return Living(order);
    }

    private Order Living(Order order)
    {
        if (order.Status == OrderStatus.Invalid)
            throw OrderFailed(order);
        return order.Status is OrderStatus.Pending or OrderStatus.Ready && order.Expires <= clock.GetUtcNow()
            ? throw new AcmeException(AcmeFailure.Order, $"the order for {order.Names} ended at {order.Expires:yyyy-MM-dd HH:mm:ss} UTC without having been finished")
            : order;
    }

    // draft-ietf-acme-profiles section 4: a profile is asked for only where the directory has it.
    private string? ProfileFor(CertificateWish wish, Directory directory)
    {
        if (wish.Profile is not { } profile || directory.Profiles.ContainsKey(profile))
            return wish.Profile;
        var known = directory.Profiles.Count == 0 ? "none at all" : string.Join(", ", directory.Profiles.Keys.Select(Problem.Line).Order(StringComparer.Ordinal));
        var message = $"{client.DirectoryUrl.Authority} has no profile '{profile}' (it has {known})";
        if (wish.RequiresProfile)
            throw new AcmeException(AcmeFailure.Profile, $"cannot order a certificate for {Names(wish.Identifiers)}: {message}");
        notice?.Invoke($"{message}; ordering {Names(wish.Identifiers)} with its default");
        return null;
    }

    private async Task<(Order Order, string? Profile)> OrderAsync(CertificateWish wish, string? profile, string? replaces, CancellationToken cancellationToken)
    {
        try
        {
            return (await NewOrderAsync(wish, profile, replaces, cancellationToken), profile);
        }
        catch (AcmeException exception) when (profile is not null && !wish.RequiresProfile && exception.Failure == AcmeFailure.Profile)
        {
            notice?.Invoke($"{exception.Message}; ordering with the CA's default");
            return await OrderAsync(wish, null, replaces, cancellationToken);
        }
        catch (AcmeException exception) when (replaces is not null && MayBeAboutReplaces(exception))
        {
            // RFC 9773 section 5: the order may be made again without it.
            notice?.Invoke($"{exception.Message}; ordering without saying which certificate is renewed");
            return await OrderAsync(wish, profile, null, cancellationToken);
        }
        catch (AcmeException exception) when (exception.Problem?.Is(ProblemType.Unauthorized) == true)
        {
            // Whether the account may do nothing, or not for these names, the account itself tells.
            throw exception.As(await IsAccountValidAsync(cancellationToken) ? AcmeFailure.Identifier : AcmeFailure.Account);
        }
    }

    private async Task<Order> NewOrderAsync(CertificateWish wish, string? profile, string? replaces, CancellationToken cancellationToken)
    {
        var mayBeProcessed = true;
        try
        {
            return await client.NewOrderAsync(account, wish.Identifiers, profile, replaces, cancellationToken);
        }
        catch (AcmeException exception) when (!exception.MayBeProcessed)
        {
            mayBeProcessed = false;
            throw;
        }
        finally
        {
            if (mayBeProcessed)
                journal.Ordered();
        }
    }

    private async Task<bool> IsAccountValidAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await client.ReadAccountAsync(account, cancellationToken)).IsValid;
        }
        catch (AcmeException)
        {
            return false;
        }
    }

    // CAs differ: 409 alreadyReplaced is the RFC's, but malformed and the like are seen for certificates that they do not know, unauthorized
    // for those of another account, and serverInternal by Pebble now and then. So a refusal is believed to be about the names only without it.
    private static bool MayBeAboutReplaces(AcmeException exception) =>
        exception is { Problem: { } problem, MayBeProcessed: true } && !problem.Is(ProblemType.AccountDoesNotExist) && exception.Failure switch
        {
            AcmeFailure.RateLimited or AcmeFailure.Profile => false,
            AcmeFailure.Unreachable => problem.Is(ProblemType.ServerInternal),
            _ => true,
        };

    /// <summary>Section 7.5: proves control of all identifiers that are not proven yet, and waits until the order has seen it.</summary>
    private async Task<Order> AuthorizeAsync(Order order, CancellationToken cancellationToken)
    {
        await _challenges.SolveAsync(order, cancellationToken);
        // Not sent to be finalized before: CAs refuse that, and some see late what they have validated.
        return Living(await client.WaitForAuthorizedAsync(account, order.Url, cancellationToken));
    }

    /// <summary>The key, kept before the CA is asked to issue for it.</summary>
    private async Task<PrivateKey> KeyForAsync(CertificateWish wish, Order order, CancellationToken cancellationToken)
    {
        if ((wish.Pending?.Url == order.Url ? wish.Pending.Key : null) is { } kept)
            return kept;
        // Issued, or being issued, for a key of which nothing is known here: unless it is the one that is to be used again.
        if (order.Status is OrderStatus.Processing or OrderStatus.Valid && wish.Key is null)
            throw new AcmeException(AcmeFailure.Order, $"the certificate of the order for {order.Names} was made with a key that is not here");
        // Making a key takes up to seconds.
        var key = wish.Key ?? await Task.Run(() => PrivateKey.Generate(wish.KeyType), cancellationToken);
        await journal.KeepAsync(new PendingOrder(client.DirectoryUrl, order.Url, wish.Identifiers, key), cancellationToken);
        return key;
    }

    /// <summary>
    /// Section 7.4: sends the CSR and waits for the certificate. What the finalize request is answered is not what decides but
    /// what the order says afterwards: so neither "orderNotReady" nor a lost reply is taken for a failure.
    /// </summary>
    private async Task<Order> FinalizeAsync(Order order, PrivateKey key, IReadOnlyList<Identifier> identifiers, CancellationToken cancellationToken)
    {
        AcmeException? last = null;
        for (var attempt = 0; ; attempt++)
        {
            if (order.Status is not (OrderStatus.Ready or OrderStatus.Pending))
            {
                order = await client.WaitForOrderAsync(account, order.Url, cancellationToken);
                if (order.Status == OrderStatus.Valid)
                    return order;
                if (order.Status == OrderStatus.Invalid)
                    throw OrderFailed(order);
            }

            if (attempt == MaxFinalizations)
                throw last ?? new AcmeException(AcmeFailure.Unfinished, $"{client.DirectoryUrl.Authority} leaves the order for {order.Names} {Problem.Line(order.Status)}");
            last = await TryFinalizeAsync(order, key, identifiers, cancellationToken);
            // A pending order has an authorization that is over again: it is solved anew.
            var now = await client.ReadOrderAsync(account, order.Url, cancellationToken);
            order = now.Status == OrderStatus.Pending ? await AuthorizeAsync(now, cancellationToken) : now;
            if (order.Status == OrderStatus.Invalid)
                throw OrderFailed(order);
            if (last is not null && order.Status is OrderStatus.Ready or OrderStatus.Pending)
                await Task.Delay(client.Limits.TransientPause, clock, cancellationToken);
        }
    }

    // Null when the CA took it; else what it said, where the order may nevertheless be well.
    private async Task<AcmeException?> TryFinalizeAsync(Order order, PrivateKey key, IReadOnlyList<Identifier> identifiers, CancellationToken cancellationToken)
    {
        try
        {
            await client.FinalizeAsync(account, order, CertificateSigningRequest.Create(key, identifiers), cancellationToken);
            return null;
        }
        catch (AcmeException exception) when (exception.Failure == AcmeFailure.Unreachable || exception.Problem?.Is(ProblemType.OrderNotReady) == true)
        {
            return exception;
        }
    }

    /// <summary>Section 7.4.2: the chain, looked at before anybody uses it.</summary>
    private async Task<CertificateChain> DownloadAsync(Order order, PrivateKey key, CertificateWish wish, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var chain = await client.DownloadAsync(account, order.Certificate!, wish.PreferredRoot, one => one.Mistake(key, wish.Identifiers, now), notice, cancellationToken);
        if (chain.Mistake(key, wish.Identifiers, now) is { } mistake)
            throw new AcmeException(IsDead(chain, wish, now) ? AcmeFailure.Order : AcmeFailure.BadAnswer, $"the certificate for {order.Names} from {client.DirectoryUrl.Authority} cannot be used: {mistake}");
        if (wish.PreferredRoot is { } root && !chain.EndsAt(root))
            notice?.Invoke($"no chain for {order.Names} from {client.DirectoryUrl.Authority} ends at '{root}'; the CA's default one is taken");
        return chain;
    }

    // What a pending order of before gives stays as it is, however often it is downloaded. Only one that begins later gets better.
    private static bool IsDead(CertificateChain chain, CertificateWish wish, DateTimeOffset now) =>
        wish.Pending is not null && chain.NotBefore <= now + CertificateChain.ClockTolerance;

    private AcmeException OrderFailed(Order order) => new(
        order.Error?.ShortType is ProblemType.RejectedIdentifier or ProblemType.UnsupportedIdentifier or ProblemType.Caa ? AcmeFailure.Identifier : AcmeFailure.Order,
        $"the order for {order.Names} at {client.DirectoryUrl.Authority} has failed{(order.Error is { } error ? ": " + error : "")}")
    {
        Problem = order.Error,
        Identifiers = order.Error?.Identifiers ?? [],
    };

    internal static string Names(IEnumerable<Identifier> identifiers) => string.Join(", ", identifiers);
}
