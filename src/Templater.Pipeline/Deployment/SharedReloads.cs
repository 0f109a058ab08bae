using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment;

/// <summary>
/// Outputs that one proxy reads go live by one reload: whoever wants to tell it waits a moment for the others, whose files are in
/// place when they come. Each proves its own generation. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class SharedReloads(TimeProvider time)
{
    /// <summary>Outputs of one look are rendered and swapped side by side.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _telling = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _told = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Way, string Key), Task<ReloadAnswer>> _gathering = [];

    /// <summary>Notes that an output is told about in this way.</summary>
    /// <param name="way">The reload spec.</param>
    public void Register(string way)
    {
        lock (_lock)
            _outputs[way] = _outputs.GetValueOrDefault(way) + 1;
    }

    /// <summary>Tells a proxy, together with others that want to.</summary>
    /// <param name="way">The reload spec.</param>
    /// <param name="target">The proxy.</param>
    /// <param name="cancellationToken">Gives up waiting; the others' reload is sent all the same.</param>
    public async Task<ReloadAnswer> ReloadAsync(string way, IReloadTarget target, CancellationToken cancellationToken)
    {
        Task<ReloadAnswer> shared;
        lock (_lock)
        {
            if (_outputs.GetValueOrDefault(way) < 2)
                shared = TellAsync(way, target, cancellationToken);
            else if (!_gathering.TryGetValue((way, target.Key), out shared!))
                _gathering[(way, target.Key)] = shared = Task.Run(() => SendAsync(way, target), CancellationToken.None);
        }

        return await shared.WaitAsync(cancellationToken);
    }

    /// <summary>How often somebody was told in this way; null while somebody is being told, and may be down because of that.</summary>
    /// <param name="way">The reload spec.</param>
    public int? Told(string way)
    {
        lock (_lock)
            return _telling.GetValueOrDefault(way) > 0 ? null : _told.GetValueOrDefault(way);
    }

    private async Task<ReloadAnswer> TellAsync(string way, IReloadTarget target, CancellationToken cancellationToken)
    {
        lock (_lock)
            _telling[way] = _telling.GetValueOrDefault(way) + 1;
        try
        {
            return await target.ReloadAsync(cancellationToken);
        }
        finally
        {
            lock (_lock)
            {
                _telling[way]--;
                _told[way] = _told.GetValueOrDefault(way) + 1;
            }
        }
    }

    private async Task<ReloadAnswer> SendAsync(string way, IReloadTarget target)
    {
        await Task.Delay(Window, time);
        // Whoever comes now may have swapped after the proxy has read.
        lock (_lock)
            _gathering.Remove((way, target.Key));
        return await TellAsync(way, target, CancellationToken.None);
    }
}
