using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Templater.Testing;

/// <summary>What a <see cref="Pebble"/> is like. The defaults are calm: no nonce refused, hardly an authorization used again, no pauses.</summary>
public sealed record PebbleOptions
{
    /// <summary>Percent of good nonces that are refused.</summary>
    public int NonceReject { get; init; }

    /// <summary>Percent of valid authorizations that are used again for another order; of 0, Pebble still uses one in a hundred again.</summary>
    public int AuthorizationReuse { get; init; }

    /// <summary>How many further roots there are.</summary>
    public int AlternateRoots { get; init; }

    /// <summary>How many intermediate authorities a chain has.</summary>
    public int ChainLength { get; init; } = 1;

    /// <summary>Whether accounts need an external one (<see cref="Pebble.ExternalKeyId"/>).</summary>
    public bool ExternalAccountRequired { get; init; }

    /// <summary>Whether every challenge counts as answered.</summary>
    public bool AlwaysValid { get; init; }

    /// <summary>Whether a validation takes a second (one in eight none), as it takes its time at a CA that asks from several places.</summary>
    public bool TakesItsTime { get; init; }

    /// <summary>Whether it takes only what others leave of the processors, as a CA does that is on another machine.</summary>
    public bool IsElsewhere { get; init; }

    /// <summary>Retry-After of orders and authorizations in seconds; Pebble sends it as seconds or as a date, by chance.</summary>
    public int RetryAfter { get; init; }

    /// <summary>Where its API is; its management stays on 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The DNS server that it asks, by TCP; null for that of its tests, which answers every name with 127.0.0.1.</summary>
    public IPEndPoint? Resolver { get; init; }

    /// <summary>Where it looks for http-01; null for a free port.</summary>
    public int? HttpPort { get; init; }
}

/// <summary>
/// A real CA, Pebble, with the DNS server of its tests, which answers every name with 127.0.0.1. On ports of their own, both
/// ended on disposal. The certificates of its TLS are made here.
/// </summary>
public sealed class Pebble : ITestAuthority
{
    /// <summary>Names the program in the place of the one that was fetched; <c>pebble-challtestsrv</c> lies beside it.</summary>
    public const string Variable = "PEBBLE_BIN";

    /// <summary>Key id of the external account.</summary>
    public const string ExternalKeyId = "kid-1";

    /// <summary>Key of the external account, in base64url.</summary>
    public const string ExternalKey = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

    /// <summary>A name that it signs nothing for.</summary>
    public const string BlockedName = "blocked-domain.example";

    private const int MaxStarts = 3;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly TempDirectory _directory = new("templater-pebble-");
    private readonly PebbleOptions _options;
    private readonly HttpClient _http;
    private readonly ConcurrentQueue<bool> _validations = new();
    private int _orders;
    private int _issued;
    private int _mostOrders;
    private Process? _pebble;
    private Process? _dns;

    private Pebble(PebbleOptions options)
    {
        _options = options;
        Transport = new TransportCertificates(options.Address);
        _directory.Write("server.pem", Transport.Server.ExportCertificatePem() + "\n");
        _directory.Write("server.key", Transport.ServerKeyPem);
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { Transport.Authority } };
        _http = new HttpClient(handler);
        // Pebble answers nobody who does not say who it is.
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("templater-tests/1.0");
    }

    /// <summary>What its TLS shows, and whom to trust for it.</summary>
    public TransportCertificates Transport { get; }

    /// <summary>The port of its API.</summary>
    public int Port { get; private set; }

    /// <inheritdoc/>
    public string Bundle => Transport.Authority.ExportCertificatePem() + "\n";

    /// <inheritdoc/>
    public Uri DirectoryUrl => new(Invariant($"https://{_options.Address}:{Port}/dir"));

    /// <summary>Where it looks for http-01.</summary>
    public int HttpPort { get; private set; }

    /// <summary>Where it looks for tls-alpn-01.</summary>
    public int TlsPort { get; private set; }

    /// <summary>What came of the challenges so far, as its log tells: true for one that was answered.</summary>
    public IReadOnlyList<bool> Validations => [.. _validations];

    /// <summary>How many certificates it signed, as its log tells.</summary>
    public int Issued => Volatile.Read(ref _issued);

    /// <summary>The most orders that it had open at once, as its log tells.</summary>
    public int MostOrders => Volatile.Read(ref _mostOrders);

    /// <summary>The port of the DNS server, by UDP and TCP.</summary>
    public int DnsPort { get; private set; }

    private int ManagementPort { get; set; }

    private int DnsManagementPort { get; set; }

    /// <summary>Starts both; the test is skipped where they are missing.</summary>
    /// <param name="options">What it is like.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Pebble> StartAsync(PebbleOptions? options = null, CancellationToken cancellationToken = default)
    {
        var program = Program();
        var pebble = new Pebble(options ?? new PebbleOptions());
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                pebble.ChoosePorts();
                try
                {
                    await pebble.StartDnsAsync(program, cancellationToken);
                    await pebble.StartCaAsync(program, cancellationToken);
                    return pebble;
                }
                catch (InvalidOperationException) when (attempt < MaxStarts)
                {
                    // Another program took a port in the meantime.
                    pebble.Stop();
                }
            }
        }
        catch
        {
            await pebble.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the CA again on the same ports: it forgets its accounts, orders and roots.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public Task RestartAsync(CancellationToken cancellationToken = default)
    {
        End(ref _pebble);
        return StartCaAsync(Program(), cancellationToken);
    }

    /// <summary>A root that it signs with, in PEM.</summary>
    /// <param name="number">0, or of the further ones.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<string> RootAsync(int number = 0, CancellationToken cancellationToken = default) =>
        _http.GetStringAsync(new Uri(Invariant($"https://127.0.0.1:{ManagementPort}/roots/{number}")), cancellationToken);

    /// <inheritdoc/>
    public async Task<X509Certificate2> RootCertificateAsync(CancellationToken cancellationToken) => X509Certificate2.CreateFromPem(await RootAsync(cancellationToken: cancellationToken));

    /// <summary>"Valid" or "Revoked".</summary>
    /// <param name="serial">The serial number in hexadecimal.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<JsonElement> StatusAsync(string serial, CancellationToken cancellationToken = default) =>
        await _http.GetFromJsonAsync<JsonElement>(new Uri(Invariant($"https://127.0.0.1:{ManagementPort}/cert-status-by-serial/{serial}")), cancellationToken);

    /// <summary>What it answers when asked about the renewal of a certificate.</summary>
    /// <param name="pem">The leaf.</param>
    /// <param name="answer">The body, as it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task SetRenewalInfoAsync(string pem, string answer, CancellationToken cancellationToken = default) =>
        PostAsync(new Uri(Invariant($"https://127.0.0.1:{ManagementPort}/set-renewal-info/")), new() { ["Certificate"] = pem, ["ARIResponse"] = answer }, cancellationToken);

    /// <summary>Wants from now on that a certificate is renewed at once; who asks is told so.</summary>
    /// <param name="pem">The leaf.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task WantRenewalAsync(string pem, CancellationToken cancellationToken = default)
    {
        var now = TimeProvider.System.GetUtcNow();
        return SetRenewalInfoAsync(pem, Invariant($$$"""{"suggestedWindow":{"start":"{{{now.AddHours(-2):yyyy-MM-ddTHH:mm:ssZ}}}","end":"{{{now.AddHours(-1):yyyy-MM-ddTHH:mm:ssZ}}}"}}"""), cancellationToken);
    }

    /// <summary>Adds a value to a TXT record.</summary>
    /// <param name="name">The name, without a dot at its end.</param>
    /// <param name="value">The value.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task AddTxtAsync(string name, string value, CancellationToken cancellationToken = default) => DnsAsync("set-txt", new() { ["host"] = name + ".", ["value"] = value }, cancellationToken);

    /// <summary>Removes all values of a TXT record.</summary>
    /// <param name="name">The name, without a dot at its end.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task ClearTxtAsync(string name, CancellationToken cancellationToken = default) => DnsAsync("clear-txt", new() { ["host"] = name + "." }, cancellationToken);

    /// <summary>Anything that the DNS server can be told.</summary>
    /// <param name="command">For example <c>set-servfail</c>, <c>set-cname</c>, <c>add-a</c>.</param>
    /// <param name="values">Its object.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task DnsAsync(string command, Dictionary<string, string> values, CancellationToken cancellationToken = default) =>
        PostAsync(new Uri(Invariant($"http://127.0.0.1:{DnsManagementPort}/{command}")), values, cancellationToken);

    /// <summary>Ends both.</summary>
    public ValueTask DisposeAsync()
    {
        Stop();
        _http.Dispose();
        _directory.Dispose();
        Transport.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Program() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } chosen
        ? chosen
        : FetchedPackage.Require("pebble", "usr/bin/pebble", "sid").Path;

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private void ChoosePorts()
    {
        (Port, ManagementPort, TlsPort, DnsPort, DnsManagementPort) = (FreePort.Next(), FreePort.Next(), FreePort.Next(), FreePort.Next(), FreePort.Next());
        HttpPort = _options.HttpPort ?? FreePort.Next();
    }

    private async Task StartDnsAsync(string pebble, CancellationToken cancellationToken)
    {
        var program = Path.Combine(Path.GetDirectoryName(pebble)!, "pebble-challtestsrv");
        _dns = Start(
            program,
            ["-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", "", "-dnsserver", Invariant($"127.0.0.1:{DnsPort}"), "-management", Invariant($"127.0.0.1:{DnsManagementPort}"), "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""],
            [],
            static _ => { });
        await UntilAsync(_dns, () => ClearTxtAsync("start.invalid", cancellationToken), cancellationToken);
    }

    private async Task StartCaAsync(string program, CancellationToken cancellationToken)
    {
        var settings = _directory.Write("pebble.json", Settings());
        string[] arguments = ["-config", settings, "-dnsserver", (_options.Resolver ?? new IPEndPoint(IPAddress.Loopback, DnsPort)).ToString()];
        _pebble = Start(_options.IsElsewhere ? "nice" : program, _options.IsElsewhere ? ["-n", "19", program, .. arguments] : arguments, new()
        {
            ["PEBBLE_VA_NOSLEEP"] = _options.TakesItsTime ? "0" : "1",
            // Each of three looks sleeps for 0 or 1 s.
            ["PEBBLE_VA_SLEEPTIME"] = "2",
            ["PEBBLE_VA_ALWAYS_VALID"] = _options.AlwaysValid ? "1" : "0",
            ["PEBBLE_WFE_NONCEREJECT"] = _options.NonceReject.ToString(CultureInfo.InvariantCulture),
            ["PEBBLE_AUTHZREUSE"] = _options.AuthorizationReuse.ToString(CultureInfo.InvariantCulture),
            ["PEBBLE_ALTERNATE_ROOTS"] = _options.AlternateRoots.ToString(CultureInfo.InvariantCulture),
            ["PEBBLE_CHAIN_LENGTH"] = _options.ChainLength.ToString(CultureInfo.InvariantCulture),
        }, Read);
        await UntilAsync(_pebble, () => _http.GetStringAsync(DirectoryUrl, cancellationToken), cancellationToken);
    }

    private string Settings() => $$"""
        { "pebble": {
          "listenAddress": "{{_options.Address}}:{{Port}}", "managementListenAddress": "127.0.0.1:{{ManagementPort}}",
          "certificate": "{{_directory["server.pem"]}}", "privateKey": "{{_directory["server.key"]}}",
          "httpPort": {{HttpPort}}, "tlsPort": {{TlsPort}}, "ocspResponderURL": "",
          "externalAccountBindingRequired": {{(_options.ExternalAccountRequired ? "true" : "false")}},
          "externalAccountMACKeys": { "{{ExternalKeyId}}": "{{ExternalKey}}" },
          "domainBlocklist": ["{{BlockedName}}"],
          "retryAfter": { "authz": {{_options.RetryAfter}}, "order": {{_options.RetryAfter}} },
          "keyAlgorithm": "ecdsa",
          "profiles": {
            "classic": { "description": "90 days", "validityPeriod": 7776000, "promoteCommonName": true },
            "shortlived": { "description": "160 hours", "validityPeriod": 576000 },
            "tiny": { "description": "60 seconds", "validityPeriod": 60 } } } }
        """;

    // "authz X set VALID by completed challenge Y", "Added order X to the db", "Issued certificate serial X for order Y"
    private void Read(string line)
    {
        if (line.Contains(" by completed challenge ", StringComparison.Ordinal))
            _validations.Enqueue(line.Contains(" set VALID ", StringComparison.Ordinal));
        if (line.Contains("Added order ", StringComparison.Ordinal))
            Interlocked.Increment(ref _orders);
        if (line.Contains("Issued certificate serial ", StringComparison.Ordinal))
            Interlocked.Increment(ref _issued);
        // Only one line at a time is read.
        _mostOrders = Math.Max(_mostOrders, _orders - _issued);
    }

    // To the end, whoever reads it: a full pipe would stop the program.
    private static Process Start(string program, string[] arguments, Dictionary<string, string?> environment, Action<string> read)
    {
        var process = new Process { StartInfo = ChildProcess.StartInfo(program, arguments, environment) };
        process.Start();
        process.OutputDataReceived += (_, line) => read(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => read(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task UntilAsync(Process process, Func<Task> ask, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await ask();
                return;
            }
            catch (HttpRequestException exception) when (exception.StatusCode is null)
            {
                if (process.HasExited || Stopwatch.GetElapsedTime(start) > StartLimit)
                    throw new InvalidOperationException($"{process.StartInfo.FileName} does not start", exception);
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    private async Task PostAsync(Uri url, Dictionary<string, string> values, CancellationToken cancellationToken)
    {
        using var content = new StringContent(JsonSerializer.Serialize(values), Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(url, content, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Ends both: who connects is refused.</summary>
    public void Stop()
    {
        End(ref _pebble);
        End(ref _dns);
    }

    private static void End(ref Process? process)
    {
        if (process is null)
            return;
        if (!process.HasExited)
            process.Kill();
        process.WaitForExit();
        process.Dispose();
        process = null;
    }
}
