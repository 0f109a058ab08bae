using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Testing.Hosts;

/// <summary>A host that nobody wrote: what the engine would say about it, the operator's settings, and what its containers were meant to close.</summary>
/// <param name="Seed">What it was made of; the same number makes the same host.</param>
/// <param name="Snapshot">What was read.</param>
/// <param name="Policy">The operator's settings.</param>
/// <param name="Wishes">By id of the container, what it closes; containers that close nothing are not in it.</param>
public sealed record GeneratedHost(int Seed, Snapshot Snapshot, RoutingPolicy Policy, ImmutableDictionary<ContainerId, Wish> Wishes)
{
    /// <summary>The same host with its containers in another order.</summary>
    /// <param name="seed">Which order.</param>
    public Snapshot Shuffled(int seed)
    {
        var containers = Snapshot.Containers.ToArray();
        new Random(seed).Shuffle(containers);
        return Snapshot with { Containers = [.. containers] };
    }

    /// <inheritdoc/>
    public override string ToString() => $"host {Seed}";
}

/// <summary>What a container was meant to close, known from how it was made and not from what is read out of its labels.</summary>
/// <param name="Closed">True where a key that fails closed has a bad value: nobody may reach the container.</param>
/// <param name="Allow">The only client that may reach it; null where any may.</param>
/// <param name="Login">True where only users with a password may.</param>
public sealed record Wish(bool Closed, string? Allow, bool Login);
