using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;

namespace Templater.Pipeline.Deployment;

/// <summary>A complete, synced file that waits to take the place of the live one; removed on disposal if it never did.</summary>
internal sealed class Candidate : ICandidate
{
    private readonly string _target;
    private readonly ReadOnlyMemory<byte> _content;
    private bool _isInPlace;
    private bool _isSwapped;

    public Candidate(string path, string target, ReadOnlyMemory<byte> content, bool inPlace)
    {
        Path = path;
        _target = target;
        _content = content;
        _isInPlace = inPlace;
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public Finding? Swap()
    {
        try
        {
            if (!UnixFile.IsSupported)
                File.Move(Path, _target, overwrite: true);
            else if (!_isInPlace)
                Rename();
            if (_isInPlace)
                WriteInPlace();
            _isSwapped = !_isInPlace;
            return _isInPlace ? OutputProblem.WrittenInPlace(_target) : null;
        }
        catch (Exception error) when (OutputProblem.IsFailure(error))
        {
            throw OutputProblem.From(_target, error);
        }
    }

    public void Dispose()
    {
        if (!_isSwapped)
            UnixFile.Discard(Path);
    }

    private void Rename()
    {
        try
        {
            UnixFile.Rename(Path, _target);
        }
        catch (UnixFileException error) when (error.Errno == Errno.EBUSY)
        {
            // rename(2): the target is a mount point that the mount table did not show under this path.
            _isInPlace = true;
        }
    }

    private void WriteInPlace()
    {
        var former = ReadFormer();
        using var file = UnixFile.OpenExisting(_target);
        try
        {
            UnixFile.WriteAll(file, _content.Span);
        }
        catch (IOException error)
        {
            throw OutputProblem.HalfWritten(_target, error, PutBack(file, former));
        }
    }

    private byte[]? ReadFormer()
    {
        try
        {
            return File.ReadAllBytes(_target);
        }
        catch (UnauthorizedAccessException)
        {
            // It may be written all the same.
            return null;
        }
    }

    // The former content fits where it lay, also on a full disk.
    private static IOException? PutBack(SafeFileHandle file, byte[]? former)
    {
        if (former is null)
            return new IOException("Templater may write it, but not read it");
        try
        {
            UnixFile.WriteAll(file, former);
            return null;
        }
        catch (IOException error)
        {
            return error;
        }
    }
}
