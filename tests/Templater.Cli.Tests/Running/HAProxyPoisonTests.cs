using System.Diagnostics;
using System.Globalization;
using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>
/// Two hundred sites under a template of the user's, seven of which HAProxy does not take, each in its own way; and the same where a checker in a container has to be asked.
/// </summary>
[CancelAfter(120_000)]
public sealed class HAProxyPoisonTests : IAsyncDisposable
{
    private const int Sites = 193;

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

    private static readonly (string Name, string Kind)[] Poisons =
    [
        ("p-keyword", "keyword"), ("a-clash", "clash"), ("p-address", "address"), ("p-condition", "condition"), ("p-authority", "authority"),
        ("p-twice", "twice"), ("p-template", "template"),
    ];

    private readonly RunBench _bench = new();
    private readonly FakeDockerEngine _engine = new();

    [TestCase("command", TestName = "BadContainersAreNamedAndTheOthersServed(checker beside Templater)")]
    [TestCase("exec", TestName = "BadContainersAreNamedAndTheOthersServed(checker in a container)")]
    public async Task BadContainersAreNamedAndTheOthersServed(string how, CancellationToken cancellationToken)
    {
        var haproxy = ProxyPrograms.Require("haproxy");
        for (var i = 0; i < Sites; i++)
            Add("site" + i.ToString("000", CultureInfo.InvariantCulture), i == 1 ? "live" : "");
        foreach (var (name, kind) in Poisons)
            Add(name, kind);
        var checks = 0;
        _engine.AddContainer("edge", static container => container.Network("front"));
        _engine.Command = (_, words) =>
        {
            checks++;
            return ChildProcess.RunAsync(words[0], words.Skip(1)).GetAwaiter().GetResult();
        };
        _bench.Settings(
            _bench.State, $"template: {_bench.Directory.Write("site.haproxy.scriban", Template)}", $"docker_host: {_engine.Host}", "reload: none",
            how == "exec" ? $"validate: 'exec:edge:{haproxy} -c -f {{file}}'" : "validate: auto");
        var clock = Stopwatch.StartNew();
        _bench.Start();
        await _bench.Until(() => Served() == Sites, cancellationToken);
        var took = clock.Elapsed;
        foreach (var (name, _) in Poisons)
            await _bench.Says($"\"{name}\" is left out until it changes", cancellationToken);
        Assert.That(_bench.Log.Split("is left out until it changes"), Has.Length.EqualTo(Poisons.Length + 1), _bench.Log);
        TestContext.Out.WriteLine($"{Sites} of {Sites + Poisons.Length} served after {took.TotalSeconds:0.0} s");
        if (how == "exec")
        {
            // k(ceil(log2 n) + 1) + 1 of the search, the line that is named, and the file itself before each.
            var bound = (Poisons.Length * ((int)Math.Ceiling(Math.Log2(Sites + Poisons.Length)) + 3)) + 1;
            Assert.That(checks, Is.InRange(1, bound));
            Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(30)));
        }

        // Mending one label brings that one back, and nobody else.
        _engine.Remove("p-keyword");
        Add("p-keyword", "");
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
        ? File.ReadAllLines(_bench.Directory["out.txt"]).Count(static line => line.Contains("# ", StringComparison.Ordinal))
        : 0;
}
