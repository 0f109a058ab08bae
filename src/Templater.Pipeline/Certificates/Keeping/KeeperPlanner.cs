using System.Collections.Immutable;
using Templater.Acme;
using Templater.Pipeline.Certificates.Renewal;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>
/// Decides what the keeper of certificates does next. Pure: the same situation gives the same plan, so that days pass in a test of
/// milliseconds, and neither an event of a container nor a restart is anything that it could notice.
/// </summary>
public sealed class KeeperPlanner
{
    /// <summary>Most orders at the same time, of all authorities together.</summary>
    public const int MaxOrders = 8;

    /// <summary>Most questions about renewals at the same time.</summary>
    public const int MaxAsks = 8;

    /// <summary>Most certificates for the same names from one authority in a day, or in their lifetime where that is shorter.</summary>
    public const int MaxOfOneSet = 10;

    /// <summary>Longest time without a thought: the wall clock may have jumped, or the machine slept.</summary>
    public static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestPeriod = TimeSpan.FromDays(1);

    // Sleeps are not exact, and a plan is to be due when it wakes up.
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(10);

    private readonly KeeperSituation _now;
    private readonly List<PlannedOrder> _orders = [];
    private readonly List<KeyValuePair<string, string>> _turns = [];
    private readonly SortedSet<string> _opens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _underWay;
    private readonly ImmutableSortedSet<string> _rollingOver;
    private DateTimeOffset _wakeAt;

    private KeeperPlanner(KeeperSituation situation)
    {
        _now = situation;
        _wakeAt = situation.Now + LongestSleep;
        _underWay = situation.Memory.Begun.Values.CountBy(begun => begun.Authority, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        // One that does not answer now would hold up all orders of the account, and not only its own.
        _rollingOver = situation.Memory.RollingOver.Where(IsAnswered).Union(situation.Switched, StringComparer.Ordinal).ToImmutableSortedSet(StringComparer.Ordinal);
    }

    /// <summary>What to do now.</summary>
    /// <param name="situation">All that decides it.</param>
    public static KeeperPlan Plan(KeeperSituation situation)
    {
        ArgumentNullException.ThrowIfNull(situation);
        return new KeeperPlanner(situation).Plan();
    }

    /// <summary>True when control of the names is proven by what the proxy answers out of its configuration.</summary>
    /// <param name="wanted">The certificate.</param>
    /// <param name="isStateless">Whether http-01 is answered like that.</param>
    public static bool NeedsAnswers(WantedCertificate wanted, bool isStateless)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return isStateless && IsAnsweredByHosts(wanted);
    }

    // What no host asks for is answered by no file; whether it can be proven is seen before it is ordered. Whoever asks by TLS is
    // handed on whatever hosts there are.
    private static bool NeedsProxies(WantedCertificate wanted) => IsAnsweredByHosts(wanted) || wanted.Challenge == ChallengeType.TlsAlpn01;

    private static bool IsAnsweredByHosts(WantedCertificate wanted) => wanted.Challenge == ChallengeType.Http01 && !wanted.Outputs.IsEmpty;

    /// <summary>The authority that a certificate is ordered at next.</summary>
    /// <param name="wanted">The certificate.</param>
    /// <param name="turned">Those that are not ordered at their first one, by name.</param>
    public static string NextAuthority(WantedCertificate wanted, IReadOnlyDictionary<string, string> turned)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(turned);
        // The operator, or a label, may have taken it out of the list since.
        return turned.TryGetValue(wanted.Name, out var other) && wanted.Authorities.Contains(other, StringComparer.Ordinal) ? other : wanted.Authorities[0];
    }

    private KeeperPlan Plan()
    {
        // What failed least comes first, so that one that fails for ever does not stand before the others; then who would be missed first.
        var status = new Dictionary<string, CertificateStatus>(StringComparer.Ordinal);
        foreach (var one in _now.Wanted.Select(Needed.Of(_now)).OrderBy(one => one.Failed).ThenBy(one => one.Held is null).ThenBy(one => one.DueAt).ThenBy(one => one.Wanted.Name, StringComparer.Ordinal))
            status[one.Wanted.Name] = StatusOf(one);
        var asks = Asks();
        var (switches, changes, stages) = RollOvers();
        return new(
            [.. _orders],
            [.. _turns],
            [.. _opens],
            asks,
            switches,
            changes,
            _wakeAt < _now.Now + ShortestSleep ? _now.Now + ShortestSleep : _wakeAt,
            [.. _now.Wanted.Select(wanted => status[wanted.Name])])
        {
            KeyChanges = stages,
        };
    }

    private CertificateStatus StatusOf(Needed one)
    {
        var status = Described(one);
        if (_now.Memory.Begun.TryGetValue(one.Wanted.Name, out var begun))
            return status with { Activity = CertificateActivity.Ordering, Authority = begun.Authority };
        if (one.DueAt > _now.Now)
        {
            WakeAt(one.DueAt);
            // Nothing is to be done: what was in the way of it is over.
            return status with { LastError = null, Failed = 0 };
        }

        var waits = Begin(one);
        return waits is null
            ? status with { Activity = CertificateActivity.Ordering, Authority = _orders[^1].Authority }
            : status with { Activity = CertificateActivity.Waiting, WaitsFor = waits.Reason, NextAt = waits.Until == DateTimeOffset.MaxValue ? null : waits.Until };
    }

    private CertificateStatus Described(Needed one)
    {
        var last = one.Last;
        return new(one.Wanted.Name, one.Wanted.Names, CertificateActivity.Resting)
        {
            Authority = one.Held?.Authority,
            Order = WantedOrder.Of(one.Wanted, NextAuthority(one.Wanted, _now.Memory.Turned)),
            Id = one.Held?.Life.Id,
            NotAfter = one.Held?.Life.NotAfter,
            RenewAt = one.RenewAt,
            IsSuggested = one.Window is not null,
            IsRevoked = one.IsRevoked,
            WithoutIt = one.Wanted.WithoutIt,
            LastError = last?.Failure.Reason,
            Failed = one.Failed,
            IsPreflight = last?.Subject.Scope == FailureScope.Preflight,
            LeftOut = _now.Memory.LeftOut.GetValueOrDefault(one.Wanted.Name, []),
        };
    }

    // Null when an order begins; else what has to be waited for.
    private OrderDelay? Begin(Needed one)
    {
        if (Paused(one, FailureScope.Names) is { } names)
            return names;
        if (Paused(one, FailureScope.Preflight) is { } preflight)
            return preflight;
        var (authority, delay) = Choose(one);
        if (authority is null)
            return delay;
        if (NotProven(one.Wanted, authority) is { } unproven)
            return unproven;
        var replaces = one.Held is { RenewalId: { } id } held && held.IsFrom(authority) ? id : null;
        if ((Budget(one, authority, replaces is not null && one.Serves) ?? Repeated(one, authority)) is { } wait)
            return Until(wait);
        if (_orders.Count + _now.Memory.Begun.Count >= MaxOrders)
            return Later($"only {MaxOrders} certificates are ordered at a time");
        _orders.Add(new(one.Wanted, authority, replaces) { HeldId = one.Held?.Life.Id, NeedsNewKey = one.IsRevoked });
        _underWay[authority] = _underWay.GetValueOrDefault(authority) + 1;
        return null;
    }

    private OrderDelay? Paused(Needed one, FailureScope scope, string authority = "")
    {
        if (_now.Memory.Failures.Of(one.Subject(scope, authority)) is not { } failure)
            return null;
        var retryAt = failure.RetryAt(scope, one.Held?.Life);
        return retryAt <= _now.Now ? null : Until(new(retryAt, failure.Reason));
    }

    // The first authority that nothing speaks against. One that is not open yet is waited for: whether it answers is known soon.
    private (string? Authority, OrderDelay? Delay) Choose(Needed one)
    {
        OrderDelay? first = null;
        foreach (var authority in one.Wanted.Authorities)
        {
            if (new[] { FailureScope.Authority, FailureScope.Refusal, FailureScope.Preflight }.Select(scope => Paused(one, scope, authority)).MaxBy(delay => delay?.Until) is { } pause)
            {
                first = first is null || pause.Until < first.Until ? pause : first;
                continue;
            }

            if (_rollingOver.Contains(authority))
                return (null, Later($"the account at {authority} is being given another key"));
            if (_now.Open.Contains(authority))
                return (authority, null);
            if (!_now.Opening.Contains(authority))
                _opens.Add(authority);
            return (null, Later($"{authority} is being asked whether it takes orders"));
        }

        return (null, first);
    }

    private OrderDelay? NotProven(WantedCertificate wanted, string authority)
    {
        if (NextAuthority(wanted, _now.Memory.Turned) != authority)
        {
            // Also where no proxy has to be told: what the status and the next start say is then the same for all.
            _turns.Add(new(wanted.Name, authority));
            if (NeedsAnswers(wanted, _now.IsStateless))
                return Later($"the proxy is told that {authority} will ask");
        }

        if (NeedsAnswers(wanted, _now.IsStateless))
            return IsLive(wanted, authority) ? null : Later($"no proof yet that the proxy answers for {authority}");
        return !NeedsProxies(wanted) || _now.Live.ContainsKey(wanted.Name) ? null
            : Later(IsAnsweredByHosts(wanted) ? "no proof yet that the proxy serves its names" : $"no proof yet that the proxy hands {ChallengeType.TlsAlpn01} on");
    }

    private bool IsLive(WantedCertificate wanted, string authority) =>
        _now.Thumbprints.TryGetValue(authority, out var thumbprint) && _now.Live.TryGetValue(wanted.Name, out var live) && live == thumbprint;

    // Every proxy that has to answer for the account does so, by the key that it orders with next.
    private bool IsAnswered(string authority) => Unproven(authority, "") is null;

    // What has to be waited for until that is so; null when it is.
    private string? Unproven(string authority, string how)
    {
        // Nothing is said to be answered before it is known what has to be.
        if (!_now.IsWhole)
            return "not every output was rendered yet, so it is not known which proxies have to answer";
        var names = _now.Wanted.Where(wanted => NeedsAnswers(wanted, _now.IsStateless) && NextAuthority(wanted, _now.Memory.Turned) == authority && !IsLive(wanted, authority)).Select(static wanted => wanted.Name).ToList();
        return names is [var first, ..] ? $"no proof yet that the proxy answers{how} for {first}{(names.Count > 1 ? $" and {names.Count - 1} more" : "")}" : null;
    }

    private OrderDelay? Budget(Needed one, string authority, bool replaces) => OrderBudget.Delay(
        _now.Memory.PastOf(authority),
        one.Names,
        replaces,
        _now.Limits.TryGetValue(authority, out var limits) ? limits : OrderLimits.Unknown,
        _now.Now,
        _underWay.GetValueOrDefault(authority));

    // However it comes that one is ordered again and again, it ends here; no limit of an authority is needed for that.
    private OrderDelay? Repeated(Needed one, string authority)
    {
        var lifetime = one.Held?.Life.Lifetime ?? LongestPeriod;
        var period = lifetime < LongestPeriod ? lifetime : LongestPeriod;
        var issued = _now.Memory.PastOf(authority).Where(past => past.IsIssued && past.Names == one.Names && past.At > _now.Now - period).ToList();
        return issued.Count < MaxOfOneSet ? null : new(issued[^MaxOfOneSet].At + period, $"{issued.Count} certificates for these names were issued lately");
    }

    private ImmutableArray<PlannedAsk> Asks()
    {
        var asks = ImmutableArray.CreateBuilder<PlannedAsk>();
        foreach (var wanted in _now.Wanted)
        {
            if (!_now.Held.TryGetValue(wanted.Name, out var held) || held.RenewalId is not { } id || held.Life.NotAfter <= _now.Now
                || !wanted.Authorities.Any(held.IsFrom) || _now.Asking.Contains(wanted.Name))
                continue;
            var askAt = _now.Memory.Renewals.GetValueOrDefault(wanted.Name) is { } answer && answer.CertificateId == id ? answer.AskAt : DateTimeOffset.MinValue;
            // Noted by a clock that was ahead.
            if (askAt > _now.Now + RenewalQuestions.LongestPause)
                askAt = _now.Now;
            if (askAt > _now.Now)
                WakeAt(askAt);
            else if (asks.Count + _now.Asking.Count < MaxAsks)
                asks.Add(new(wanted.Name, held));
        }

        return asks.ToImmutable();
    }

    // Every proxy answers -> no order of the account is under way -> the new key is shown -> it is live -> the authority is told.
    private (ImmutableArray<string> Switches, ImmutableArray<string> Changes, ImmutableArray<KeyChange> Stages) RollOvers()
    {
        var switches = ImmutableArray.CreateBuilder<string>();
        var changes = ImmutableArray.CreateBuilder<string>();
        var stages = ImmutableArray.CreateBuilder<KeyChange>();
        foreach (var authority in _now.Memory.RollingOver.Union(_now.Switched))
            stages.Add(new(authority) { WaitsFor = _now.Switched.Contains(authority) ? Change(authority) : _rollingOver.Contains(authority) ? Switch(authority) : Unproven(authority, "") });
        return (switches.ToImmutable(), changes.ToImmutable(), stages.ToImmutable());

        string Switch(string authority)
        {
            if (_underWay.GetValueOrDefault(authority) is > 0 and var orders)
                return $"{orders} {(orders == 1 ? "order" : "orders")} of the present key {(orders == 1 ? "is" : "are")} under way";
            switches.Add(authority);
            return "the new key is being made";
        }

        string Change(string authority)
        {
            if (Unproven(authority, " with the new key") is { } unproven)
                return unproven;
            var failure = _now.Memory.Failures.Of(new(FailureScope.Authority, "", authority));
            if (failure?.RetryAt(FailureScope.Authority, null) is { } retryAt && retryAt > _now.Now)
            {
                WakeAt(retryAt);
                return failure.Reason;
            }

            changes.Add(authority);
            return "the CA is being told the new key";
        }
    }

    private OrderDelay Until(OrderDelay delay)
    {
        WakeAt(delay.Until);
        return delay;
    }

    // Something else than the clock ends it.
    private static OrderDelay Later(string reason) => new(DateTimeOffset.MaxValue, reason);

    private void WakeAt(DateTimeOffset at) => _wakeAt = at < _wakeAt ? at : _wakeAt;

    /// <param name="Wanted">What is wanted.</param>
    /// <param name="Held">What is there; null when nothing is that could be used.</param>
    /// <param name="Names">As in <see cref="PastOrder.Names"/>.</param>
    /// <param name="DueAt">When it is to be ordered.</param>
    /// <param name="RenewAt">When what is there is to be renewed; null when nothing is there.</param>
    /// <param name="Window">What its authority said of that; null for nothing.</param>
    /// <param name="Serves">True when what is there is for all that is wanted, from one of the authorities that may be.</param>
    /// <param name="Last">The last failure; null when there is none.</param>
    private sealed record Needed(
        WantedCertificate Wanted, HeldCertificate? Held, string Names, DateTimeOffset DueAt, DateTimeOffset? RenewAt, SuggestedWindow? Window, bool Serves,
        (FailureSubject Subject, RememberedFailure Failure)? Last)
    {
        public bool IsRevoked => Held?.IsRevoked is true;

        public int Failed => Last?.Failure.Orders.Count ?? 0;

        public static Func<WantedCertificate, Needed> Of(KeeperSituation now) => wanted => Of(wanted, now);

        public FailureSubject Subject(FailureScope scope, string authority) => SubjectOf(scope, Names, authority);

        private static FailureSubject SubjectOf(FailureScope scope, string names, string authority) => new(scope, scope == FailureScope.Authority ? "" : names, authority);

        private static Needed Of(WantedCertificate wanted, KeeperSituation now)
        {
            var names = NameSet.Of(wanted.Names);
            var held = now.Held.GetValueOrDefault(wanted.Name);
            var last = LastOf(wanted, names, now);
            if (held is null)
                return new(wanted, null, names, DateTimeOffset.MinValue, null, null, false, last);
            var window = now.Memory.Renewals.GetValueOrDefault(wanted.Name)?.Window is { } said && said.CertificateId == held.Life.Id ? said : null;
            var renewAt = now.Renewal.DueAt(held.Life, window);
            var isDue = now.Renewal.IsDue(held.Life, window, now.Now);
            // One that begins only later is not renewed: it is the clock that is wrong.
            var serves = !held.IsRevoked && IsWhatIsWanted(wanted, held, now);
            var dueAt = isDue || now.Forced.Contains(wanted.Name) || !serves ? DateTimeOffset.MinValue
                : renewAt > now.Now ? renewAt : held.Life.NotBefore;
            return new(wanted, held, names, dueAt, renewAt, window, serves, last);
        }

        private static bool IsWhatIsWanted(WantedCertificate wanted, HeldCertificate held, KeeperSituation now) =>
            (held.Authority.Length == 0 || wanted.Authorities.Any(held.IsFrom))
            && wanted.Names.Except(held.Names, StringComparer.Ordinal).Except(now.Memory.LeftOut.GetValueOrDefault(wanted.Name, []), StringComparer.Ordinal).ToList() is [];

        private static (FailureSubject, RememberedFailure)? LastOf(WantedCertificate wanted, string names, KeeperSituation now)
        {
            var subjects = wanted.Authorities
                .SelectMany(authority => new[] { FailureScope.Authority, FailureScope.Refusal, FailureScope.Preflight }.Select(scope => SubjectOf(scope, names, authority)))
                .Append(SubjectOf(FailureScope.Names, names, ""))
                .Append(SubjectOf(FailureScope.Preflight, names, ""));
            var failures = subjects.Select(subject => (subject, now.Memory.Failures.Of(subject))).Where(pair => pair.Item2 is not null).ToList();
            return failures is [] ? null : failures.MaxBy(pair => pair.Item2!.Orders.At)!;
        }
    }
}
