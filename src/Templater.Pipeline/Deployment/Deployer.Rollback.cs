using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Deployment;

// What the operator asked for comes before what the inputs ask for.
public sealed partial class Deployer
{
    /// <summary>How often requests are looked for; each look asks the file system for one name.</summary>
    internal static readonly TimeSpan RequestPoll = TimeSpan.FromSeconds(1);

    private Wish? _latest;
    private RenderedFile? _pinned;
    private Finding? _rollbackProblem;

    private sealed record Wish(RenderedFile File, string Cause);

    /// <summary>The cause of a generation that the operator went back to.</summary>
    /// <param name="pin">That generation.</param>
    public static string RollbackTo(PinnedGeneration pin)
    {
        ArgumentNullException.ThrowIfNull(pin);
        return $"rollback to generation {pin.Number}";
    }

    private bool IsAsked => _parts.Requests is { IsThere: true };

    // Noted first, taken away then: a crash between the two notes it once more.
    private void TakeRequest()
    {
        if (_parts.Requests is not { IsThere: true } requests)
            return;
        _rollbackProblem = null;
        switch (requests.Read())
        {
            case { Generation: { } generation } when FindArchived(generation) is { } kept:
                Note(State with { Pin = new PinnedGeneration(kept.Generation, kept.Number, Now) });
                (_pinned, _failed) = (null, null);
                break;
            case { Generation: { } generation }:
                _rollbackProblem = DeployFindings.NotArchived(Output, generation);
                break;
            case { Generation: null }:
                Note(State with { Pin = null });
                (_pinned, _failed) = (null, null);
                break;
            default:
                _rollbackProblem = DeployFindings.RequestNotUnderstood(Output);
                break;
        }

        requests.Remove();
    }

    /// <summary>What is to be in place: the generation that is pinned, else what was rendered.</summary>
    /// <param name="latest">What was rendered last; null when nothing has been since the start, which a generation that is kept does not wait for.</param>
    /// <returns>Null when the pinned one is not kept any more, or none is and nothing was rendered.</returns>
    private Wish? Choose(Wish? latest)
    {
        if (State.Pin is not { } pin || pin.Generation == latest?.File.Generation)
        {
            if (State is { Pin: not null, Waiting: not null })
                Note(State with { Waiting = null });
            return latest;
        }

        if (latest is { File: var file, Cause: var cause } && State.Waiting?.Generation != file.Generation)
            Note(State.Await(new WaitingGeneration(file.Generation, State.NumberOf(file.Generation), Now) { Cause = cause }));
        _pinned ??= ReadPinned(pin);
        return _pinned is null ? null : new Wish(_pinned, RollbackTo(pin));
    }

    private ArchivedGeneration? FindArchived(string generation)
    {
        try
        {
            return _parts.Archive?.Find(generation);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private RenderedFile? ReadPinned(PinnedGeneration pin)
    {
        try
        {
            return _parts.Archive?.Read(pin.Number, pin.Generation, _parts.File.Path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private DeployOutcome.Failed PinnedIsGone()
    {
        var pin = State.Pin!;
        var finding = DeployFindings.PinnedIsGone(Output, pin);
        return new DeployOutcome.Failed(pin.Generation, finding.Message, Restored: false) { Findings = [finding] };
    }

    // What cannot be kept is no reason to doubt what is live; it is said.
    private void Archive(JournalEntry entry)
    {
        if (entry.Number == 0 || _parts.Archive is not { } archive)
            return;
        try
        {
            if (_parts.File.ReadSet() is not { } set || set.Digest != entry.Content)
                return;
            var directory = _latest?.File.Generation == entry.Generation ? _latest.File.FilesDirectory : "";
            archive.Keep(
                new ArchivedGeneration
                {
                    Generation = entry.Generation,
                    Number = entry.Number,
                    Content = entry.Content,
                    ReloadGeneration = entry.ReloadGeneration,
                    PrintsGeneration = entry.PrintsGeneration,
                    At = Now,
                    Cause = entry.Cause,
                    Directory = directory,
                },
                set,
                _sideFiles.NamedIn(set.Content.Span));
            _archiveProblem = null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _archiveProblem = DeployFindings.NotArchivedYet(entry.Number, error.Message);
        }
    }
}
