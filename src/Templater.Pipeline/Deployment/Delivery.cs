using System.Collections.Immutable;
using System.Diagnostics;
using Templater.Pipeline.Deployment.Checks;
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
internal sealed class Delivery(DeployerParts parts, WallClock clock, JournalEntry entry, Action<JournalEntry> note)
{
    // Start times are stamped after the process has begun, and by a clock that may be read later than ours.
    private static readonly TimeSpan StartMargin = TimeSpan.FromSeconds(2);

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

    /// <summary>Waits for the proof of those that were told. May be given up and gone on with: no deadline begins anew.</summary>
    public async Task<DeliveryResult> ProveAsync(CancellationToken cancellationToken)
    {
        var results = await Task.WhenAll(_told.Select(request => ProveAsync(request, cancellationToken)));
        var problems = _told.Zip(results).Select(pair => Judge(pair.First, pair.Second)).OfType<DeliveryResult>().ToList();
        NoteSettled();
        // What one proxy runs is no bad configuration: the others are told again, and nobody loses it.
        if (!_entry.HasProof && (problems.Find(static problem => problem is DeliveryResult.Refused) ?? problems.FirstOrDefault()) is { } problem)
            return problem;
        if (_hasEnded && await CrashAsync(alsoRunning: true, cancellationToken) is { } crash)
            return crash;
        _failures.AddRange(problems.Select(static problem => new ReloadAnswer.Failed(problem switch
        {
            DeliveryResult.Refused refused => $"{refused.By} refused what another proxy runs: \"{Complaint.Of(refused.Output, null)}\"",
            DeliveryResult.NotSeen unseen => unseen.Why,
            _ => throw new UnreachableException(),
        })));
        return Sum();
    }

    private async Task<ProofResult> ProveAsync(ProofRequest request, CancellationToken cancellationToken)
    {
        var result = await parts.Proof.ProveAsync(request, cancellationToken);
        if (!request.HasStartedWithIt || result is not (ProofResult.Impossible or ProofResult.NotSeen))
            return result;
        var rest = TimeToStayUp - parts.Time.GetElapsedTime(request.Told);
        if (rest > TimeSpan.Zero)
            await Task.Delay(rest, parts.Time, cancellationToken);
        return await HasEndedAsync(request.Target, cancellationToken) ? new ProofResult.Ended() : result;
    }

    // An engine that does not answer says nothing for the proxy: it is looked at again.
    private static async Task<bool> HasEndedAsync(IReloadTarget target, CancellationToken cancellationToken)
    {
        try
        {
            return await target.HasEndedAsync(cancellationToken);
        }
        catch (IOException)
        {
            return true;
        }
    }

    // What a proxy was seen to run is no bad configuration, whatever it ends of.
    private async Task<DeliveryResult.Refused?> CrashAsync(bool alsoRunning, CancellationToken cancellationToken)
    {
        if (_entry.HasProof || parts.Crashes is null || _entry.Swapped is null)
            return null;
        try
        {
            // What is restarted for another output is down for a moment.
            var told = parts.Reloads.Told;
            return await parts.Crashes.FindAsync(_entry, HasStartedWithIt, alsoRunning, cancellationToken) is { } crash
                && told is not null && told == parts.Reloads.Told
                ? new DeliveryResult.Refused(crash.Proxy, crash.Output, IsNothingTaken: false) { HasEnded = true, Config = crash.Config }
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    // Where the clock leaves it open the proxy is told: a reload too many does no harm.
    private bool HasStartedWithIt(IReloadTarget target) =>
        !_entry.RunningOtherwise.Contains(target.Key) && (HasStartedWithIt(target.Started) || _entry.Targets.Any(target.IsLaterRunThan));

    private bool HasStartedWithIt(DateTimeOffset? started) => clock.IsAfter(started, _entry.Swapped, StartMargin) == true;

    private DeliveryResult Sum()
    {
        if (_failures.Count > 0)
        {
            return new DeliveryResult.StillOwed(string.Join("; ", _failures.Select(static failure => failure.Why)), WaitsForProxy: false)
            {
                Findings = [.. _failures.Select(DeployFindings.ReloadFailed)],
            };
        }

        if (_isTooSoon)
            return new DeliveryResult.StillOwed("", WaitsForProxy: false) { IsTooSoon = true };

        if (_young.Count > 0)
            return new DeliveryResult.StillOwed($"{string.Join(", ", _young)} has only just started", WaitsForProxy: true);

        if (_starting.Count > 0)
        {
            return new DeliveryResult.StillOwed($"{string.Join(", ", _starting)} is still starting", WaitsForProxy: true)
            {
                QuietAttempts = AttemptsToStart,
                Findings = [.. _starting.Select(DeployFindings.NotServing)],
            };
        }

        if (_held.Count > 0)
            return new DeliveryResult.StillOwed(string.Join("; ", _held), WaitsForProxy: false) { IsHeld = true };

        if (_behind.Count > 0)
            return new DeliveryResult.StillOwed(string.Join("; ", _behind), WaitsForProxy: !_isUnread) { Findings = [.. _heldUp] };

        return _entry.Targets.IsEmpty
            ? new DeliveryResult.StillOwed("the proxy ended before it could be told", WaitsForProxy: true)
            : new DeliveryResult.Settled(Phase(), How()) { Findings = [.. _findings] };
    }

    private async Task<ReloadAnswer.Refused?> TellAsync(IReloadTarget target, CancellationToken cancellationToken)
    {
        if (target.View?.SingleFile is { } single && !target.IsRestarted && clock.IsAfter(target.Started, _entry.Swapped) == false)
        {
            // Workers that it starts now read the former file again, and would look like those of the new configuration.
            _behind.Add($"{target.Name} mounts the single file {ShownText.OneLine(single)} and does not see the new one until it is restarted");
            return null;
        }

        ProofBaseline baseline;
        var hasStartedWithIt = HasStartedWithIt(target) || IsRestarted(target);
        try
        {
            if (await IsLiveAsync(target, cancellationToken) is { } how)
            {
                _settled.Add(new Settlement(target, DeliveryPhase.Proven, how));
                return null;
            }

            baseline = await parts.Proof.CaptureAsync(target, cancellationToken);
            if (hasStartedWithIt && await target.HasEndedAsync(cancellationToken))
            {
                _hasEnded = true;
                return null;
            }
        }
        catch (IOException error)
        {
            // Told now, nobody could ever see whether it took it; a moment later that may be possible.
            _failures.Add(ReloadAnswer.Failed.Of(error));
            return null;
        }

        if (baseline.IsStarting)
        {
            // A signal now would be lost, and its first workers would look like those of the new configuration.
            _starting.Add(target.Name);
            return null;
        }

        if (hasStartedWithIt)
        {
            // It has read the file without being told, and may still end on it.
            _told.Add(Request(target, baseline.OfStart) with { HasStartedWithIt = true, IsRestarted = IsRestarted(target) });
            return null;
        }

        if (IsYoung(target.Started))
        {
            _young.Add(target.Name);
            return null;
        }

        if (MayWait && await DrainingAsync(target, cancellationToken) is { } draining && parts.Budget.Holds(draining, MayWait, Waited))
        {
            _held.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{target.Name} still has {draining} {(draining == 1 ? "set" : "sets")} of old workers that finish their connections, and nothing that is gone is served"));
            return null;
        }

        if (target.IsRestarted)
            return await RestartAsync(target, baseline, cancellationToken);
        return await SendAsync(target, baseline, cancellationToken);
    }

    // Once for a file: one that was begun, and of which no more was seen, is looked at and not begun again.
    private async Task<ReloadAnswer.Refused?> RestartAsync(IReloadTarget target, ProofBaseline baseline, CancellationToken cancellationToken)
    {
        try
        {
            if (await target.LastRunAsync(cancellationToken) is not { } last)
            {
                _failures.Add(new ReloadAnswer.Failed($"the engine does not say when {target.Name} began to run, so it is not restarted"));
                return null;
            }

            if (IsRestarted(last))
            {
                _told.Add(Request(last, baseline.OfStart) with { HasStartedWithIt = true, IsRestarted = true });
                return null;
            }

            NoteRestarted(last, isBegun: true);
            return await SendAsync(last, baseline, cancellationToken);
        }
        catch (IOException error)
        {
            _failures.Add(ReloadAnswer.Failed.Of(error));
            return null;
        }
    }

    // A run that began after the one that was ended for the file.
    private bool IsRestarted(IReloadTarget target) => target.IsRestarted && _entry.Restarted.Any(target.IsLaterRunThan);

    /// <returns>How it is known that it runs the generation; null when it has to be reloaded.</returns>
    private async Task<string?> IsLiveAsync(IReloadTarget target, CancellationToken cancellationToken)
    {
        switch (parts.File.ReadSet() is { } files ? await target.ApplyAsync(_entry, files, Certificates, cancellationToken) : null)
        {
            case RuntimeAnswer.Applied(var how):
                return how;
            case RuntimeAnswer.NeedsReload needs:
                _entry = _entry with { ReloadReason = ShownText.OneLine(needs.Reason) };
                _mayBeHalfTold |= needs.MayBeHalfTold;
                if (needs.Note is { } advice && !Advice.Contains(advice))
                    Advice = Advice.Add(advice);
                return null;
            default:
                return await parts.Proof.IsLiveAsync(target, _entry, cancellationToken) ? $"{target.Name} runs it already" : null;
        }
    }

    private async Task<int?> DrainingAsync(IReloadTarget target, CancellationToken cancellationToken)
    {
        try
        {
            return parts.Workers is { } titles ? await titles.DrainingAsync(target, cancellationToken) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    // An engine takes a signal for a wish to stop, and does not restart a container that ends at that moment because its file is bad.
    private bool IsYoung(DateTimeOffset? started) => started is { } start && clock.Now - start is var age && age >= TimeSpan.Zero && age < TimeToEnd;

    private async Task<ReloadAnswer.Refused?> SendAsync(IReloadTarget target, ProofBaseline baseline, CancellationToken cancellationToken)
    {
        var told = clock.Now;
        var answer = await parts.Reloads.ReloadAsync(parts.Output, target, Interval, cancellationToken);
        HasTold |= answer is not (ReloadAnswer.Gone or ReloadAnswer.TooSoon);
        switch (answer)
        {
            case ReloadAnswer.Delivered:
                NoteTold(told);
                _told.Add(Request(target, baseline));
                return null;
            case ReloadAnswer.Restarted(var started):
                NoteTold(told);
                _told.Add(Request(target.RunOf(started), baseline.OfStart) with { HasStartedWithIt = true, IsRestarted = true });
                return null;
            case ReloadAnswer.Refused refused:
                NoteTold(told);
                return refused;
            case ReloadAnswer.Failed failed:
                if (failed.IsForbidden)
                    NoteRestarted(target, isBegun: false);
                _failures.Add(failed);
                return null;
            case ReloadAnswer.Gone:
                NoteRestarted(target, isBegun: false);
                return null;
            case ReloadAnswer.TooSoon:
                NoteRestarted(target, isBegun: false);
                _isTooSoon = true;
                return null;
            default:
                throw new UnreachableException();
        }
    }

    private ProofRequest Request(IReloadTarget target, ProofBaseline baseline) =>
        new(target, _entry, baseline, parts.Time.GetTimestamp()) { Size = parts.File.Size };

    private DeliveryResult? Judge(ProofRequest request, ProofResult result)
    {
        switch (result)
        {
            case ProofResult.Ended:
                _hasEnded = true;
                return null;
            case ProofResult.Proven or ProofResult.Impossible when request.IsRestarted:
                // It stayed up for a while, which was waited for where there is no more to be seen.
                request.Target.StaysUp();
                _settled.Add(new Settlement(
                    request.Target,
                    parts.Proof.CanProve ? DeliveryPhase.Proven : DeliveryPhase.Unproven,
                    result is ProofResult.Proven shown ? $"{request.Target.Name} was restarted with it: {shown.How}" : $"{request.Target.Name} was restarted with it"));
                return null;
            case ProofResult.Proven when request.HasStartedWithIt:
                request.Target.StaysUp();
                _settled.Add(new Settlement(request.Target, DeliveryPhase.Proven, $"{request.Target.Name} started with it"));
                return null;
            case ProofResult.Impossible when request.HasStartedWithIt:
                request.Target.StaysUp();
                _settled.Add(new Settlement(request.Target, DeliveryPhase.NotNeeded, $"{request.Target.Name} started with it"));
                return null;
            case ProofResult.Proven when request.Target.View?.SingleFile is { } single:
                _settled.Add(new Settlement(request.Target, DeliveryPhase.Unproven, $"{request.Target.Name} was told, but mounts the single file {ShownText.OneLine(single)}"));
                return null;
            case ProofResult.Proven { Note: var note } proven:
                _settled.Add(new Settlement(request.Target, DeliveryPhase.Proven, proven.How));
                if (note is not null)
                    _findings.Add(note);
                return null;
            case ProofResult.Impossible(var isBlind):
                _settled.Add(new Settlement(request.Target, DeliveryPhase.Unproven, $"{request.Target.Name} was told"));
                if (isBlind && parts.Proof.CanProve && parts.Checker is null)
                    _findings.Add(DeployFindings.Blind(request.Target.Name));
                return null;
            case ProofResult.NotYet notYet:
                _isUnread = true;
                _behind.Add(notYet.Why);
                if (notYet.Note is { } advice)
                    _heldUp.Add(advice);
                return null;
            case ProofResult.Refused(var output):
                return new DeliveryResult.Refused(request.Target.Name, output, IsNothingTaken)
                {
                    HasEnded = request.HasStartedWithIt,
                    Config = request.Target.View?.Path,
                };
            case ProofResult.NotSeen when _entry.RunningOtherwise.Contains(request.Target.Key):
                // It said so before. What it shows may be of something else for ever, and each time it would be told in vain.
                _unseen.Add(request.Target.Key);
                _settled.Add(new Settlement(request.Target, DeliveryPhase.Unproven, $"{request.Target.Name} was told once more, and says that it runs another configuration"));
                return null;
            case ProofResult.NotSeen unseen:
                return new DeliveryResult.NotSeen(request.Target.Name, unseen.Why) { Lines = unseen.Lines };
            default:
                throw new UnreachableException();
        }
    }

    // The only proxy refused it whole.
    private bool IsNothingTaken => _search.Targets.Length == 1 && !_mayBeHalfTold;

    private DeliveryPhase Phase()
    {
        if (_settled.Any(static settlement => settlement.Phase == DeliveryPhase.Unproven))
            return DeliveryPhase.Unproven;
        return _entry.HasProof ? DeliveryPhase.Proven : DeliveryPhase.NotNeeded;
    }

    private string How()
    {
        if (_settled.Count == 0)
            return "everybody was told before";
        var how = string.Join("; ", _settled.Select(static settlement => settlement.How).Distinct(StringComparer.Ordinal));
        return _entry.Delivered is not null && _entry.ReloadReason.StartsWith(HAProxyRuntime.Failed, StringComparison.Ordinal)
            ? $"{how}; reloaded because {_entry.ReloadReason}"
            : how;
    }

    private void NoteTold(DateTimeOffset told)
    {
        _entry = _entry with { Phase = DeliveryPhase.Delivered, Delivered = told };
        note(_entry);
    }

    private void NoteRestarted(IReloadTarget target, bool isBegun)
    {
        if (!target.IsRestarted)
            return;
        var others = _entry.Restarted.Where(key => !target.IsRunOf(key));
        _entry = _entry with { Restarted = [.. (isBegun ? others.Append(target.Key) : others).Order(StringComparer.Ordinal)] };
        note(_entry);
    }

    private void NoteSettled()
    {
        // Of a proxy that starts again and again one run is enough.
        var targets = _entry.Targets.Where(key => !_settled.Exists(settlement => settlement.Target.IsLaterRunThan(key)))
            .Concat(_settled.Select(static settlement => settlement.Target.Key)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        var hasProof = _entry.HasProof || _settled.Any(static settlement => settlement.Phase == DeliveryPhase.Proven);
        ImmutableArray<string> otherwise = [.. _entry.RunningOtherwise.Where(key => _unseen.Contains(key) || !_settled.Exists(settlement => settlement.Target.Key == key))];
        _entry = _entry with { Targets = [.. targets], HasProof = hasProof, RunningOtherwise = otherwise };
        note(_entry);
    }

    private sealed record Settlement(IReloadTarget Target, DeliveryPhase Phase, string How);
}
