using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>
/// Lets one at a time change what several processes share: a file that is locked meanwhile, so that the kernel opens the gate again
/// however a process ends. Thread-safe; not to be entered twice by one.
/// </summary>
/// <param name="path">The file; made where it is missing, its folder is not.</param>
/// <param name="time">The clock.</param>
internal sealed class StoreGate(string path, TimeProvider time)
{
    /// <summary>How long another process is waited for: it only writes a few small files.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    // Within a process nobody has to ask again and again: each waits for the one before.
    private readonly Lock _lock = new();
    private Task _last = Task.CompletedTask;

    /// <summary>Enters; to be left by disposal.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StateDirectoryException">Another process holds it for too long.</exception>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_lock)
            (before, _last) = (_last, left.Task);
        try
        {
            await before.WaitAsync(cancellationToken);
            var began = time.GetTimestamp();
            while (true)
            {
                if (TryOpen(path) is { } file)
                    return new Held(file, left);
                if (time.GetElapsedTime(began) >= MaxWait)
                    throw new StateDirectoryException(StateDirectoryReason.InUse, $"another process has held {path} for {MaxWait.TotalSeconds:0} seconds; find the one that stands still, and end it.");
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
        catch
        {
            // Whoever comes next still waits for the one before.
            _ = before.ContinueWith(_ => left.TrySetResult(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Locks a file where nobody else has it locked; null where somebody has.</summary>
    /// <param name="path">The file; made where it is missing.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static FileStream? TryOpen(string path)
    {
        try
        {
            FolderOwner.MakeFile(path);
            // On Unix FileShare.None is an exclusive flock(2).
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (UnixFile.IsHeldBySomebodyElse(error))
        {
            return null;
        }
    }

    private sealed class Held(FileStream file, TaskCompletionSource left) : IDisposable
    {
        public void Dispose()
        {
            file.Dispose();
            left.TrySetResult();
        }
    }
}
