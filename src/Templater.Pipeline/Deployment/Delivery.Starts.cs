using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment;

// Who has read the file because it started since, by itself or for that, and who has ended on it.
internal sealed partial class Delivery
{
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

    private void NoteRestarted(IReloadTarget target, bool isBegun)
    {
        if (!target.IsRestarted)
            return;
        var others = _entry.Restarted.Where(key => !target.IsRunOf(key));
        _entry = _entry with { Restarted = [.. (isBegun ? others.Append(target.Key) : others).Order(StringComparer.Ordinal)] };
        note(_entry);
    }
}
