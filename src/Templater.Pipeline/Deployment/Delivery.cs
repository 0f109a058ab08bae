using System.Collections.Immutable;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Deployment;

/// <summary>
/// One attempt: finds the proxies, tells those that are not settled yet, and waits for the proof. Every target has its own
/// debt: who is settled is noted, so that a failure of one does not reload the others again. A crash between telling and
/// proof leaves the debt, because nobody saw what came of it.
/// </summary>
/// <param name="parts">Finds, tells and proves.</param>
/// <param name="clock">Knows which moments can be compared.</param>
/// <param name="entry">What is delivered.</param>
/// <param name="note">Writes the changed entry to the journal.</param>
internal sealed partial class Delivery(DeployerParts parts, WallClock clock, JournalEntry entry, Action<JournalEntry> note)
{
    /// <summary>Start times are stamped after the process has begun, and by a clock that may be read later than ours.</summary>
    internal static readonly TimeSpan StartMargin = TimeSpan.FromSeconds(2);

    // A proxy that does not take its file ends at once.
    private static readonly TimeSpan TimeToStayUp = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(1);

    // A proxy without workers is starting, as a rule; only one that stays so is worth a message.
    private const int AttemptsToStart = 2;

    private readonly List<ProofRequest> _told = [];
    private readonly List<Settlement> _settled = [];
    private readonly List<ReloadAnswer.Failed> _failures = [];
    private readonly HashSet<string> _unseen = new(StringComparer.Ordinal);
    private readonly List<string> _starting = [];
    private readonly List<string> _young = [];
    private readonly List<string> _behind = [];
    private readonly List<Finding> _heldUp = [];
    private readonly List<string> _held = [];
    private bool _hasEnded;
    private bool _isTooSoon;

    // A proxy is there and has not read its file, or nobody can see whether it has.
    private bool _isUnread;
    private bool _mayBeHalfTold;
    private readonly List<Finding> _findings = [];
    private TargetSearch _search = new([]);
    private JournalEntry _entry = entry;

    /// <summary>The pairs whose content a proxy can be given while it runs; null when they are not known.</summary>
    public RuntimeCertificates? Certificates { get; init; }

    /// <summary>True when a proxy was told during this attempt.</summary>
    public bool HasTold { get; private set; }

    /// <summary>True when nothing that is gone or closed is served meanwhile, so that a reload may wait for old workers.</summary>
    public bool MayWait { get; init; }

    /// <summary>The shortest time between two reloads that holds for it.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>How long it has waited for old workers.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>What the operator should know about those that were found.</summary>
    public ImmutableArray<Finding> Notes => _search.Notes;

    /// <summary>What to say about those that said they run something else, and still do although they were told.</summary>
    public ImmutableArray<Finding> Otherwise =>
        [.. _search.Targets.Where(target => _entry.RunningOtherwise.Contains(target.Key) && _entry.Targets.Contains(target.Key)).Select(static target => DeployFindings.RunsOtherwise(target.Name))];

    /// <summary>What the operator should know about why one had to be reloaded.</summary>
    public ImmutableArray<Finding> Advice { get; private set; } = [];

    /// <summary>Finds the proxies and tells them.</summary>
    /// <returns>What it came to, if there is nothing to prove.</returns>
    public async Task<DeliveryResult?> TellAsync(CancellationToken cancellationToken)
    {
        _search = await parts.Reloader.FindAsync(cancellationToken);
        if (_search.IsNobody)
            return new DeliveryResult.Settled(DeliveryPhase.NotNeeded, "nobody is to be told");
        if (await CrashAsync(alsoRunning: false, cancellationToken) is { } crash)
            return crash;
        if (_search.Targets.IsEmpty)
            return new DeliveryResult.StillOwed(_search.Waiting, _search.WaitsForProxy) { Findings = _search.Findings, QuietAttempts = _search.QuietAttempts, SilenceLimit = _search.SilenceLimit };
        foreach (var target in _search.Targets)
        {
            if (!_entry.Targets.Contains(target.Key) && await TellAsync(target, cancellationToken) is { } refusal)
                return new DeliveryResult.Refused(target.Name, refusal.Output, IsNothingTaken) { Config = target.View?.Path };
        }

        return null;
    }
}
