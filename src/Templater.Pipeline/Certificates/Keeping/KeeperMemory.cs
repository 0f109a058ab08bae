using System.Collections.Immutable;
using Templater.Pipeline.Certificates.Renewal;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>What an authority said about the renewal of a certificate, and when it is asked again.</summary>
/// <param name="CertificateId">The certificate (<see cref="HeldCertificate.RenewalId"/>).</param>
/// <param name="Window">The window; null where it said none.</param>
/// <param name="AskAt">When it is asked again.</param>
/// <param name="Failures">How many times in a row it did not answer.</param>
public sealed record RenewalAnswer(string CertificateId, SuggestedWindow? Window, DateTimeOffset AskAt, int Failures);

/// <summary>An order that has begun.</summary>
/// <param name="At">When.</param>
/// <param name="Names">The names, as <see cref="PastOrder.Names"/>.</param>
/// <param name="Authority">Where.</param>
public sealed record BegunOrder(DateTimeOffset At, string Names, string Authority);

/// <summary>What the keeper of certificates has to know after a restart, beside the certificates. Immutable; holds no secret.</summary>
public sealed record KeeperMemory
{
    /// <summary>Nothing is known.</summary>
    public static KeeperMemory Nothing { get; } = new();

    /// <summary>What failed.</summary>
    public Failures Failures { get; init; } = Failures.None;

    /// <summary>By authority: its orders that have ended, from the oldest to the newest.</summary>
    public ImmutableDictionary<string, ImmutableArray<PastOrder>> Past { get; init; } = ImmutableDictionary<string, ImmutableArray<PastOrder>>.Empty;

    /// <summary>By certificate: the authority that it is ordered at next, where that is not its first one.</summary>
    public ImmutableSortedDictionary<string, string> Turned { get; init; } = Ordinal.Empty;

    /// <summary>By certificate: when it is to be renewed, as its authority says.</summary>
    public ImmutableDictionary<string, RenewalAnswer> Renewals { get; init; } = ImmutableDictionary<string, RenewalAnswer>.Empty;

    /// <summary>By certificate: orders that have begun and not ended, so that those of a process that was killed are counted.</summary>
    public ImmutableDictionary<string, BegunOrder> Begun { get; init; } = ImmutableDictionary<string, BegunOrder>.Empty;

    /// <summary>By certificate: names that its authority did not sign for, so that it counts as complete without them until it is renewed.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> LeftOut { get; init; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>Authorities whose account is to get another key.</summary>
    public ImmutableSortedSet<string> RollingOver { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Orders of an authority that have ended.</summary>
    /// <param name="authority">Its name.</param>
    public ImmutableArray<PastOrder> PastOf(string authority) => Past.GetValueOrDefault(authority, []);

    /// <summary>With one more order that has ended.</summary>
    /// <param name="authority">Where.</param>
    /// <param name="order">The order.</param>
    public KeeperMemory With(string authority, PastOrder order) =>
        this with { Past = Past.SetItem(authority, OrderBudget.Kept(PastOf(authority).Add(order), order.At)) };

    /// <summary>With orders that came to nothing.</summary>
    /// <param name="authority">Where.</param>
    /// <param name="names">The names, as <see cref="PastOrder.Names"/>.</param>
    /// <param name="orders">How many; may be none.</param>
    /// <param name="now">The wall clock.</param>
    public KeeperMemory Failed(string authority, string names, int orders, DateTimeOffset now) =>
        Enumerable.Repeat(new PastOrder(now, names, IsIssued: false), Math.Max(orders, 0)).Aggregate(this, (memory, order) => memory.With(authority, order));

    /// <summary>With an order that was successful.</summary>
    /// <param name="certificate">Name of the certificate.</param>
    /// <param name="authority">Where.</param>
    /// <param name="names">The names, as <see cref="PastOrder.Names"/>.</param>
    /// <param name="now">The wall clock.</param>
    /// <param name="begun">When the order began.</param>
    public KeeperMemory Issued(string certificate, string authority, string names, DateTimeOffset now, DateTimeOffset begun) =>
        With(authority, new(now, names, IsIssued: true)) with { Failures = Failures.WithoutNames(names).WithoutAuthority(authority, begun, now), Renewals = Renewals.Remove(certificate) };

    /// <summary>What holds of it at an instant (<see cref="Failures.AsOf"/>); the same object where nothing changes.</summary>
    /// <param name="now">The wall clock.</param>
    public KeeperMemory AsOf(DateTimeOffset now)
    {
        var failures = Failures.AsOf(now);
        return ReferenceEquals(failures, Failures) ? this : this with { Failures = failures };
    }

    /// <summary>Without what is about certificates that nobody knows any more; the same object where there is none.</summary>
    /// <param name="isKnown">Whether a certificate is wanted or stored.</param>
    public KeeperMemory About(Func<string, bool> isKnown)
    {
        var unknown = Turned.Keys.Concat(Renewals.Keys).Concat(LeftOut.Keys).Where(name => !isKnown(name)).ToHashSet(StringComparer.Ordinal);
        return unknown.Count == 0 ? this : this with { Turned = Turned.RemoveRange(unknown), Renewals = Renewals.RemoveRange(unknown), LeftOut = LeftOut.RemoveRange(unknown) };
    }

    /// <summary>Certificates whose order ended with what is stored, which an earlier process did not come to note.</summary>
    /// <param name="storedAt">When a certificate was stored; null where there is none, or that is not known.</param>
    public IEnumerable<string> Ended(Func<string, DateTimeOffset?> storedAt) => Begun.Where(pair => storedAt(pair.Key) >= pair.Value.At).Select(static pair => pair.Key);

    /// <summary>
    /// At the start of a process: an order that an earlier one began and did not end failed when it began, unless it can be gone on with. For the
    /// authority's limits it counts from now, as nobody knows how long that process went on.
    /// </summary>
    /// <param name="now">The wall clock.</param>
    /// <param name="isPending">Whether the order of a certificate can be gone on with.</param>
    /// <param name="storedAt">When a certificate was stored; null where there is none, or that is not known.</param>
    public KeeperMemory Started(DateTimeOffset now, Func<string, bool> isPending, Func<string, DateTimeOffset?> storedAt)
    {
        var memory = this with { Begun = Begun.Clear() };
        var ended = Ended(storedAt).ToHashSet(StringComparer.Ordinal);
        foreach (var (certificate, begun) in Begun.OrderBy(pair => pair.Value.At).ThenBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (ended.Contains(certificate))
            {
                memory = memory.Issued(certificate, begun.Authority, begun.Names, now, begun.At);
                continue;
            }

            if (isPending(certificate))
                continue;
            memory = memory.With(begun.Authority, new(now, begun.Names, IsIssued: false)) with
            {
                Failures = memory.Failures.With(new(FailureScope.Names, begun.Names, ""), "Templater ended while it was ordered", begun.At, null),
            };
        }

        return memory;
    }
}
