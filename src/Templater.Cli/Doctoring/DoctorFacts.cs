using System.Collections.Immutable;
using Templater.Cli.Options;
using Templater.Docker;
using Templater.Pipeline;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Preflight;
using Templater.Pipeline.Inventory;

namespace Templater.Cli.Doctoring;

/// <summary>Reads what the checks look at. Nothing that fails ends it: that is what is to be told.</summary>
internal static class DoctorFacts
{
    // What tells nobody anything and changes nothing.
    private const CallPurposes Readable = CallPurposes.Watch | CallPurposes.Services | CallPurposes.Verify;

    public static async Task<PreflightFacts> ReadAsync(Settings settings, Surroundings surroundings, CancellationToken cancellationToken)
    {
        ImmutableArray<OutputPlan> plans = [.. settings.Outputs.Select(static output => OutputPlan.Of(output))];
        var address = settings.Get(EngineSettings.DockerHost);
        var needed = Engine.WatchingOf(settings, plans);
        using var client = Connect(settings, needed & Readable, surroundings);
        var (snapshot, trouble) = await SnapshotAsync(settings, surroundings, cancellationToken);
        // Where the engine has no Swarm nobody asks for its services.
        if (snapshot?.Engine is { IsSwarmManager: false } && settings.Get(EngineSettings.Swarm) == SwarmMode.Auto)
            needed &= ~CallPurposes.Services;
        var calls = AllowedCalls.For(needed).Calls;
        var isThere = snapshot is not null || trouble!.Reason == ReasonIds.CallForbidden;
        return new PreflightFacts
        {
            Engine = address.ToString(),
            IsLocalSocket = address.SocketPath is not null,
            Snapshot = snapshot,
            Trouble = trouble,
            // An engine that is not there would be waited for once for each of them.
            Calls = isThere ? await CallTrial.TryAsync(client, calls, SomeoneToAsk(plans, snapshot), cancellationToken) : [.. calls.Select(static call => new CallTrial(call, CallOutcome.NotTried))],
            StateDirectory = StateDirectories.Of(settings),
            StateObstacle = StateDirectory.Obstacle(StateDirectories.Of(settings)),
            Acme = settings.Acme is { } plan ? await new AcmeProbe(plan, StateDirectories.Of(settings), $"templater/{CommandLine.Version}", surroundings.Time).LookAsync(cancellationToken) : null,
            Mounts = MountTable.Own(),
            Outputs = await OutputsAsync(settings, plans, client, snapshot, surroundings, cancellationToken),
        };
    }

    private static DockerClient Connect(Settings settings, CallPurposes purposes, Surroundings surroundings)
    {
        try
        {
            return Engine.Connect(settings, purposes, surroundings);
        }
        catch (DockerException exception)
        {
            throw CommandFailedException.Of(exception);
        }
    }

    private static async Task<(Snapshot? Snapshot, Finding? Trouble)> SnapshotAsync(Settings settings, Surroundings surroundings, CancellationToken cancellationToken)
    {
        try
        {
            return (await OneSnapshot.ReadAsync(settings, null, surroundings, cancellationToken), null);
        }
        catch (SnapshotFailedException exception)
        {
            return (null, exception.ToFinding());
        }
    }

    // Processes and logs are asked for of the proxy alone, as later.
    private static string? SomeoneToAsk(ImmutableArray<OutputPlan> plans, Snapshot? snapshot)
    {
        if (snapshot is null)
            return null;
        foreach (var plan in plans)
        {
            if (OutputRouting.Proxy(plan, snapshot).Containers is { Length: > 0 } proxies)
                return proxies[0].Value;
        }

        return snapshot.Containers.FirstOrDefault(static container => container.State == ContainerState.Running)?.Id.Value;
    }

    private static async Task<ImmutableArray<OutputFacts>> OutputsAsync(
        Settings settings, ImmutableArray<OutputPlan> plans, DockerClient client, Snapshot? snapshot, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var control = new DockerContainerControl(client, settings.Get(EngineSettings.DockerHost).SocketPath is not null) { Latest = snapshot };
        var probe = new OutputProbe(StateDirectories.Of(settings), control, surroundings.Time);
        var outputs = ImmutableArray.CreateBuilder<OutputFacts>();
        foreach (var plan in plans)
        {
            var proxy = OutputRouting.Proxy(plan, snapshot ?? new Snapshot { TakenAt = surroundings.Time.GetUtcNow() });
            outputs.Add(await probe.LookAsync(plan.Definition, plan.Deployment, proxy, settings.Get(CertificateSettings.CertsDirectory), cancellationToken));
        }

        return outputs.ToImmutable();
    }
}
