using System.Collections.Immutable;
using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>Two hundred sites under a template of the user's, seven of which nginx does not take, each in its own way.</summary>
[CancelAfter(120_000)]
[NonParallelizable]
public sealed class PoisonTests : IAsyncDisposable
{
    // Two of them clash with a site that stands behind them in the file, so that the line which nginx names is not theirs.
    private static readonly ImmutableArray<(string Name, string Kind)> Poisons =
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

    private readonly PoisonedSites _sites = new(Poisons, "first", "live");

    [Test]
    public async Task OneHundredAndNinetyThreeAreServedAndSevenAreNamed(CancellationToken cancellationToken)
    {
        var nginx = ProxyPrograms.Require("nginx");
        var checks = _sites.Bench.Directory["checks"];
        var checker = _sites.Bench.Directory.Write("check.sh", $"echo . >> {checks}\nexec {nginx} -t -q -e stderr -c \"$1\" -g \"pid {_sites.Bench.Directory["pid"]};\"\n");

        await _sites.StartAsync(_sites.Bench.Directory.Write("site.nginx.scriban", Template), $"command:/bin/sh {checker}", PoisonedSites.LocalTime, cancellationToken);

        _sites.AssertFewChecks(File.ReadAllLines(checks).Length);
        await _sites.MendAsync("p-directive", cancellationToken);
        await _sites.LoseAsync("a-late", "clash", cancellationToken);
        Assert.That(await _sites.Bench.End(), Is.Zero);
    }

    public ValueTask DisposeAsync() => _sites.DisposeAsync();
}
