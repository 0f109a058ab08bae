using System.Text;

namespace Templater.Pipeline.Deployment;

/// <summary>
/// A small file by which somebody asks a running Templater for something, and which that takes away. What cannot be taken away, as in a
/// folder of another user's, is taken once. Not thread-safe.
/// </summary>
/// <param name="path">Its path.</param>
/// <param name="maxBytes">The most that it may hold.</param>
internal sealed class RequestFile(string path, int maxBytes)
{
    /// <summary>How the name of one ends that is not written yet.</summary>
    public const string Unfinished = ".new";

    // When the one was written that was read last, and the one that was taken and could not be taken away.
    private DateTime? _read;
    private DateTime? _stuck;

    /// <summary>True when it lies there, taken or not.</summary>
    public bool IsPending => File.Exists(path);

    /// <summary>True when there is one to take.</summary>
    public bool IsThere => File.Exists(path) && File.GetLastWriteTimeUtc(path) != _stuck;

    /// <summary>Asks.</summary>
    /// <param name="text">For what.</param>
    /// <exception cref="IOException">It cannot be asked.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be asked.</exception>
    public void Write(string text)
    {
        var unfinished = path + Unfinished;
        FolderOwner.MakeFile(unfinished);
        File.WriteAllText(unfinished, text + "\n");
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Takes back what was asked.</summary>
    public void Withdraw() => File.Delete(path);

    /// <summary>What is asked; null when nothing is, or it cannot be read.</summary>
    public string? Read()
    {
        try
        {
            _read = File.GetLastWriteTimeUtc(path);
            return Encoding.UTF8.GetString(NamedFile.ReadBytes(path, maxBytes).Span).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Takes away what was read. Where that fails, it is not read again in this run, and does not keep the next one from being read.</summary>
    public void Remove()
    {
        try
        {
            File.Delete(path);
            _stuck = null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _stuck = _read;
        }
    }

    /// <summary>The same, but for one that was written over what was read meanwhile: that is to be read, too.</summary>
    public void RemoveRead()
    {
        if (File.Exists(path) && File.GetLastWriteTimeUtc(path) == _read)
            Remove();
    }

    /// <summary>Tries again to take away one that was taken.</summary>
    public void RemoveStuck()
    {
        if (_stuck is not null && IsPending && !IsThere)
            Remove();
    }
}
