using Templater.Pipeline.Inventory;
using Templater.Pipeline.Inventory.Engine;

namespace Templater.Pipeline.Tests.Inventory;

/// <summary>Listening to the engine, also when the connection is lost.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(20_000)]
public sealed class SnapshotChangesTests : SnapshotSourceFixture
{
    [Test]
    public async Task ItListensBeforeItSaysSoAndAsksForNoExecEvents(CancellationToken cancellationToken)
    {
        await using var changes = await ListenAsync(Source(), cancellationToken);
        Assert.That(Engine.AskedFor!.Actions, Is.SupersetOf(new[] { "start", "die", "destroy", "health_status", "connect", "disconnect", "rename" }));
        Assert.That(Engine.AskedFor.Actions, Has.None.StartsWith("exec").And.No.Member("attach").And.No.Member("top"));
    }

    [Test]
    public async Task DotegeW4ALostConnectionIsReportedAndTriedAgainForEver(CancellationToken cancellationToken)
    {
        var source = Source();
        await using var changes = await ListenAsync(source, cancellationToken);
        Engine.Before = (call, _) => call == "events" ? Task.FromException(ScriptedEngine.Gone()) : Task.CompletedTask;
        Engine.CutEvents();
        for (var attempt = 0; attempt < 30; attempt++)
        {
            var next = changes.MoveNextAsync().AsTask();
            while (!next.IsCompleted)
            {
                Time.Advance(TimeSpan.FromMilliseconds(50));
                await Task.Yield();
            }

            Assert.That(await next, Is.True);
            Assert.That(changes.Current.Kind, Is.EqualTo(SourceChangeKind.Lost));
            Assert.That(changes.Current.Failure!.Reason, Is.EqualTo(ReasonIds.EngineUnreachable));
        }

        Engine.Before = static (_, _) => Task.CompletedTask;
        var back = changes.MoveNextAsync().AsTask();
        await Time.AdvanceWhenWaitingAsync(Backoff.Longest, cancellationToken: cancellationToken);
        await back;
        Assert.That(changes.Current.Kind, Is.EqualTo(SourceChangeKind.Reconnected));
    }

    [Test]
    public async Task AfterAReconnectionEverythingIsInspectedAgain(CancellationToken cancellationToken)
    {
        Engine.Run(1);
        var source = Source();
        await using var changes = await ListenAsync(source, cancellationToken);
        await source.ReadAsync(cancellationToken);
        Engine.CutEvents();
        await changes.MoveNextAsync();
        var back = changes.MoveNextAsync().AsTask();
        await Time.AdvanceWhenWaitingAsync(Backoff.First, cancellationToken: cancellationToken);
        await back;
        await source.ReadAsync(cancellationToken);
        Assert.That((Engine.Count("inspect"), Engine.Count("networks"), Engine.Count("version")), Is.EqualTo((2, 2, 2)));
    }
}
