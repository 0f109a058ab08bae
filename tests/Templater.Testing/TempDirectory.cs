namespace Templater.Testing;

/// <summary>A directory of its own for one test, removed with everything in it on disposal.</summary>
/// <remarks>Its path is short enough for a unix socket beneath it (108 bytes).</remarks>
public sealed class TempDirectory : IDisposable
{
    /// <summary>Creates the directory, mode 0700.</summary>
    /// <param name="prefix">Start of the directory's name, so that a leftover can be told.</param>
    public TempDirectory(string prefix = "templater-") => Path = Directory.CreateTempSubdirectory(prefix).FullName;

    /// <summary>Absolute path of the directory.</summary>
    public string Path { get; }

    /// <summary>The absolute path of a file or directory in here; nothing is created.</summary>
    /// <param name="relative">Path below the directory.</param>
    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>Writes a text file (UTF-8 without BOM), creating its directories.</summary>
    /// <param name="relative">Path below the directory.</param>
    /// <param name="text">The whole content.</param>
    /// <returns>The file's absolute path.</returns>
    public string Write(string relative, string text)
    {
        var path = this[relative];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>The text of a file in here.</summary>
    /// <param name="relative">Path below the directory.</param>
    public string Read(string relative) => File.ReadAllText(this[relative]);

    /// <summary>Removes the directory. A second call does nothing.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
