using System.Collections.Immutable;
using System.Text;
using Templater.Acme.Protocol;
using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>The account at a CA, as far as it is known here.</summary>
/// <param name="Directory">The CA's directory.</param>
/// <param name="Key">The account's key, used for no other CA.</param>
public sealed record StoredAccount(Uri Directory, PrivateKey Key)
{
    /// <summary>What the CA calls the account; null until it was asked, and where that was lost: the CA finds it by its key.</summary>
    public Uri? Url { get; init; }

    /// <summary>The addresses of mail that the CA was told.</summary>
    public ImmutableArray<string> Contacts { get; init; } = [];

    /// <summary>
    /// The key that is to take the place of <see cref="Key"/>, from before the CA is asked until that is done; null where no roll-over is
    /// under way. After a crash either may be the account's.
    /// </summary>
    public PrivateKey? NextKey { get; init; }

    /// <summary>The account as requests need it; null while its URL is not known.</summary>
    public Account? Account => Url is null ? null : new Account(Url, Key);
}

/// <summary>
/// Accounts at CAs, one for each directory, in <c>acme/accounts/CA/</c> of the state directory: <c>account.key</c> (PKCS #8),
/// <c>account.json</c>, and <c>next.key</c> during a roll-over. A key is on the disk before it is given to anybody, and one that cannot
/// be read is never replaced silently. Thread-safe, also beside other processes.
/// </summary>
public sealed class AccountStore
{
    private const string Root = "acme/accounts";
    private const string KeyFile = "account.key";
    private const string NextKeyFile = "next.key";
    private const string FactsFile = "account.json";
    private const int MaxKeyBytes = 64 * 1024;

    private readonly StateDirectory _directory;
    private readonly StoreGate _gate;
    private readonly Action<PutAsideFile>? _notice;
    private readonly StateFile<AccountFacts> _facts;

    internal AccountStore(StateDirectory directory, StoreGate gate, Action<PutAsideFile>? notice)
    {
        _directory = directory;
        _gate = gate;
        _notice = notice;
        _facts = new StateFile<AccountFacts>(
            directory, StoreJson.Default.AccountFacts, static facts => Uri.TryCreate(facts.Directory, UriKind.Absolute, out _) && (facts.Url is null || Uri.TryCreate(facts.Url, UriKind.Absolute, out _)) && facts.Contacts.All(static contact => contact is not null),
            "what is known of an account at a CA", "The CA is asked for it by the account's key.", notice);
    }

    /// <summary>The account at a CA; null where there is none yet.</summary>
    /// <param name="directory">The CA's directory.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public StoredAccount? Find(Uri directory)
    {
        var folder = FolderOf(directory);
        var next = ReadKey($"{folder}/{NextKeyFile}");
        // Where the key was lost, the one that was to follow may be the account's already.
        if ((ReadKey($"{folder}/{KeyFile}") ?? next) is not { } key)
            return null;
        var facts = _facts.Load($"{folder}/{FactsFile}");
        if (facts is not null && facts.Directory != directory.AbsoluteUri)
            facts = null;
        return new StoredAccount(directory, key)
        {
            Url = facts?.Url is { } url ? new Uri(url) : null,
            Contacts = [.. facts?.Contacts ?? []],
            NextKey = ReferenceEquals(key, next) ? null : next,
        };
    }

    /// <summary>
    /// For who only looks on: thumbprint (RFC 7638) of the key that the account at a CA orders with next; null where there is none that can
    /// be understood. Nothing is changed.
    /// </summary>
    /// <param name="directory">The CA's directory.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public string? NextThumbprint(Uri directory)
    {
        var folder = FolderOf(directory);
        return (ParsedKey($"{folder}/{NextKeyFile}") ?? ParsedKey($"{folder}/{KeyFile}"))?.Public.Thumbprint;
    }

    /// <summary>For who only looks on: what a CA calls the account; null where that is not known, or there is no key that can be understood. Nothing is changed.</summary>
    /// <param name="directory">The CA's directory.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public Uri? KnownUrl(Uri directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        return NextThumbprint(directory) is not null && _facts.Peek($"{FolderOf(directory)}/{FactsFile}") is { Url: { } url } facts && facts.Directory == directory.AbsoluteUri ? new Uri(url) : null;
    }

    /// <summary>For who only looks on: the account at a CA as requests need it; null where its URL or its key is not known. Nothing is changed.</summary>
    /// <param name="directory">The CA's directory.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public Account? Known(Uri directory) =>
        KnownUrl(directory) is { } url && ParsedKey($"{FolderOf(directory)}/{KeyFile}") is { } key ? new Account(url, key) : null;

    /// <summary>The account at a CA, with a new key where there was none. No CA is asked.</summary>
    /// <param name="directory">The CA's directory.</param>
    /// <param name="type">The kind of a new key.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It can be neither read nor made.</exception>
    public async Task<StoredAccount> ObtainAsync(Uri directory, KeyType type, CancellationToken cancellationToken)
    {
        using var held = await _gate.EnterAsync(cancellationToken);
        if (Find(directory) is { } found)
            return found;
        // Making a key takes up to seconds.
        var key = await Task.Run(() => PrivateKey.Generate(type), cancellationToken);
        Create(directory, key, null, []);
        return new StoredAccount(directory, key);
    }

    /// <summary>Notes what the CA calls the account, and what it was told.</summary>
    /// <param name="directory">The CA's directory.</param>
    /// <param name="url">The account's URL.</param>
    /// <param name="contacts">Addresses of mail.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public async Task NoteAsync(Uri directory, Uri url, IEnumerable<string> contacts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(url);
        using var held = await _gate.EnterAsync(cancellationToken);
        SaveFacts(directory, url, contacts);
    }

    /// <summary>Takes over an account of another program, where there is none at this CA yet.</summary>
    /// <param name="directory">The CA's directory.</param>
    /// <param name="key">Its key.</param>
    /// <param name="url">Its URL; null where it is not known.</param>
    /// <param name="contacts">Addresses of mail.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False where there is an account already; it stays.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public async Task<bool> AdoptAsync(Uri directory, PrivateKey key, Uri? url, IEnumerable<string> contacts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        using var held = await _gate.EnterAsync(cancellationToken);
        if (Find(directory) is { } found)
            return found.Key.Public.Thumbprint == key.Public.Thumbprint;
        Create(directory, key, url, contacts);
        return true;
    }

    /// <summary>Begins a roll-over: the key to come, which is on the disk when this returns. One that was begun before is gone on with.</summary>
    /// <param name="directory">The CA's directory.</param>
    /// <param name="type">The kind of a new key.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It can be neither read nor made.</exception>
    public async Task<PrivateKey> BeginRollOverAsync(Uri directory, KeyType type, CancellationToken cancellationToken)
    {
        using var held = await _gate.EnterAsync(cancellationToken);
        var account = Find(directory) ?? throw new InvalidOperationException($"there is no account at {directory}");
        if (account.NextKey is { } begun)
            return begun;
        // The key of an account whose own was lost lies where the new one is to be written.
        if (!File.Exists(_directory[$"{FolderOf(directory)}/{KeyFile}"]))
            TakeNext(FolderOf(directory));
        var next = await Task.Run(() => PrivateKey.Generate(type), cancellationToken);
        _directory.WriteSecret($"{FolderOf(directory)}/{NextKeyFile}", Encoding.ASCII.GetBytes(next.ToPem()));
        return next;
    }

    /// <summary>Ends a roll-over; the key that is not the account's is lost.</summary>
    /// <param name="directory">The CA's directory.</param>
    /// <param name="isChanged">True where the new key is the account's now, false where the old one stayed it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It cannot be written; the roll-over is still under way.</exception>
    public async Task EndRollOverAsync(Uri directory, bool isChanged, CancellationToken cancellationToken)
    {
        using var held = await _gate.EnterAsync(cancellationToken);
        var folder = FolderOf(directory);
        if (!File.Exists(_directory[$"{folder}/{NextKeyFile}"]))
            return;
        if (!isChanged)
        {
            _directory.Remove($"{folder}/{NextKeyFile}");
            return;
        }

        TakeNext(folder);
    }

    // One rename: at no moment there is no key.
    private void TakeNext(string folder)
    {
        File.Move(_directory[$"{folder}/{NextKeyFile}"], _directory[$"{folder}/{KeyFile}"], overwrite: true);
        UnixFile.SyncDirectory(_directory[folder]);
    }

    /// <summary>Path of the file that says what a CA calls the account: without it the CA is asked by the account's key, and makes the account anew where it knows none.</summary>
    /// <param name="directory">The CA's directory.</param>
    public string FactsPathOf(Uri directory) => _directory[$"{FolderOf(directory)}/{FactsFile}"];

    private static string FolderOf(Uri directory) => $"{Root}/{StoreName.OfAuthority(directory)}";

    // The facts first: a key without them is an account that is found by it, facts without a key are none.
    private void Create(Uri directory, PrivateKey key, Uri? url, IEnumerable<string> contacts)
    {
        _directory.MakeFolder(FolderOf(directory));
        SaveFacts(directory, url, contacts);
        _directory.WriteSecret($"{FolderOf(directory)}/{KeyFile}", Encoding.ASCII.GetBytes(key.ToPem()));
    }

    private void SaveFacts(Uri directory, Uri? url, IEnumerable<string> contacts) =>
        _facts.Save($"{FolderOf(directory)}/{FactsFile}", new AccountFacts(directory.AbsoluteUri, url?.AbsoluteUri, [.. contacts]));

    private PrivateKey? ReadKey(string relative)
    {
        var path = _directory[relative];
        if (!File.Exists(path))
            return null;
        if (ParsedKey(relative) is { } key)
            return key;
        _directory.PutAside(relative);
        var aside = path + StateDirectory.AsideSuffix;
        _notice?.Invoke(new(aside, new Finding(
            FindingSeverity.Error,
            ReasonIds.InvalidInput,
            $"the key of an account at a CA could not be read and was kept as {aside}. Put back a copy of it, if there is one; otherwise the account there is made anew, and records that name it (CAA accounturi, dns-persist-01) have to be changed.")));
        return null;
    }

    // Null also for what is no key.
    private PrivateKey? ParsedKey(string relative)
    {
        var path = _directory[relative];
        try
        {
            return File.Exists(path) && new FileInfo(path).Length <= MaxKeyBytes ? PrivateKey.FromPem(Encoding.Latin1.GetString(_directory.Read(relative) ?? [])) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

/// <summary>The file form of what is known of an account, but for its key.</summary>
internal sealed record AccountFacts(string Directory, string? Url, List<string> Contacts, int Format = StateDirectory.Format);
