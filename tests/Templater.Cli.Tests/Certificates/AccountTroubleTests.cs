using Templater.Testing;

namespace Templater.Cli.Tests.Certificates;

/// <summary>What is wrong with a CA, or the account there, is said with the way out; nothing is ordered meanwhile, and the way out is one.</summary>
[CancelAfter(60_000)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux")]
public sealed class AccountTroubleTests : IAsyncDisposable
{
    private const string Host = IssuingProgram.Host;
    private const string Name = "127-0-0-1";
    private const string WrongKey = "c2VjcmV0LW9mLXRoZS1vcGVyYXRvcg";

    private readonly IssuingProgram _program = new();

    public ValueTask DisposeAsync() => _program.DisposeAsync();

    [Test]
    public async Task AnExternalAccountThatIsMissingOrWrongIsSaidWithItsSettings(CancellationToken cancellationToken)
    {
        await using var pebble = await Pebble.StartAsync(new PebbleOptions { AlwaysValid = true, ExternalAccountRequired = true }, cancellationToken);
        _program.Write(pebble, pebble.DirectoryUrl);
        _program.Start();
        await FailsAsync($"Set eab_kid and eab_hmac at cas.{Name}, or acme_eab_kid and acme_eab_hmac where it is the only CA", cancellationToken);
        await _program.EndAsync(cancellationToken);

        _program.Start("--acme-eab-kid", Pebble.ExternalKeyId, "--acme-eab-hmac", WrongKey);
        await FailsAsync($"Compare eab_kid and eab_hmac of cas.{Name} (or acme_eab_kid and acme_eab_hmac) with what the CA shows", cancellationToken);
        await _program.EndAsync(cancellationToken);
        Assert.That(_program.Log, Does.Not.Contain(WrongKey));

        _program.Start("--acme-eab-kid", Pebble.ExternalKeyId, "--acme-eab-hmac", Pebble.ExternalKey);
        await AskAsync("issue", cancellationToken);
        await _program.ListedAsync(static listed => listed["not_after"] is not null && listed["last_error"] is null, cancellationToken);
        await _program.EndAsync(cancellationToken);
        Assert.That(_program.Log, Does.Not.Contain(Pebble.ExternalKey));
    }

    [Test]
    public async Task ACaWhoseTlsIsNotTrustedIsSaidWithItsSettings(CancellationToken cancellationToken)
    {
        await using var pebble = await Pebble.StartAsync(new PebbleOptions { AlwaysValid = true }, cancellationToken);
        _program.Write(pebble, pebble.DirectoryUrl);
        _program.Directory.Write("t.yaml", string.Join('\n', _program.Directory.Read("t.yaml").Split('\n').Where(static line => !line.StartsWith("acme_ca_bundle:", StringComparison.Ordinal))));
        _program.Start();
        await FailsAsync($"that one's certificate stands in the file of acme_ca_bundle (or cas.{Name}.bundle), which is not set", cancellationToken);
        await _program.EndAsync(cancellationToken);
    }

    [Test]
    public async Task AnAccountThatTheCaForgotIsMadeAnewAsTheMessageSays(CancellationToken cancellationToken)
    {
        await using var pebble = await Pebble.StartAsync(new PebbleOptions { AlwaysValid = true }, cancellationToken);
        _program.Write(pebble, pebble.DirectoryUrl);
        _program.Start();
        var before = (string)(await _program.ListedAsync(static listed => listed["not_after"] is not null, cancellationToken))["id"]!;
        var key = Directory.EnumerateFiles(_program.Directory["state/acme/accounts"], "account.key", SearchOption.AllDirectories).Single(key => IsOf(key, pebble));
        var content = await File.ReadAllTextAsync(key, cancellationToken);
        await pebble.RestartAsync(cancellationToken);
        var renewed = await _program.CommandAsync("certs", "renew", Host);
        var facts = Path.Combine(Path.GetDirectoryName(key)!, "account.json");
        Assert.That((renewed.ExitCode, renewed.Error), Is.EqualTo((4, renewed.Error)));
        Assert.That(renewed.Error, Does.Contain("accountDoesNotExist").And.Contain($"Where the CA has lost it for good, remove {facts} and start Templater again: the account is made anew with the same key."));
        Assert.That((await _program.CommandAsync("certs", "renew", Host)).ExitCode, Is.EqualTo(4));
        await _program.ListedAsync(static listed => (int)listed["failed"]! >= 2, cancellationToken);
        var failed = _program.Time.GetUtcNow();
        await _program.EndAsync(cancellationToken);

        File.Delete(facts);
        _program.Start();
        await AskAsync("renew", cancellationToken);
        Assert.That(_program.Time.GetUtcNow() - failed, Is.LessThan(TimeSpan.FromMinutes(10)), "who mended the cause does not wait for the pause after the second failure");
        await _program.ListedAsync(listed => (string?)listed["id"] != before && listed["last_error"] is null, cancellationToken);
        Assert.That(await File.ReadAllTextAsync(key, cancellationToken), Is.EqualTo(content));
        await _program.EndAsync(cancellationToken);
    }

    // There is a key for every CA that is known.
    private static bool IsOf(string key, Pebble pebble) => File.ReadAllText(Path.Combine(Path.GetDirectoryName(key)!, "account.json")).Contains(pebble.DirectoryUrl.Authority, StringComparison.Ordinal);

    // It may be asked before its first look.
    private async Task AskAsync(string command, CancellationToken cancellationToken)
    {
        while ((await _program.CommandAsync("certs", command, Host)).ExitCode != 0)
            await Task.Delay(50, cancellationToken);
    }

    private async Task FailsAsync(string part, CancellationToken cancellationToken)
    {
        var listed = await _program.ListedAsync(listed => ((string?)listed["last_error"])?.Contains(part, StringComparison.Ordinal) == true, cancellationToken);
        Assert.That(listed["not_after"], Is.Null);
    }
}
