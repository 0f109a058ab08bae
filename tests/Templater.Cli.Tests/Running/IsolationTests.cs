using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>Who is left out when a checker refuses a file and names no line, or the line of somebody else.</summary>
[CancelAfter(60_000)]
public sealed class IsolationTests : IAsyncDisposable
{
    private const string Hosts = "{{ for host in virtual_hosts }}{{ host.name }} {{ host.data['note'] }}\n{{ end }}";
    private readonly RunBench _bench = new();
    private readonly FakeDockerEngine _engine = new();

    [Test]
    public async Task ANewcomerThatIsRefusedWithoutALineIsFoundAmongMany(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 40; i++)
            Add($"good{i:00}");
        foreach (var name in new[] { "ill1", "ill2", "ill3" })
            Add(name, "poison");
        Start("grep -q poison \"$1\" || exit 0; echo 'I do not like it'; exit 1");
        await _bench.Says("\"ill3\" is left out until it changes", cancellationToken);
        await _bench.Until(() => Lines() == 40, cancellationToken);
        Assert.That(_bench.Log, Does.Contain("It is accepted without container \"ill1\". \"ill1\" is left out until it changes; the 40 others are delivered as generation"));
        // Three times the halves of 43, their base once, and the file itself before each.
        Assert.That(Checks(), Is.LessThanOrEqualTo((3 * 7) + 1));
        _engine.Remove("ill2");
        Add("ill2", "healed");
        await _bench.Until(() => Lines() == 41, cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
    }

    [TestCase("aaa", TestName = "ANewcomerThatClashesWithALiveSiteLoses(before it in the file)")]
    [TestCase("zzz", TestName = "ANewcomerThatClashesWithALiveSiteLoses(after it in the file)")]
    public async Task ANewcomerThatClashesWithALiveSiteLoses(string newcomer, CancellationToken cancellationToken)
    {
        Add("live", "same");
        Start(OnlyOnce);
        await _bench.Until(() => Lines() == 1, cancellationToken);
        Add(newcomer, "same");
        Add("other");
        await _bench.Says($"\"{newcomer}\" is left out until it changes", cancellationToken);
        await _bench.Until(() => Lines() == 2, cancellationToken);
        Assert.That(_bench.Directory.Read("out.txt"), Is.EqualTo("live.example.com same\nother.example.com \n"));
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task APartOfAConfigurationIsJudgedWithinWhatIncludesIt(CancellationToken cancellationToken)
    {
        ProxyPrograms.Require("nginx");
        var main = _bench.Directory.Write("etc/nginx.conf", $"events {{}}\nhttp {{ upstream taken {{ server 127.0.0.1:9; }} include {_bench.Directory["out.txt"]}; }}\n");
        Add("good", "own");
        Add("ill", "taken");
        var template = _bench.Directory.Write("part.nginx.scriban", "{{ for host in virtual_hosts }}upstream {{ host.data['note'] | nginx.literal }} { server 127.0.0.1:9; } # {{ host.name }}\n{{ end }}");
        _bench.Settings(_bench.State, $"template: {template}", $"docker_host: {_engine.Host}", $"included_by: {main}", "reload: none");
        _bench.Start();
        await _bench.Says("\"ill\" is left out until it changes", cancellationToken);
        await _bench.Until(() => Lines() == 1, cancellationToken);
        Assert.That(_bench.Log, Does.Contain("duplicate upstream").And.Contain($"validate: /usr/sbin/nginx -t of {main}"));
        Assert.That(_bench.Directory.Read("out.txt"), Is.EqualTo("upstream \"own\" { server 127.0.0.1:9; } # good.example.com\n"));
        Assert.That(await _bench.End(), Is.Zero);
    }

    // The one that is left out was created first: without what is known of before, the live site would lose.
    [Test]
    public async Task ALiveSiteIsKnownAgainAfterARestart(CancellationToken cancellationToken)
    {
        Add("first");
        Start(OnlyOnce);
        await _bench.Until(() => Lines() == 1, cancellationToken);
        Add("live", "same");
        await _bench.Until(() => Lines() == 2, cancellationToken);
        Add("zzz", "same", more: static container => container.Created(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        await _bench.Says("\"zzz\" is left out until it changes", cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
        var before = _bench.Log.Length;
        _bench.Start();
        await _bench.Until(() => _bench.Log[before..].Contains("\"zzz\" is left out until it changes", StringComparison.Ordinal), cancellationToken);
        Assert.That(_bench.Directory.Read("out.txt"), Is.EqualTo("first.example.com \nlive.example.com same\n"));
        Assert.That(_bench.Directory.Read("state/served/site.json"), Does.Not.Contain("same"));
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task ReplicasOfOneServiceAreLeftOutTogether(CancellationToken cancellationToken)
    {
        Add("good");
        foreach (var number in new[] { "1", "2", "3" })
            Add($"bad-{number}", "poison", "bad.example.com", container => container
                .Label("com.docker.compose.project", "shop").Label("com.docker.compose.service", "bad").Label("com.docker.compose.container-number", number));
        Start("grep -q poison \"$1\" || exit 0; echo 'I do not like it'; exit 1");
        await _bench.Says("It is accepted without containers \"bad-1\", \"bad-2\", \"bad-3\". They are left out until they change", cancellationToken);
        await _bench.Until(() => Lines() == 1, cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task AFileThatIsRefusedWithoutAnybodyTakesNobodyDown(CancellationToken cancellationToken)
    {
        Add("live");
        Start("[ -e \"$(dirname \"$0\")/broken\" ] || exit 0; echo 'no disk'; exit 1");
        await _bench.Until(() => Lines() == 1, cancellationToken);
        _bench.Directory.Write("broken", "");
        Add("later");
        await _bench.Says("no disk", cancellationToken);
        var checks = Checks();
        Add("last");
        await _bench.Until(() => Checks() > checks, cancellationToken);
        Assert.That(_bench.Log, Does.Not.Contain("left out"));
        Assert.That(_bench.Directory.Read("out.txt"), Is.EqualTo("live.example.com \n"));
        File.Delete(_bench.Directory["broken"]);
        _bench.HangUp();
        await _bench.Until(() => Lines() == 3, cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task WhatALiveSiteRefersToMayBreak(CancellationToken cancellationToken)
    {
        Add("fragile", "needs-file");
        Add("solid");
        _bench.Directory.Write("file", "");
        Start("grep -q needs-file \"$1\" || exit 0; [ -e \"$(dirname \"$0\")/file\" ] && exit 0; echo 'the file is gone'; exit 1");
        await _bench.Until(() => Lines() == 2, cancellationToken);
        File.Delete(_bench.Directory["file"]);
        Add("later");
        await _bench.Says("the file is gone", cancellationToken);
        await _bench.Says("\"fragile\" is left out until it changes", cancellationToken);
        await _bench.Until(() => _bench.Directory.Read("out.txt") == "later.example.com \nsolid.example.com \n", cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task ACheckerThatFailsDuringTheSearchIsAskedAgain(CancellationToken cancellationToken)
    {
        Add("good");
        Add("ill", "poison");
        Start("""
            [ "$(wc -l < "$(dirname "$0")/checks")" = 2 ] && { echo 'no memory'; exit 127; }
            grep -q poison "$1" || exit 0; echo 'I do not like it'; exit 1
            """);
        await _bench.Says("I do not like it", cancellationToken);
        Assert.That(_bench.Log, Does.Not.Contain("left out"));
        // Of no consequence for the file: the very same is searched again.
        _engine.AddContainer("other", static container => container.Network("front"));
        await _bench.Says("\"ill\" is left out until it changes", cancellationToken);
        await _bench.Until(() => Lines() == 1, cancellationToken);
        Assert.That(await _bench.End(), Is.Zero);
    }

    public async ValueTask DisposeAsync()
    {
        _bench.Dispose();
        await _engine.DisposeAsync();
    }

    // Like nginx of a name that is used twice: it complains about the second in the file, whoever came first.
    private const string OnlyOnce = """
        second=$(grep -n same "$1" | sed -n '2s/:.*//p')
        [ -z "$second" ] || { echo "$1:$second: duplicate"; exit 1; }
        """;

    private void Start(string checker)
    {
        var script = _bench.Directory.Write("check.sh", $"echo . >> {_bench.Directory["checks"]}\n{checker}\n");
        _bench.Settings(_bench.State, _bench.Template(Hosts), $"docker_host: {_engine.Host}", $"validate: command:/bin/sh {script}", "reload: none");
        _bench.Start();
    }

    private void Add(string name, string? note = null, string? host = null, Action<FakeContainer>? more = null) => _engine.AddContainer(name, container =>
    {
        container.Label("templater.host", host ?? name + ".example.com").Expose(80).Network("front");
        if (note is not null)
            container.Label("templater.data.note", note);
        more?.Invoke(container);
    });

    private int Lines() => File.Exists(_bench.Directory["out.txt"]) ? File.ReadAllLines(_bench.Directory["out.txt"]).Length : 0;

    private int Checks() => File.ReadAllLines(_bench.Directory["checks"]).Length;
}
