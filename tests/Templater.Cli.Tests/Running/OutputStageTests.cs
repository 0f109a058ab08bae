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

    [Test]
    public async Task WhatIsToldLateOfAnOlderGenerationDoesNotCountForTheNewerOne(CancellationToken cancellationToken)
    {
        var path = _bench.Settings(_bench.State, _bench.Template("one"), $"reload: pidfile:{_bench.Directory["nobody.pid"]}", "validate: none", "verify: \"command:true {generation}\"");
        var plan = OutputPlan.Of(new SettingsReader(new FlagLayer { ConfigPath = path }, new Dictionary<string, string>()).Read().Outputs.Single());
        using var deployer = new DeployerFactory(StateDirectory.Open(_bench.Directory["state"]), null, TimeProvider.System).Create(plan.Definition, plan.Deployment);
        var stage = new OutputStage(new LoadedOutput(plan), deployer, new ServedContainers(plan.Definition.Name, store: null), [plan.Definition.Name], static () => { });
        var owed = await stage.ApplyAsync(Nobody, Cause.Start, cancellationToken);
        Assert.That((owed.Result.Step, stage.ServedRouting), Is.EqualTo((GenerationStep.Written, (Templater.Pipeline.Routing.RoutingResult?)null)));

        stage.Settled(new DeployOutcome.Live("0123456789abcdef", "proven"));
        stage.Settled(new DeployOutcome.Delivered("0123456789abcdef", "told"));
        Assert.That(stage.ServedRouting, Is.Null, "nobody told this one yet");

        stage.Settled(new DeployOutcome.Live(owed.Result.Generation, "proven"));
        Assert.That(stage.ServedRouting, Is.Not.Null);
    }

    public void Dispose() => _bench.Dispose();
}
