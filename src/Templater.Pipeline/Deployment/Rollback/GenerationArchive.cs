using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Deployment;

/// <summary>
/// The newest generations of an output that were live, each with all its files: <c>archive/OUTPUT/NUMBER.*</c> in the state directory.
/// Bounded in number and size. Not thread-safe.
/// </summary>
/// <param name="directory">The state directory.</param>
/// <param name="output">Name of the output.</param>
internal sealed class GenerationArchive(StateDirectory directory, string output)
{
    /// <summary>Most generations that are kept of one output.</summary>
    public const int MaxGenerations = 10;

    /// <summary>Most bytes of all kept files of one output; the newest generation is kept whatever its size.</summary>
    public const long MaxBytes = 64 * 1024 * 1024;

    private const int MaxRecordBytes = 64 * 1024;
    private const string RecordSuffix = ".json";
    private const string SetSuffix = ".set";
    private const string SideSuffix = ".side";

    private readonly string _folder = FolderOf(output);

    /// <summary>What is kept, that which was live last first: a number is used again when its generation comes back.</summary>
    /// <param name="stateDirectory">Path of the state directory.</param>
    /// <param name="output">Name of the output.</param>
    public static ImmutableArray<ArchivedGeneration> List(string stateDirectory, string output)
    {
        var folder = Path.Combine(stateDirectory, FolderOf(output));
        return !Directory.Exists(folder) ? [] :
        [
            .. Directory.EnumerateFiles(folder, "*" + RecordSuffix)
                .Select(static path => ArchivedGeneration.Of(NamedFile.ReadBytes(path, MaxRecordBytes).Span))
                .OfType<ArchivedGeneration>().OrderByDescending(static known => known.At).ThenByDescending(static known => known.Number),
        ];
    }

    /// <summary>Keeps a generation, and removes those that are too many and were live longest ago.</summary>
    /// <param name="generation">What is known of it.</param>
    /// <param name="set">Its files.</param>
    /// <param name="sides">The files that it names.</param>
    /// <exception cref="IOException">It cannot be kept.</exception>
    public void Keep(ArchivedGeneration generation, OutputSet set, ImmutableArray<SideFile> sides)
    {
        var name = NameOf(generation.Number);
        Directory.CreateDirectory(directory[_folder]);
        if (Find(generation.Number) is { } known && known.Generation == generation.Generation && known.Content == generation.Content)
        {
            directory.Write(name + RecordSuffix, (known with { At = generation.At }).ToJson());
            return;
        }

        // The record last: without its files it would promise what cannot be had.
        directory.Write(name + SetSuffix, set.ToBytes());
        directory.Write(name + SideSuffix, new OutputSet(ReadOnlyMemory<byte>.Empty, [.. sides.Select(static side => new FurtherFile(side.Name, side.Content))]).ToBytes());
        directory.Write(name + RecordSuffix, generation.ToJson());
        RemoveOldest();
    }

    /// <summary>A generation with its files, as it was rendered; null when it is not kept, or not as it was.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="generation">Its id.</param>
    /// <param name="path">Path of the output.</param>
    public RenderedFile? Read(int number, string generation, string path)
    {
        var name = NameOf(number);
        if (Find(number) is not { } known || known.Generation != generation || directory.Read(name + SetSuffix) is not { } bytes || ContentHash.Of(bytes) != known.Content)
            return null;
        var set = OutputSet.Of(bytes);
        return new RenderedFile
        {
            Output = output,
            Path = path,
            Content = set.Content,
            Files = set.Files,
            FilesDirectory = !set.IsGroup ? "" : known.Directory.Length > 0 ? known.Directory : FurtherFile.DirectoryOf(path, output),
            Generation = known.Generation,
            ReloadGeneration = known.ReloadGeneration,
            PrintsGeneration = known.PrintsGeneration,
            SideFiles = [.. OutputSet.Of(directory.Read(name + SideSuffix) ?? []).Files.Select(static side => new SideFile(side.Name, side.Content))],
        };
    }

    /// <summary>What is known of a generation; null when it is not kept.</summary>
    /// <param name="generation">Its id.</param>
    public ArchivedGeneration? Find(string generation) => List(directory.Path, output).FirstOrDefault(known => known.Generation == generation);

    private ArchivedGeneration? Find(int number) => Directory.Exists(directory[_folder]) && directory.Read(NameOf(number) + RecordSuffix) is { } json ? ArchivedGeneration.Of(json) : null;

    private void RemoveOldest()
    {
        var (count, bytes) = (0, 0L);
        foreach (var known in List(directory.Path, output))
        {
            count++;
            var files = new[] { RecordSuffix, SetSuffix, SideSuffix }.Select(suffix => new FileInfo(directory[NameOf(known.Number) + suffix])).ToArray();
            bytes += files.Sum(static file => file.Exists ? file.Length : 0);
            if (count > 1 && (count > MaxGenerations || bytes > MaxBytes))
                Array.ForEach(files, static file => file.Delete());
        }
    }

    private string NameOf(int number) => $"{_folder}/{number.ToString(CultureInfo.InvariantCulture)}";

    private static string FolderOf(string output) => $"archive/{StateDirectory.FileNameOf(output)}";
}
