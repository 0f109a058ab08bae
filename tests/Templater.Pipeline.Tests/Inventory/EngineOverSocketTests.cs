using System.Text;
using Templater.Docker;
using Templater.Pipeline.Inventory;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Inventory;

/// <summary>Source and client together against an engine on a real socket.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(30_000)]
public sealed class EngineOverSocketTests : IAsyncDisposable
{
    private FakeDockerEngine? _engine;
    private DockerClient? _client;

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_engine is not null)
            await _engine.DisposeAsync();
    }

    [TestCase("1.41")]
    [TestCase("1.44")]
    [TestCase("1.48")]
    [TestCase("1.52")]
    public async Task AContainerIsTheSameWhateverTheApiVersion(string version, CancellationToken cancellationToken)
    {
        var source = Source(version);
        _engine!.AddContainer("web", static c => c.Image("registry:5000/my/shop:2").Label("templater.host", "shop.example.com").Env("VIRTUAL_PORT", "8080")
            .Env("SECRET", "hidden").Expose(8080).Publish(8081, 80).Network("front", "172.20.0.9", "shop").Health("healthy"));
        var snapshot = await source.ReadAsync(cancellationToken);
        var web = snapshot.Containers.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(web.Name, Is.EqualTo("web"));
            Assert.That(web.Health, Is.EqualTo(HealthStatus.Healthy));
            Assert.That(web.Image, Is.EqualTo(new ImageReference("registry:5000", "my/shop", "2", "")));
            Assert.That(web.Env, Is.EqualTo(Snapshots.Map(("VIRTUAL_PORT", "8080"))));
            Assert.That(web.Ports, Is.EqualTo(new[] { new ContainerPort(80, "tcp", 8081), new ContainerPort(8080, "tcp") }));
            Assert.That(web.Endpoints.Single().IPv4, Is.EqualTo("172.20.0.9"));
            Assert.That(web.Endpoints.Single().Aliases, Does.Contain("shop"));
            Assert.That(snapshot.Networks.Select(static n => n.Id), Does.Contain(web.Endpoints.Single().NetworkId));
            Assert.That(snapshot.Engine!.ApiVersion, Is.EqualTo(version));
            Assert.That(Encoding.UTF8.GetString(SnapshotFile.ToBytes(snapshot)), Does.Not.Contain("hidden"));
        }
    }

    [Test]
    public async Task ACreatedContainerHasItsNetworkByNameOnly(CancellationToken cancellationToken)
    {
        var source = Source("1.41");
        _engine!.AddContainer("proxy", static c => c.Network("front").State("created"));
        var endpoint = (await source.ReadAsync(cancellationToken)).Containers.Single().Endpoints.Single();
        Assert.That((endpoint.NetworkName, endpoint.NetworkId, endpoint.IPv4), Is.EqualTo(("front", "", "")));
    }

    private static readonly TestCaseData[] Faults =
    [
        new((FakeFaults f) => f.Truncate("/containers/json"), ReasonIds.SnapshotFailed) { TestName = "A truncated list fails the read" },
        new((FakeFaults f) => f.Answer("/containers/json", 200, "application/json", "{}"), ReasonIds.SnapshotFailed) { TestName = "A list that is none fails the read" },
        new((FakeFaults f) => f.Fail("/containers/json", 500), ReasonIds.SnapshotFailed) { TestName = "A refused list fails the read" },
        new((FakeFaults f) => f.Hang("/containers/json"), ReasonIds.EngineUnreachable) { TestName = "A list that never comes fails the read" },
        new((FakeFaults f) => f.Close("/containers/json"), ReasonIds.EngineUnreachable) { TestName = "A list that is cut off fails the read" },
        new((FakeFaults f) => f.Fail("/networks", 403), ReasonIds.CallForbidden) { TestName = "A forbidden call fails the read" },
        new((FakeFaults f) => f.Fail("/containers/*", 500), ReasonIds.SnapshotFailed) { TestName = "A failed inspection fails the read" },
    ];

    [TestCaseSource(nameof(Faults))]
    public async Task AFaultFailsTheWholeRead(Action<FakeFaults> fault, string reason, CancellationToken cancellationToken)
    {
        var source = Source("1.41");
        _engine!.AddContainer("web", static c => c.Network("front"));
        fault(_engine.Faults);
        await Assert.ThatAsync(
            () => source.ReadAsync(cancellationToken),
            Throws.TypeOf<SnapshotFailedException>().With.Property(nameof(SnapshotFailedException.Reason)).EqualTo(reason));
        _engine.Faults.Clear();
        Assert.That((await source.ReadAsync(cancellationToken)).Containers, Has.Length.EqualTo(1));
    }

    [Test]
    public async Task ALifeIsToldInTheWordsOfItsEvents(CancellationToken cancellationToken)
    {
        var source = Source("1.41");
        await using var changes = source.ChangesAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        await changes.MoveNextAsync();
        _engine!.AddContainer("web", static c => c.Network("front"));
        await source.ReadAsync(cancellationToken);
        Assert.That(await StoryAsync(changes, "web started"), Is.EqualTo("network front created, web started"));
        _engine.Stop("web");
        Assert.That(await StoryAsync(changes, "web stopped"), Is.EqualTo("web stopped"));
        _engine.Remove("web");
        Assert.That(await StoryAsync(changes, "web removed"), Is.EqualTo("web removed"));
    }

    private static async Task<string> StoryAsync(IAsyncEnumerator<SourceChange> changes, string last)
    {
        var batch = new Templater.Pipeline.Watching.CauseBatch();
        do
        {
            await changes.MoveNextAsync();
            batch.Add(changes.Current, TimeSpan.Zero);
        }
        while (changes.Current.Text != last);
        return batch.ToCause("").Text;
    }

    private DockerSnapshotSource Source(string version)
    {
        _engine = new FakeDockerEngine(new FakeDockerEngineOptions { ApiVersion = version });
        _client = new DockerClient(new EngineOptions { Address = EngineAddress.Parse(_engine.Host), CallTimeout = TimeSpan.FromMilliseconds(500) });
        return new DockerSnapshotSource(_client, _engine.Host, EnvFilter.Default, SnapshotAssembler.Nothing, TimeProvider.System, []);
    }
}
