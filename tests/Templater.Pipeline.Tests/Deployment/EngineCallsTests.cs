using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Templater.Docker;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>
/// A deployer as the factory builds it, on a client that may make the calls that its settings ask for and no other: one
/// call more would end the program.
/// </summary>
[CancelAfter(30_000)]
public sealed class EngineCallsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    private static readonly string[] Reloads =
    [
        "auto", "docker:edge", "docker:edge:restart", "label:templater.proxy=edge", "haproxy:{0}/m.sock", "pidfile:{0}/no.pid", "process:no-such-proxy", "exec:edge:true",
        "command:true", "http:http://127.0.0.1:1/", "none",
    ];

    private static readonly string[] Verifies = ["auto", "none", "http:http://127.0.0.1:1/", "command:false"];

    private readonly FakeTimeProvider _time = new(Noon);
    private FakeDockerEngine _engine = null!;
    private TempDirectory _directory = null!;

    [SetUp]
    public void StartEngine()
    {
        _directory = new TempDirectory("tpl-");
        _engine = new FakeDockerEngine();
        _engine.AddContainer("edge", edge => edge.Label("templater.proxy", "edge"));
    }

    [TearDown]
    public async Task StopEngine()
    {
        await _engine.DisposeAsync();
        _directory.Dispose();
    }

    [Test]
    public async Task AProxyThatEndsOnAFileIsARefusalWithItsReasonHoweverItIsToldAndProven(
        [ValueSource(nameof(Reloads))] string reload,
        [ValueSource(nameof(Verifies))] string verify,
        [Values(ProxyKind.Nginx, ProxyKind.Other)] ProxyKind kind)
    {
        using (var first = Create(Settings("command:true", "none"), kind))
            Assert.That(await first.DeployAsync("1"), Is.InstanceOf<DeployOutcome.Delivered>());
        using (var owing = Create(Settings("process:no-such-proxy", "none"), kind))
            Assert.That(await owing.DeployAsync("2"), Is.InstanceOf<DeployOutcome.Owed>());
        _time.Advance(TimeSpan.FromMinutes(2));
        _engine.Die("edge");
        _engine.Alter("edge", edge => edge.Started(_time.GetUtcNow().AddMinutes(-1)).Log("2026/03/04 12:00:00 [emerg] 1#1: unknown directive \"servr\" in /config/edge.conf:1\n", isError: true));
        using var deployment = Create(Settings(reload, verify), kind);

        var outcome = await deployment.DeployAsync("2");

        if (reload == "none")
        {
            Assert.That(outcome, Is.InstanceOf<DeployOutcome.Live>().Or.InstanceOf<DeployOutcome.Delivered>(), "nobody is told, nobody is looked at");
            return;
        }

        Assert.That(outcome, Is.InstanceOf<DeployOutcome.Refused>().With.Property("Restored").True, outcome.ToString());
        Assert.That(((DeployOutcome.Refused)outcome).Output, Does.Contain("servr"));
    }

    [Test]
    public async Task AProxyThatRunsIsToldAndLookedAtWithinTheCallsThatWereAskedFor(
        [ValueSource(nameof(Reloads))] string reload,
        [ValueSource(nameof(Verifies))] string verify)
    {
        _engine.Processes = _ => [(10, 1, "nginx: master process nginx"), (20 + _engine.Events.Count, 10, "nginx: worker process")];
        using var deployment = Create(Settings(reload, verify), ProxyKind.Nginx);

        var deploying = deployment.DeployAsync("1");
        while (!deploying.IsCompleted)
        {
            await Task.Delay(2);
            _time.Advance(TimeSpan.FromMilliseconds(250));
        }

        await Assert.ThatAsync(() => deploying, Throws.Nothing);
    }

    private DeploymentSettings Settings(string reload, string verify) => new()
    {
        Reload = ReloadSpec.Parse(string.Format(CultureInfo.InvariantCulture, reload, _directory.Path)),
        Verify = VerifySpec.Parse(verify),
        Validate = ValidateSpec.Parse("none"),
        ReloadInterval = TimeSpan.Zero,
    };

    private Deployment Create(DeploymentSettings settings, ProxyKind kind)
    {
        var client = new DockerClient(new EngineOptions
        {
            Address = EngineAddress.Parse(_engine.Host),
            AllowedCalls = AllowedCalls.For(CallPurposes.Watch | settings.EngineCalls),
        });
        var edge = _engine.Container("edge");
        var control = new DockerContainerControl(client, sharesClock: true)
        {
            Latest = new Snapshot
            {
                TakenAt = Noon,
                Containers =
                [
                    new Container
                    {
                        Id = new ContainerId(edge.Id),
                        Name = edge.Name,
                        Image = new ImageReference("", "edge", "1", ""),
                        State = edge.Status == "running" ? ContainerState.Running : ContainerState.Exited,
                        Labels = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("templater.proxy", "edge"),
                    },
                ],
            },
        };
        var output = new OutputDefinition { Name = "edge", Kind = kind, Template = "edge", Path = _directory["edge.conf"] };
        return new Deployment(client, new DeployerFactory(StateDirectory.Open(_directory["state"]), control, _time).Create(output, settings), output.Path);
    }

    private sealed record Deployment(DockerClient Client, Deployer Deployer, string Path) : IDisposable
    {
        public Task<DeployOutcome> DeployAsync(string generation)
        {
            var file = new RenderedFile { Output = "edge", Path = Path, Generation = generation, Content = Encoding.UTF8.GetBytes($"# {generation}\n") };
            return Deployer.DeployAsync(file, "test", CancellationToken.None);
        }

        public void Dispose()
        {
            Deployer.Dispose();
            Client.Dispose();
        }
    }
}
