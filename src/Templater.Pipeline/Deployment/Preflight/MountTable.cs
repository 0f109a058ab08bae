namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>Reads <c>/proc/self/mountinfo</c> (proc(5)). Pure but for <see cref="Own"/>.</summary>
public static class MountTable
{
    private const string OwnFile = "/proc/self/mountinfo";
    private const int MaxBytes = 1024 * 1024;
    private const int PointField = 4;

    /// <summary>The table of this process; empty where there is none.</summary>
    public static string Own()
    {
        try
        {
            using var reader = new StreamReader(OwnFile);
            var buffer = new char[MaxBytes];
            return new string(buffer, 0, reader.ReadBlock(buffer));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>The type of the file system that a path lies on; null when the table does not tell.</summary>
    /// <param name="table">The table.</param>
    /// <param name="path">Absolute path.</param>
    public static string? TypeAt(string table, string path)
    {
        string? type = null;
        var best = -1;
        foreach (var line in table.Split('\n'))
        {
            var fields = line.Split(' ');
            // Optional fields end with a dash; the type follows.
            var dash = Array.IndexOf(fields, "-", Math.Min(PointField + 1, fields.Length));
            if (dash < 0 || dash + 1 >= fields.Length)
                continue;
            var point = UnixFile.UnescapeMount(fields[PointField]);
            // Of several at one place the last one covers the others.
            if (Holds(point, path) && point.Length >= best)
                (type, best) = (fields[dash + 1], point.Length);
        }

        return type;
    }

    /// <summary>The places at which something is mounted, of a path and all below it, in the table's order.</summary>
    /// <param name="table">The table.</param>
    /// <param name="path">Absolute path.</param>
    public static IEnumerable<string> PointsWithin(string table, string path) => table.Split('\n')
        .Select(static line => line.Split(' '))
        .Where(static fields => fields.Length > PointField)
        .Select(static fields => UnixFile.UnescapeMount(fields[PointField]))
        .Where(point => Holds(path, point));

    private static bool Holds(string point, string path) =>
        point == "/" || path == point || path.StartsWith(point + "/", StringComparison.Ordinal);
}
