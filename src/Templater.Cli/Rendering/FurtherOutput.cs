using Templater.Pipeline;
using Templater.Pipeline.Rendering;

namespace Templater.Cli.Rendering;

/// <summary>
/// The further files of a result that is written once: as plain files below the directory of the result, where a proxy would find them
/// if that directory were its own. A directory in which <c>run</c> has put its link is left alone.
/// </summary>
internal static class FurtherOutput
{
    /// <summary>Writes them, unless they are there already.</summary>
    /// <param name="path">The result's own path.</param>
    /// <param name="file">The result.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CommandFailedException">One cannot be written.</exception>
    public static async Task WriteAsync(string path, RenderedFile file, CancellationToken cancellationToken)
    {
        if (file.Files.IsEmpty)
            return;
        var directory = FurtherFile.DirectoryOf(Path.GetFullPath(path), file.Output);
        // What a link of run leads to is a proven set, which never changes.
        if (new FileInfo(directory).LinkTarget is not null)
            throw new CommandFailedException(
                ExitCode.Environment,
                ReasonIds.OutputDenied,
                $"cannot write {VisibleText.Of(path)}: its further files are those of a Templater that runs ({VisibleText.Of(directory)} is its link). Write to another directory.");
        foreach (var further in file.Files)
            await WrittenFile.WriteAsync(Path.Combine(directory, further.Name), further.Content, cancellationToken);
    }
}
