using System.Collections.Immutable;
using Templater.Pipeline.Certificates.Renewal;
using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>What is remembered of orders for one set of names that failed.</summary>
/// <param name="Orders">How many, and when.</param>
/// <param name="Reason">Why the last one did: one line.</param>
/// <param name="Authority">At which CA that was: its directory; null where none was asked.</param>
public sealed record RememberedFailure(FailedOrders Orders, string Reason, Uri? Authority);

/// <summary>When a CA wants a certificate to be renewed, and when it wants to be asked again.</summary>
/// <param name="Window">The window.</param>
/// <param name="AskAgain">When to ask again.</param>
/// <param name="Explanation">Where the CA explains it; null where it does not.</param>
public sealed record RememberedWindow(SuggestedWindow Window, DateTimeOffset AskAgain, string? Explanation = null);

/// <summary>
/// What became of orders, across restarts: past orders of each account for <see cref="OrderBudget"/>, failures of each set of names for
/// <see cref="FailurePolicy"/>, windows of renewal of each certificate; in <c>acme/history/</c> of the state directory. Bounded. What
/// cannot be written holds for this process. Thread-safe, also beside other processes.
/// </summary>
public sealed class OrderHistory
{
    /// <summary>Most past orders that are kept of one account.</summary>
    public const int MaxOrders = 20_000;

    /// <summary>Most sets of names whose failures are kept; those that failed longest ago are forgotten.</summary>
    public const int MaxFailures = 5_000;

    /// <summary>Most windows that are kept; those that are to be asked for first are forgotten.</summary>
    public const int MaxWindows = 5_000;

    private const string Root = "acme/history";
    private const string WithoutIt = "Limits of CAs are kept to from now on only, and what failed is tried again.";

    private readonly StoreGate _gate;
    private readonly TimeProvider _time;
    private readonly StateFile<KeptHistory> _file;
    private readonly Dictionary<Uri, StateMemory<KeptHistory>> _accounts = [];
    private readonly StateMemory<KeptFailures> _failures;
    private readonly StateMemory<KeptWindows> _windows;

    internal OrderHistory(StateDirectory directory, StoreGate gate, TimeProvider time, Action<Finding>? notice)
    {
        _gate = gate;
        _time = time;
        _file = new StateFile<KeptHistory>(directory, StoreJson.Default.KeptHistory, static history => history.Orders.TrueForAll(static order => order is not null), "what became of orders at a CA", WithoutIt, notice);
        _failures = new StateMemory<KeptFailures>(
            new StateFile<KeptFailures>(directory, StoreJson.Default.KeptFailures, static failures => failures.Failures.Values.All(static failure => failure is { Count: > 0 }), "which orders failed", WithoutIt, notice),
            $"{Root}/failures.json", gate, new KeptFailures([]));
        _windows = new StateMemory<KeptWindows>(
            new StateFile<KeptWindows>(directory, StoreJson.Default.KeptWindows, static windows => windows.Windows.Values.All(static window => window is not null), "when CAs want certificates to be renewed", "They are asked again.", notice),
            $"{Root}/windows.json", gate, new KeptWindows([]));
    }

    /// <summary>Orders of an account that have ended, from the oldest to the newest.</summary>
    /// <param name="authority">The CA's directory.</param>
    /// <exception cref="IOException">They cannot be read.</exception>
    public ImmutableArray<PastOrder> Past(Uri authority) => [.. MemoryOf(authority).Value.Orders.Select(static order => new PastOrder(order.At, order.Names, order.IsIssued))];

    /// <summary>Notes that an order has ended.</summary>
    /// <param name="authority">The CA's directory.</param>
    /// <param name="order">The order.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It cannot be written; it holds for this process.</exception>
    public Task AddAsync(Uri authority, PastOrder order, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        return MemoryOf(authority).ChangeAsync(
            before =>
            {
                var kept = OrderBudget.Kept([.. before.Orders.Select(static one => new PastOrder(one.At, one.Names, one.IsIssued)), order], _time.GetUtcNow());
                return new KeptHistory(authority.AbsoluteUri, [.. kept.TakeLast(MaxOrders).Select(static one => new KeptPastOrder(one.At, one.Names, one.IsIssued))]);
            },
            cancellationToken);
    }

    /// <summary>What is remembered of a set of names; null where nothing failed since it was obtained.</summary>
    /// <param name="names">The set (<see cref="NameSet"/>).</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public RememberedFailure? FailureOf(string names) => _failures.Value.Failures.GetValueOrDefault(names)?.ToFailure();

    /// <summary>All failures that are remembered, by set of names.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    public ImmutableSortedDictionary<string, RememberedFailure> Failures =>
        _failures.Value.Failures.ToImmutableSortedDictionary(static pair => pair.Key, static pair => pair.Value.ToFailure(), StringComparer.Ordinal);

    /// <summary>Notes a failure in place of what was remembered of the same names.</summary>
    /// <param name="names">The set (<see cref="NameSet"/>).</param>
    /// <param name="failure">What is to be remembered.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It cannot be written; it holds for this process.</exception>
    public Task NoteFailureAsync(string names, RememberedFailure failure, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return _failures.ChangeAsync(before => new KeptFailures(Bounded(before.Failures, names, KeptFailure.Of(failure), MaxFailures, static one => one.At)), cancellationToken);
    }

    /// <summary>Forgets the failures of a set of names: it was obtained, or what is wanted for it has changed.</summary>
    /// <param name="names">The set (<see cref="NameSet"/>).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It cannot be written; it holds for this process.</exception>
    public Task ForgetFailureAsync(string names, CancellationToken cancellationToken) => _failures.ChangeAsync(
        before => before.Failures.ContainsKey(names) ? new KeptFailures(Without(before.Failures, names)) : before, cancellationToken);

    /// <summary>When a certificate's CA wants it to be renewed, as it said last; null where it did not.</summary>
    /// <param name="name">The certificate's name.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public RememberedWindow? WindowOf(string name) => _windows.Value.Windows.GetValueOrDefault(name)?.ToWindow();

    /// <summary>Notes what a certificate's CA said of its renewal.</summary>
    /// <param name="name">The certificate's name.</param>
    /// <param name="window">What it said; null to forget it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It cannot be written; it holds for this process.</exception>
    public Task NoteWindowAsync(string name, RememberedWindow? window, CancellationToken cancellationToken) => _windows.ChangeAsync(
        before => window is not null ? new KeptWindows(Bounded(before.Windows, name, KeptWindow.Of(window), MaxWindows, static one => one.AskAgain))
            : before.Windows.ContainsKey(name) ? new KeptWindows(Without(before.Windows, name)) : before,
        cancellationToken);

    private StateMemory<KeptHistory> MemoryOf(Uri authority)
    {
        lock (_accounts)
        {
            if (!_accounts.TryGetValue(authority, out var memory))
                _accounts[authority] = memory = new StateMemory<KeptHistory>(_file, $"{Root}/orders-{StoreName.OfAuthority(authority)}.json", _gate, new KeptHistory(authority.AbsoluteUri, []));
            return memory;
        }
    }

    private static SortedDictionary<string, T> Bounded<T>(SortedDictionary<string, T> before, string name, T value, int most, Func<T, DateTimeOffset> age)
    {
        var after = new SortedDictionary<string, T>(before, StringComparer.Ordinal) { [name] = value };
        foreach (var oldest in after.Where(pair => pair.Key != name).OrderBy(pair => age(pair.Value)).Take(after.Count - most).ToList())
            after.Remove(oldest.Key);
        return after;
    }

    private static SortedDictionary<string, T> Without<T>(SortedDictionary<string, T> before, string name)
    {
        var after = new SortedDictionary<string, T>(before, StringComparer.Ordinal);
        after.Remove(name);
        return after;
    }
}

/// <summary>The file form of the past orders of one account.</summary>
internal sealed record KeptHistory(string Directory, List<KeptPastOrder> Orders, int Format = StateDirectory.Format);

/// <summary>The file form of a <see cref="PastOrder"/>.</summary>
internal sealed record KeptPastOrder(DateTimeOffset At, string Names, bool IsIssued);

/// <summary>The file form of all failures, by set of names.</summary>
internal sealed record KeptFailures(SortedDictionary<string, KeptFailure> Failures, int Format = StateDirectory.Format);

/// <summary>The file form of a <see cref="RememberedFailure"/>.</summary>
internal sealed record KeptFailure(int Count, DateTimeOffset At, DateTimeOffset? NotBefore, string Reason, string? Authority)
{
    public static KeptFailure Of(RememberedFailure failure) =>
        new(failure.Orders.Count, failure.Orders.At, failure.Orders.NotBefore, ShownText.OneLine(failure.Reason), failure.Authority?.AbsoluteUri);

    public RememberedFailure ToFailure() => new(
        new FailedOrders(Count, At, NotBefore), Reason, Uri.TryCreate(Authority, UriKind.Absolute, out var authority) ? authority : null);
}

/// <summary>The file form of all windows, by name of the certificate.</summary>
internal sealed record KeptWindows(SortedDictionary<string, KeptWindow> Windows, int Format = StateDirectory.Format);

/// <summary>The file form of a <see cref="RememberedWindow"/>.</summary>
internal sealed record KeptWindow(string CertificateId, DateTimeOffset Start, DateTimeOffset End, DateTimeOffset AskAgain, string? Explanation)
{
    public static KeptWindow Of(RememberedWindow window) =>
        new(window.Window.CertificateId, window.Window.Start, window.Window.End, window.AskAgain, window.Explanation is null ? null : ShownText.OneLine(window.Explanation));

    public RememberedWindow ToWindow() => new(new SuggestedWindow(CertificateId, Start, End), AskAgain, Explanation);
}
