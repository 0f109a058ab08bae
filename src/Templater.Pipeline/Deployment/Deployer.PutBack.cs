using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Deployment.Proving.Nginx;

namespace Templater.Pipeline.Deployment;

// From a configuration that the proxy does not take to the last good one.
public sealed partial class Deployer
{
    /// <summary>Puts the last good file back, so that a restart of the proxy is safe too.</summary>
    /// <param name="why">What the proxy said, or what was not seen.</param>
    /// <param name="refused">The refusal; null when it only did not become live.</param>
    private DeployOutcome PutBack(string why, DeliveryResult.Refused? refused)
    {
        // Every proxy certainly still runs what it had before: the only one said that it does, was told no part of it, and did not end.
        var isKept = refused is { IsNothingTaken: true, HasEnded: false };
        var failed = State.Current!;
        var present = _parts.File.ReadSet();
        if (present is not null)
            _parts.Failed?.Keep(failed.Number, present, ShownText.Block(why));
        var (restored, problem) = Restore(failed);
        var ended = State with
        {
            Current = failed with
            {
                Phase = restored is null ? DeliveryPhase.Failed : DeliveryPhase.RolledBack,
                Settled = Now,
                Result = ShownText.OneLine(why),
            },
        };
        // One note: a crash between two would leave the restored file without its debt.
        Note(restored is null ? ended : ended.Begin(Restored(restored, failed, isKept && WasLive(restored))));
        BeginDebt([]);
        DeployOutcome outcome = refused is null ? NotLive(failed, why, restored) : Refusal(failed, refused, restored, present?.Content.ToArray());
        return Fail(problem is null ? outcome : outcome with { Findings = outcome.Findings.Add(problem) }, failed.Generation);
    }

    private static DeployOutcome.Failed NotLive(JournalEntry failed, string why, GoodGeneration? restored) => new(failed.Generation, why, restored is not null)
    {
        Findings = [DeployFindings.Unproven($"generation {failed.Number} did not become live: {why}. {DeployFindings.Restored(restored)}", again: false)],
    };

    private DeployOutcome.Refused Refusal(JournalEntry failed, DeliveryResult.Refused refused, GoodGeneration? restored, byte[]? content)
    {
        // A proxy whose mounts do not tell is believed by the name of the file. Of a port that is in use it names no line.
        var line = CheckerOutput.LineOf(refused.Output, refused.Config ?? Path.GetFileName(_parts.File.Path));
        var lines = line is not null ? [] : refused.Lines.IsEmpty && content is not null ? NginxBind.LinesOf(refused.Output, content) : refused.Lines;
        line ??= lines.IsEmpty ? null : lines[0];
        return new DeployOutcome.Refused(failed.Generation, ShownText.Block(refused.Output), line, restored is not null)
        {
            Findings =
            [
                refused.HasEnded
                    ? DeployFindings.RefusedAtStart(refused.By, failed.Number, refused.Output, line, restored)
                    : DeployFindings.RefusedByProxy(refused.By, failed.Number, refused.Output, line, restored),
            ],
            Lines = lines,
            HasEnded = refused.HasEnded,
        };
    }

    private bool MayPutBack => State is { Current: { HasProof: false } current, LastGood: { } good } && good.Content != current.Content;

    // What was in place before the refused one. Checked and refused files never were.
    private bool WasLive(GoodGeneration restored) =>
        State.History.LastOrDefault(static entry => entry.Phase != DeliveryPhase.Refused) is { IsLive: true } former
        && former.Content == restored.Content;

    private (GoodGeneration? Restored, Finding? Problem) Restore(JournalEntry failed)
    {
        if (State.LastGood is not { } good || good.Content == failed.Content)
            return (null, null);
        try
        {
            if (_parts.Journal.ReadGood() is not { } content)
                return (null, null);
            using var candidate = _parts.File.WriteCandidate(OutputSet.Of(content), good.Generation, IsOurs);
            candidate.Swap();
            _unsynced = _parts.File.Sync();
            return (good, null);
        }
        catch (OutputFileException error)
        {
            return (null, error.Finding);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (null, DeployFindings.GoodUnreadable(error.Message));
        }
    }

    private JournalEntry Restored(GoodGeneration good, JournalEntry failed, bool isLive) => new()
    {
        Generation = good.Generation,
        Number = good.Number,
        Content = good.Content,
        ReloadGeneration = good.ReloadGeneration,
        PrintsGeneration = good.PrintsGeneration,
        Phase = isLive ? DeliveryPhase.Proven : DeliveryPhase.Swapped,
        HasProof = isLive,
        Targets = isLive ? State.History.Last(static entry => entry.Phase != DeliveryPhase.Refused).Targets : [],
        Cause = $"put back: generation {failed.Number} was not taken",
        Desired = Now,
        Swapped = Now,
        Settled = isLive ? Now : null,
    };

    private void KeepLive(JournalEntry entry)
    {
        if (State.LastGood is { } good && good.Content == entry.Content && good.Generation == entry.Generation)
        {
            _keepProblem = null;
            return;
        }

        if (_parts.File.ReadSet() is not { } content || content.Digest != entry.Content)
            return;
        KeepGood(new GoodGeneration(entry.Generation, entry.Content, entry.PrintsGeneration, Now) { Number = entry.Number, ReloadGeneration = entry.ReloadGeneration }, content.ToBytes());
    }

    // On a full disk an older one stays the last that can be put back.
    private void KeepGood(GoodGeneration good, ReadOnlySpan<byte> content)
    {
        try
        {
            _parts.Journal.KeepGood(content);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _keepProblem = DeployFindings.NotKept(good.Number, error.Message);
            return;
        }

        _keepProblem = null;
        Note(State with { LastGood = good });
    }

    // What one proxy runs is worth coming back to. Unproven files are not, where there is a proof.
    private bool IsWorthKeeping(JournalEntry entry) => entry.HasProof || (!_parts.Proof.CanProve && entry.IsLive);

    // What could not be kept when it became live is kept as soon as it can be.
    private void KeepAgain()
    {
        if (State.Current is not { IsLive: true } live)
            return;
        if (_keepProblem is not null && IsWorthKeeping(live))
            KeepLive(live);
        if (_archiveProblem is not null)
            Archive(live);
    }
}
