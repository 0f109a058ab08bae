namespace Templater.Pipeline.Deployment;

// What former reloads have left behind.
public sealed partial class Deployer
{
    private OldWorkers? _oldWorkers;

    /// <summary>
    /// Sets of old workers that the proxies still have, for the operator. Asked again only after a delivery, and while there are some:
    /// a quiet host costs no call.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when nobody can tell.</returns>
    public async Task<int?> CountOldWorkersAsync(CancellationToken cancellationToken)
    {
        var told = State.Current?.Delivered;
        if (_oldWorkers is { Sets: null or 0 } known && known.Told == told)
            return known.Sets;
        // Whoever delivers right now is not held up; the next look asks again.
        if (_parts.Workers is not { } titles || !await _gate.WaitAsync(TimeSpan.Zero, cancellationToken))
            return _oldWorkers?.Sets;
        int? sets = null;
        try
        {
            foreach (var target in (await _parts.Reloader.FindAsync(cancellationToken)).Targets)
                if (await titles.DrainingAsync(target, cancellationToken) is { } draining)
                    sets = (sets ?? 0) + draining;
        }
        catch (IOException)
        {
            sets = null;
        }
        finally
        {
            _gate.Release();
        }

        _oldWorkers = new OldWorkers(sets, told);
        return sets;
    }

    /// <param name="Sets">How many there were.</param>
    /// <param name="Told">The delivery after which they were counted.</param>
    private sealed record OldWorkers(int? Sets, DateTimeOffset? Told);
}
