using System.Collections.Immutable;
using Templater.Pipeline.Certificates.Renewal;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>What a failure stands in the way of.</summary>
public enum FailureScope
{
    /// <summary>All orders of one authority: it is not reached, or does not take the account.</summary>
    Authority,

    /// <summary>These names at one authority: it will not sign for them now, whoever proves what. Another one may.</summary>
    Refusal,

    /// <summary>These names anywhere: control of them was not proven.</summary>
    Names,

    /// <summary>These names anywhere, or at one authority: it was seen that a proof would fail, and no authority was asked.</summary>
    Preflight,
}

/// <summary>What a failure was about. Both texts are empty where it is about all of them.</summary>
/// <param name="Scope">What it stands in the way of.</param>
/// <param name="Names">The names, as <see cref="PastOrder.Names"/>.</param>
/// <param name="Authority">The authority.</param>
public readonly record struct FailureSubject(FailureScope Scope, string Names, string Authority);

/// <summary>A failure that is remembered until what it was about succeeds.</summary>
/// <param name="Orders">How often and when.</param>
/// <param name="Reason">What was said last: one line for the operator.</param>
public sealed record RememberedFailure(FailedOrders Orders, string Reason)
{
    // Nothing was asked of an authority, or it was not there to count: no reason to stay away for a day.
    private const int LongestOfPreflights = 2;
    private const int LongestOfAuthorities = 3;

    /// <summary>When it is tried again.</summary>
    /// <param name="scope">What it stands in the way of.</param>
    /// <param name="renewed">The certificate that is to be renewed; null when there is none.</param>
    public DateTimeOffset RetryAt(FailureScope scope, CertificateLife? renewed)
    {
        var longest = scope switch
        {
            FailureScope.Preflight => LongestOfPreflights,
            FailureScope.Authority => LongestOfAuthorities,
            _ => int.MaxValue,
        };
        return FailurePolicy.RetryAt(Orders with { Count = Math.Min(Orders.Count, longest) }, renewed);
    }
}

/// <summary>Failures by what they were about. Immutable.</summary>
/// <param name="All">All of them.</param>
public sealed record Failures(ImmutableDictionary<FailureSubject, RememberedFailure> All)
{
    /// <summary>Most that are kept; beyond that the oldest are forgotten.</summary>
    public const int MaxKept = 10_000;

    /// <summary>How long one has a say that nobody asks for any more.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(30);

    /// <summary>The same of one that stood in the way of all orders of an authority: it is asked again within hours as long as anything is wanted of it.</summary>
    public static readonly TimeSpan MemoryOfAuthorities = TimeSpan.FromDays(2);

    /// <summary>Nothing has failed.</summary>
    public static Failures None { get; } = new(ImmutableDictionary<FailureSubject, RememberedFailure>.Empty);

    /// <summary>The failure of a subject; null when there is none.</summary>
    /// <param name="subject">What it is about.</param>
    public RememberedFailure? Of(FailureSubject subject) => All.GetValueOrDefault(subject);

    /// <summary>
    /// These and one more. Orders that run beside each other may meet one trouble of their authority, which counts once: what comes
    /// before it is tried again was begun before it was known.
    /// </summary>
    /// <param name="subject">What it is about.</param>
    /// <param name="reason">One line.</param>
    /// <param name="now">The wall clock.</param>
    /// <param name="notBefore">Until when the authority does not want to be asked again; null when it said nothing.</param>
    public Failures With(FailureSubject subject, string reason, DateTimeOffset now, DateTimeOffset? notBefore) =>
        new(All.SetItem(subject, Next(Of(subject), subject.Scope, reason, now, notBefore)));

    /// <summary>These without those of names, wherever.</summary>
    /// <param name="names">The names, as <see cref="PastOrder.Names"/>.</param>
    public Failures WithoutNames(string names) => new(All.RemoveRange(All.Keys.Where(subject => subject.Names == names)));

    /// <summary>
    /// These without that of an authority which has issued a certificate. An order that was begun before the failure says nothing of it, and
    /// until when the authority wants to be left alone holds nevertheless.
    /// </summary>
    /// <param name="authority">The authority.</param>
    /// <param name="begun">When the order began.</param>
    /// <param name="now">The wall clock.</param>
    public Failures WithoutAuthority(string authority, DateTimeOffset begun, DateTimeOffset now)
    {
        var subject = new FailureSubject(FailureScope.Authority, "", authority);
        return Of(subject) is { } failure && failure.Orders.At < begun && failure.RetryAt(subject.Scope, null) <= now ? Without(subject) : this;
    }

    /// <summary>
    /// These without our own pauses for those that stand in the way of a certificate, until they fail once more: nothing has to be waited
    /// for but what an authority said, however often that is asked for. How often it failed stays.
    /// </summary>
    /// <param name="names">The certificate's names, as <see cref="PastOrder.Names"/>.</param>
    /// <param name="authorities">Where it may be ordered.</param>
    public Failures Hurried(string names, IReadOnlyCollection<string> authorities) => new(All.SetItems(All
        .Where(pair => pair.Key.Names == names || (pair.Key.Scope == FailureScope.Authority && authorities.Contains(pair.Key.Authority)))
        .Select(pair => KeyValuePair.Create(pair.Key, pair.Value with { Orders = pair.Value.Orders with { IsHurried = true } }))));

    /// <summary>These without one.</summary>
    /// <param name="subject">What it was about.</param>
    public Failures Without(FailureSubject subject) => new(All.Remove(subject));

    /// <summary>
    /// What holds of them at an instant: one of the future was noted by a clock that has been put back and counts as one of now; what
    /// is old is forgotten.
    /// </summary>
    /// <param name="now">The wall clock.</param>
    public Failures AsOf(DateTimeOffset now)
    {
        var all = All;
        foreach (var (subject, failure) in All)
        {
            if (failure.Orders.At > now)
                all = all.SetItem(subject, failure with { Orders = FailurePolicy.AsOf(failure.Orders, now) });
            else if (failure.Orders.At < now - (subject.Scope == FailureScope.Authority ? MemoryOfAuthorities : Memory) && failure.RetryAt(subject.Scope, null) <= now)
                all = all.Remove(subject);
        }

        if (all.Count > MaxKept)
            all = all.RemoveRange(all.OrderBy(pair => pair.Value.Orders.At).Take(all.Count - MaxKept).Select(pair => pair.Key));
        return ReferenceEquals(all, All) ? this : new(all);
    }

    private static RememberedFailure Next(RememberedFailure? before, FailureScope scope, string reason, DateTimeOffset now, DateTimeOffset? notBefore)
    {
        if (before is null)
            return new(new(1, now, notBefore), reason);
        return scope == FailureScope.Authority && before.RetryAt(scope, null) > now
            ? new(before.Orders with { NotBefore = notBefore ?? before.Orders.NotBefore }, reason)
            : new(new(before.Orders.Count + 1, now, notBefore), reason);
    }
}
