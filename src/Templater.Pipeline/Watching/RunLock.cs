namespace Templater.Pipeline.Watching;

/// <summary>
/// A file in the state directory that is locked for as long as a program runs with it, and never longer: the kernel releases it
/// however the process ends, and whoever shares the file system sees that, in whatever container.
/// </summary>
public sealed class RunLock : IDisposable
{
    /// <summary>Name of the file in the state directory.</summary>
    public const string FileName = "run.lock";

    // Whoever looks whether it is held holds it for a moment.
    private const int MaxAttempts = 50;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly FileStream _file;

    private RunLock(string directory, FileStream file)
    {
        Directory = directory;
        _file = file;
    }

    /// <summary>The state directory.</summary>
    public string Directory { get; }

    /// <summary>Takes it beside others that run with the same directory.</summary>
    /// <param name="directory">The state directory.</param>
    /// <returns>Null where nothing can be locked: nobody is misled by a file that says nothing.</returns>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<RunLock?> TakeAsync(string directory, TimeProvider time, CancellationToken cancellationToken)
    {
        var path = Path.Combine(directory, FileName);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            try
            {
                FolderOwner.MakeFile(path);
                // On Unix FileShare.Read is a shared flock(2), FileShare.None an exclusive one.
                var taken = new RunLock(directory, new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read));
                if (IsHeld(directory) is true)
                    return taken;
                // Some file systems let everybody have it.
                taken.Dispose();
                File.Delete(path);
                return null;
            }
            catch (IOException error) when (UnixFile.IsHeldBySomebodyElse(error))
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>Whether a program runs with a state directory.</summary>
    /// <param name="directory">The state directory.</param>
    /// <returns>Null when that cannot be seen: an earlier version, or one that may not lock anything, leaves no such file.</returns>
    public static bool? IsHeld(string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (NamedFile.Instead(path) is not null)
            return null;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException error) when (UnixFile.IsHeldBySomebodyElse(error))
        {
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
