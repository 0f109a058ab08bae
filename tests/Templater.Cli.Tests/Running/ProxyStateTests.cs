using System.Diagnostics;
using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>What becomes of proxies that cannot be told or do not see what they are told of.</summary>
[CancelAfter(60_000)]
public sealed class ProxyStateTests : IDisposable
{
    private readonly RunBench _bench = new();
    private readonly FakeDockerEngine _engine = new();
    private int _worker = 20;

    public ProxyStateTests()
    {
        _engine.Processes = container => container.Name == "hangs" ? [(10, 1, "sleep")] : [(10, 1, "nginx: master process nginx"), (_worker, 10, "nginx: worker process")];
        _engine.SignalReceived = (_, _) => _worker++;
    }

    [Test]
    public async Task AProxyThatMountsTheFileAloneIsNotCalledLive(CancellationToken cancellationToken)
    {
        _engine.AddContainer("edge", container => container.Label("templater.proxy", "nginx").Network("front")
            .Started(DateTimeOffset.UnixEpoch).Mount(_bench.Directory["out.txt"], "/etc/nginx/nginx.conf"));
        Start();
        await _bench.Says("warning single-file-mount: the proxy \"edge\" mounts the single file /etc/nginx/nginx.conf; it will never see a replaced file.", cancellationToken);
        await _bench.Says(") written", cancellationToken);
        await Task.Delay(1500, cancellationToken);

        Assert.That(_bench.Log, Does.Not.Contain("live in").And.Not.Contain("delivered to"));
        Assert.That(_engine.CountOf("POST", $"/containers/{_engine.Container("edge").Id}/kill"), Is.Zero);
        await _bench.End();
    }

    [Test]
    public async Task OneOfTwoProxiesThatEndsOnAFileIsNotHiddenByTheOther(CancellationToken cancellationToken)
    {
        var hangs = _engine.AddContainer("hangs", container => container.Label("templater.proxy", "nginx").Network("front"));
        _engine.AddContainer("edge", container => container.Label("templater.proxy", "nginx").Network("front").State("exited").Started(DateTimeOffset.UnixEpoch));
        Start();
        // The fourth attempt comes after 7 s, the next one 8 s later.
        await _bench.Until(() => _engine.CountOf("GET", $"/containers/{hangs.Id}/top") >= 4, cancellationToken);
        var since = Stopwatch.GetTimestamp();
        _engine.Start("edge");
        _engine.Alter("edge", static edge => edge.Log("2026/01/02 03:04:05 [emerg] 1#1: I do not like it\n", isError: true));
        _engine.Die("edge");

        await _bench.Says("error config-refused: edge refused generation 1: \"I do not like it\". It ended on it. ", cancellationToken);

        Assert.That(Stopwatch.GetElapsedTime(since), Is.LessThan(TimeSpan.FromSeconds(5)));
        await _bench.End();
    }

    [Test]
    public async Task ARefusedLineInAnotherFileOfThatNameBlamesNobody(CancellationToken cancellationToken)
    {
        var output = _bench.Directory["out.txt"];
        _engine.AddContainer("edge", container => container.Label("templater.proxy", "nginx").Network("front").Mount(_bench.Directory.Path, "/config"));
        _engine.SignalReceived = (_, _) =>
        {
            if (!File.ReadAllText(output).Contains("shop.example.com", StringComparison.Ordinal))
                _worker++;
            else
                _engine.Alter("edge", static edge => edge.Log("2026/01/02 03:04:05 [emerg] 1#1: I do not like it in /etc/nginx/http.d/out.txt:1\n", isError: true));
        };
        Start();
        await _bench.Says(") live in ", cancellationToken);
        _engine.AddContainer("shop", static container => container.Label("templater.host", "shop.example.com").Expose(80).Network("front"));

        await _bench.Says("error config-refused: edge refused generation 2: \"I do not like it in /etc/nginx/http.d/out.txt:1\". Generation 1 stays live and was restored on disk.", cancellationToken);

        await Task.Delay(500, cancellationToken);
        Assert.That(_bench.Log, Does.Not.Contain("is left out"));
        await _bench.End();
    }

    [Test]
    public async Task ARefusedLineOfTheFileAsTheProxySeesItBlamesItsContainer(CancellationToken cancellationToken)
    {
        var output = _bench.Directory["out.txt"];
        _engine.AddContainer("edge", container => container.Label("templater.proxy", "nginx").Network("front").Mount(_bench.Directory.Path, "/config"));
        _engine.SignalReceived = (_, _) =>
        {
            if (!File.ReadAllText(output).Contains("shop.example.com", StringComparison.Ordinal))
                _worker++;
            else
                _engine.Alter("edge", static edge => edge.Log("2026/01/02 03:04:05 [emerg] 1#1: I do not like it in /config/out.txt:1\n", isError: true));
        };
        Start();
        await _bench.Says(") live in ", cancellationToken);
        _engine.AddContainer("shop", static container => container.Label("templater.host", "shop.example.com").Expose(80).Network("front"));

        await _bench.Says("error config-refused: edge refused generation 2: line 1 \"I do not like it in /config/out.txt:1\". Generation 1 stays live and was restored on disk. The line comes from container \"shop\". \"shop\" is left out until it changes", cancellationToken);
        await _bench.End();
    }

    public void Dispose()
    {
        _bench.Dispose();
        _engine.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private void Start()
    {
        _bench.Settings(
            _bench.State, $"docker_host: {_engine.Host}", "validate: none",
            $"template: {_bench.Directory.Write("nginx.nginx.scriban", "{{ for host in virtual_hosts }}# {{ host.name }};\n{{ end }}")}");
        _bench.Start();
    }
}
