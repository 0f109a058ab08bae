using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Certificates.Keeping;

/// <content>One order from its beginning to the stored certificate.</content>
public sealed partial class CertificateKeeper
{
    private async Task OrderAsync(PlannedOrder order, CancellationToken cancellationToken)
    {
        var (wanted, authority) = (order.Wanted, order.Authority);
        var names = NameSet.Of(wanted.Names);
        OrderTally? tally = null;
        var (isStored, isOver) = (false, false);
        // Who asks from now on is not answered by this order.
        bool isForced;
        lock (_lock)
            isForced = _forced.Remove(wanted.Name);
        try
        {
            var issued = await ObtainAsync(order, opened => tally = opened, cancellationToken);
            if (issued is null)
                return;
            isStored = true;
            Succeeded(order, issued, tally!.Ended(isOver: true) - 1);
            _parts.Changed($"the certificate for {wanted.Name}");
        }
        catch (AcmeException exception)
        {
            var subject = FailureRules.SubjectOf(exception, names, authority, _time.GetUtcNow());
            var reason = FailureRules.ReasonOf(exception, subject);
            // What was asked for in vain may count at the authority: these names wait for themselves, however often it is reached meanwhile.
            if (subject.Scope == FailureScope.Authority && tally is { HasNone: true })
                Failed(new(FailureScope.Refusal, names, authority), reason, exception.RetryAt);
            Failed(subject, reason, exception.RetryAt);
            isOver = FailureRules.EndsOrder(exception);
            if (isOver)
                await ForgetPendingAsync(wanted.Name, authority, cancellationToken);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A time of somebody else's was over.
            Failed(new(FailureScope.Names, names, ""), exception.Message, null);
        }
        catch (Exception exception) when (IsOfTheDisk(exception))
        {
            // The order and its key are kept where that was possible, so that the next attempt only downloads.
            Failed(new(FailureScope.Names, names, ""), exception.Message, null);
        }
        finally
        {
            lock (_lock)
            {
                if (isForced && !isStored)
                    _forced.Add(wanted.Name);
                if (!isStored && tally is not null)
                    _memory = _memory.Failed(authority, names, tally.Ended(isOver), _time.GetUtcNow());
                _memory = _memory with { Begun = _memory.Begun.Remove(wanted.Name) };
            }
        }
    }

    // Null when it was not ordered, because a proof would fail, or another process did meanwhile.
    private async Task<IssuedCertificate?> ObtainAsync(PlannedOrder order, Action<OrderTally> opened, CancellationToken cancellationToken)
    {
        var (wanted, authority) = (order.Wanted, order.Authority);
        var vault = _parts.Vault;
        var identifiers = IdentifiersOf(wanted);
        var solver = _parts.SolverFor(wanted);
        using var claim = vault.TryClaim(wanted.Name);
        // What was planned may be done: by whom the claim was before. The next plan sees it.
        if (claim is not null && vault.IdOf(wanted.Name) != order.HeldId)
            return null;
        var pending = PendingOf(order);
        var problem = claim is null ? new PreflightProblem("another Templater that shares the certificates directory orders it", IsOfAuthority: false)
            : vault.ObstacleTo(wanted.Name) is { } obstacle ? new PreflightProblem(obstacle, IsOfAuthority: false)
            : pending is null ? await PreflightAsync(wanted, authority, solver, cancellationToken) : null;
        if (problem is not null)
        {
            Failed(new(FailureScope.Preflight, NameSet.Of(wanted.Names), problem.IsOfAuthority ? authority : ""), problem.Reason, null);
            return null;
        }

        var wish = new CertificateWish(identifiers)
        {
            KeyType = wanted.KeyType,
            Key = _parts.ReusesKeys && !order.NeedsNewKey ? vault.KeyOf(wanted.Name) : null,
            Profile = wanted.Profile,
            RequiresProfile = wanted.RequiresProfile,
            Replaces = order.Replaces,
            PreferredRoot = _parts.PreferredRoot,
            AllowsSubset = _parts.AllowsSubsets,
            Pending = pending,
        };
        var tally = new OrderTally(vault.JournalOf(wanted, authority), isGoneOn: pending is not null);
        opened(tally);
        var issued = await _parts.Authorities.ObtainAsync(authority, wish, solver, tally, cancellationToken);
        await vault.SaveAsync(wanted, authority, issued, cancellationToken);
        await ForgetPendingAsync(wanted.Name, null, cancellationToken);
        return issued;
    }

    // An order goes on with the key that it has; that of a certificate which was revoked is not used again.
    private PendingOrder? PendingOf(PlannedOrder order)
    {
        var pending = _parts.Vault.PendingOf(order.Wanted, order.Authority);
        return order.NeedsNewKey && pending?.Key is { } kept && _parts.Vault.KeyOf(order.Wanted.Name)?.Public.Thumbprint == kept.Public.Thumbprint ? null : pending;
    }

    private static List<Identifier> IdentifiersOf(WantedCertificate wanted)
    {
        try
        {
            return [.. wanted.Names.Select(Identifier.Parse)];
        }
        catch (ArgumentException exception)
        {
            throw new AcmeException(AcmeFailure.Challenge, exception.Message.Split(" (Parameter", 2)[0], exception);
        }
    }

    // What stays is looked at again, and found to be over.
    private async Task ForgetPendingAsync(string name, string? authority, CancellationToken cancellationToken)
    {
        try
        {
            await _parts.Vault.ForgetPendingAsync(name, authority, cancellationToken);
        }
        catch (Exception exception) when (IsOfTheDisk(exception))
        {
            Notice($"the order for {name} has ended and could not be forgotten: {exception.Message}");
        }
    }

    private async Task<PreflightProblem?> PreflightAsync(WantedCertificate wanted, string authority, IChallengeSolver solver, CancellationToken cancellationToken)
    {
        if (_parts.Preflight is not { } preflight)
            return null;
        AuthorityFacts? facts;
        lock (_lock)
            facts = _open.GetValueOrDefault(authority);
        // Another order found out in the meantime that it is not reached.
        return facts is null ? null : await preflight.ProblemAsync(wanted, facts, _parts.Authorities.Thumbprints[authority], solver, cancellationToken);
    }

    private void Succeeded(PlannedOrder order, IssuedCertificate issued, int failed)
    {
        var name = order.Wanted.Name;
        var names = NameSet.Of(order.Wanted.Names);
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            _memory = _memory.Failed(order.Authority, names, failed, now).Issued(name, order.Authority, names, now, _memory.Begun[name].At) with
            {
                LeftOut = issued.LeftOut is [] ? _memory.LeftOut.Remove(name) : _memory.LeftOut.SetItem(name, [.. issued.LeftOut.Select(one => one.Identifier.Value)]),
            };
        }

        foreach (var (identifier, reason) in issued.LeftOut)
            Notice($"the certificate for {name} is without {identifier}: {reason}");
    }
}
