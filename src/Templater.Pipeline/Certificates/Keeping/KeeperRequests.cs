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

    private readonly string _folder = Path.Combine(stateDirectory, "acme", "requests");

    // Taken, and may still lie there.
    private readonly Dictionary<string, RequestFile> _taken = new(StringComparer.Ordinal);

    /// <summary>Asks for something.</summary>
    /// <param name="request">What.</param>
    /// <exception cref="IOException">It cannot be asked.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be asked.</exception>
    public void Ask(KeeperRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Directory.CreateDirectory(_folder);
        At(PathOf(request)).Write($"{request.Word} {request.Name} {request.Id}".TrimEnd());
    }

    /// <summary>True when it was not taken yet.</summary>
    /// <param name="request">What was asked.</param>
    public bool IsPending(KeeperRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return At(PathOf(request)).IsPending;
    }

    /// <summary>
    /// Takes what was asked for, by names of their files, in ordinal order. A file is taken away only when what it asks is remembered, so that a
    /// process which is killed before has it done by the next one; what cannot be understood is taken away, too.
    /// </summary>
    /// <param name="take">Takes one over: true when that is remembered, or need not be; false to be asked again by the next call.</param>
    public async Task TakeAsync(Func<KeeperRequest, Task<bool>> take)
    {
        ArgumentNullException.ThrowIfNull(take);
        foreach (var (path, file) in _taken.ToList())
        {
            file.RemoveStuck();
            if (!file.IsPending)
                _taken.Remove(path);
        }

        foreach (var (path, file) in Paths().Select(path => (Path: path, File: _taken.GetValueOrDefault(path) ?? At(path))).Where(static request => request.File.IsThere).Take(MaxTaken).ToList())
        {
            if (file.Read() is { } text && KeeperRequest.Of(text) is { } request && !await take(request))
                continue;
            file.RemoveRead();
            _taken[path] = file;
        }
    }

    // A folder that cannot be listed is asked for again in a moment.
    private List<string> Paths()
    {
        try
        {
            return Directory.Exists(_folder)
                ? [.. Directory.EnumerateFiles(_folder).Where(static path => !path.EndsWith(RequestFile.Unfinished, StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
                : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static RequestFile At(string path) => new(path, MaxBytes);

    private string PathOf(KeeperRequest request) => Path.Combine(_folder, StateDirectory.FileNameOf($"{request.Word}-{request.Name}"));
}
