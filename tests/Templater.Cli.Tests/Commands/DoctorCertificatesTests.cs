using System.Text.Json;
using Templater.Acme.Protocol;
using Templater.Cli.Options;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Preflight;
using Templater.Testing;
using Directory = System.IO.Directory;

namespace Templater.Cli.Tests.Commands;

/// <summary>What <c>templater doctor</c> says of certificates: CAs, accounts, directories, challenges and DNS providers.</summary>
[CancelAfter(30_000)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class DoctorCertificatesTests : IAsyncDisposable
{
    private const string Name = "127-0-0-1";
    private const string DirectoryObject = """{"newNonce":"https://ca.test/n","newAccount":"https://ca.test/a","newOrder":"https://ca.test/o","revokeCert":"https://ca.test/r","keyChange":"https://ca.test/k"META}""";
    private const string Hmac = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
    private const string Secret = "c2VjcmV0LW9mLXRoZS1vcGVyYXRvcg==";

    private readonly TempDirectory _directory = new();
    private readonly FakeDockerEngine _engine = new();
    private readonly TransportCertificates _certificates = new();
    private readonly AcmeFaultProxy _ca;

    public DoctorCertificatesTests()
    {
        _ca = new AcmeFaultProxy(_certificates, FreePort.Next()) { Fault = static (_, _, _) => Answer("") };
        _directory.Write("authority.pem", _certificates.Authority.ExportCertificatePem() + "\n");
        Directory.CreateDirectory(_directory["certs"]);
    }

    public async ValueTask DisposeAsync()
    {
        await _ca.DisposeAsync();
        await _engine.DisposeAsync();
        _certificates.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task WhereNoneAreObtainedOneLineSaysSo()
    {
        var run = await CommandRun.Of("doctor", "--docker-host", _engine.Host, "--state-dir", _directory["state"], "--certs-dir", _directory["nowhere/certs"]);
        Assert.That(run.ExitCode, Is.Zero, run.Output);
        Assert.That(run.Output.Split('\n'), Has.One.Matches("^ok +acme +off: no certificates are obtained"));
        Assert.That(run.Output, Does.Not.Contain(": ca ").And.Not.Contain("challenges"));
    }

    [Test]
    public async Task WhatIsRightIsToldAndNothingIsMade()
    {
        var run = await RunAsync();
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")), run.Output);
        Assert.That(run.Output, Does.Match($"ok +{Name}: ca +{_ca.DirectoryUrl} answers, the account will be made\n")
            .And.Match($"ok +certificates +{_directory["certs"]} can be written\n").And.Match("ok +challenges +http-01 by the proxy's configuration\n"));
        Assert.That(_ca.Requests.Select(static request => $"{request.Method} {request.Path}"), Is.EqualTo(new[] { "GET /dir" }), "an account is neither made nor asked for");
        Assert.That(Directory.EnumerateFileSystemEntries(_directory.Path).Select(Path.GetFileName).Order(), Is.EqualTo(new[] { "authority.pem", "certs", "t.yaml" }), "nothing is written");
        Assert.That(Directory.EnumerateFileSystemEntries(_directory["certs"]), Is.Empty);
    }

    [Test]
    public async Task AnAccountThatIsThereIsNamed(CancellationToken cancellationToken)
    {
        await KnowAccountAsync(cancellationToken);
        var before = Files();
        _ca.Fault = static (_, _, _) => Answer(""","meta":{"externalAccountRequired":true}""");
        var run = await RunAsync();
        Assert.That(run.ExitCode, Is.Zero, run.Output);
        Assert.That(run.Output, Does.Contain($"{_ca.DirectoryUrl} answers, account https://ca.test/acct/7\n"), "an external account is needed no more");
        Assert.That(Files(), Is.EqualTo(before));
    }

    [Test]
    public async Task WhatIsDamagedOfAnAccountStaysWhereItIs(CancellationToken cancellationToken)
    {
        await KnowAccountAsync(cancellationToken);
        foreach (var file in Directory.EnumerateFiles(_directory["state/acme/accounts"], "account.*", SearchOption.AllDirectories))
            await File.WriteAllTextAsync(file, "damaged", cancellationToken);
        var before = Files();
        var run = await RunAsync();
        Assert.That(run.Output, Does.Contain("answers, the account will be made\n"));
        Assert.That(Files(), Is.EqualTo(before));
    }

    [TestCase(200, "text/html", "<html>hello</html>", "sent no directory that can be read \\(18 bytes of text/html.*")]
    [TestCase(200, "application/json", """{"newNonce":"https://ca.test/n"}""", "sent no directory that can be read .*")]
    [TestCase(404, "text/html", "<html>Not Found</html>", "says .*404.*")]
    [TestCase(503, "text/plain", "later", "says .*503.*")]
    public async Task WhatIsNoDirectoryIsAnErrorWithTheWayOut(int status, string type, string body, string expected)
    {
        _ca.Fault = (_, _, _) => Task.FromResult<ProxiedReply?>(ProxiedReply.Of(status, type, body));
        await IsErrorAsync($"error acme-failed: {Name}: .*{expected} Let it be reached from here, or correct acme_ca \\(or cas\\.{Name}\\.url\\) where that is no directory of a CA\\.\n");
    }

    [Test]
    public Task ACaThatIsNotThereIsAnErrorWithTheWayOut() => IsErrorAsync(
        $"error acme-failed: {Name}: .* cannot be reached: .*Let it be reached from here, or correct acme_ca ", "acme_ca", $"acme_ca: https://127.0.0.1:{FreePort.Next()}/dir");

    [Test]
    public Task ACaWhoseTlsIsNotTrustedIsAnErrorWithItsSetting() =>
        IsErrorAsync($"its TLS certificate is not trusted .*that one's certificate stands in the file of acme_ca_bundle \\(or cas\\.{Name}\\.bundle\\), which is not set\\.\n", "acme_ca_bundle");

    [TestCase("missing.pem", "cannot be read: ")]
    [TestCase("t.yaml", "there is no certificate in ")]
    public async Task ABundleThatIsNoneIsAnErrorWithItsSetting(string bundle, string expected)
    {
        Write("acme_ca_bundle", $"acme_ca_bundle: {_directory[bundle]}");
        IsError(await DoctorAsync(), $"{expected}.*Mount that file here, or correct acme_ca_bundle \\(or cas\\.{Name}\\.bundle\\)\\.\n");
        Assert.That(_ca.Requests, Is.Empty);
    }

    [Test]
    public async Task AnExternalAccountThatIsMissingIsAnErrorWithItsSettings()
    {
        _ca.Fault = static (_, _, _) => Answer(""","meta":{"externalAccountRequired":true}""");
        await IsErrorAsync($"{Name} makes no account without an external account, and none is set\\. Set eab_kid and eab_hmac at cas\\.{Name}, or acme_eab_kid and acme_eab_hmac ");
        var run = await RunAsync("acme_eab_kid: kid-1", $"acme_eab_hmac: {Hmac}");
        Assert.That(run.ExitCode, Is.Zero, run.Output);
        Assert.That(run.Output, Does.Not.Contain(Hmac));
    }

    [Test]
    public async Task WhereAnotherCaCanBeOrderedOfItIsAWarning()
    {
        var run = await RunAsync("cas:", "  second:", $"    url: https://127.0.0.1:{FreePort.Next()}/dir");
        Assert.That(run.ExitCode, Is.Zero, run.Output);
        Assert.That(run.Output, Does.Match($"ok +{Name}: ca").And.Match("warning +second: ca").And.Contain("warning acme-failed: second: "));
        Assert.That(run.Output, Does.Not.Contain("letsencrypt"), "only those are asked that are named");
    }

    [Test]
    public async Task DirectoriesThatCannotBeWrittenAreErrors()
    {
        await IsErrorAsync($"error +certificates +{_directory["nowhere/certs"]}\n    error output-failed: cannot write {_directory["nowhere/certs"]}: its directory does not exist", "certs_dir", $"certs_dir: {_directory["nowhere/certs"]}");
        await IsErrorAsync($"error +state +{_directory["t.yaml"]}\n    error state-unusable: cannot use the state directory {_directory["t.yaml"]} as .*: it is a file\\. Mount a volume there", "state_dir", $"state_dir: {_directory["t.yaml"]}");
        await IsErrorAsync($"error state-unusable: .*{_directory["t.yaml"]} is a file", "state_dir", $"state_dir: {_directory["t.yaml/below"]}");
    }

    [Test]
    public async Task AWebrootIsLookedAt()
    {
        var webroot = _directory["webroot"];
        await IsErrorAsync($"error +challenges +http-01 by files below {webroot}, which the proxy serves\n    error acme-failed: the answer cannot be written below {webroot} as .*: it does not exist; .*acme.webroot.*Mount it here", "-", $"acme_webroot: {webroot}");
        Directory.CreateDirectory(webroot);
        var run = await RunAsync($"acme_webroot: {webroot}");
        Assert.That(run.ExitCode, Is.Zero, run.Output);
        Assert.That(Directory.EnumerateFileSystemEntries(webroot), Is.Empty);
    }

    [Test]
    public async Task AListenerIsNamedAndNotOpened()
    {
        var port = FreePort.Next();
        var run = await RunAsync($"acme_listen: 127.0.0.1:{port}");
        Assert.That(run.Output, Does.Match($"ok +challenges +http-01 by Templater at 127\\.0\\.0\\.1:{port}, which the proxy hands on to\n"));
    }

    [Test]
    public async Task ADnsProviderIsNamedWithoutItsSecrets()
    {
        string[] settings = ["acme_challenge: dns-01", "acme_dns: rfc2136"];
        Write("-", settings);
        IsError(await DoctorAsync(), "challenges +dns-01 by the DNS provider rfc2136\nerror +rfc2136: dns +rfc2136\n    error invalid-setting: rfc2136: RFC2136_NAMESERVER");
        var run = await DoctorAsync(new() { ["RFC2136_NAMESERVER"] = "127.0.0.1", ["RFC2136_TSIG_KEY"] = "key-of-zone.", ["RFC2136_TSIG_SECRET"] = Secret });
        Assert.That(run.ExitCode, Is.Zero, run.Output);
        Assert.That(run.Output, Does.Match("ok +rfc2136: dns +rfc2136, everything that it needs is set\n"));
        Assert.That(run.Output + run.Error, Does.Not.Contain(Secret));
    }

    [Test]
    public async Task TheSameIsToldAsJson()
    {
        Write();
        using var document = JsonDocument.Parse((await DoctorAsync([], "--json")).Output);
        var checks = document.RootElement.GetProperty("checks").EnumerateArray().ToList();
        var ca = checks.Single(static check => check.GetProperty("check").GetString() == "ca");
        Assert.That((ca.GetProperty("name").GetString(), ca.GetProperty("level").GetString(), ca.GetProperty("output").GetString()), Is.EqualTo((Name, "ok", (string?)null)));
        Assert.That(checks.Select(static check => check.GetProperty("check").GetString()), Is.EqualTo(new[] { "engine", "calls", "state", "ca", "certificates", "challenges" }));
    }

    [Test]
    public async Task ACaThatSaysNothingIsWaitedForWithinABound(CancellationToken cancellationToken)
    {
        _ca.Fault = Never;
        var time = new FakeTimeProvider();
        var look = Probe(time).LookAsync(cancellationToken);
        await AskedAsync(cancellationToken);
        time.Advance(AcmeProbe.AuthorityPatience - TimeSpan.FromSeconds(1));
        Assert.That(look.IsCompleted, Is.False);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That((await look.WaitAsync(cancellationToken)).Authorities.Single().Trouble, Does.StartWith($"127.0.0.1:{_ca.Port} did not show its directory within 10 s. Let it be reached from here"));
    }

    [Test]
    public async Task WhoGivesUpWaitsNoLonger(CancellationToken cancellationToken)
    {
        _ca.Fault = Never;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var look = Probe(new FakeTimeProvider()).LookAsync(stop.Token);
        await AskedAsync(cancellationToken);
        await stop.CancelAsync();
        Assert.That(async () => await look.WaitAsync(cancellationToken), Throws.InstanceOf<OperationCanceledException>());
    }

    private static Task<ProxiedReply?> Answer(string meta) =>
        Task.FromResult<ProxiedReply?>(ProxiedReply.Of(200, "application/json", DirectoryObject.Replace("META", meta, StringComparison.Ordinal)));

    private static async Task<ProxiedReply?> Never(ProxiedRequest request, AcmeFaultProxy.Onward onward, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        return null;
    }

    private async Task AskedAsync(CancellationToken cancellationToken)
    {
        while (_ca.Requests.Count == 0)
            await Task.Delay(10, cancellationToken);
    }

    private async Task KnowAccountAsync(CancellationToken cancellationToken)
    {
        var accounts = new AcmeState(StateDirectory.Open(_directory["state"]), TimeProvider.System).Accounts;
        await accounts.ObtainAsync(_ca.DirectoryUrl, KeyType.Ec256, cancellationToken);
        await accounts.NoteAsync(_ca.DirectoryUrl, new Uri("https://ca.test/acct/7"), [], cancellationToken);
    }

    private AcmeProbe Probe(TimeProvider time)
    {
        Write();
        return new AcmeProbe(new SettingsReader(new FlagLayer { ConfigPath = _directory["t.yaml"] }, new Dictionary<string, string>()).Read().Acme!, _directory["state"], "templater/1.0", time);
    }

    private SortedDictionary<string, string> Files() => new(
        Directory.EnumerateFiles(_directory["state"], "*", SearchOption.AllDirectories).ToDictionary(static path => path, File.ReadAllText), StringComparer.Ordinal);

    private async Task IsErrorAsync(string expected, string without = "-", params string[] more)
    {
        Write(without, more);
        IsError(await DoctorAsync(), expected);
    }

    private static void IsError(CommandRun run, string expected)
    {
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((4, "")), run.Output);
        Assert.That(run.Output, Does.Match(expected));
    }

    private Task<CommandRun> RunAsync(params string[] more)
    {
        Write("-", more);
        return DoctorAsync();
    }

    private void Write(string without = "-", params string[] more) => _directory.Write("t.yaml", string.Join('\n',
    [
        .. new[]
        {
            $"certs_dir: {_directory["certs"]}", $"state_dir: {_directory["state"]}", "acme_email: ops@example.com", $"acme_ca: {_ca.DirectoryUrl}", $"acme_ca_bundle: {_directory["authority.pem"]}",
        }.Where(setting => !setting.StartsWith(without + ":", StringComparison.Ordinal)),
        .. more, "",
    ]));

    private Task<CommandRun> DoctorAsync(Dictionary<string, string>? variables = null, params string[] more) =>
        CommandRun.With(variables ?? [], ["doctor", "--config", _directory["t.yaml"], "--docker-host", _engine.Host, .. more]);
}
