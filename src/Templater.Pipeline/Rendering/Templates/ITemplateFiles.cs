namespace Templater.Pipeline.Rendering.Templates;

/// <summary>Where templates are read from: the disk, or something else in tests.</summary>
public interface ITemplateFiles
{
    /// <summary>Reads a template or an included file.</summary>
    /// <param name="path">Absolute path, or relative to the working directory.</param>
    /// <returns>The text; null when there is no such file.</returns>
    /// <exception cref="TemplateFileException">The file exists and cannot be read.</exception>
    string? Read(string path);

    /// <summary>The path with all symbolic links resolved; a path that does not exist is only made absolute.</summary>
    /// <param name="path">Any path.</param>
    /// <exception cref="TemplateFileException">The links do not end.</exception>
    string Resolve(string path);
}

/// <summary>A template file exists and cannot be read. The message is one line for the operator.</summary>
/// <param name="message">What is wrong with which file.</param>
public sealed class TemplateFileException(string message) : Exception(message);
