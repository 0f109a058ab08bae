using System.Net;
using System.Net.Sockets;
using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>What is said and done about certificates when the disk, or somebody else, is in the way.</summary>
[CancelAfter(60_000)]
[Platform("Linux")]
public sealed class KeptCertificatesTests : IAsyncDisposable
{
    private const string Challenge = "/.well-known/acme-challenge/";

    private readonly RunBench _bench = new();
    private readonly FakeDockerEngine _engine = new();

    [TestCase("state/acme/lock")]
    [TestCase("certs/.templater-store/lock")]
    public async Task ALockedStoreHoldsUpNoFirstFile(string held, CancellationToken cancellationToken)
    {
        Settings();
        _bench.Start();
        await ListedAsync(cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
        File.Delete(Config);
        // The store has something to look after.
        Directory.CreateDirectory(_bench.Directory["certs/archive/old.example.com"]);

        _bench.Directory.Write(held, "");
        using (new FileStream(_bench.Directory[held], FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            _bench.Start();
            await _bench.Until(() => File.Exists(Config), cancellationToken);
            Assert.That(await File.ReadAllTextAsync(Config, cancellationToken), Does.Contain(Challenge), "what answered before the restart");
            var early = await CommandRun.Now("certs", "--state-dir", _bench.Directory["state"]);
            Assert.That((early.ExitCode, early.Output, early.Error.Contains("it is not known yet which certificates are wanted", StringComparison.Ordinal)), Is.EqualTo((4, "", true)), early.Error);
        }

        await ListedAsync(cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task AnAddressThatSomebodyElseHasIsToldByWhoAsksForCertificates(CancellationToken cancellationToken)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        Settings($"acme_listen: {other.LocalEndpoint}");
        _bench.Start();
        await _bench.Says("error listen-failed: ", cancellationToken);
        var why = $"error listen-failed: no certificates are obtained: cannot listen on {other.LocalEndpoint}: another program listens there. Choose another address by acme.listen (TEMPLATER_ACME_LISTEN), or leave it out. It is tried again every minute; what is there is served.\n";
        CommandRun listed;
        do
            listed = await CommandRun.Now("certs", "--state-dir", _bench.Directory["state"]);
        while (!listed.Error.Contains("listen-failed", StringComparison.Ordinal) && !cancellationToken.IsCancellationRequested);
        Assert.That((listed.ExitCode, listed.Error), Is.EqualTo((4, "error not-ready-yet: it is not known yet which certificates are wanted, because of what stands below.\n" + why)));
        Assert.That((await CommandRun.Now("status", "--state-dir", _bench.Directory["state"])).Output, Does.Contain("\ncertificates\n  not known yet which are wanted\n  listen-failed: no certificates are obtained: "));
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task ATokenOfTwoLinesIsToldAtTheStartWithoutItsText(CancellationToken cancellationToken)
    {
        var token = _bench.Directory.Write("token", "s3cret\nof the project\n");
        Settings("acme_challenge: dns-01", "acme_dns: hetzner", $"dns: {{ hetzner: {{ HETZNER_API_TOKEN_FILE: {token} }} }}");
        const string Why = "HETZNER_API_TOKEN: it has a line break or another control character; write the value alone, on one line.";
        _bench.Start();
        await _bench.Says($"error invalid-setting: no certificates are obtained: {Why} It is tried again every minute", cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
        var looked = await CommandRun.Now("doctor", "--config", _bench.Directory["t.yaml"]);
        Assert.That(looked.ExitCode, Is.EqualTo(4), looked.Output);
        Assert.That(looked.Output, Does.Contain(Why).And.Not.Contain("everything that it needs is set"));
        Assert.That(_bench.Log + looked.Output + looked.Error, Does.Not.Contain("s3cret"));
    }

    [Test]
    public async Task WhoWaitsForATemplaterThatEndsIsTold(CancellationToken cancellationToken)
    {
        // It takes connections and says nothing.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        Settings($"acme_ca: https://{silent.LocalEndpoint}/dir");
        _bench.Start();
        await ListedAsync(cancellationToken);
        var issue = CommandRun.Now("certs", "issue", "shop.example.com", "--state-dir", _bench.Directory["state"]);
        await _bench.Until(() => Directory.Exists(_bench.Directory["state/acme/requests"]), cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
        var waited = await issue.WaitAsync(cancellationToken);
        Assert.That((waited.ExitCode, waited.Error), Is.EqualTo((4, "error templater-not-running: shop.example.com: the Templater that was asked has ended meanwhile. Start it with templater run, and ask again.\n")));
    }

    [Test]
    public async Task AFileThatWasPutAsideIsToldUntilSomebodyTakesItAway(CancellationToken cancellationToken)
    {
        Settings();
        _bench.Directory.Write("state/acme/keeper.json", "{");
        _bench.Start();
        await _bench.Says("what became of orders at CAs could not be read and was kept as ", cancellationToken);
        File.Delete(_bench.Directory["state/acme/keeper.json.bad"]);
        _bench.HangUp();
        await _bench.Says("invalid-input: resolved: what became of orders at CAs", cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task WhatIsInTheWayOfAnOrderIsToldUntilItIsGone(CancellationToken cancellationToken)
    {
        Settings();
        _bench.Start();
        await ListedAsync(cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
        // A file where the folder of what is to be remembered has to be written: root may write everywhere else.
        var file = _bench.Directory["state/acme/keeper.json"];
        File.Delete(file);
        Directory.CreateDirectory(file + ".new/in the way");

        _bench.Start();
        await _bench.Says("error acme-failed: no certificate is ordered: what becomes of an order cannot be remembered: ", cancellationToken);
        Directory.Delete(file + ".new", recursive: true);
        await _bench.Says("acme-failed: resolved: no certificate is ordered", cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
    }

    public async ValueTask DisposeAsync()
    {
        _bench.Dispose();
        await _engine.DisposeAsync();
    }

    private string Config => _bench.Directory["nginx.conf"];

    private async Task ListedAsync(CancellationToken cancellationToken)
    {
        while (!(await CommandRun.Now("certs", "--state-dir", _bench.Directory["state"])).Output.StartsWith("shop.example.com: not there yet", StringComparison.Ordinal))
        {
            Assert.That(_bench.HasEnded, Is.False, _bench.Log);
            await Task.Delay(50, cancellationToken);
        }
    }

    // An authority that nobody reaches.
    private void Settings(params string[] more)
    {
        _bench.Directory.Write("t.yaml", string.Join('\n',
            (string[])["template: nginx", $"output: {Config}", $"certs_dir: {_bench.Directory["certs"]}", _bench.State, $"docker_host: {_engine.Host}", "swarm: off",
            "reload: none", "validate: none", "acme_email: ops@example.com", "resync: 1s", .. more.Any(static line => line.StartsWith("acme_ca:", StringComparison.Ordinal)) ? more : [.. more, "acme_ca: https://127.0.0.1:1/dir"], ""]));
        _engine.AddContainer("shop", static container => container.Label("templater.host", "shop.example.com").Expose(8080).Network("front"));
    }
}
