using System.Collections.Immutable;
using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>
/// Two hundred sites under a template of the user's, seven of which HAProxy does not take, each in its own way; and the same where a checker in a container has to be asked.
/// </summary>
[CancelAfter(120_000)]
[NonParallelizable]
public sealed class HAProxyPoisonTests : IAsyncDisposable
{
    private const string Template = """
        {{# format: haproxy #}}defaults
            mode http
            timeout connect 1s
            timeout client 1s
            timeout server 1s
        frontend all
            bind 127.0.0.1:8080
            default_backend be0
        backend be0
        {{ n = 0; for host in virtual_hosts }}{{ kind = host.data['kind']; n = n + 1 }}
        {{~ if kind == 'clash' || kind == 'live' }}
        backend taken
        {{ end ~}}
        backend be{{ n }}
            # {{ host.name | haproxy.comment }}
            server s 127.0.0.1:9{{ if kind == 'address' }}:9{{ end }}
        {{~ if kind == 'keyword' }}
            no-such-keyword on
        {{ end ~}}
        {{~ if kind == 'condition' }}
            http-request deny if no_such_acl
        {{ end ~}}
        {{~ if kind == 'authority' }}
            server t 127.0.0.1:9 ssl verify required ca-file /no/such.pem
        {{ end ~}}
        {{~ if kind == 'twice' }}
            server s 127.0.0.1:9
        {{ end ~}}
        {{~ if kind == 'template' }}
            {{ 1 / (kind.size - 8) }}
        {{ end ~}}
        {{ end }}

        """;

    private static readonly ImmutableArray<(string Name, string Kind)> Poisons =
    [
        ("p-keyword", "keyword"), ("a-clash", "clash"), ("p-address", "address"), ("p-condition", "condition"), ("p-authority", "authority"),
        ("p-twice", "twice"), ("p-template", "template"),
    ];

    private readonly PoisonedSites _sites = new(Poisons, "", "live");

    [TestCase("command", TestName = "BadContainersAreNamedAndTheOthersServed(checker beside Templater)")]
    [TestCase("exec", TestName = "BadContainersAreNamedAndTheOthersServed(checker in a container)")]
    public async Task BadContainersAreNamedAndTheOthersServed(string how, CancellationToken cancellationToken)
    {
        var haproxy = ProxyPrograms.Require("haproxy");
        var checks = 0;
        _sites.Engine.AddContainer("edge", static container => container.Network("front"));
        _sites.Engine.Command = (_, words) =>
        {
            checks++;
            return ChildProcess.RunAsync(words[0], words.Skip(1)).GetAwaiter().GetResult();
        };

        await _sites.StartAsync(
            _sites.Bench.Directory.Write("site.haproxy.scriban", Template),
            how == "exec" ? $"'exec:edge:{haproxy} -c -f {{file}}'" : "auto",
            how == "exec" ? PoisonedSites.ExecTime : PoisonedSites.LocalTime,
            cancellationToken);

        if (how == "exec")
            _sites.AssertFewChecks(checks);

        await _sites.MendAsync("p-keyword", cancellationToken);
        await _sites.LoseAsync("a-late", "clash", cancellationToken);
        Assert.That(await _sites.Bench.End(), Is.Zero);
    }

    public ValueTask DisposeAsync() => _sites.DisposeAsync();
}
