namespace Templater.Pipeline.Rendering.Templates;

/// <summary>Templates on the disk. Without state, safe for several threads.</summary>
public sealed class DiskTemplateFiles : ITemplateFiles
{
    private const int MaxBytes = 8 * 1024 * 1024;

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
        try
        {
            return RealPath.Of(path);
        }
        catch (IOException exception)
        {
            throw new TemplateFileException(exception.Message);
        }
    }
}
