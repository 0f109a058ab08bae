using Templater.Pipeline;

namespace Templater.Cli;

/// <summary>A file that a one-shot command writes: replaced whole, so that nobody ever reads half of it.</summary>
internal static class WrittenFile
{
    /// <summary>Writes it, unless it has these bytes already.</summary>
    /// <returns>True when it was written.</returns>
    /// <exception cref="CommandFailedException">It cannot be written.</exception>
    public static async Task<bool> WriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            if (NamedFile.Instead(path) is { } instead)
                return await WriteIntoAsync(path, instead, bytes, cancellationToken);
            if (File.Exists(path) && (await File.ReadAllBytesAsync(path, cancellationToken)).AsSpan().SequenceEqual(bytes.Span))
                return false;
            var full = Path.GetFullPath(path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            var temporary = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.new");
            await using (var stream = File.Create(temporary))
                await stream.WriteAsync(bytes, cancellationToken);
            File.Move(temporary, full, overwrite: true);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CommandFailedException(ExitCode.Environment, ReasonIds.OutputDenied, $"cannot write {VisibleText.Of(path)}: {FileTrouble.Of(exception)}");
        }
    }

    // A device or a pipe is what is meant, and must never be replaced by a file.
    private static async Task<bool> WriteIntoAsync(string path, string instead, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (instead is not ("a device" or "a pipe"))
            throw new IOException($"it is {instead}; a file was expected.");
        await Task.Run(
            () =>
            {
                using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
                stream.Write(bytes.Span);
            },
            cancellationToken).WaitAsync(cancellationToken);
        return true;
    }
}
