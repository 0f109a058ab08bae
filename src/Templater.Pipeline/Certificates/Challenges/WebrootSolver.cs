using System.Text;
using Templater.Acme;
using Templater.Acme.Protocol;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Certificates.Challenges;

/// <summary>
/// http-01 by a file in a directory that the proxy serves (RFC 8555 section 8.3): <c>.well-known/acme-challenge/TOKEN</c> below it. A file
/// is there whole or not at all. Thread-safe; several processes may share the directory, as each token is another one.
/// </summary>
/// <param name="directory">The directory, as Templater sees it. It must be there: one that was not mounted is not made.</param>
public sealed class WebrootSolver(string directory) : IChallengeSolver
{
    // Everybody may read it: the proxy is another user.
    private const uint FileMode = 0x1A4;
    private const uint FolderMode = 0x1ED;

    private static readonly string[] Folders = [".well-known", "acme-challenge"];

    /// <inheritdoc/>
    public string Type => ChallengeType.Http01;

    /// <inheritdoc/>
    public Task PresentAsync(PendingChallenge challenge, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        try
        {
            Write(PathOf(challenge), Encoding.ASCII.GetBytes(challenge.KeyAuthorization));
            return Task.CompletedTask;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(exception);
        }
    }

    /// <inheritdoc/>
    public Task CleanUpAsync(PendingChallenge challenge, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        try
        {
            File.Delete(PathOf(challenge));
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing there.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ChallengeException($"{PathOf(challenge)} cannot be removed: {exception.Message}", exception);
        }

        return Task.CompletedTask;
    }

    /// <summary>Why an answer could not be written now, as a line for the operator; null when nothing is in the way. Nothing is changed.</summary>
    public string? Obstacle()
    {
        if (!Directory.Exists(directory))
            return Unwritable(Missing()).Message;
        var deepest = Folders.Aggregate(directory, static (folder, part) => Path.Combine(folder, part) is var below && Directory.Exists(below) ? below : folder);
        return UnixFile.CannotWrite(deepest, isDirectory: true) is { } error ? Unwritable(error).Message : null;
    }

    private static DirectoryNotFoundException Missing() => new("it does not exist");

    private ChallengeException Unwritable(Exception exception) => new(
        $"the answer cannot be written below {directory} as {UnixFile.OwnIdentity}: {exception.Message}; it is the directory of acme.webroot (TEMPLATER_ACME_WEBROOT), shared with the proxy", exception);

    /// <summary>Path of the answer to a token.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="token">A token (<see cref="KeyAuthorization.IsToken"/>).</param>
    internal static string PathOf(string directory, string token) => Path.Combine([directory, .. Folders, token]);

    // The token becomes a file's name: it is looked at here, whoever looked before.
    private string PathOf(PendingChallenge challenge) => KeyAuthorization.IsToken(challenge.Token)
        ? PathOf(directory, challenge.Token)
        : throw new ChallengeException("the token is none that a file could be called by");

    private void Write(string path, byte[] content)
    {
        if (!Directory.Exists(directory))
            throw Missing();
        var folder = directory;
        foreach (var part in Folders)
        {
            folder = Path.Combine(folder, part);
            if (!Directory.Exists(folder) && UnixFile.CreateDirectory(folder))
                UnixFile.SetMode(folder, FolderMode);
        }

        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.new");
        UnixFile.Discard(temporary);
        try
        {
            using (var file = UnixFile.CreateNew(temporary))
            {
                RandomAccess.Write(file, content, 0);
                UnixFile.SetMode(file, FileMode);
            }

            UnixFile.Rename(temporary, path);
        }
        catch
        {
            UnixFile.Discard(temporary);
            throw;
        }
    }
}
