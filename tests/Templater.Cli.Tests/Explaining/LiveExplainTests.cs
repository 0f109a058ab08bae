using Templater.Cli.Tests.Running;
using Templater.Testing;

namespace Templater.Cli.Tests.Explaining;

/// <summary>Explanations of what an engine runs now, beside a Templater that watches it.</summary>
[CancelAfter(60_000)]
public sealed class LiveExplainTests : IAsyncDisposable
{
    private const string Hosts = "{{ for host in virtual_hosts }}{{ host.name }}\n{{ end }}";

    private readonly RunBench _bench = new();
    private readonly FakeDockerEngine _engine = new();

    [TestCase("shop", 0, "  ROUTED\n")]
    [TestCase("shop.example.com", 0, "host shop.example.com\n  ROUTED")]
    [TestCase("away", 1, "NOT ROUTED   not-running")]
    [TestCase("silent", 0, "80                                nothing is exposed, so the default")]
    [TestCase("wrong", 0, "That works if something listens on 9000; else requests fail, so check the port.  [no-port]")]
    [TestCase("shopp", 3, "Did you mean shop?")]
    public async Task WithoutAFileTheEngineIsAsked(string name, int code, string part)
    {
        Settings();
        Fill();
        var run = await ExplainAsync(name);
        Assert.That((run.ExitCode, run.Output + run.Error), Is.EqualTo((code, run.Output + run.Error)));
        Assert.That(run.Output + run.Error, Does.Contain(part));
    }

    [Test]
    public async Task AnEngineThatIsNotThereIsTheEnvironmentsFault()
    {
        _bench.Settings(_bench.State, _bench.Template(Hosts), $"docker_host: unix://{_bench.Directory["none.sock"]}");
        Assert.That((await ExplainAsync("shop")).ExitCode, Is.EqualTo(4));
    }

    [Test]
    public async Task WhatIsLiveIsToldWithItsLinesAndItsGeneration(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        await _bench.Says(" delivered to ", cancellationToken);
        var run = await ExplainAsync("shop.example.com");
        Assert.That(run.Output, Does.Match(@"output +\S+/out\.txt line 1, generation [0-9]+, live since "));
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task WhoRestartsAgainAndAgainIsHeldDown(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        for (var i = 0; i < 4; i++)
            _engine.Restart("shop");
        var run = await UntilAsync("shop", 1, cancellationToken);
        Assert.That(run.Output, Does.Contain("NOT ROUTED   held-down").And.Contain("it restarts again and again ("));
        Assert.That(await _bench.End(), Is.Zero);
    }

    public async ValueTask DisposeAsync()
    {
        _bench.Dispose();
        await _engine.DisposeAsync();
    }

    private void Settings() => _bench.Settings(_bench.State, _bench.Template(Hosts), $"docker_host: {_engine.Host}", "reload: none", "validate: none");

    private void Fill()
    {
        _engine.AddContainer("shop", static container => container.Label("templater.host", "shop.example.com").Expose(8080).Network("front"));
        _engine.AddContainer("silent", static container => container.Label("templater.host", "silent.example.com").Network("front"));
        _engine.AddContainer("wrong", static container => container.Label("templater.host", "wrong.example.com").Label("templater.port", "9000").Expose(8080).Network("front"));
        _engine.AddContainer("away", static container => container.Label("templater.host", "away.example.com").Expose(8080).Network("front"));
        _engine.Stop("away");
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        Settings();
        _bench.Start();
        _engine.AddContainer("shop", static container => container.Label("templater.host", "shop.example.com").Expose(8080).Network("front"));
        await _bench.Output("shop.example.com\n", cancellationToken);
    }

    private async Task<CommandRun> UntilAsync(string name, int code, CancellationToken cancellationToken)
    {
        while (true)
        {
            var run = await ExplainAsync(name);
            if (run.ExitCode == code)
                return run;
            await Task.Delay(50, cancellationToken);
        }
    }

    private async Task<CommandRun> ExplainAsync(string name)
    {
        using var signals = new ProcessSignals();
        return await CommandRun.Daemon(signals, new StringWriter(), "explain", "--config", _bench.Directory["t.yaml"], name);
    }
}
