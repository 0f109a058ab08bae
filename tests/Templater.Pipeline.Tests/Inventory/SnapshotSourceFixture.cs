using Templater.Pipeline.Inventory;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Inventory;

/// <summary>Tests of reading an engine that does what they tell it.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(20_000)]
public abstract class SnapshotSourceFixture
{
    private protected ScriptedEngine Engine { get; } = new();

    private protected FakeTimeProvider Time { get; } = new();

    private protected DockerSnapshotSource Source(params string[] own) =>
        new(Engine, "unix:///x", EnvFilter.Default, SnapshotAssembler.Nothing, Time, own);

    private protected static async Task<IAsyncEnumerator<SourceChange>> ListenAsync(DockerSnapshotSource source, CancellationToken cancellationToken)
    {
        var changes = source.ChangesAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        await changes.MoveNextAsync();
        Assert.That(changes.Current.Kind, Is.EqualTo(SourceChangeKind.Reconnected));
        return changes;
    }
}
