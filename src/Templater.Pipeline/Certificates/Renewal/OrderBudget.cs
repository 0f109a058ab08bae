using System.Collections.Immutable;
using System.Globalization;

namespace Templater.Pipeline.Certificates.Renewal;

/// <summary>An order that has ended.</summary>
/// <param name="At">When it ended.</param>
/// <param name="Names">The names in it, in one text that is the same for the same names.</param>
/// <param name="IsIssued">True when there is a certificate; else it failed.</param>
public sealed record PastOrder(DateTimeOffset At, string Names, bool IsIssued);

/// <summary>Why an order has to wait.</summary>
/// <param name="Until">When to look again; <see cref="DateTimeOffset.MaxValue"/> where something else than the clock ends it.</param>
/// <param name="Reason">What it waits for: the second half of a sentence.</param>
public sealed record OrderDelay(DateTimeOffset Until, string Reason);

/// <summary>
/// Whether an account may order now, judged by what became of its orders before. Pure. It keeps to the limits that are known of the
/// CA; and when nothing but failures came of many orders, the reason most likely concerns them all: then it only tries now and then,
/// until one succeeds.
/// </summary>
public static class OrderBudget
{
    /// <summary>So many failures in a row, of whatever names, make an account one that only tries.</summary>
    public const int FailuresInARow = 8;

    /// <summary>How long past orders have a say; the longest period of any limit.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(7);

    /// <summary>While it only tries: the pause before names that were not ordered before; new ones may fare better.</summary>
    public static readonly TimeSpan PauseBeforeNewNames = TimeSpan.FromMinutes(1);

    /// <summary>While it only tries: the pause before names that failed before.</summary>
    public static readonly TimeSpan PauseBeforeOthers = TimeSpan.FromMinutes(100);

    /// <summary>Most orders kept that lie in the future; fewer than any known limit of orders, so that a clock that was ahead stops none for long.</summary>
    public const int MaxOfTheFuture = 100;

    /// <summary>What speaks against an order; null when nothing does.</summary>
    /// <param name="past">Orders of the account that have ended, from the oldest to the newest.</param>
    /// <param name="names">The names to order, as in <see cref="PastOrder.Names"/>.</param>
    /// <param name="replaces">True when it names the certificate that it replaces (RFC 9773 section 5), which CAs exempt from their limits.</param>
    /// <param name="limits">What is known of the CA.</param>
    /// <param name="now">The wall clock.</param>
    /// <param name="underWay">Orders of the account that have not ended: they may all fail, and all count.</param>
    public static OrderDelay? Delay(ImmutableArray<PastOrder> past, string names, bool replaces, OrderLimits limits, DateTimeOffset now, int underWay = 0)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return Trying(past, names, now, underWay) ?? (replaces ? null : Limited(AsOf(past, now), names, limits, now, underWay));
    }

    /// <summary>
    /// What is worth to be kept of past orders: the last <see cref="Memory"/>, and the last <see cref="MaxOfTheFuture"/> that lie in the
    /// future, as a machine without a clock of its own begins in 1970 and learns the time later.
    /// </summary>
    /// <param name="past">Orders from the oldest to the newest.</param>
    /// <param name="now">The wall clock.</param>
    public static ImmutableArray<PastOrder> Kept(ImmutableArray<PastOrder> past, DateTimeOffset now)
    {
        var tooMany = past.Count(order => order.At > now) - MaxOfTheFuture;
        return [.. past.Where(order => order.At > now ? tooMany-- <= 0 : order.At > now - Memory)];
    }

    // An order of the future was noted by another clock: it counts as one of now.
    private static ImmutableArray<PastOrder> AsOf(ImmutableArray<PastOrder> past, DateTimeOffset now) =>
        [.. past.Select(order => order.At <= now ? order : order with { At = now }).OrderBy(order => order.At)];

    private static OrderDelay? Trying(ImmutableArray<PastOrder> past, string names, DateTimeOffset now, int underWay)
    {
        var failures = 0;
        while (failures < past.Length && !past[^(failures + 1)].IsIssued)
            failures++;
        // Whatever comes of those under way: no more than that many fail before it only tries.
        if (failures > 0 && underWay > 0 && failures + underWay >= FailuresInARow)
            return new OrderDelay(DateTimeOffset.MaxValue, string.Create(CultureInfo.InvariantCulture, $"the last {failures} orders of this account failed, and what comes of the {underWay} under way is waited for"));
        // A pause from an instant in the future might last for ever; one try notes an instant of this clock.
        if (failures < FailuresInARow || past[^1].At > now)
            return null;
        var isNew = past.All(order => order.Names != names);
        var until = past[^1].At + (isNew ? PauseBeforeNewNames : PauseBeforeOthers);
        return until <= now ? null : new OrderDelay(until, string.Create(CultureInfo.InvariantCulture, $"the last {failures} orders of this account all failed, and only one is tried at a time"));
    }

    private static OrderDelay? Limited(ImmutableArray<PastOrder> past, string names, OrderLimits limits, DateTimeOffset now, int underWay) =>
        Later(
            Limited(past.Where(order => order.IsIssued && order.Names == names), limits.OfOneSet, "certificates for these names", now),
            Limited(past.Concat(Enumerable.Repeat(new PastOrder(now, "", false), underWay)), limits.Orders, "orders", now));

    private static OrderDelay? Limited(IEnumerable<PastOrder> past, RateLimit? limit, string what, DateTimeOffset now)
    {
        if (limit is null)
            return null;
        var counted = past.Where(order => order.At > now - limit.Period).ToList();
        return counted.Count < limit.Count ? null
            : new OrderDelay(counted[^limit.Count].At + limit.Period, string.Create(CultureInfo.InvariantCulture, $"the CA allows {limit.Count} {what} in {Shown(limit.Period)}"));
    }

    private static string Shown(TimeSpan period) => period.TotalDays >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{period.TotalDays:0.#} days")
        : string.Create(CultureInfo.InvariantCulture, $"{period.TotalHours:0.#} hours");

    private static OrderDelay? Later(OrderDelay? one, OrderDelay? other) => one is null || other?.Until > one.Until ? other : one;
}
