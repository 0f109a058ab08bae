using System.Collections.Immutable;
using System.Text;
using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>What an operator may ask of the Templater that runs.</summary>
public enum KeeperRequestKind
{
    /// <summary>Another certificate, however long the present one lasts.</summary>
    Renew,

    /// <summary>One that is not there, without the pause after a failure.</summary>
    Issue,

    /// <summary>Another certificate with another key, since a certificate was revoked.</summary>
    Replace,

    /// <summary>Another key of the account at an authority.</summary>
    RollOver,
}

/// <summary>One thing that was asked for.</summary>
/// <param name="Kind">What.</param>
/// <param name="Name">Name of the certificate, or of the authority.</param>
public sealed record KeeperRequest(KeeperRequestKind Kind, string Name)
{
    /// <summary>What is known of the certificate that was revoked (<see cref="Renewal.CertificateLife.Id"/>); empty for anything else.</summary>
    public string Id { get; init; } = "";

    internal string Word => Kind.ToString().ToLowerInvariant();

    internal static KeeperRequest? Of(string line) => line.Split(' ') switch
    {
        [var word, var name, .. var rest] when name.Length > 0 && rest.Length <= 1 && !char.IsDigit(word.FirstOrDefault()) && Enum.TryParse<KeeperRequestKind>(word, ignoreCase: true, out var kind) =>
            new(kind, name) { Id = rest is [var id] ? id : "" },
        _ => null,
    };
}

/// <summary>
/// What an operator asks of a running Templater about certificates: small files in the state directory, which the other takes away. So
/// asking needs the right to write there, and no door over the network. Not thread-safe.
/// </summary>
/// <param name="stateDirectory">Path of the state directory.</param>
public sealed class KeeperRequests(string stateDirectory)
{
    /// <summary>Most that are taken at once; the rest waits.</summary>
    private const int MaxTaken = 100;

    private const int MaxBytes = 1024;
    private const string Unfinished = ".new";

    private readonly string _folder = Path.Combine(stateDirectory, "acme", "requests");

    // When those were written that are taken and could not be taken away: a folder of another user's.
    private readonly Dictionary<string, DateTime> _stuck = new(StringComparer.Ordinal);

    /// <summary>Asks for something.</summary>
    /// <param name="request">What.</param>
    /// <exception cref="IOException">It cannot be asked.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be asked.</exception>
    public void Ask(KeeperRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Directory.CreateDirectory(_folder);
        var unfinished = PathOf(request) + Unfinished;
        File.WriteAllText(unfinished, $"{request.Word} {request.Name} {request.Id}".TrimEnd() + "\n");
        File.Move(unfinished, PathOf(request), overwrite: true);
    }

    /// <summary>True when it was not taken yet.</summary>
    /// <param name="request">What was asked.</param>
    public bool IsPending(KeeperRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return File.Exists(PathOf(request));
    }

    /// <summary>Takes what was asked for. What cannot be read is taken away, too.</summary>
    /// <returns>By names of their files, in ordinal order.</returns>
    public ImmutableArray<KeeperRequest> Take()
    {
        var taken = ImmutableArray.CreateBuilder<KeeperRequest>();
        try
        {
            if (!Directory.Exists(_folder))
                return [];
            foreach (var path in Directory.EnumerateFiles(_folder).Where(static path => !path.EndsWith(Unfinished, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Take(MaxTaken))
                if (TakeOne(path) is { } request)
                    taken.Add(request);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is asked again in a moment.
        }

        return taken.ToImmutable();
    }

    private KeeperRequest? TakeOne(string path)
    {
        var written = File.GetLastWriteTimeUtc(path);
        if (_stuck.GetValueOrDefault(path) == written)
            return null;
        KeeperRequest? request = null;
        try
        {
            request = KeeperRequest.Of(Encoding.UTF8.GetString(NamedFile.ReadBytes(path, MaxBytes).Span).Trim());
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

        return request;
    }

    private string PathOf(KeeperRequest request) => Path.Combine(_folder, StateDirectory.FileNameOf($"{request.Word}-{request.Name}"));
}
