using System.Collections.Immutable;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment;

// What it all comes to, and what is noted of it.
internal sealed partial class Delivery
{
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
