using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Templater.Docker;
using Templater.Docker.Wire;
using Templater.Pipeline.Inventory.Engine;
using Templater.Pipeline.Inventory.Swarm;

namespace Templater.Pipeline.Inventory;

/// <summary>
/// Snapshots of a live engine. One list of containers each; inspections only of what is new, changed, or named by an
/// event since; networks only when something hints at a change of them.
/// </summary>
/// <remarks>One reader and one listener at a time, which may run concurrently.</remarks>
public sealed class DockerSnapshotSource : ISnapshotSource
{
    /// <summary>How many containers are inspected at the same time.</summary>
    public const int MaxParallelInspections = 8;

    /// <summary>Networks are listed again after this time even if nothing hinted at a change.</summary>
    public static readonly TimeSpan NetworksMaxAge = TimeSpan.FromSeconds(60);

    private const string TaskIdAttribute = "com.docker.swarm.task.id";

    private readonly IDockerClient _client;
    private readonly ContainerReader _reader;
    private readonly SnapshotAssembler _assembler;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<string> _ownCandidates;
    private readonly EnvFilter _env;
    private readonly SwarmReader _swarm;
    private readonly SwarmPoller _poller;
    private readonly InspectCache _cache = new();
    private readonly MergedRows _merged = new();
    private volatile KnownEngine? _engine;
    private volatile KnownNetworks? _networks;
    private long _networksHints;
    private volatile Dictionary<string, string> _names = [];
    private volatile Dictionary<string, string> _stopSignals = [];

    /// <summary>Creates the source; nothing is asked yet.</summary>
    /// <param name="client">The engine.</param>
    /// <param name="address">Its address, for messages.</param>
    /// <param name="env">What is kept of environments.</param>
    /// <param name="assembler">Adds certificates and slots.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ownCandidates">Ids that this process may run in; null = found out from its surroundings.</param>
    /// <param name="swarm">Where services of a Swarm are read.</param>
    public DockerSnapshotSource(
        IDockerClient client, string address, EnvFilter env, SnapshotAssembler assembler, TimeProvider time,
        IReadOnlyList<string>? ownCandidates = null, SwarmMode swarm = SwarmMode.Auto)
    {
        _env = env;
        _swarm = new SwarmReader(client, swarm);
        _poller = new SwarmPoller(client, time);
        _client = client;
        Description = address;
        _reader = new ContainerReader(env);
        _assembler = assembler;
        _time = time;
        _ownCandidates = ownCandidates ?? OwnContainer.Candidates();
    }

    /// <inheritdoc/>
    public string Description { get; }

    /// <inheritdoc/>
    public async Task<Snapshot> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var now = _time.GetUtcNow();
            var engine = _engine = await EngineAsync(_engine, now, cancellationToken);
            var rows = Distinct(await _client.ListContainersAsync(all: true, cancellationToken));
            var (containers, findings) = await ContainersAsync(rows, cancellationToken);
            var (swarm, limit) = await _swarm.ReadAsync(engine.Part, cancellationToken);
            // Replaced as a whole and never changed: the listener reads it meanwhile.
            _names = containers.ToDictionary(static c => c.Id.Value, static c => c.Name, StringComparer.Ordinal);
            _stopSignals = StopSignalsOf(containers);
            var self = OwnContainer.Find(_ownCandidates, _names.Keys.ToList());
            if (swarm is not null)
                containers = new TaskContainers(swarm, _env).Of(containers);
            var snapshot = _assembler.Assemble(new Snapshot
            {
                TakenAt = now,
                Engine = engine.Description,
                Containers = [.. containers],
                Networks = await NetworksAsync(containers, now, cancellationToken),
                Self = self,
                Swarm = swarm is null ? null : SwarmContents.Of(swarm),
                Findings = limit is null ? findings : findings.Add(limit),
            });
            _poller.Saw(swarm);
            return snapshot;
        }
        catch (DockerException exception)
        {
            throw EngineFailure.From(exception);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceChange> ChangesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var backoff = new Backoff();
        while (true)
        {
            var (subscription, failure) = await SubscribeAsync(cancellationToken);
            if (subscription is not null)
            {
                var since = _time.GetTimestamp();
                await using (subscription)
                {
                    ForgetEverything();
                    yield return new SourceChange(SourceChangeKind.Reconnected, null, "", "connected to the engine", ExplainsRemoval: false);
                    await using var hints = new MergedHints(subscription, _poller, cancellationToken);
                    while ((failure = await hints.NextAsync()) is null)
                    {
                        if ((hints.Polled ?? Hint(hints.Event!)) is { } change)
                            yield return change;
                    }
                }

                backoff.Connected(_time.GetElapsedTime(since));
            }

            yield return new SourceChange(SourceChangeKind.Lost, null, "", "connection to the engine lost", ExplainsRemoval: false)
            {
                Failure = EngineFailure.From(failure!),
            };
            await Task.Delay(backoff.Next(), _time, cancellationToken);
        }
    }

    private async Task<(IEventSubscription? Subscription, DockerException? Failure)> SubscribeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await _client.OpenEventsAsync(EventFilter.Watching, since: null, cancellationToken), null);
        }
        catch (DockerException exception)
        {
            return (null, exception);
        }
    }

    private SourceChange? Hint(DockerEvent message)
    {
        if (message.Type == "network" && message.Action is not ("connect" or "disconnect"))
            Interlocked.Increment(ref _networksHints);
        if (message.Type is "service" or "node" || message.Actor.Attributes.ContainsKey(TaskIdAttribute))
            _poller.ExpectMovement();
        var change = EventWords.Read(message, id => _names.GetValueOrDefault(id.Value), id => _stopSignals.GetValueOrDefault(id.Value));
        if (change?.Container is { } container)
            _cache.Forget(container.Value);
        return change;
    }

    // Few say which.
    private static Dictionary<string, string> StopSignalsOf(List<Container> containers)
    {
        var signals = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var container in containers)
        {
            if (container.StopSignal.Length > 0)
                signals[container.Id.Value] = container.StopSignal;
        }

        return signals;
    }

    // After a gap in the events anything may have happened, the engine may even be another one.
    private void ForgetEverything()
    {
        _cache.Clear();
        Interlocked.Increment(ref _networksHints);
        _engine = null;
    }

    // An engine becomes a manager, or no longer is one, while its events go on.
    private async Task<KnownEngine> EngineAsync(KnownEngine? known, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (known is not null && (!_swarm.IsWanted || now - known.ReadAt < NetworksMaxAge))
            return known;
        var api = known is null ? (await _client.PingAsync(cancellationToken)).ToString() : known.Description.ApiVersion;
        var version = known is null ? UntrustedText.Bounded((await _client.VersionAsync(cancellationToken)).Version) : known.Description.Version;
        var info = await InfoAsync(cancellationToken);
        return new KnownEngine(
            new EngineDescription(version, api, UntrustedText.Bounded(info.Name), info.Swarm.ControlAvailable), info.Swarm, now);
    }

    // Name and Swarm state only: a socket proxy that does not allow the call takes nothing from routing.
    private async Task<SystemInfo> InfoAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _client.InfoAsync(cancellationToken);
        }
        catch (DockerException exception) when (exception.Reason == DockerErrorReason.Forbidden)
        {
            return new SystemInfo();
        }
    }

    private async Task<(List<Container> Containers, ImmutableArray<Finding> Findings)> ContainersAsync(
        List<ContainerSummary> rows, CancellationToken cancellationToken)
    {
        var moment = _cache.Moment;
        var details = new Container?[rows.Count];
        var failures = new DockerException?[rows.Count];
        var missing = new List<int>();
        for (var i = 0; i < rows.Count; i++)
        {
            details[i] = _cache.Find(rows[i].Id, _merged.KeyOf(rows[i]));
            if (details[i] is null)
                missing.Add(i);
        }

        await Parallel.ForEachAsync(
            missing,
            new ParallelOptions { MaxDegreeOfParallelism = MaxParallelInspections, CancellationToken = cancellationToken },
            async (i, token) => (details[i], failures[i]) = await InspectAsync(rows[i], moment, token));
        _cache.KeepOnly(rows.Select(static row => row.Id).ToHashSet(StringComparer.Ordinal), moment);
        var findings = UninspectedRows.Settle(rows, details, failures, _merged);
        return (_merged.Merge(rows, details), findings);
    }

    private async Task<(Container? Details, DockerException? Failure)> InspectAsync(
        ContainerSummary row, long moment, CancellationToken cancellationToken)
    {
        try
        {
            var details = _reader.Read(await _client.InspectContainerAsync(row.Id, cancellationToken));
            _cache.Keep(row.Id, _merged.KeyOf(row), details, moment);
            return (details, null);
        }
        catch (DockerException exception) when (exception.Reason == DockerErrorReason.NotFound)
        {
            // It vanished after it was listed, as every short-lived container does: it is simply not there.
            return (null, null);
        }
        catch (DockerException exception) when (UninspectedRows.ConcernsOneContainer(exception))
        {
            return (null, exception);
        }
    }

    private async Task<ImmutableArray<Network>> NetworksAsync(
        List<Container> containers, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var known = _networks;
        var hints = Interlocked.Read(ref _networksHints);
        if (known is null || known.Hints != hints || now - known.ReadAt >= NetworksMaxAge
            || containers.Any(c => c.Endpoints.Any(e => e.NetworkId.Length > 0 && !known.Ids.Contains(e.NetworkId))))
        {
            var rows = await _client.ListNetworksAsync(cancellationToken);
            // An endpoint may still name a network that has just been removed; its id is noted so that it costs one list, not one each time.
            var ids = rows.Select(static n => n.Id).Concat(containers.SelectMany(static c => c.Endpoints).Select(static e => e.NetworkId));
            var networks = SnapshotOrder.Ordered([.. rows.Select(Network)]);
            // The same array while nothing changed: routing remembers its outcomes for as long as it sees the same networks.
            if (known is not null && SnapshotOrder.AreEqual(networks, known.Networks))
                networks = known.Networks;
            _networks = known = new KnownNetworks(networks, ids.ToHashSet(StringComparer.Ordinal), now, hints);
        }

        return known.Networks;
    }

    private static Network Network(NetworkSummary row) => new(
        UntrustedText.Bounded(row.Id), UntrustedText.Bounded(row.Name), UntrustedText.Bounded(row.Driver), UntrustedText.Bounded(row.Scope),
        row.Internal, row.Ingress,
        [.. row.IPAM.Config.Select(static c => UntrustedText.Bounded(c.Subnet)).Where(static subnet => subnet.Length > 0)
            .Order(StringComparer.Ordinal)]);

    private static List<ContainerSummary> Distinct(IReadOnlyList<ContainerSummary> rows) =>
        [.. rows.Where(static row => row.Id.Length > 0).DistinctBy(static row => row.Id, StringComparer.Ordinal)];

    private sealed record KnownEngine(EngineDescription Description, SwarmInfo Part, DateTimeOffset ReadAt);

    private sealed record KnownNetworks(ImmutableArray<Network> Networks, HashSet<string> Ids, DateTimeOffset ReadAt, long Hints);
}
