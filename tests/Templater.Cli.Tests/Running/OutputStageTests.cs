using Templater.Cli.Options;
using Templater.Cli.Running;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Isolation;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Watching;

namespace Templater.Cli.Tests.Running;

[CancelAfter(30_000)]
public sealed class OutputStageTests : IDisposable
{
    private static readonly Snapshot Nobody = new() { TakenAt = DateTimeOffset.UnixEpoch };

    private readonly RunBench _bench = new();

    [Test]
    public async Task AnOutputForAnotherProxyWaitsForItsNewSessionWithoutHoldingUpAnything(CancellationToken cancellationToken)
    {
        var path = _bench.Settings(_bench.State, _bench.Template("one"), "reload: none");
        var plan = OutputPlan.Of(new SettingsReader(new FlagLayer { ConfigPath = path }, new Dictionary<string, string>()).Read().Outputs.Single());
        using var deployer = new DeployerFactory(StateDirectory.Open(_bench.Directory["state"]), null, TimeProvider.System).Create(plan.Definition, plan.Deployment);
        var changes = 0;
        var stage = new OutputStage(new LoadedOutput(plan), deployer, new ServedContainers(plan.Definition.Name, store: null), [plan.Definition.Name], () => changes++);
        var before = await stage.ApplyAsync(Nobody, Cause.Start, cancellationToken);

        _bench.Directory.Write("site.scriban", "{{# format: centauri #}}two");
        var change = await stage.ApplyAsync(Nobody, new Cause("site.scriban changed", [], FilesChanged: true), cancellationToken);
        _bench.Directory.Write("site.scriban", "{{# format: centauri #}}three");
        var later = await stage.ApplyAsync(Nobody, new Cause("site.scriban changed", [], FilesChanged: true), cancellationToken);
        var last = await stage.ApplyAsync(Nobody, new Cause("shop started", []), cancellationToken);

        Assert.That(new[] { change, later, last }, Is.All.SameAs(before), "what is said of it stays said");
        Assert.That((changes, _bench.Directory.Read("out.txt")), Is.EqualTo((1, "one")));
    }

    public void Dispose() => _bench.Dispose();
}
