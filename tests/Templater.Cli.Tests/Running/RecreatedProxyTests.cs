using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Templater.Testing;

namespace Templater.Cli.Tests.Running;

/// <summary>
/// The proxy is made anew under its name, as either Compose does it, while the site changes; or it cannot be told at first. It ends
/// with what is wanted, which is proven, and was told of it once at most.
/// </summary>
[CancelAfter(60_000)]
public sealed class RecreatedProxyTests : IDisposable
{
    private readonly RunBench _bench = new();
    private readonly FakeDockerEngine _engine = new();

    // The one way in which a proxy is named and not marked.
    private const string ByService = "docker:nginx";

    private bool _isMarked = true;

    // What each proxy has read last, which process is its worker, and which signals it had.
    private readonly ConcurrentDictionary<string, string> _read = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _workers = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string Id, string Signal)> _signals = new();

    public RecreatedProxyTests()
    {
        _engine.Processes = container => [(10, 1, "nginx: master process nginx"), (_workers[container.Id], 10, "nginx: worker process")];
        _engine.SignalReceived = (container, signal) =>
        {
            _signals.Enqueue((container.Id, signal));
            Read(container.Id);
        };
    }

    /// <summary>Who makes it anew, how it is found, and when the site changes.</summary>
    public static IEnumerable<TestCaseData> Cases =>
        from compose in (string[])["v1", "v2"]
        from reload in (string[])["auto", "docker:NAME", ByService]
        from moment in Enum.GetValues<Moment>()
        select new TestCaseData(compose, reload, moment).SetArgDisplayNames(compose, reload, moment.ToString());

    [TestCaseSource(nameof(Cases))]
    public async Task EndsWithWhatIsWantedAndIsToldOnceAtMost(string compose, string reload, Moment moment, CancellationToken cancellationToken)
    {
        var name = compose == "v1" ? "shop_nginx_1" : "shop-nginx-1";
        _isMarked = reload != ByService;
        AddProxy(name);
        var other = _engine.AddContainer("blog-nginx-1", static container => Composed(container, "nginx", "blog").Network("front")).Id;
        await StartAsync(reload.Replace("NAME", name, StringComparison.Ordinal), cancellationToken);

        var made = compose == "v1" ? await MakeAsVersionOneAsync(name, moment, cancellationToken) : await MakeAsVersionTwoAsync(name, moment, cancellationToken);

        await EndsWithAsync(made, $"{moment}.example.com", cancellationToken);
        // One that started well after the swap has read the file, and is told nothing.
        Assert.That(_signals.Count(signal => signal.Id == made), moment == Moment.WhenItRuns ? Is.EqualTo(1) : Is.LessThanOrEqualTo(1), _bench.Log);
        Assert.That(_signals.Select(static signal => signal.Id), Has.None.EqualTo(other), "another project's service of that name");
        Assert.That(await _bench.End(), Is.Zero);
    }

    [Test]
    public async Task ASignalThatIsRefusedThreeTimesIsTakenOnce(CancellationToken cancellationToken)
    {
        var proxy = AddProxy("edge", DateTimeOffset.UtcNow.AddHours(-1));
        await StartAsync("auto", cancellationToken);
        var told = _signals.Count;
        _engine.Faults.Fail($"/containers/{proxy}/kill", 500, times: 3);
        var calls = _engine.CountOf("POST", $"/containers/{proxy}/kill");

        Change("refused");

        await EndsWithAsync(proxy, "refused.example.com", cancellationToken);
        Assert.That(_engine.CountOf("POST", $"/containers/{proxy}/kill") - calls, Is.EqualTo(4), _bench.Log);
        Assert.That(_signals, Has.Count.EqualTo(told + 1), _bench.Log);
        Assert.That(await _bench.End(), Is.Zero);
    }

    public void Dispose()
    {
        _bench.Dispose();
        _engine.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    // Stops it, gives it a name that is in nobody's way, makes and starts the new one, and removes the old.
    private async Task<string> MakeAsVersionOneAsync(string name, Moment moment, CancellationToken cancellationToken)
    {
        var old = _engine.Container(name).Id;
        await ChangeIf(moment == Moment.BeforeItStops, moment, cancellationToken);
        _engine.Stop(name);
        _engine.Rename(name, $"{old[..12]}_{name}");
        await ChangeIf(moment == Moment.WhileItIsAway, moment, cancellationToken);
        var made = AddProxy(name, isCreated: true);
        await ChangeIf(moment == Moment.WhileItIsMade, moment, cancellationToken);
        StartProxy(made);
        _engine.Remove(old);
        await ChangeIf(moment == Moment.WhenItRuns, moment, cancellationToken);
        return made;
    }

    // Makes the new one under another name, stops and removes the old, and gives the new one its name.
    private async Task<string> MakeAsVersionTwoAsync(string name, Moment moment, CancellationToken cancellationToken)
    {
        var old = _engine.Container(name).Id;
        var made = AddProxy($"{old[..12]}_{name}", isCreated: true);
        await ChangeIf(moment is Moment.BeforeItStops or Moment.WhileItIsMade, moment, cancellationToken);
        _engine.Stop(name);
        _engine.Remove(old);
        await ChangeIf(moment == Moment.WhileItIsAway, moment, cancellationToken);
        _engine.Rename($"{old[..12]}_{name}", name);
        StartProxy(made);
        await ChangeIf(moment == Moment.WhenItRuns, moment, cancellationToken);
        return made;
    }

    private async Task ChangeIf(bool isNow, Moment moment, CancellationToken cancellationToken)
    {
        if (!isNow)
            return;
        Change(moment.ToString());
        // The other moments are told apart by what is on disk.
        if (moment != Moment.WhenItRuns)
            await _bench.Until(() => File.ReadAllText(_bench.Directory["out.txt"]).Contains($"{moment}.example.com", StringComparison.OrdinalIgnoreCase), cancellationToken);
    }

    private void Change(string host) => _engine.AddContainer(host, shop => shop.Label("templater.host", $"{host}.example.com").Expose(80).Network("front"));

    private string AddProxy(string name, DateTimeOffset? started = null, bool isCreated = false)
    {
        var id = _engine.AddContainer(name, container =>
        {
            Composed(container, "nginx").Network("front");
            if (_isMarked)
                container.Label("templater.proxy", "nginx");
            if (isCreated)
                container.State("created");
            else
                container.Started(started ?? DateTimeOffset.UtcNow.AddHours(-1));
        }).Id;
        _workers[id] = 20;
        return id;
    }

    private static FakeContainer Composed(FakeContainer container, string service, string project = "shop") => container
        .Label("com.docker.compose.project", project).Label("com.docker.compose.service", service).Label("com.docker.compose.container-number", "1");

    // It reads what is there before the engine says that it runs.
    private void StartProxy(string id)
    {
        Read(id);
        _engine.Start(id, DateTimeOffset.UtcNow);
    }

    private void Read(string id)
    {
        _read[id] = File.ReadAllText(_bench.Directory["out.txt"]);
        _workers.AddOrUpdate(id, 21, static (_, worker) => worker + 1);
    }

    private async Task StartAsync(string reload, CancellationToken cancellationToken)
    {
        _bench.Settings(_bench.State, $"docker_host: {_engine.Host}", "swarm: off", "validate: none", "resync: 1h", $"reload: '{reload}'",
            $"template: {_bench.Directory.Write("nginx.nginx.scriban", "{{ for host in virtual_hosts }}# {{ host.name }};\n{{ end }}")}");
        // Services are looked up in the project of one's own.
        _bench.Container = _engine.AddContainer("shop-templater-1", static container => Composed(container, "templater")).Id;
        _bench.Start();
        await _bench.Says(") live in ", cancellationToken);
    }

    private async Task EndsWithAsync(string proxy, string host, CancellationToken cancellationToken)
    {
        JsonNode? output = null;
        while (output is null || (string?)output["current"]!["generation"] != (string?)output["wanted"] || output["current"]!["settled"] is null
            || !File.ReadAllText(_bench.Directory["out.txt"]).Contains(host, StringComparison.OrdinalIgnoreCase))
        {
            Assert.That(cancellationToken.IsCancellationRequested, Is.False, $"it did not come:\n{output}\n{_bench.Log}");
            await Task.Delay(20, CancellationToken.None);
            var run = await CommandRun.Of(["status", "--json", "--history", "--state-dir", _bench.Directory["state"]]);
            output = run.Output.StartsWith('{') ? JsonNode.Parse(run.Output)!["outputs"]!.AsArray().FirstOrDefault(static each => each!["current"] is not null) : null;
        }

        Assert.That((string?)output["current"]!["phase"], Is.EqualTo("proven"), _bench.Log);
        Assert.That(_read[proxy], Is.EqualTo(await File.ReadAllTextAsync(_bench.Directory["out.txt"], CancellationToken.None)), _bench.Log);
        var number = ((int)output["current"]!["number"]!).ToString(CultureInfo.InvariantCulture);
        // The log tells of it a moment after the status.
        await _bench.Until(() => Told().Any(), cancellationToken);
        IEnumerable<string> Told() => _bench.Log.Split('\n').Where(line => line.Contains($"generation {number} ", StringComparison.Ordinal) && line.Contains(") live in ", StringComparison.Ordinal));
        Assert.That(Told().Count(), Is.EqualTo(1), _bench.Log);
        Assert.That(output["history"]!.AsArray().Count(entry => (string?)entry!["generation"] == (string?)output["wanted"] && entry["settled"] is not null), Is.EqualTo(1), output.ToString());
    }
}

/// <summary>When the site changes while a proxy is made anew.</summary>
public enum Moment
{
    /// <summary>The old one still runs.</summary>
    BeforeItStops,

    /// <summary>There is none.</summary>
    WhileItIsAway,

    /// <summary>The new one was not started yet.</summary>
    WhileItIsMade,

    /// <summary>The new one has read its file.</summary>
    WhenItRuns,
}
