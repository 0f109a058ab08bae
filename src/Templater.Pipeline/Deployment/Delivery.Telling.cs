using System.Diagnostics;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment;

// Whether and how a proxy is told.
internal sealed partial class Delivery
{
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

    private void NoteTold(DateTimeOffset told)
    {
        _entry = _entry with { Phase = DeliveryPhase.Delivered, Delivered = told };
        note(_entry);
    }
}
