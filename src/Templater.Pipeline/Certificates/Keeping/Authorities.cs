using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>The operator's certification authorities over the network, with accounts in the state directory. Thread-safe.</summary>
public sealed class Authorities : IAuthorities, IDisposable
{
    private readonly ImmutableSortedDictionary<string, AcmeAuthority> _authorities;
    private readonly AccountStore _store;
    private readonly AcmeHttpOptions _http;
    private readonly TimeProvider _time;
    private readonly Action<string> _notice;
    private readonly ConcurrentDictionary<string, StoredAccount> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Connection> _connections = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    private Authorities(ImmutableSortedDictionary<string, AcmeAuthority> authorities, AccountStore store, AcmeHttpOptions http, TimeProvider time, Action<string> notice)
    {
        _authorities = authorities;
        _store = store;
        _http = http;
        _time = time;
        _notice = notice;
    }

    /// <summary>Reads the accounts, and makes a key for each authority that has none: their thumbprints are known before any of them is asked.</summary>
    /// <param name="authorities">The authorities, by name.</param>
    /// <param name="store">The accounts.</param>
    /// <param name="http">How authorities are spoken to; whom to trust is theirs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="notice">Is told in one line what did not go as wished; from any thread.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">A key can be neither read nor made.</exception>
    public static async Task<Authorities> OpenAsync(
        ImmutableSortedDictionary<string, AcmeAuthority> authorities, AccountStore store, AcmeHttpOptions http, TimeProvider time, Action<string> notice, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(authorities);
        ArgumentNullException.ThrowIfNull(store);
        var opened = new Authorities(authorities, store, http, time, notice);
        foreach (var (name, authority) in authorities)
            opened._accounts[name] = await store.ObtainAsync(authority.Directory, KeyType.Ec256, cancellationToken);
        return opened;
    }

    /// <summary>For who only looks on: reads an authority's directory. No account is made or asked for.</summary>
    /// <param name="authority">The authority.</param>
    /// <param name="http">How it is spoken to; whom to trust is its own.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AcmeException">It cannot be read; the message ends in what can be done.</exception>
    internal static async Task<Acme.Protocol.Directory> LookAsync(AcmeAuthority authority, AcmeHttpOptions http, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            using var connection = HttpOf(authority, http, time);
            return await new AcmeClient(authority.Directory, connection, time).DirectoryAsync(cancellationToken);
        }
        catch (AcmeException exception)
        {
            throw With(exception, WayOutOf(authority, exception) ?? (exception.Failure == AcmeFailure.Account
                ? $"Mount that file here, or correct acme_ca_bundle (or cas.{authority.Name}.bundle)"
                : WayToReach(authority.Name)));
        }
    }

    /// <summary>Their directories, by name.</summary>
    public ImmutableSortedDictionary<string, Uri> Directories => _authorities.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value.Directory, StringComparer.Ordinal);

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, string> Thumbprints =>
        _accounts.ToImmutableSortedDictionary(pair => pair.Key, pair => (pair.Value.NextKey ?? pair.Value.Key).Public.Thumbprint, StringComparer.Ordinal);

    /// <inheritdoc/>
    public ImmutableSortedSet<string> Switched => [.. _accounts.Where(pair => pair.Value.NextKey is not null).Select(pair => pair.Key)];

    /// <inheritdoc/>
    public async Task<AuthorityFacts> OpenAsync(string authority, CancellationToken cancellationToken)
    {
        var client = ClientOf(authority);
        try
        {
            var directory = await client.DirectoryAsync(cancellationToken);
            var account = _accounts[authority].Account is null ? await AccountAsync(authority, client, cancellationToken) : await SeenAsync(authority, client, cancellationToken);
            return new([.. directory.Meta?.CaaIdentities ?? []], account.Url);
        }
        catch (AcmeException exception) when (WayOut(authority, exception) is { } wayOut)
        {
            throw With(exception, wayOut);
        }
    }

    /// <inheritdoc/>
    public Task<RenewalInfo?> RenewalInfoAsync(string authority, string certificateId, CancellationToken cancellationToken) =>
        ClientOf(authority).ReadRenewalInfoAsync(certificateId, cancellationToken);

    /// <inheritdoc/>
    public async Task<IssuedCertificate> ObtainAsync(string authority, CertificateWish wish, IChallengeSolver solver, IOrderJournal journal, CancellationToken cancellationToken)
    {
        var client = ClientOf(authority);
        try
        {
            var account = await AccountAsync(authority, client, cancellationToken);
            return await new CertificateOrderer(client, account, [solver], journal, _time, _notice).ObtainAsync(wish, cancellationToken);
        }
        catch (AcmeException exception) when (WayOut(authority, exception) is { } wayOut)
        {
            throw With(exception, wayOut);
        }
    }

    /// <inheritdoc/>
    public async Task SwitchAsync(string authority, CancellationToken cancellationToken)
    {
        var next = await _store.BeginRollOverAsync(_authorities[authority].Directory, KeyType.Ec256, cancellationToken);
        _accounts[authority] = _accounts[authority] with { NextKey = next };
    }

    /// <inheritdoc/>
    public async Task ChangeAsync(string authority, CancellationToken cancellationToken)
    {
        var stored = _accounts[authority];
        if (stored.NextKey is not { } next)
            return;
        var client = ClientOf(authority);
        // A process that was killed may have told it already. An account that was never made begins with the new key.
        if (await client.FindAccountAsync(next, cancellationToken) is null && await client.FindAccountAsync(stored.Key, cancellationToken) is { } account)
            await client.ChangeKeyAsync(account, next, cancellationToken);
        await _store.EndRollOverAsync(stored.Directory, isChanged: true, cancellationToken);
        _accounts[authority] = _accounts[authority] with { Key = next, NextKey = null };
    }

    /// <inheritdoc/>
    public async Task AbandonAsync(string authority, CancellationToken cancellationToken)
    {
        // What refused may be a page of somebody's on the way, when the authority has taken the key already.
        if (await ClientOf(authority).FindAccountAsync(_accounts[authority].Key, cancellationToken) is null)
            throw new AcmeException(AcmeFailure.Account, $"{authority} finds no account by the key that it had, and may have the next one already; both are kept");
        await _store.EndRollOverAsync(_authorities[authority].Directory, isChanged: false, cancellationToken);
        _accounts[authority] = _accounts[authority] with { NextKey = null };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var connection in _connections.Values)
                connection.Http.Dispose();
            _connections.Clear();
        }
    }

    // The account that is known, or found by its key, or made now.
    private async Task<Account> AccountAsync(string name, AcmeClient client, CancellationToken cancellationToken)
    {
        var stored = _accounts[name];
        var authority = _authorities[name];
        if (stored.Account is { } known)
        {
            if (!stored.Contacts.SequenceEqual(authority.Contacts, StringComparer.Ordinal))
                await TellContactsAsync(name, client, known, cancellationToken);
            return known;
        }

        var (account, isNew) = await client.NewAccountAsync(stored.Key, authority.Contacts, termsAgreed: true, authority.Binding, cancellationToken);
        // RFC 8555 section 7.3: one that is there already is given back as it is. What it has stays where no contact is set here.
        if (isNew || authority.Contacts.IsEmpty)
            await NoteAsync(name, account, cancellationToken);
        else
            await TellContactsAsync(name, client, account, cancellationToken);
        return account;
    }

    // The directory is remembered for a day, so that it tells nothing of now; the account has to be asked for.
    private async Task<Account> SeenAsync(string name, AcmeClient client, CancellationToken cancellationToken)
    {
        var account = await AccountAsync(name, client, cancellationToken);
        var body = await client.ReadAccountAsync(account, cancellationToken);
        return body.IsValid ? account : throw new AcmeException(AcmeFailure.Account, $"the account {account.Url} at {name} is {ShownText.OneLine(body.Status)}");
    }

    // What the operator can do about it, as a sentence; null where nothing is known of that.
    private string? WayOut(string name, AcmeException exception)
    {
        var (authority, stored) = (_authorities[name], _accounts[name]);
        if (WayOutOf(authority, exception) is { } trust)
            return trust;
        if (exception.Problem?.Is(ProblemType.AccountDoesNotExist) == true)
            return $"Where the CA has lost it for good, remove {_store.FactsPathOf(authority.Directory)} and start Templater again: the account is made anew with the same key";
        if (stored.Account is not null || exception.Failure is not (AcmeFailure.Account or AcmeFailure.Refused))
            return null;
        return authority.Binding is not null ? $"Compare eab_kid and eab_hmac of cas.{name} (or acme_eab_kid and acme_eab_hmac) with what the CA shows; some are good for one account only"
            : exception.Problem is null || exception.Problem.Is(ProblemType.ExternalAccountRequired) ? WayToBind(name)
            : null;
    }

    // The same of what is about its TLS, whoever asks.
    private static string? WayOutOf(AcmeAuthority authority, AcmeException exception) => exception.InnerException?.InnerException is AuthenticationException
        ? $"Where its TLS is signed for by an authority of one's own, that one's certificate stands in the file of acme_ca_bundle (or cas.{authority.Name}.bundle), which is {authority.CaBundle ?? "not set"}"
        : null;

    /// <summary>What is to be done where an authority does not answer as one, as a sentence without its end.</summary>
    /// <param name="name">Name of the authority.</param>
    internal static string WayToReach(string name) => $"Let it be reached from here, or correct acme_ca (or cas.{name}.url) where that is no directory of a CA";

    /// <summary>What is to be done where an authority wants an external account and none is set, as a sentence without its end.</summary>
    /// <param name="name">Name of the authority.</param>
    internal static string WayToBind(string name) => $"Set eab_kid and eab_hmac at cas.{name}, or acme_eab_kid and acme_eab_hmac where it is the only CA";

    private static AcmeException With(AcmeException exception, string wayOut) => new(exception.Failure, $"{exception.Message.TrimEnd('.')}. {wayOut}", exception)
    {
        Problem = exception.Problem,
        Status = exception.Status,
        RetryAt = exception.RetryAt,
        Identifiers = exception.Identifiers,
    };

    private async Task TellContactsAsync(string name, AcmeClient client, Account account, CancellationToken cancellationToken)
    {
        await client.UpdateContactsAsync(account, _authorities[name].Contacts, cancellationToken);
        await NoteAsync(name, account, cancellationToken);
    }

    private async Task NoteAsync(string name, Account account, CancellationToken cancellationToken)
    {
        var authority = _authorities[name];
        await _store.NoteAsync(authority.Directory, account.Url, authority.Contacts, cancellationToken);
        _accounts[name] = _accounts[name] with { Url = account.Url, Contacts = authority.Contacts };
    }

    private AcmeClient ClientOf(string name)
    {
        lock (_lock)
        {
            if (_connections.TryGetValue(name, out var known))
                return known.Client;
            var authority = _authorities[name];
            var http = HttpOf(authority, _http, _time);
            var client = new AcmeClient(authority.Directory, http, _time);
            _connections[name] = new(client, http);
            return client;
        }
    }

    private static AcmeHttp HttpOf(AcmeAuthority authority, AcmeHttpOptions options, TimeProvider time) =>
        new(authority.CaBundle is { } bundle ? options with { Authorities = RootsOf(authority.Name, bundle) } : options, time);

    /// <summary>The roots that are trusted for an authority's own TLS.</summary>
    /// <param name="name">Name of the authority.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="AcmeException">They cannot be read.</exception>
    internal static X509Certificate2Collection RootsOf(string name, string path)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(path);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new AcmeException(AcmeFailure.Account, $"the certificates of authorities in {path}, which are to be trusted for {name}, cannot be read: {exception.Message}", exception);
        }

        return roots.Count > 0 ? roots : throw new AcmeException(AcmeFailure.Account, $"there is no certificate in {path}, which is to be trusted for {name}");
    }

    private sealed record Connection(AcmeClient Client, AcmeHttp Http);
}
