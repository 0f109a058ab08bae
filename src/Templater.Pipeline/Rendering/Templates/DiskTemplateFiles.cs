namespace Templater.Pipeline.Rendering.Templates;

/// <summary>Templates on the disk. Without state, safe for several threads.</summary>
public sealed class DiskTemplateFiles : ITemplateFiles
{
    private const int MaxBytes = 8 * 1024 * 1024;
    private const int MaxLinks = 40;

    /// <inheritdoc/>
    public string? Read(string path)
    {
        try
        {
            return NamedFile.ReadText(path, MaxBytes);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TemplateFileException($"{path} cannot be read: {exception.Message.TrimEnd('.')}");
        }
    }

    /// <inheritdoc/>
    public string Resolve(string path)
    {
        var pending = new Stack<string>(Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var resolved = "/";
        var links = 0;
        while (pending.TryPop(out var part))
        {
            if (part == "..")
            {
                resolved = Path.GetDirectoryName(resolved) ?? "/";
                continue;
            }

            var next = Path.Combine(resolved, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                resolved = next;
                continue;
            }

            if (++links > MaxLinks)
                throw new TemplateFileException($"{path}: too many symbolic links");
            if (Path.IsPathRooted(target))
                resolved = "/";
            foreach (var step in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(step => step != ".").Reverse())
                pending.Push(step);
        }

        return resolved;
    }
}
