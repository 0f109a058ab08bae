namespace Templater.Pipeline.Inventory;

/// <summary>A file that lies in one of the operator's directories.</summary>
/// <param name="Kind">One of the kinds of <see cref="OperatorFile"/>.</param>
/// <param name="Name">Its name within the directory.</param>
/// <param name="Path">Where it lies.</param>
internal sealed record FoundFile(string Kind, string Name, string Path);

/// <summary>
/// Finds the files that are called like hosts. A directory that is not there holds none; one that cannot be listed fails the snapshot:
/// nobody could tell which hosts it closes. A directory or a dead link in the place of a file is found, too, and says so when it is read.
/// </summary>
/// <param name="authDirectory">Directory of the password files.</param>
/// <param name="vhostDirectory">Directory of the include files; empty = there is none.</param>
/// <param name="certsDirectory">The certificates directory.</param>
/// <param name="nginxDirectory">Directory of the files that replace parts of nginx-proxy's configuration; empty = there is none.</param>
internal sealed class OperatorFolders(string authDirectory, string vhostDirectory, string certsDirectory, string nginxDirectory)
{
    /// <summary>Most entries of one directory.</summary>
    public const int MaxEntries = 10_000;

    private static readonly EnumerationOptions Visible = new() { IgnoreInaccessible = false, AttributesToSkip = 0, RecurseSubdirectories = false };

    /// <summary>The files now, in no order.</summary>
    /// <exception cref="SnapshotFailedException">A directory cannot be listed.</exception>
    public List<FoundFile> Find()
    {
        var found = new List<FoundFile>();
        Add(found, authDirectory, static _ => OperatorFile.Passwords);
        Add(found, vhostDirectory, static _ => OperatorFile.Include);
        Add(found, certsDirectory, KindOfCertificate);
        foreach (var name in OperatorFileReader.Replacements)
            if (nginxDirectory.Length > 0 && Path.Combine(nginxDirectory, name) is var path && File.Exists(path))
                found.Add(new FoundFile(OperatorFile.Replacement, name, path));
        return found;
    }

    private static string? KindOfCertificate(string name) =>
        name == "ca.crt" || name.EndsWith(".ca.crt", StringComparison.Ordinal) ? OperatorFile.Authority
        : name.EndsWith(".crl.pem", StringComparison.Ordinal) ? OperatorFile.Revocations
        : name.EndsWith(".dhparam.pem", StringComparison.Ordinal) ? OperatorFile.Parameters
        : null;

    private static void Add(List<FoundFile> found, string directory, Func<string, string?> kindOf)
    {
        if (directory.Length == 0)
            return;
        try
        {
            var count = 0;
            foreach (var path in Directory.EnumerateFileSystemEntries(directory, "*", Visible))
            {
                if (++count > MaxEntries)
                    throw Failed(directory, $"holds more than {MaxEntries} files");
                var name = Path.GetFileName(path);
                if (!name.StartsWith('.') && kindOf(name) is { } kind)
                    found.Add(new FoundFile(kind, name, path));
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Not mounted: there are none.
            if (File.Exists(directory))
                throw Failed(directory, "cannot be listed: it is a file");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failed(directory, "cannot be listed: " + exception.Message.TrimEnd('.'));
        }
    }

    private static SnapshotFailedException Failed(string directory, string problem) => new(
        ReasonIds.SnapshotFailed,
        $"the directory {directory} {problem}. What it holds decides who may reach the hosts, so nothing is changed until it can be read. Make it readable for {UnixFile.OwnIdentity}, or name another one.");
}
