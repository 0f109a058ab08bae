using Templater.Acme.Dns.Providers;
using Templater.Testing;

namespace Templater.Acme.Tests.Dns.Providers;

/// <summary>The contract that lego documents for <c>exec</c>, with real programs.</summary>
[Platform("Linux")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ExecRecordsTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [TestCase(false, "present|_acme-challenge.www.example.org.|$(id) \"x|cleanup|_acme-challenge.www.example.org.|$(id) \"x|")]
    [TestCase(true, "present|--|www.example.org|-token|-token.thumbprint|cleanup|--|www.example.org|-token|-token.thumbprint|")]
    public async Task TheProgramGetsItsArgumentsAsTheyAre(bool isRaw, string expected)
    {
        var provider = Provider("printf '%s|' \"$@\" >>\"$0.log\"", options => options with { IsRaw = isRaw });
        var record = FakeApi.Record(value: "$(id) \"x") with { Token = "-token", KeyAuthorization = "-token.thumbprint" };
        await provider.AddAsync(record, CancellationToken.None);
        await provider.RemoveAsync(record, CancellationToken.None);
        Assert.That(_directory.Read("hook.log"), Is.EqualTo(expected));
        Assert.That(provider.Capabilities.IsSequential);
    }

    [TestCase("echo output; echo 'what went\twrong' >&2; exit 3", "ended with exit code 3 for _acme-challenge.www.example.org.: what went wrong")]
    [TestCase("echo only output; exit 1", "ended with exit code 1 for _acme-challenge.www.example.org.: only output")]
    [TestCase("exit 1", "ended with exit code 1 for _acme-challenge.www.example.org.: it wrote nothing")]
    [TestCase("kill -9 $$", "ended with exit code 137 for _acme-challenge.www.example.org.: it wrote nothing")]
    public void AProgramThatFailsIsToldWithItsLastLine(string script, string expected) =>
        Assert.That(
            async () => await Provider(script).AddAsync(FakeApi.Record(), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.EqualTo($"exec: {_directory["hook"]} present {expected}"));

    [Test]
    public void AProgramThatWritesMuchIsNotWaitedForAndOnlyItsEndIsKept()
    {
        var provider = Provider("head -c 1000000 /dev/zero | tr '\\0' x; head -c 1000000 /dev/zero | tr '\\0' y >&2; echo >&2; echo end >&2; exit 1");
        Assert.That(async () => await provider.AddAsync(FakeApi.Record(), CancellationToken.None), Throws.TypeOf<ChallengeException>().With.Message.EndsWith(": end"));
    }

    [Test]
    public void AProgramThatHangsIsKilledWithItsChildren()
    {
        var provider = Provider("sleep 300 & echo $! >\"$0.pid\"; wait", options => options with { Timeout = TimeSpan.FromMilliseconds(300) });
        Assert.That(
            async () => await provider.AddAsync(FakeApi.Record(), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.Contains("did not end within 0.3 s").And.Message.Contains("was killed"));
        var child = $"/proc/{_directory.Read("hook.pid").Trim()}/stat";
        Assert.That(() => !File.Exists(child) || File.ReadAllText(child).Contains(") Z ", StringComparison.Ordinal), Is.True.After(2000, 10));
    }

    [Test]
    public void CancellingKillsIt()
    {
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Assert.That(async () => await Provider("exec sleep 300").AddAsync(FakeApi.Record(), cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void AProgramThatIsNotThereIsTold() =>
        Assert.That(
            async () => await new ExecRecords(new("/no/such/program"), TimeProvider.System).AddAsync(FakeApi.Record(), CancellationToken.None),
            Throws.TypeOf<ChallengeException>().With.Message.StartsWith("exec: /no/such/program cannot be started: ").And.Message.EndsWith("EXEC_PATH names the program"));

    private ExecRecords Provider(string script, Func<ExecOptions, ExecOptions>? change = null)
    {
        var path = _directory.Write("hook", $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var options = new ExecOptions(path);
        return new(change is null ? options : change(options), TimeProvider.System);
    }
}
