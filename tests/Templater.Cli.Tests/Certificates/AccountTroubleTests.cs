using System.Text.Json.Nodes;
using Templater.Testing;

namespace Templater.Cli.Tests.Certificates;

/// <summary>What is wrong with a CA, or the account there, is said with the way out; nothing is ordered meanwhile, and the way out is one.</summary>
[CancelAfter(60_000)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux")]
public sealed class AccountTroubleTests : IDisposable
{
    private const string Host = "shop.example.test";
    private const string Name = "127-0-0-1";
    private const string WrongKey = "c2VjcmV0LW9mLXRoZS1vcGVyYXRvcg";

    // So that the minute after a failure passes.
    private const int Speed = 30;

    private readonly ScaledTimeProvider _time = new(Speed);
    private readonly TempDirectory _directory = new();
    private readonly StringWriter _log = new();
    private ProcessSignals _signals = new();
    private Task<CommandRun>? _run;

    public void Dispose()
    {
        _signals.End(ProcessSignals.Terminate);
        _run?.Wait(TimeSpan.FromSeconds(10));
        _signals.Dispose();
        _log.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task AnExternalAccountThatIsMissingOrWrongIsSaidWithItsSettings(CancellationToken cancellationToken)
    {
        await using var pebble = await Pebble.StartAsync(new PebbleOptions { AlwaysValid = true, ExternalAccountRequired = true }, cancellationToken);
        Write(pebble);
        Start();
        await FailsAsync($"Set eab_kid and eab_hmac at cas.{Name}, or acme_eab_kid and acme_eab_hmac where it is the only CA", cancellationToken);
        await EndAsync();

        Start("--acme-eab-kid", Pebble.ExternalKeyId, "--acme-eab-hmac", WrongKey);
        await FailsAsync($"Compare eab_kid and eab_hmac of cas.{Name} (or acme_eab_kid and acme_eab_hmac) with what the CA shows", cancellationToken);
        await EndAsync();
        Assert.That(_log.ToString(), Does.Not.Contain(WrongKey));

        Start("--acme-eab-kid", Pebble.ExternalKeyId, "--acme-eab-hmac", Pebble.ExternalKey);
        await AskAsync("issue", cancellationToken);
        await ListedAsync(static listed => listed["not_after"] is not null && listed["last_error"] is null, cancellationToken);
        await EndAsync();
        Assert.That(_log.ToString(), Does.Not.Contain(Pebble.ExternalKey));
    }

    [Test]
    public async Task ACaWhoseTlsIsNotTrustedIsSaidWithItsSettings(CancellationToken cancellationToken)
    {
        await using var pebble = await Pebble.StartAsync(new PebbleOptions { AlwaysValid = true }, cancellationToken);
        Write(pebble);
        _directory.Write("t.yaml", string.Join('\n', _directory.Read("t.yaml").Split('\n').Where(static line => !line.StartsWith("acme_ca_bundle:", StringComparison.Ordinal))));
        Start();
        await FailsAsync($"that one's certificate stands in the file of acme_ca_bundle (or cas.{Name}.bundle), which is not set", cancellationToken);
        await EndAsync();
    }

    [Test]
    public async Task AnAccountThatTheCaForgotIsMadeAnewAsTheMessageSays(CancellationToken cancellationToken)
    {
        await using var pebble = await Pebble.StartAsync(new PebbleOptions { AlwaysValid = true }, cancellationToken);
        Write(pebble);
        Start();
        var before = (string)(await ListedAsync(static listed => listed["not_after"] is not null, cancellationToken))["id"]!;
        var key = Directory.EnumerateFiles(_directory["state/acme/accounts"], "account.key", SearchOption.AllDirectories).Single(key => IsOf(key, pebble));
        var content = await File.ReadAllTextAsync(key, cancellationToken);
        await pebble.RestartAsync(cancellationToken);
        var renewed = await CommandAsync("certs", "renew", Host, "--state-dir", _directory["state"]);
        var facts = Path.Combine(Path.GetDirectoryName(key)!, "account.json");
        Assert.That((renewed.ExitCode, renewed.Error), Is.EqualTo((4, renewed.Error)));
        Assert.That(renewed.Error, Does.Contain("accountDoesNotExist").And.Contain($"Where the CA has lost it for good, remove {facts} and start Templater again: the account is made anew with the same key."));
        Assert.That((await CommandAsync("certs", "renew", Host, "--state-dir", _directory["state"])).ExitCode, Is.EqualTo(4));
        await ListedAsync(static listed => (int)listed["failed"]! == 2, cancellationToken);
        var failed = _time.GetUtcNow();
        await EndAsync();

        File.Delete(facts);
        Start();
        await AskAsync("renew", cancellationToken);
        Assert.That(_time.GetUtcNow() - failed, Is.LessThan(TimeSpan.FromMinutes(10)), "who mended the cause does not wait for the pause after the second failure");
        await ListedAsync(listed => (string?)listed["id"] != before && listed["last_error"] is null, cancellationToken);
        Assert.That(await File.ReadAllTextAsync(key, cancellationToken), Is.EqualTo(content));
        await EndAsync();
    }

    // There is a key for every CA that is known.
    private static bool IsOf(string key, Pebble pebble) => File.ReadAllText(Path.Combine(Path.GetDirectoryName(key)!, "account.json")).Contains(pebble.DirectoryUrl.Authority, StringComparison.Ordinal);

    private void Write(Pebble pebble) => IssuanceSettings.Write(_directory, pebble, pebble.DirectoryUrl, Host);

    private void Start(params string[] more)
    {
        _signals.Dispose();
        _signals = new ProcessSignals();
        _run = CommandRun.With(_signals, _time, _log, ["run", "--config", _directory["t.yaml"], "--from", _directory["containers.json"], .. more]);
    }

    private async Task EndAsync()
    {
        _signals.End(ProcessSignals.Terminate);
        Assert.That((await _run!).ExitCode, Is.Zero, _log.ToString());
    }

    private Task<CommandRun> CommandAsync(params string[] arguments) => CommandRun.With(_signals, _time, new StringWriter(), arguments);

    // It may be asked before its first look.
    private async Task AskAsync(string command, CancellationToken cancellationToken)
    {
        while ((await CommandAsync("certs", command, Host, "--state-dir", _directory["state"])).ExitCode != 0)
            await Task.Delay(50, cancellationToken);
    }

    private async Task FailsAsync(string part, CancellationToken cancellationToken)
    {
        var listed = await ListedAsync(listed => ((string?)listed["last_error"])?.Contains(part, StringComparison.Ordinal) == true, cancellationToken);
        Assert.That(listed["not_after"], Is.Null);
    }

    private async Task<JsonNode> ListedAsync(Func<JsonNode, bool> holds, CancellationToken cancellationToken)
    {
        while (true)
        {
            var run = await CommandAsync("certs", "--json", "--state-dir", _directory["state"]);
            if (run.ExitCode == 0 && JsonNode.Parse(run.Output)!.AsArray() is [{ } only] && holds(only))
                return only;
            Assert.That(_run!.IsCompleted, Is.False, _log.ToString());
            if (cancellationToken.IsCancellationRequested)
                Assert.Fail($"it did not come: {run}\n{_log}");
            await Task.Delay(20, CancellationToken.None);
        }
    }
}
