using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>Commands that look at a host beside a Templater that obtains certificates there: what they render is what is live.</summary>
[CancelAfter(60_000)]
[Platform("Linux")]
public sealed class SeenAnswersTests : IAsyncDisposable
{
    private const string Challenge = "/.well-known/acme-challenge/";

    private readonly RunBench _bench = new();
    private readonly FakeDockerEngine _engine = new();

    [Test]
    public async Task WhatIsRenderedAnswersChallengesAsTheLiveFileDoes(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        var live = await File.ReadAllTextAsync(Config, cancellationToken);
        Assert.That(live, Does.Contain(Challenge));

        var rendered = await LookAsync("render");
        Assert.That((rendered.ExitCode, rendered.Output), Is.EqualTo((0, live)));
        Assert.That((await LookAsync("render", "--diff", Config)).ExitCode, Is.Zero);
        Assert.That((await LookAsync("explain", "shop.example.com")).Output, Does.Match("output +\\S+ lines? .*, generation 1, "));

        Assert.That(await _bench.End(), Is.Zero);
        Assert.That((await LookAsync("render", "--diff", Config)).ExitCode, Is.Zero, "also of one that has ended");
        var recorded = _bench.Directory.Write("recorded.json", (await LookAsync("snapshot")).Output);
        Assert.That((await LookAsync("render", "--from", recorded, "--diff", Config)).ExitCode, Is.Zero, "also of what was recorded");
    }

    [TestCase("account.key")]
    [TestCase("keeper.json")]
    public async Task WhatCannotBeUnderstoodStaysWhereItIs(string name, CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
        var files = Directory.EnumerateFiles(_bench.Directory["state/acme"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        foreach (var file in files.Where(file => Path.GetFileName(file) == name))
            await File.WriteAllTextAsync(file, "{", cancellationToken);

        Assert.That((await LookAsync("render")).ExitCode, Is.Zero);
        Assert.That(Directory.EnumerateFiles(_bench.Directory["state/acme"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal), Is.EqualTo(files));
    }

    public async ValueTask DisposeAsync()
    {
        _bench.Dispose();
        await _engine.DisposeAsync();
    }

    private string Config => _bench.Directory["nginx.conf"];

    private Task<CommandRun> LookAsync(string command, params string[] arguments) => CommandRun.Now([command, .. arguments, "--config", _bench.Directory["t.yaml"]]);

    // An authority that nobody asks: what is answered is known without it.
    private async Task StartAsync(CancellationToken cancellationToken)
    {
        _bench.Directory.Write("t.yaml", string.Join('\n',
            "template: nginx", $"output: {Config}", $"certs_dir: {_bench.Directory["certs"]}", _bench.State, $"docker_host: {_engine.Host}", "swarm: off",
            "reload: none", "validate: none", "acme_email: ops@example.com", "acme_ca: https://127.0.0.1:1/dir", ""));
        _engine.AddContainer("shop", static container => container.Label("templater.host", "shop.example.com").Expose(8080).Network("front"));
        _bench.Start();
        await _bench.Until(() => File.Exists(Config) && File.ReadAllText(Config).Contains("shop.example.com", StringComparison.Ordinal), cancellationToken);
        await _bench.Says("generation 1 ", cancellationToken);
    }
}
