using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Templater.Acme.Protocol;
using Templater.Cli.Tests.Running;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Watching;
using Templater.Testing;
using Directory = System.IO.Directory;

namespace Templater.Cli.Tests.Commands;

/// <summary>The subcommands of <c>certs</c> beside a Templater that runs, and what they say where none does or nothing fits.</summary>
[CancelAfter(60_000)]
[Platform("Linux")]
public sealed class CertsCommandTests : IAsyncDisposable
{
    private const string Host = "shop.example.com";

    private readonly RunBench _bench = new();
    private readonly FakeDockerEngine _engine = new();

    [Test]
    public async Task WhatIsThereIsShownWithAllThatIsKnownOfIt()
    {
        Settings();
        Used();
        var stored = await SavedAsync(DateTimeOffset.UtcNow.AddDays(60), Host, "www." + Host);

        var shown = await CertsAsync("show", "WWW." + Host);
        Assert.That((shown.ExitCode, shown.Error), Is.EqualTo((0, "")));
        Assert.That(shown.Output, Does.StartWith($"{Host}\n  names        {Host}, www.{Host}\n  state        nobody wants it\n  issuer       CN={Host}\n  serial       "));
        Assert.That(shown.Output, Does.Contain("  key          EC P-256\n").And.Contain($"  file         {_bench.Directory[$"certs/live/{Host}/fullchain.pem"]}\n"));
        Assert.That(shown.Output, Does.Not.Contain("PRIVATE"));

        using var json = JsonDocument.Parse((await CertsAsync("show", Host, "--json")).Output);
        var inner = json.RootElement.GetProperty("stored");
        Assert.That((json.RootElement.GetProperty("name").GetString(), json.RootElement.GetProperty("wanted").ValueKind, inner.GetProperty("fingerprint_sha256").GetString(), inner.GetProperty("files").GetArrayLength()),
            Is.EqualTo((Host, JsonValueKind.Null, Convert.ToHexStringLower(stored.Chain.Leaf.GetCertHash(HashAlgorithmName.SHA256)), 2)));
    }

    [TestCase("show", "error invalid-input: no certificate \"nobody.example.com\" is wanted, or there; there are shop.example.com.")]
    [TestCase("restore", "error invalid-input: no certificate \"nobody.example.com\" is in {0}; there are shop.example.com.")]
    [TestCase("revoke", "error invalid-input: no certificate \"nobody.example.com\" is in {0}; there are shop.example.com.")]
    public async Task ANameThatNobodyKnowsIsAMistake(string command, string message)
    {
        Settings();
        Used();
        await SavedAsync(DateTimeOffset.UtcNow.AddDays(60), Host);
        var run = await CertsAsync(command, "nobody.example.com");
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((3, string.Format(System.Globalization.CultureInfo.InvariantCulture, message, _bench.Directory["certs"]) + "\n")));
    }

    [TestCase("issue", "so nobody would order a certificate")]
    [TestCase("renew", "so nobody would renew a certificate")]
    public async Task WithoutATemplaterThatRunsNobodyOrders(string command, string part)
    {
        Settings();
        Used();
        var run = await CertsAsync(command, Host);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((4, run.Error)));
        Assert.That(run.Error, Does.Contain(part));
    }

    [Test]
    public async Task WhatWasThereBeforeOrIsRevokedIsNoNewOne(CancellationToken cancellationToken)
    {
        Settings();
        Used();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var stored = await SavedAsync(time.GetUtcNow().AddDays(60), Host);
        using var running = await RunLock.TakeAsync(_bench.Directory["state"], TimeProvider.System, cancellationToken);
        // Somebody has restored what is stored since the Templater looked.
        await ToldAsync(time, "before", isRevoked: false);
        using var signals = new ProcessSignals();
        var renewal = CommandRun.With(signals, time, new StringWriter(), "certs", "renew", Host, "--config", _bench.Directory["t.yaml"]);
        await LookedAsync();
        File.Delete(Directory.GetFiles(_bench.Directory["state/acme/requests"]).Single());

        foreach (var (id, isRevoked) in ((string, bool)[])[(stored.Life.Id, false), ("third", true)])
        {
            await ToldAsync(time, id, isRevoked);
            await LookedAsync();
            await LookedAsync();
            Assert.That(renewal.IsCompleted, Is.False, id);
        }

        await ToldAsync(time, "fourth", isRevoked: false);
        await LookedAsync();
        var run = await renewal.WaitAsync(cancellationToken);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.StartWith($"{Host}: renewed, ends "));

        Task LookedAsync() => Task.WhenAny(renewal, time.AdvanceWhenWaitingAsync(TimeSpan.FromSeconds(1), 1, cancellationToken));
    }

    [Test]
    public async Task WhatHasEndedOrWasImportedIsNotRevoked()
    {
        Settings();
        Used();
        await SavedAsync(DateTimeOffset.UtcNow.AddDays(60), Host);
        var imported = await CertsAsync("revoke", Host);
        Assert.That((imported.ExitCode, imported.Error), Is.EqualTo((3, $"error invalid-input: it is not known which CA issued the certificate for {Host}, since another program obtained it. Revoke it with that one.\n")));
        var reason = await CertsAsync("revoke", Host, "--reason", "bored");
        Assert.That((reason.ExitCode, reason.Error.Contains("expected one of unspecified, keyCompromise, affiliationChanged, superseded, cessationOfOperation", StringComparison.Ordinal)), Is.EqualTo((2, true)), reason.Error);
    }

    [Test]
    public async Task WhatAnotherClientKeepsIsTakenOverOnce()
    {
        Settings();
        Used();
        var (soon, late) = (Pair(DateTimeOffset.UtcNow.AddDays(10), Host), Pair(DateTimeOffset.UtcNow.AddDays(60), Host));
        Lego("one", soon);
        var first = await CertsAsync("import", _bench.Directory["lego"]);
        Assert.That((first.ExitCode, first.Error), Is.EqualTo((0, "")));
        Assert.That(first.Output, Does.StartWith($"{Host}: imported from "));
        Assert.That((await CertsAsync("import", _bench.Directory["lego"])).Output, Does.StartWith($"{Host}: the one that is there stays, it ends "));

        Lego("two", late);
        Assert.That((await CertsAsync("import", _bench.Directory["lego"])).Output, Does.StartWith($"{Host}: imported from "));
        Assert.That(Store.Find(Host)!.Life.NotAfter, Is.EqualTo(DateTimeOffset.UtcNow.AddDays(60)).Within(TimeSpan.FromMinutes(5)));
    }

    [Test]
    public async Task WhatCannotBeUsedIsNotTakenOver()
    {
        Settings();
        Used();
        Lego("old", Pair(DateTimeOffset.UtcNow.AddDays(-1), "old.example.com"));
        var (one, other) = (Pair(DateTimeOffset.UtcNow.AddDays(60), Host), Pair(DateTimeOffset.UtcNow.AddDays(60), Host));
        Lego("mixed", (one.Chain, other.Key));
        var run = await CertsAsync("import", _bench.Directory["lego"]);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((3, "")));
        Assert.That(run.Error, Does.Match("old.crt is not taken over: the certificate for old.example.com has ended ").And.Match("mixed.crt is not taken over: the key in .* is for another certificate"));
        Assert.That(Store.All, Is.Empty);
    }

    [TestCase("absent", 3, "error invalid-input: there is no directory {0}.\n")]
    [TestCase("empty", 3, "error invalid-input: {0} holds nothing of certbot (/etc/letsencrypt), lego (.lego), acme.sh (~/.acme.sh), acme-companion (/etc/acme.sh) or Dotege (/data/certs).\n")]
    public async Task ADirectoryOfNoneOfThemIsAMistake(string name, int code, string message)
    {
        Settings();
        Used();
        Directory.CreateDirectory(_bench.Directory["empty"]);
        var run = await CertsAsync("import", _bench.Directory[name]);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((code, string.Format(System.Globalization.CultureInfo.InvariantCulture, message, _bench.Directory[name]))));
    }

    [Test]
    public async Task WithoutAcmeNothingIsImportedOrRestored()
    {
        var run = await CommandRun.Now("certs", "import", _bench.Directory.Path, "--state-dir", _bench.Directory["state"]);
        Assert.That((run.ExitCode, run.Error.Contains("nobody would renew what is imported: set acme_email", StringComparison.Ordinal)), Is.EqualTo((2, true)), run.Error);
        run = await CommandRun.Now("certs", "restore", Host, "--certs-dir", _bench.Directory["certs"], "--state-dir", _bench.Directory["state"]);
        Assert.That((run.ExitCode, run.Error.Contains("it is not known how they are kept: set acme_email", StringComparison.Ordinal)), Is.EqualTo((2, true)), run.Error);
    }

    [Test]
    public async Task WhoRestoresHasTheFormerOneAndIsToldWhenItIsDue()
    {
        Settings();
        Used();
        await SavedAsync(DateTimeOffset.UtcNow.AddDays(5), Host);
        var second = await SavedAsync(DateTimeOffset.UtcNow.AddDays(50), Host, "www." + Host);
        await SavedAsync(DateTimeOffset.UtcNow.AddDays(60), Host);

        var run = await CertsAsync("restore", "WWW." + Host);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((3, "")), "that name is in the former one alone");
        run = await CertsAsync("restore", Host);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.Match($"^{Host}: the former one is restored, ends [^;]*\n$"));
        Assert.That(Store.Find(Host)!.Life.Id, Is.EqualTo(second.Life.Id));
        Assert.That(_bench.Directory.Read($"certs/live/{Host}/fullchain.pem"), Is.EqualTo(second.Chain.ToPem()));

        run = await CertsAsync("restore", Host);
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((3, "")));
        Assert.That(run.Error, Does.Match($"^error invalid-input: no certificate for {Host} is kept from before the present one, which ends .* and stays\\.\n$"));
        Assert.That(Store.Find(Host)!.Life.Id, Is.EqualTo(second.Life.Id));
    }

    [Test]
    public async Task WhatIsRestoredAndDueIsSaidToBeRenewed()
    {
        Settings();
        Used();
        await SavedAsync(DateTimeOffset.UtcNow.AddDays(5), Host);
        await SavedAsync(DateTimeOffset.UtcNow.AddDays(60), Host);
        Assert.That((await CertsAsync("restore", Host)).Output, Does.Match($"^{Host}: the former one is restored, ends .*; it is due for renewal, and another one is ordered where it is wanted\n$"));
    }

    [TestCase("ended", "it has ended already, at .* UTC")]
    [TestCase("revoked", "it was revoked")]
    [TestCase("key", "it has the key of the one after it, which was revoked")]
    public async Task WhatIsNoBetterIsNotRestored(string what, string why)
    {
        Settings();
        Used();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var first = Certificate(DateTimeOffset.UtcNow.AddDays(what == "ended" ? -1 : 50), key, Host);
        await new CertificateStore(new StoreOptions { Directory = _bench.Directory["certs"] }, new FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(-10))).SaveAsync(first, CancellationToken.None);
        var second = Certificate(DateTimeOffset.UtcNow.AddDays(60), key, Host);
        await Store.SaveAsync(second, CancellationToken.None);
        if (what != "ended")
            await Store.NoteRevokedAsync(Host, (what == "key" ? second : first).Life.Id, CancellationToken.None);

        var run = await CertsAsync("restore", Host);

        Assert.That((run.ExitCode, run.Output), Is.EqualTo((3, "")));
        Assert.That(run.Error, Does.Match($"^error certificate-invalid: the former certificate for {Host} is not restored: {why}\\. The present one stays\\.\n$"));
        Assert.That(Store.Find(Host)!.Life.Id, Is.EqualTo(second.Life.Id));
    }

    [Test]
    public async Task WhileOneIsOrderedNoneIsRestored()
    {
        Settings();
        Used();
        await SavedAsync(DateTimeOffset.UtcNow.AddDays(50), Host);
        var second = await SavedAsync(DateTimeOffset.UtcNow.AddDays(60), Host);
        using (Store.TryClaim(Host))
        {
            var run = await CertsAsync("restore", Host);
            Assert.That((run.ExitCode, run.Error), Is.EqualTo((4, $"error not-ready-yet: a certificate for {Host} is being ordered just now. templater certs tells when that has ended; ask again then.\n")));
        }

        Assert.That(Store.Find(Host)!.Life.Id, Is.EqualTo(second.Life.Id));
        Assert.That((await CertsAsync("restore", Host)).ExitCode, Is.Zero);
    }

    [Test]
    public async Task WhatCannotBeWrittenIsNotRestored()
    {
        Settings();
        Used();
        await SavedAsync(DateTimeOffset.UtcNow.AddDays(50), Host);
        var second = await SavedAsync(DateTimeOffset.UtcNow.AddDays(60), Host);
        File.Delete(_bench.Directory[$"certs/live/{Host}"]);
        Directory.CreateDirectory(_bench.Directory[$"certs/live/{Host}"]);
        var run = await CertsAsync("restore", Host);
        Assert.That((run.ExitCode, run.Error.StartsWith($"error output-failed: no certificate can be stored as {_bench.Directory[$"certs/live/{Host}"]}: ", StringComparison.Ordinal)), Is.EqualTo((4, true)), run.Error);
        Assert.That(Store.Find(Host)!.Life.Id, Is.EqualTo(second.Life.Id));
    }

    [TestCase("revoke")]
    [TestCase("restore")]
    public async Task AStoreThatMayNotBeReadIsSaid(string command)
    {
        Settings();
        Used();
        await SavedAsync(DateTimeOffset.UtcNow.AddDays(60), Host);
        // Nobody may read a file that is none.
        var key = _bench.Directory[$"certs/archive/{Host}/1/privkey.pem"];
        File.Delete(key);
        Directory.CreateDirectory(key);
        var run = await CertsAsync(command, Host);
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((4, run.Error)));
        Assert.That(run.Error, Does.StartWith($"error key-unreadable: the certificates in {_bench.Directory["certs"]} cannot be used: ").And.EndWith("Ask inside the container that runs Templater, as its user.\n"));
    }

    public async ValueTask DisposeAsync()
    {
        _bench.Dispose();
        await _engine.DisposeAsync();
    }

    private CertificateStore Store => new(new StoreOptions { Directory = _bench.Directory["certs"] }, TimeProvider.System);

    private Task<CommandRun> CertsAsync(string command, params string[] arguments) => CommandRun.Now(["certs", command, .. arguments, "--config", _bench.Directory["t.yaml"]]);

    private void Settings() => _bench.Directory.Write("t.yaml", string.Join('\n',
        "template: nginx", $"output: {_bench.Directory["nginx.conf"]}", $"certs_dir: {_bench.Directory["certs"]}", _bench.State, $"docker_host: {_engine.Host}", "swarm: off",
        "reload: none", "validate: none", "acme_email: ops@example.com", "acme_ca: https://127.0.0.1:1/dir", ""));

    // What a Templater that runs says.
    private Task ToldAsync(FakeTimeProvider time, string id, bool isRevoked) => new StatusFile(_bench.Directory["state"]).WriteAsync(
        Status.StatusSamples.Running with
        {
            Started = time.GetUtcNow(),
            Written = time.GetUtcNow(),
            LastCompleteSnapshot = time.GetUtcNow(),
            Certificates = [new CertificateState(Host, [Host], "resting") { Id = id, NotAfter = time.GetUtcNow().AddDays(50), IsRevoked = isRevoked }],
        },
        CancellationToken.None);

    // A state directory of a Templater that has ended.
    private void Used() => Pipeline.Deployment.StateDirectory.Open(_bench.Directory["state"]);

    private async Task<StoredCertificate> SavedAsync(DateTimeOffset end, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var stored = Certificate(end, key, names);
        await Store.SaveAsync(stored, CancellationToken.None);
        return stored;
    }

    private static StoredCertificate Certificate(DateTimeOffset end, ECDsa key, params string[] names)
    {
        var (chain, pem) = Pair(end, key, names);
        return new() { Name = names[0], Names = [.. names.Order(StringComparer.Ordinal)], Chain = CertificateChain.Parse(chain), Key = PrivateKey.FromPem(pem) };
    }

    private void Lego(string name, (string Chain, string Key) pair)
    {
        _bench.Directory.Write($"lego/certificates/{name}.crt", pair.Chain);
        _bench.Directory.Write($"lego/certificates/{name}.key", pair.Key);
    }

    private static (string Chain, string Key) Pair(DateTimeOffset end, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Pair(end, key, names);
    }

    private static (string Chain, string Key) Pair(DateTimeOffset end, ECDsa key, params string[] names)
    {
        var request = new CertificateRequest("CN=" + names[0], key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
            alternatives.AddDnsName(name);
        request.CertificateExtensions.Add(alternatives.Build());
        using var certificate = request.CreateSelfSigned(end.AddDays(-90), end);
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
