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
    private static readonly EnumerationOptions WithoutLinks = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly TempDirectory _directory = new();
    private readonly Pebble _pebble;
    private readonly AcmeFaultProxy _proxy;
    private readonly Lock _lock = new();
    private readonly List<(string Path, int Status)> _replies = [];
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private int _requests;
    private string? _former;

    private IssuanceSite(Pebble pebble)
    {
        _pebble = pebble;
        _proxy = new AcmeFaultProxy(pebble.Transport, pebble.Port) { Fault = PassAsync };
        Certificates.IssuanceSettings.Write(_directory, pebble, _proxy.DirectoryUrl, Host);
        Clear();
    }

    public FaultProgram? Program { get; private set; }

    public string Root => _directory.Path;

    /// <summary>The layout of the certificates; null for that of the template.</summary>
    public string? Layout { get; init; }

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

    public static async Task<IssuanceSite> OpenAsync(CancellationToken cancellationToken, string? layout = null) =>
        new(await Pebble.StartAsync(new PebbleOptions { AlwaysValid = true }, cancellationToken)) { Layout = layout };

    /// <summary>How many requests to a resource the CA has granted since it was cleared.</summary>
    /// <param name="resource">Beginning of its path, as Pebble calls it.</param>
    public int Granted(string resource)
    {
        lock (_lock)
            return _replies.Count(reply => reply.Path.StartsWith(resource, StringComparison.Ordinal) && reply.Status is 200 or 201);
    }

    /// <summary>
    /// Nothing runs, and nothing was ever asked; a first certificate is there where it is to be renewed, which its CA wants at once.
    /// </summary>
    /// <param name="isRenewal">Whether it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task PrepareAsync(bool isRenewal, CancellationToken cancellationToken)
    {
        Clear();
        if (!isRenewal)
            return;
        Start();
        await StoredAsync(cancellationToken);
        await Program!.EndAsync();
        using (var first = Pair()!)
        {
            _former = first.SerialNumber;
            await _pebble.WantRenewalAsync(first.ExportCertificatePem(), cancellationToken);
        }

        // Until the CA is asked again.
        LetPass(TimeSpan.FromHours(7));
        lock (_lock)
            _replies.Clear();
        Volatile.Write(ref _requests, 0);
    }

    private void Clear()
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
        (KillAt, KillsAfterwards, _former) = (0, false, null);
    }

    public void Start(params string[] trace)
    {
        End();
        Program = FaultProgram.Start(["run", "--config", _directory["t.yaml"], "--from", _directory["containers.json"], .. Layout is null ? Array.Empty<string>() : ["--certs-layout", Layout]], trace);
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
        var link = Layout is null ? Path.Combine(Certs, "live", Host) : Path.Combine(Certs, "archive", Host, "current");
        // Both of one version, whatever becomes the one that holds between two reads.
        return Directory.Exists(link) && Directory.ResolveLinkTarget(link, returnFinalTarget: true) is { } version
            ? X509Certificate2.CreateFromPemFile(Path.Combine(version.FullName, "fullchain.pem"), Path.Combine(version.FullName, "privkey.pem"))
            : null;
    }

    /// <summary>Waits until the certificate is there, another than the former one, and the program has nothing more to do for it.</summary>
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

    /// <summary>The program is ended if need be, and time passes: everything that is remembered of orders and certificates happened earlier by that.</summary>
    /// <param name="time">The time.</param>
    public void LetPass(TimeSpan time)
    {
        End();
        (KillAt, KillsAfterwards) = (0, false);
        foreach (var file in (string[])[_directory["state/acme/keeper.json"], .. Directory.EnumerateFiles(Certs, "certificate.json", WithoutLinks)])
            if (File.Exists(file))
                File.WriteAllText(file, Instant().Replace(File.ReadAllText(file), match => $"\"{JsonSerializer.Deserialize<DateTimeOffset>(match.Value).Add(-time).ToString("O", CultureInfo.InvariantCulture)}\""));
    }

    private async Task<bool> IsStoredAsync()
    {
        using var pair = Pair();
        return pair is not null && pair.SerialNumber != _former && (await CommandRun.Now("certs", "check", "--state-dir", State)).ExitCode == 0;
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
