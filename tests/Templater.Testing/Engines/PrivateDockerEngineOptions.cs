namespace Templater.Testing;

/// <summary>What a test wants of its own Docker engine.</summary>
public sealed record PrivateDockerEngineOptions
{
    /// <summary>Containers go on when the engine stops (<c>--live-restore</c>). Excludes Swarm.</summary>
    public bool LiveRestore { get; init; }

    /// <summary>
    /// Lets the engine write iptables rules. Off by default: several engines on one machine flush each other's chains, and
    /// published ports work without (through docker-proxy).
    /// </summary>
    public bool Iptables { get; init; }

    /// <summary>
    /// Gives the engine a default bridge. Off by default (docker0 is one per machine), so that every
    /// <c>docker run</c> names a network: <c>none</c>, <c>host</c> or one made with <c>docker network create</c>.
    /// </summary>
    public bool DefaultBridge { get; init; }

    /// <summary>
    /// Gives the engine a network namespace of its own: every port is free, and neither bridges nor iptables rules meet those of
    /// other engines. Swarm needs it. Published ports are there only: <see cref="PrivateDockerEngine.RunInNetworkAsync"/>.
    /// </summary>
    public bool OwnNetwork { get; init; }

    /// <summary>From 0: engines of one process that share the machine's network take their networks' addresses from pools of different numbers.</summary>
    public int AddressPool { get; init; }
}
