using System.Globalization;
using System.Text;

namespace Templater.Pipeline.Deployment;

/// <summary>
/// Keeps the newest configurations that were refused, each with what was said of it, for a person to look at:
/// <c>failed/OUTPUT/NUMBER/</c> in the state directory. Bounded in number and size. What cannot be kept is not missed by anything.
/// Password files beside a configuration are not kept. Not thread-safe.
/// </summary>
/// <param name="directory">The state directory.</param>
/// <param name="output">Name of the output.</param>
/// <param name="path">The output's file, whose name the kept one has.</param>
internal sealed class FailedSets(StateDirectory directory, string output, string path)
{
    /// <summary>Most sets that are kept of one output.</summary>
    public const int MaxSets = 8;

    /// <summary>Most bytes of all kept files of one output; the newest set is kept whatever its size.</summary>
    public const long MaxBytes = 32 * 1024 * 1024;

    /// <summary>Name of the file with what was said.</summary>
    public const string SaidFile = "said.txt";

    /// <summary>Folder of the further files of a set.</summary>
    public const string FilesFolder = "files";

    private readonly string _folder = FolderOf(directory, output);

    /// <summary>Where the sets of an output lie.</summary>
    /// <param name="directory">The state directory.</param>
    /// <param name="output">Name of the output.</param>
    public static string FolderOf(StateDirectory directory, string output) => directory[$"failed/{StateDirectory.FileNameOf(output)}"];

    /// <summary>Keeps a set, and removes the oldest that are too many.</summary>
    /// <param name="number">Number of the generation.</param>
    /// <param name="set">The configuration, with its further files.</param>
    /// <param name="said">What the checker or the proxy said of it.</param>
    public void Keep(int number, OutputSet set, string said)
    {
        try
        {
            var folder = Path.Combine(_folder, number.ToString(CultureInfo.InvariantCulture));
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(path)), set.Content.Span);
            foreach (var file in set.Files)
            {
                var further = Path.Combine(folder, FilesFolder, file.Name);
                Directory.CreateDirectory(Path.GetDirectoryName(further)!);
                File.WriteAllBytes(further, file.Content.Span);
            }

            File.WriteAllText(Path.Combine(folder, SaidFile), said + "\n", new UTF8Encoding(false));
            RemoveOldest();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The journal and the log have what was said.
        }
    }

    private void RemoveOldest()
    {
        var (sets, bytes) = (0, 0L);
        foreach (var set in new DirectoryInfo(_folder).EnumerateDirectories().Where(static set => NumberOf(set) is not null).OrderByDescending(WrittenAt).ThenByDescending(NumberOf).ToList())
        {
            sets++;
            bytes += set.EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.Length);
            if (sets > 1 && (sets > MaxSets || bytes > MaxBytes))
                set.Delete(recursive: true);
        }
    }

    // A number is used again when the same is refused again. What was said is written last; without it the set is not whole.
    private static DateTime WrittenAt(DirectoryInfo set) => File.GetLastWriteTimeUtc(Path.Combine(set.FullName, SaidFile));

    // What somebody else put there stays.
    private static int? NumberOf(DirectoryInfo set) =>
        int.TryParse(set.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
