using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Pipeline.Routing;

/// <summary>What one container brings, looked at by itself.</summary>
/// <param name="Fate">What became of it before conflicts with others.</param>
/// <param name="Claims">Its claims.</param>
/// <param name="Findings">What is to be said about it.</param>
/// <param name="ReadyAt">When it will be ready, if it only waits for that.</param>
/// <param name="DependsOnTime">True when the same container may have another outcome at another time.</param>
internal sealed record ContainerOutcome(
    ContainerFate Fate, ImmutableArray<Claim> Claims, ImmutableArray<Finding> Findings, DateTimeOffset? ReadyAt, bool DependsOnTime = false)
{
    /// <summary>What is said of nothing that was looked at.</summary>
    public static readonly ContainerOutcome None = new(new ContainerFate(default, null, "", [], null, null), [], [], null);

    /// <summary>Its claims on streams.</summary>
    public ImmutableArray<StreamClaim> Streams { get; init; } = [];

    /// <summary>True when other containers have their part in it: another one may change it while this one stays what it is.</summary>
    public bool DependsOnOthers { get; init; }

    /// <summary>The steps on the way to it, for whoever asks why; they decide nothing.</summary>
    public DecisionSteps Steps { get; init; } = DecisionSteps.None;
}

/// <summary>What was found out on the way to a container's outcome; a step that was not reached is null.</summary>
/// <param name="Asked">What it asked for, in the words of no dialect.</param>
/// <param name="Options">What holds for it as a whole.</param>
/// <param name="NotReady">Why it may be given no requests now.</param>
/// <param name="Unreachable">Why the proxy does not reach it.</param>
/// <param name="Endpoint">The attachment by which the proxy reaches it.</param>
/// <param name="Address">Its address there; empty when there is none.</param>
internal sealed record DecisionSteps(
    ContainerClaims? Asked, ContainerOptions? Options, Refusal? NotReady = null, Refusal? Unreachable = null, Endpoint? Endpoint = null, string Address = "")
{
    /// <summary>Nothing was looked at.</summary>
    public static readonly DecisionSteps None = new(null, null);
}
