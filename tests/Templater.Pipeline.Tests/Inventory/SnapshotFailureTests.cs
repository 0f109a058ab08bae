using Templater.Docker;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Tests.Inventory;

/// <summary>What becomes of a look when calls of it fail.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(20_000)]
public sealed class SnapshotFailureTests : SnapshotSourceFixture
{
    private static readonly TestCaseData[] Failures =
    [
        new(DockerErrorReason.Unreachable, ReasonIds.EngineUnreachable),
        new(DockerErrorReason.TimedOut, ReasonIds.EngineUnreachable),
        new(DockerErrorReason.TooOld, ReasonIds.EngineUnreachable),
        new(DockerErrorReason.PermissionDenied, ReasonIds.SocketDenied),
        new(DockerErrorReason.Forbidden, ReasonIds.CallForbidden),
        new(DockerErrorReason.BadResponse, ReasonIds.SnapshotFailed),
        new(DockerErrorReason.EngineError, ReasonIds.SnapshotFailed),
        new(DockerErrorReason.TooLarge, ReasonIds.SnapshotFailed),
    ];

    [TestCase(DockerErrorReason.EngineError)]
    [TestCase(DockerErrorReason.BadResponse)]
    [TestCase(DockerErrorReason.TooLarge)]
    public async Task OneContainerThatCannotBeInspectedFreezesNobody(DockerErrorReason reason, CancellationToken cancellationToken)
    {
        for (var i = 1; i <= 3; i++)
            Engine.Run(i);
        FailInspectionsOf(reason, 2, 3);
        Engine.Change(3, static _ => null);
        var source = Source();
        var without = await source.ReadAsync(cancellationToken);
        Engine.Before = static (_, _) => Task.CompletedTask;
        var healed = await source.ReadAsync(cancellationToken);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(without.Containers.Select(static c => c.Name), Is.EqualTo(new[] { "web-1" }));
            Assert.That(without.Findings.Select(static f => (f.Reason, f.Container)), Is.EqualTo(new[] { (ReasonIds.SnapshotFailed, "web-2") }));
            Assert.That(healed.Containers, Has.Length.EqualTo(2));
            Assert.That(healed.Findings, Is.Empty);
        }
    }

    [Test]
    public async Task WhatWasKnownOfAContainerThatCannotBeInspectedAnyMoreIsUsed(CancellationToken cancellationToken)
    {
        Engine.Run(1);
        Engine.Run(2);
        var source = Source();
        await source.ReadAsync(cancellationToken);
        FailInspectionsOf(DockerErrorReason.EngineError, 2);
        Engine.Change(2, static row => row with { Endpoint = "another" });
        for (var read = 0; read < 2; read++)
        {
            var snapshot = await source.ReadAsync(cancellationToken);
            Assert.That(snapshot.Containers.Select(static c => (c.Name, c.Image.Tag)), Is.EqualTo(new[] { ("web-1", "1"), ("web-2", "1") }));
            Assert.That(snapshot.Findings.Single().Message, Does.EndWith("What was known of it before is used until an inspection succeeds; removing or recreating the container usually mends it."));
        }
    }

    [Test]
    public async Task AnEngineThatCanInspectNothingIsNotAHostWithoutContainers()
    {
        for (var i = 1; i <= 4; i++)
            Engine.Run(i);
        FailInspectionsOf(DockerErrorReason.EngineError, 1, 2, 4);
        await Assert.ThatAsync(() => Source().ReadAsync(CancellationToken.None), Throws.TypeOf<SnapshotFailedException>());
    }

    private void FailInspectionsOf(DockerErrorReason reason, params int[] numbers)
    {
        var calls = numbers.Select(static number => $"inspect {ScriptedEngine.Id(number)}").ToHashSet();
        Engine.Before = (call, _) => calls.Contains(call) ? Task.FromException(new DockerException(reason, "it failed")) : Task.CompletedTask;
    }

    [TestCaseSource(nameof(Failures))]
    public async Task AnyFailedCallFailsTheWholeRead(DockerErrorReason reason, string expected)
    {
        Engine.Run(1);
        Engine.Run(2);
        string[] calls = ["list", "networks", "version"];
        // The others say something about one container, not about the engine.
        if (expected != ReasonIds.SnapshotFailed)
            calls = [.. calls, $"inspect {ScriptedEngine.Id(2)}"];
        foreach (var failing in calls)
        {
            Engine.Before = (call, _) => call == failing ? Task.FromException(new DockerException(reason, "it failed")) : Task.CompletedTask;
            await Assert.ThatAsync(
                () => Source().ReadAsync(CancellationToken.None),
                Throws.TypeOf<SnapshotFailedException>().With.Property(nameof(SnapshotFailedException.Reason)).EqualTo(expected), failing);
        }
    }

    [TestCase("it failed", "it failed.")]
    [TestCase("it failed.", "it failed.")]
    [TestCase("no such socket; is it mounted?", "no such socket; is it mounted?")]
    public async Task AFailureIsASentenceWithOneEnd(string message, string expected)
    {
        Engine.Before = (_, _) => Task.FromException(new DockerException(DockerErrorReason.Unreachable, message));
        await Assert.ThatAsync(
            () => Source().ReadAsync(CancellationToken.None), Throws.TypeOf<SnapshotFailedException>().With.Message.EqualTo(expected));
    }

    [Test]
    public async Task AForbiddenCallIsNamedWithWhatItIsNeededFor()
    {
        Engine.Before = (call, _) => call == "networks"
            ? Task.FromException(new DockerException(DockerErrorReason.Forbidden, "the engine at tcp://socket-proxy:2375 refused GET /networks (403)") { Call = "GET /networks" })
            : Task.CompletedTask;
        await Assert.ThatAsync(
            () => Source().ReadAsync(CancellationToken.None),
            Throws.TypeOf<SnapshotFailedException>().With.Message.EqualTo(
                "the engine at tcp://socket-proxy:2375 refused GET /networks (403). Needed for: choosing networks. Allow it there; \"templater doctor\" prints the rules."));
    }

    [Test]
    public async Task AForbiddenInfoTakesNothingFromRouting(CancellationToken cancellationToken)
    {
        Engine.Run(1);
        Engine.Before = (call, _) => call == "info" ? Task.FromException(new DockerException(DockerErrorReason.Forbidden, "no")) : Task.CompletedTask;
        Assert.That((await Source().ReadAsync(cancellationToken)).Containers, Has.Length.EqualTo(1));
    }
}
