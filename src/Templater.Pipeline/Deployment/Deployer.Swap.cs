using System.Collections.Immutable;
using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Deployment;

// From a rendered file to a file in place.
public sealed partial class Deployer
{
    /// <summary>What the journal and the disk know about this very file; null when it has to be swapped in.</summary>
    private JournalEntry? Recall(RenderedFile file, string cause)
    {
        var content = OutputSet.Of(file).Digest;
        if (_parts.File.Digest() != content)
            return null;
        var current = State.Current;
        if (current is null || current.Generation != file.Generation || current.Content != content)
            return Adopt(State.Begin(NewEntry(file, current?.Content == content ? cause : "found on disk")));
        if (!current.IsOwed && !current.IsLive)
            return Adopt(State.Begin(NewEntry(file, "tried again")));
        if (current.Cause == JournalEntry.FirstStart)
        {
            // What was only assumed is known now.
            current = current with { Cause = cause };
            Note(State with { Current = current });
        }

        return current;
    }

    // A crash came between the note and the rename, or between the rename and its note: the disk tells which.
    private void RecallSwap()
    {
        if (State.Current is not { Phase: DeliveryPhase.Checked } current || _parts.File.Digest() is not { } content)
            return;
        if (content == current.Content)
            Adopt(State);
        else if (State.History is [.., var former] && former.Content == content)
            Note(State with { Current = former, History = State.History.RemoveAt(State.History.Length - 1) });
    }

    // Nobody knows whether the proxy has seen a file that was found in place: it is told.
    private JournalEntry Adopt(JournalState state)
    {
        var entry = state.Current! with { Phase = DeliveryPhase.Swapped, Swapped = Now };
        Note(state with { Current = entry });
        BeginDebt([]);
        return entry;
    }

    /// <returns>Null when the file is in place; else why it is not.</returns>
    private async Task<DeployOutcome?> SwapInAsync(RenderedFile file, string cause, CancellationToken cancellationToken)
    {
        var before = State;
        var wanted = Now;
        try
        {
            _sideFiles.Write(file.SideFiles);
            using var candidate = _parts.File.WriteCandidate(OutputSet.Of(file), file.Generation, IsOurs);
            var (stopped, findings) = await CheckAsync(candidate, file, NewEntry(file, cause) with { Desired = wanted }, cancellationToken);
            DateTimeOffset? judged = _parts.Checker is null ? null : Now;
            if (stopped is not null)
                return stopped;
            KeepWhatWasThere();
            before = State;
            // A journal that cannot be written holds nothing up: a file that it does not know is told to the proxy after a crash, too.
            Note(State.Begin(NewEntry(file, cause) with { Desired = wanted, Checked = judged }));
            var unnamed = _sideFiles.Unnamed(() => Contents(file));
            var former = _parts.File.CurrentSet;
            var warning = candidate.Swap();
            _unsynced = _parts.File.Sync();
            SideFiles.Remove(unnamed);
            RemoveOrphans(former);
            Note(State with { Current = State.Current! with { Phase = DeliveryPhase.Swapped, Swapped = Now } });
            BeginDebt(warning is null ? findings : findings.Add(warning));
            return null;
        }
        catch (OutputFileException error)
        {
            TakeBack(before);
            return Stop(file.Generation, error.Finding);
        }
    }

    // The next one, the one before it, and the one that would be put back.
    private IEnumerable<byte[]> Contents(RenderedFile next)
    {
        yield return next.Content.ToArray();
        if (_parts.File.Read() is { } present)
            yield return present;
        if (_parts.Journal.ReadGood() is { } good)
            yield return OutputSet.Of(good).Content.ToArray();
    }

    // Workers that are about to end still read the set before this one, and the last good one may be put back.
    private void RemoveOrphans(string? former)
    {
        var good = State.LastGood?.Generation;
        _parts.File.RemoveOrphans(id => id == former || id == good);
    }

    // What is on disk is ours when it is what the journal says that we wrote.
    private bool IsOurs(string content) =>
        (State.Current is { Generation.Length: > 0 } current && current.Content == content)
        || State.History.Any(entry => entry.Generation.Length > 0 && entry.Phase != DeliveryPhase.Refused && entry.Content == content);

    // Somebody may have removed them.
    private Finding? KeepSideFiles(RenderedFile file)
    {
        try
        {
            _sideFiles.Write(file.SideFiles);
            return null;
        }
        catch (OutputFileException error)
        {
            return error.Finding;
        }
    }

    // The former file is still in place, and so is the reload that may be owed for it.
    private void TakeBack(JournalState before)
    {
        if (!ReferenceEquals(State, before))
            Note(before);
    }

    private async Task<(DeployOutcome? Stopped, ImmutableArray<Finding> Findings)> CheckAsync(ICandidate candidate, RenderedFile file, JournalEntry wanted, CancellationToken cancellationToken)
    {
        if (_parts.Checker is not { } checker)
            return (null, []);
        switch (await checker.CheckAsync(candidate.Path, _parts.File.Path, cancellationToken))
        {
            case CheckResult.Refused(var output, var line):
                var now = Now;
                var entry = wanted with { Phase = DeliveryPhase.Refused, Checked = now, Settled = now, Result = ShownText.OneLine(output) };
                Note(State.Remember(entry));
                _parts.Failed?.Keep(entry.Number, OutputSet.Of(file), output);
                var refused = new DeployOutcome.Refused(file.Generation, output, line, Restored: false)
                {
                    IsByChecker = true,
                    Findings = [DeployFindings.RefusedByChecker(checker.Description, entry.Number, output, line, State.Current)],
                };
                return (Fail(refused, wanted.Generation), []);
            case CheckResult.Unusable(var why) when _parts.ReliesOnProxy:
                return (null, [DeployFindings.CheckerUnusable(checker.Description, why)]);
            case CheckResult.Unusable(var why):
                return (Stop(wanted.Generation, DeployFindings.CheckerNeeded(checker.Description, why)), []);
            default:
                return (null, []);
        }
    }

    // A file that nobody proved is still better than one that the proxy refuses.
    private void KeepWhatWasThere()
    {
        if (HasGood() || _parts.File.ReadSet() is not { } present)
            return;
        var content = present.Digest;
        var known = State.Current is { } current && current.Content == content ? current : null;
        if (known?.Phase == DeliveryPhase.Failed)
            return;
        KeepGood(new GoodGeneration(known?.Generation ?? "", content, known?.PrintsGeneration ?? false, Now) { Number = known?.Number ?? 0, ReloadGeneration = known?.ReloadGeneration }, present.ToBytes());
    }

    // One that cannot be read could not be put back either: another takes its place, if it can be written.
    private bool HasGood()
    {
        try
        {
            return _parts.Journal.HasGood();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private JournalEntry NewEntry(RenderedFile file, string cause) => new()
    {
        Generation = file.Generation,
        Number = State.NumberOf(file.Generation),
        Content = OutputSet.Of(file).Digest,
        ReloadGeneration = file.ReloadGeneration,
        PrintsGeneration = file.PrintsGeneration,
        Phase = DeliveryPhase.Checked,
        Cause = cause,
        Desired = Now,
    };

    private static DeployOutcome.Failed Stop(string generation, Finding finding) =>
        new(generation, finding.Message, Restored: false) { Findings = [finding] };
}
