using System.Net;

namespace Templater.Pipeline.Deployment.Reloading;

/// <summary>
/// The places where Centauri fetches its configuration. They belong to the program and not to an output: settings and outputs
/// come and go, and nobody is disconnected. Not thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class CentauriListeners(TimeProvider time) : IDisposable
{
    private readonly Dictionary<IPEndPoint, CentauriListener> _listeners = [];
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How long things may take.</summary>
    internal CentauriTimes Times { get; init; } = new();

    /// <summary>Fails when one of them does, which takes a mistake of ours; else it never ends.</summary>
    public Task Broken => _broken.Task;

    /// <summary>The one at an address, which begins to listen when there is none yet.</summary>
    /// <exception cref="CentauriListenerException">The address cannot be had.</exception>
    internal CentauriListener Open(IPEndPoint address)
    {
        if (_listeners.TryGetValue(address, out var present))
            return present;
        return Add(address, CentauriListener.Open(address, time, Times));
    }

    /// <summary>Takes over what the program before this one listened on, and those who are connected.</summary>
    /// <param name="text">What <see cref="PauseAsync"/> gave it.</param>
    public void Inherit(string text)
    {
        foreach (var inherited in CentauriInheritance.Parse(text))
            if (CentauriInheritance.Take(inherited, time, Times) is { } listener)
                Add(listener.Address, listener);
    }

    /// <summary>Prepares to leave everything to another program in this process.</summary>
    /// <returns>What that one needs to know.</returns>
    public async Task<string> PauseAsync()
    {
        var texts = new List<string>();
        foreach (var listener in _listeners.Values)
        {
            var (descriptor, sessions) = await listener.PauseAsync();
            texts.Add(CentauriInheritance.Leave(descriptor, sessions));
        }

        return string.Join(' ', texts);
    }

    /// <summary>Goes on itself after all.</summary>
    /// <param name="text">What <see cref="PauseAsync"/> said.</param>
    public void Resume(string text)
    {
        CentauriInheritance.Keep(text);
        foreach (var listener in _listeners.Values)
            listener.Resume();
    }

    private CentauriListener Add(IPEndPoint address, CentauriListener listener)
    {
        _listeners[address] = listener;
        _ = listener.Accepting.ContinueWith(
            ended => _broken.TrySetException(ended.Exception!), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return listener;
    }

    /// <summary>Closes those that no output needs any more.</summary>
    /// <param name="outputs">The deployment settings of all outputs.</param>
    public void CloseAllBut(IEnumerable<DeploymentSettings> outputs)
    {
        var needed = outputs.Select(static output => output.Reload).OfType<ReloadSpec.Push>().Select(static push => push.Address).ToHashSet();
        foreach (var (address, listener) in _listeners.Where(pair => !needed.Contains(pair.Key)).ToList())
        {
            _listeners.Remove(address);
            listener.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => CloseAllBut([]);
}
