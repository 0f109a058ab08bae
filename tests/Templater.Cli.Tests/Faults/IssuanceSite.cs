using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Templater.Testing;

namespace Templater.Cli.Tests.Faults;

/// <summary>
/// One container that wants a certificate, the real program that obtains it, and a real CA behind a proxy that counts what is asked: all
/// of one directory. Nobody serves the configuration, and the CA takes every challenge for answered.
/// </summary>
internal sealed partial class IssuanceSite : IAsyncDisposable
{
    public const string Host = "shop.example.test";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly TempDirectory _directory = new();
    private readonly Pebble _pebble;
    private readonly AcmeFaultProxy _proxy;
    private readonly Lock _lock = new();
    private readonly List<(string Path, int Status)> _replies = [];
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private int _requests;

    private IssuanceSite(Pebble pebble)
    {
        _pebble = pebble;
        _proxy = new AcmeFaultProxy(pebble.Transport, pebble.Port) { Fault = PassAsync };
        Certificates.IssuanceSettings.Write(_directory, pebble, _proxy.DirectoryUrl, Host);
        Clear();
    }

    public FaultProgram? Program { get; private set; }

    public string Root => _directory.Path;

    /// <summary>Where the program is killed next: the how many-th request since it was cleared; 0 for nowhere.</summary>
    public int KillAt { get; set; }

    /// <summary>Whether the CA has got that request and answered it, when it is killed.</summary>
    public bool KillsAfterwards { get; set; }

    /// <summary>Requests since it was cleared.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>The keys that asked for an account, as they were sent.</summary>
    public int Keys
    {
        get
        {
            lock (_lock)
                return _keys.Count;
        }
    }

    /// <summary>Path of the last request that the CA has answered; empty before the first.</summary>
    public string LastReplied
    {
        get
        {
            lock (_lock)
                return _replies.Count == 0 ? "" : _replies[^1].Path;
        }
    }

    private string Certs => _directory["certs"];

    private string State => _directory["state"];

    public static async Task<IssuanceSite> OpenAsync(CancellationToken cancellationToken) =>
        new(await Pebble.StartAsync(new PebbleOptions { AlwaysValid = true }, cancellationToken));

    /// <summary>How many requests to a resource the CA has granted since it was cleared.</summary>
    /// <param name="resource">Beginning of its path, as Pebble calls it.</param>
    public int Granted(string resource)
    {
        lock (_lock)
            return _replies.Count(reply => reply.Path.StartsWith(resource, StringComparison.Ordinal) && reply.Status is 200 or 201);
    }

    /// <summary>Nothing runs, and nothing was ever written.</summary>
    public void Clear()
    {
        End();
        foreach (var folder in (string[])[State, Certs, _directory["config"]])
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(_directory["config"]);
        Directory.CreateDirectory(Certs);
        lock (_lock)
        {
            _replies.Clear();
            _keys.Clear();
        }

        Volatile.Write(ref _requests, 0);
        (KillAt, KillsAfterwards) = (0, false);
    }

    public void Start(params string[] trace)
    {
        End();
        Program = FaultProgram.Start(["run", "--config", _directory["t.yaml"], "--from", _directory["containers.json"]], trace);
    }

    public void End()
    {
        Program?.Dispose();
        Program = null;
    }

    /// <summary>The certificate that is there; null when there is none.</summary>
    /// <exception cref="Exception">There is half a pair, or a key that is another certificate's.</exception>
    public X509Certificate2? Pair()
    {
        var folder = Path.Combine(Certs, "live", Host);
        return Directory.Exists(folder) ? X509Certificate2.CreateFromPemFile(Path.Combine(folder, "fullchain.pem"), Path.Combine(folder, "privkey.pem")) : null;
    }

    /// <summary>Waits until the certificate is there and the program has nothing more to do for it.</summary>
    public async Task StoredAsync(CancellationToken cancellationToken)
    {
        await UntilAsync(IsStoredAsync, cancellationToken);
        using var pair = Pair();
        Assert.That(pair!.MatchesHostname(Host), Is.True);
    }

    /// <summary>Waits until the program has been killed, or until the certificate is there.</summary>
    /// <returns>Whether it was killed.</returns>
    public async Task<bool> EndsOrIsStoredAsync(CancellationToken cancellationToken)
    {
        await UntilAsync(async () => Program!.HasExited || await IsStoredAsync(), cancellationToken);
        return Program!.HasExited;
    }

    /// <summary>An hour passes: everything that is remembered of orders happened an hour earlier. Nothing may run.</summary>
    public void LetAnHourPass()
    {
        var file = _directory["state/acme/keeper.json"];
        if (!File.Exists(file))
            return;
        var text = File.ReadAllText(file);
        var earlier = Instant().Replace(text, static match =>
            $"\"{JsonSerializer.Deserialize<DateTimeOffset>(match.Value).AddHours(-1).ToString("O", CultureInfo.InvariantCulture)}\"");
        File.WriteAllText(file, earlier);
    }

    private async Task<bool> IsStoredAsync()
    {
        using var pair = Pair();
        return pair is not null && (await CommandRun.Now("certs", "check", "--state-dir", State)).ExitCode == 0;
    }

    private async Task UntilAsync(Func<Task<bool>> holds, CancellationToken cancellationToken)
    {
        for (var clock = Stopwatch.StartNew(); !await holds();)
        {
            if (clock.Elapsed > Patience)
                Assert.Fail($"it did not come.\n{Program?.Log}\n{(await CommandRun.Now("certs", "--state-dir", State)).Output}");
            await Task.Delay(Poll, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        End();
        await _proxy.DisposeAsync();
        await _pebble.DisposeAsync();
        _directory.Dispose();
    }

    private async Task<ProxiedReply?> PassAsync(ProxiedRequest request, AcmeFaultProxy.Onward onward, CancellationToken cancellationToken)
    {
        var isLast = Interlocked.Increment(ref _requests) == KillAt;
        if (isLast && !KillsAfterwards)
            return await KilledAsync();
        var reply = await onward(request);
        lock (_lock)
        {
            _replies.Add((request.Path, reply.Status));
            if (request.Method == "POST" && KeyOf(request) is { } key)
                _keys.Add(key);
        }

        return isLast ? await KilledAsync() : reply;
    }

    private async Task<ProxiedReply?> KilledAsync()
    {
        await Program!.SignalAsync("KILL");
        return null;
    }

    // Of a request that is signed by a key and not by an account (RFC 8555, 6.2); null for others.
    private static string? KeyOf(ProxiedRequest request)
    {
        using var jws = JsonDocument.Parse(request.Body);
        using var header = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(jws.RootElement.GetProperty("protected").GetString()));
        return header.RootElement.TryGetProperty("jwk", out var key) ? Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key.GetRawText()))) : null;
    }

    [GeneratedRegex("\"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})\"")]
    private static partial Regex Instant();
}
