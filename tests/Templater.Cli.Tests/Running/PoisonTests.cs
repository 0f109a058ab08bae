using System.Diagnostics;
using System.Globalization;
using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>Two hundred sites under a template of the user's, seven of which nginx does not take, each in its own way.</summary>
[CancelAfter(120_000)]
public sealed class PoisonTests : IAsyncDisposable
{
    private const int Sites = 193;

    // Two of them clash with a site that stands behind them in the file, so that the line which nginx names is not theirs.
    private static readonly (string Name, string Kind)[] Poisons =
    [
        ("p-directive", "directive"), ("p-listen", "listen"), ("a-clash", "clash"), ("p-certificate", "certificate"),
        ("p-template", "template"), ("p-brace", "brace"), ("p-upstream", "upstream"),
    ];

    private const string Template = """
        {{# format: nginx #}}events {}
        http {
        upstream live { server 127.0.0.1:9; }
        {{ for host in virtual_hosts }}{{ kind = host.data['kind'] }}{{ if kind == 'clash' || kind == 'live' }}
        upstream taken { server 127.0.0.1:9; }
        {{ end }}server {
          listen {{ if kind == 'listen' }}8081 default_server{{ else }}8080{{ end }};
          {{ if kind == 'first' }}listen 8081 default_server;{{ end }}
          server_name {{ host.name | nginx.string }};
          {{ if kind == 'directive' }}no_such_directive on;{{ end }}
          {{ if kind == 'certificate' }}ssl_certificate /no/such.crt; ssl_certificate_key /no/such.key;{{ end }}
          {{ if kind == 'template' }}{{ 1 / (kind.size - 8) }}{{ end }}
          {{ if kind == 'upstream' }}location / { proxy_pass http://; }{{ end }}
          {{ if kind == 'brace' }}location / { {{ end }}
        }
        {{ end }}}

        """;

    private readonly RunBench _bench = new();
    private readonly FakeDockerEngine _engine = new();

    [Test]
    public async Task OneHundredAndNinetyThreeAreServedAndSevenAreNamed(CancellationToken cancellationToken)
    {
        ProxyPrograms.Require("nginx");
        for (var i = 0; i < Sites; i++)
            Add("site" + i.ToString("000", CultureInfo.InvariantCulture), i switch { 0 => "first", 1 => "live", _ => "" });
        foreach (var (name, kind) in Poisons)
            Add(name, kind);
        var template = _bench.Directory.Write("site.nginx.scriban", Template);
        _bench.Settings(_bench.State, $"template: {template}", $"docker_host: {_engine.Host}", "reload: none");
        var clock = Stopwatch.StartNew();
        _bench.Start();
        await _bench.Until(() => Served() == Sites, cancellationToken);
        var took = clock.Elapsed;
        foreach (var (name, kind) in Poisons)
        {
            await _bench.Says($"container \"{name}\"", cancellationToken);
            Assert.That(_bench.Log, Does.Contain($"\"{name}\" is left out until it changes"), kind);
        }

        Assert.That(_bench.Log.Split("is left out until it changes"), Has.Length.EqualTo(Poisons.Length + 1), _bench.Log);
        TestContext.Out.WriteLine($"{Sites} of {Sites + Poisons.Length} served after {took.TotalSeconds:0.0} s");

        // Mending one label brings that one back, and nobody else.
        _engine.Remove("p-directive");
        Add("p-directive", "");
        await _bench.Until(() => Served() == Sites + 1, cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
    }

    public async ValueTask DisposeAsync()
    {
        _bench.Dispose();
        await _engine.DisposeAsync();
    }

    private void Add(string name, string kind) => _engine.AddContainer(name, container =>
        container.Label("templater.host", name + ".example.com").Label("templater.data.kind", kind).Expose(80).Network("front"));

    private int Served() => File.Exists(_bench.Directory["out.txt"])
        ? File.ReadAllLines(_bench.Directory["out.txt"]).Count(static line => line.Contains("server_name", StringComparison.Ordinal))
        : 0;
}
