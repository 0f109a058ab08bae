namespace Templater.Pipeline.Certificates.Store;

/// <summary>
/// Since when nobody has used a certificate: a file beside the store's locks, whose time all who share the store push on while one of them
/// wants it. Not thread-safe: only one collection runs at a time.
/// </summary>
/// <param name="folder">Where the marks are; it must be there when one is set.</param>
/// <param name="keep">For how long what nobody uses is kept.</param>
/// <param name="time">The clock.</param>
internal sealed class CertificateUse(string folder, TimeSpan keep, TimeProvider time)
{
    private const string Suffix = ".used";

    // How exactly it is known when a certificate was used last.
    private const int MarksInKeep = 8;

    private readonly Dictionary<string, long> _unusedSince = new(StringComparer.Ordinal);

    /// <summary>Notes whether somebody uses a certificate now.</summary>
    /// <param name="stem">Its file name.</param>
    /// <param name="notBefore">From when on it holds.</param>
    /// <param name="isUsed">Whether somebody does.</param>
    /// <returns>True when it was not used for as long as it is kept, by the clock and by what this process has seen.</returns>
    /// <exception cref="IOException">That cannot be noted.</exception>
    public bool IsOver(string stem, DateTimeOffset notBefore, bool isUsed)
    {
        var mark = PathOf(stem);
        var now = time.GetUtcNow();
        DateTimeOffset? marked = File.Exists(mark) ? File.GetLastWriteTimeUtc(mark) : null;
        if (isUsed || marked is null || marked > now)
        {
            _unusedSince.Remove(stem);
            if (marked is null || marked > now || now - marked >= keep / MarksInKeep)
                Mark(mark, now);
            return false;
        }

        _unusedSince.TryAdd(stem, time.GetTimestamp());
        // A mark from before the certificate was made by a clock that was wrong.
        var since = marked < notBefore ? notBefore : marked.Value;
        return now - since >= keep && time.GetElapsedTime(_unusedSince[stem]) >= (keep < CertificateStore.LeastWatch ? keep : CertificateStore.LeastWatch);
    }

    /// <summary>Forgets a certificate that was removed.</summary>
    /// <param name="stem">Its file name.</param>
    public void Forget(string stem)
    {
        _unusedSince.Remove(stem);
        UnixFile.Discard(PathOf(stem));
    }

    private string PathOf(string stem) => Path.Combine(folder, stem + Suffix);

    // Whoever shares the store keeps what he wants by it, too.
    private static void Mark(string mark, DateTimeOffset now)
    {
        FolderOwner.MakeFile(mark);
        File.WriteAllBytes(mark, []);
        File.SetLastWriteTimeUtc(mark, now.UtcDateTime);
    }
}
