using System.Text.Json;
using System.Text.Json.Nodes;

namespace Templater.Acme.Dns.Providers;

/// <summary>An account of an acme-dns server: the one name whose TXT records it may change.</summary>
/// <param name="FullDomain">That name, which <c>_acme-challenge</c> of the domain must be an alias of.</param>
/// <param name="Subdomain">Its first label.</param>
/// <param name="UserName">The user.</param>
/// <param name="Password">The password.</param>
public sealed record AcmeDnsAccount(string FullDomain, string Subdomain, string UserName, string Password)
{
    /// <inheritdoc/>
    public override string ToString() => FullDomain;
}

/// <summary>Accounts of acme-dns, one for each domain, in a file of the form that lego and goacmedns write. Thread-safe within one process.</summary>
/// <param name="path">The file; it is made, with mode 0600, when the first account is registered.</param>
public sealed class AcmeDnsAccounts(string path)
{
    private readonly Lock _lock = new();

    /// <summary>The account of a domain; null where there is none.</summary>
    /// <param name="domain">The name that is validated.</param>
    /// <exception cref="ChallengeException">The file cannot be read.</exception>
    public AcmeDnsAccount? Find(string domain)
    {
        lock (_lock)
        {
            return Read()[domain] is JsonObject account
                ? new(Text(account, "fulldomain"), Text(account, "subdomain"), Text(account, "username"), Text(account, "password"))
                : null;
        }
    }

    /// <summary>Keeps the account of a domain. The file is replaced as a whole.</summary>
    /// <param name="domain">The name that is validated.</param>
    /// <param name="account">The account.</param>
    /// <param name="server">The server's address.</param>
    /// <exception cref="ChallengeException">The file cannot be written.</exception>
    public void Keep(string domain, AcmeDnsAccount account, Uri server)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(server);
        lock (_lock)
        {
            var all = Read();
            all[domain] = new JsonObject
            {
                ["fulldomain"] = account.FullDomain,
                ["subdomain"] = account.Subdomain,
                ["username"] = account.UserName,
                ["password"] = account.Password,
                ["server_url"] = server.AbsoluteUri.TrimEnd('/'),
            };
            Write(all.ToJsonString());
        }
    }

    private JsonObject Read()
    {
        try
        {
            return File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path), documentOptions: ProviderAnswer.Strict) as JsonObject ?? throw new JsonException("it is no object") : [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            // Without the cause's text: that of JSON may quote the file.
            throw new ChallengeException($"acme-dns: the file of accounts {path} cannot be read ({exception.GetType().Name}); ACME_DNS_STORAGE_PATH names it");
        }
    }

    private void Write(string text)
    {
        var temporary = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, $".{Path.GetFileName(path)}.{Environment.ProcessId}");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var stream = new FileStream(temporary, options))
            using (var writer = new StreamWriter(stream))
            {
                writer.Write(text);
                writer.Flush();
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ChallengeException($"acme-dns: the file of accounts {path} cannot be written: {exception.Message}", exception);
        }
    }

    private static string Text(JsonObject account, string name) =>
        account[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}

/// <summary>What <see cref="AcmeDnsRecords"/> needs.</summary>
/// <param name="Server">The server's address.</param>
/// <param name="Accounts">Where the accounts are kept.</param>
public sealed record AcmeDnsOptions(Uri Server, AcmeDnsAccounts Accounts)
{
    /// <summary>Networks (CIDR) that may use an account that is registered; any by default.</summary>
    public IReadOnlyList<string> AllowList { get; init; } = [];

    /// <summary>How long one call may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Times to wait.</summary>
    public TxtCapabilities Capabilities { get; init; } = new();
}

/// <summary>
/// TXT records at an acme-dns server: a name whose <c>_acme-challenge</c> is an alias of the server's needs no credentials of its own zone.
/// A domain without an account gets one, and the alias to make is said in the message. The server keeps the last two values of a name.
/// </summary>
public sealed class AcmeDnsRecords : ITxtRecords, IDisposable
{
    private const int MaxValues = 2;

    private readonly AcmeDnsOptions _options;
    private readonly HttpClient _client;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _registering = new(1);

    /// <summary>Creates it.</summary>
    /// <param name="options">Server and accounts.</param>
    /// <param name="http">Sends; must follow no redirects.</param>
    /// <param name="time">Counts the time-out.</param>
    public AcmeDnsRecords(AcmeDnsOptions options, HttpClient http, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _client, _time) = (options, http, time);
        Capabilities = options.Capabilities with { MaxValues = MaxValues };
    }

    /// <inheritdoc/>
    public TxtCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public async Task AddAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        var account = _options.Accounts.Find(record.Domain) ?? throw await RegisteredAsync(record, cancellationToken);
        var target = account.FullDomain.TrimEnd('.');
        if (record.Name != record.ChallengeName && !record.Name.TrimEnd('.').Equals(target, StringComparison.OrdinalIgnoreCase))
            throw new ChallengeException($"acme-dns: {record.ChallengeName.TrimEnd('.')} is an alias of {record.Name.TrimEnd('.')}, but the account is for another name: {Wanted(record, account)}");
        var http = Http(account.Password, account.UserName);
        var body = () => new JsonObject { ["subdomain"] = account.Subdomain, ["txt"] = record.Value };
        await http.MustAsync(
            () =>
            {
                var request = ProviderHttp.Json(HttpMethod.Post, ProviderHttp.Below(_options.Server, "update"), body());
                request.Headers.TryAddWithoutValidation("X-Api-User", account.UserName);
                request.Headers.TryAddWithoutValidation("X-Api-Key", account.Password);
                return request;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>The server has no such call: a value goes when two newer ones came.</remarks>
    public Task RemoveAsync(TxtRecord record, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _registering.Dispose();

    private async Task<ChallengeException> RegisteredAsync(TxtRecord record, CancellationToken cancellationToken)
    {
        await _registering.WaitAsync(cancellationToken);
        try
        {
            // The wildcard and the name itself ask at the same time.
            if (_options.Accounts.Find(record.Domain) is not { } account)
            {
                account = await RegisterAsync(cancellationToken);
                _options.Accounts.Keep(record.Domain, account, _options.Server);
            }

            return new($"acme-dns: an account was made for {record.Domain}; once, {Wanted(record, account)}");
        }
        finally
        {
            _registering.Release();
        }
    }

    private async Task<AcmeDnsAccount> RegisterAsync(CancellationToken cancellationToken)
    {
        var http = Http();
        var answer = await http.MustAsync(
            () => ProviderHttp.Json(
                HttpMethod.Post,
                ProviderHttp.Below(_options.Server, "register"),
                _options.AllowList is [] ? null : new JsonObject { ["allowfrom"] = new JsonArray([.. _options.AllowList.Select(network => (JsonNode)JsonValue.Create(network))]) }),
            cancellationToken);
        var json = answer.Json as JsonObject;
        string Text(string name) => json?[name] is JsonValue value && value.TryGetValue<string>(out var text) && text != "" ? text : throw http.Failure($"registered an account without '{name}'");
        return new(Text("fulldomain"), Text("subdomain"), Text("username"), Text("password"));
    }

    private static string Wanted(TxtRecord record, AcmeDnsAccount account) =>
        $"make the record: {record.ChallengeName} CNAME {account.FullDomain.TrimEnd('.')}.";

    private ProviderHttp Http(params string[] secrets) => new(_client, _time, "acme-dns", secrets)
    {
        Timeout = _options.Timeout,
        Credentials = "the account in ACME_DNS_STORAGE_PATH",
        ErrorOf = answer => (answer.Json as JsonObject)?["error"] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null,
    };
}
