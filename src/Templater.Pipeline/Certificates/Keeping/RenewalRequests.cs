using System.Collections.Immutable;
using System.Text;
using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>
/// Certificates that an operator asks a running Templater to renew: small files in the state directory, which the other takes away. So
/// asking needs the right to write there, and no door over the network. Not thread-safe.
/// </summary>
/// <param name="stateDirectory">Path of the state directory.</param>
public sealed class RenewalRequests(string stateDirectory)
{
    /// <summary>Most that are taken at once; the rest waits.</summary>
    private const int MaxTaken = 100;

    private const int MaxBytes = 512;
    private const string Unfinished = ".new";

    private readonly string _folder = Path.Combine(stateDirectory, "acme", "requests");

    // When those were written that are taken and could not be taken away: a folder of another user's.
    private readonly Dictionary<string, DateTime> _stuck = new(StringComparer.Ordinal);

    /// <summary>Asks for one.</summary>
    /// <param name="name">The certificate's name.</param>
    /// <exception cref="IOException">It cannot be asked.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be asked.</exception>
    public void Ask(string name)
    {
        Directory.CreateDirectory(_folder);
        var unfinished = PathOf(name) + Unfinished;
        File.WriteAllText(unfinished, name + "\n");
        File.Move(unfinished, PathOf(name), overwrite: true);
    }

    /// <summary>True when it was not taken yet.</summary>
    /// <param name="name">The certificate's name.</param>
    public bool IsPending(string name) => File.Exists(PathOf(name));

    /// <summary>Takes what was asked for. What cannot be read is taken away, too.</summary>
    /// <returns>Names, in ordinal order.</returns>
    public ImmutableArray<string> Take()
    {
        var names = ImmutableArray.CreateBuilder<string>();
        try
        {
            if (!Directory.Exists(_folder))
                return [];
            foreach (var path in Directory.EnumerateFiles(_folder).Where(static path => !path.EndsWith(Unfinished, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Take(MaxTaken))
                if (TakeOne(path) is { Length: > 0 } name)
                    names.Add(name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is asked again in a moment.
        }

        return names.ToImmutable();
    }

    private string? TakeOne(string path)
    {
        var written = File.GetLastWriteTimeUtc(path);
        if (_stuck.GetValueOrDefault(path) == written)
            return null;
        string? name = null;
        try
        {
            name = Encoding.UTF8.GetString(NamedFile.ReadBytes(path, MaxBytes).Span).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Nobody understands it.
        }

        try
        {
            File.Delete(path);
            _stuck.Remove(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _stuck[path] = written;
        }

        return name;
    }

    private string PathOf(string name) => Path.Combine(_folder, StateDirectory.FileNameOf(name));
}
