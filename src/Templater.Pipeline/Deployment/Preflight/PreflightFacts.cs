using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>Everything that the checks look at. They are pure functions of it.</summary>
public sealed record PreflightFacts
{
    /// <summary>Address of the engine.</summary>
    public required string Engine { get; init; }

    /// <summary>True when it is a socket of this machine, that nobody stands before as a rule.</summary>
    public bool IsLocalSocket { get; init; }

    /// <summary>What was read; null when it could not be.</summary>
    public Snapshot? Snapshot { get; init; }

    /// <summary>Why it could not be read; null when it was.</summary>
    public Finding? Trouble { get; init; }

    /// <summary>The calls that the settings need, and which of them may be made.</summary>
    public ImmutableArray<CallTrial> Calls { get; init; } = [];

    /// <summary>The state directory.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Why the state directory could not be written now; null when nothing is in its way.</summary>
    public string? StateObstacle { get; init; }

    /// <summary>How certificates are obtained; null when none are.</summary>
    public AcmeFacts? Acme { get; init; }

    /// <summary>The own table of mounts; empty where there is none.</summary>
    public string Mounts { get; init; } = "";

    /// <summary>The outputs, in their order.</summary>
    public ImmutableArray<OutputFacts> Outputs { get; init; } = [];
}

/// <summary>What the checks of one output look at.</summary>
public sealed record OutputFacts
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it is written.</summary>
    public required string Path { get; init; }

    /// <summary>How it goes live.</summary>
    public required DeploymentSettings Settings { get; init; }

    /// <summary>Its proxy.</summary>
    public required ProxyContext Proxy { get; init; }

    /// <summary>Why it could not be written now; null when nothing is in its way.</summary>
    public Finding? Obstacle { get; init; }

    /// <summary>What is unusual about the place where it is written.</summary>
    public ImmutableArray<Finding> FileFindings { get; init; } = [];

    /// <summary>True when it is the link of a group of files.</summary>
    public bool IsGroupLink { get; init; }

    /// <summary>Whom the reload setting reaches now.</summary>
    public ImmutableArray<string> Targets { get; init; } = [];

    /// <summary>What is to be said about them.</summary>
    public ImmutableArray<Finding> TargetFindings { get; init; } = [];

    /// <summary>Who checks before; null when the proxy itself judges, or nobody.</summary>
    public string? Checker { get; init; }

    /// <summary>What is wrong with the checker, or with who judges at all.</summary>
    public ImmutableArray<Finding> CheckerFindings { get; init; } = [];

    /// <summary>What the proof tells of the generation in place, as a clause; empty when there was nothing to ask for, or nobody answered.</summary>
    public string ProofFact { get; init; } = "";

    /// <summary>What came of asking for the proof once.</summary>
    public ImmutableArray<Finding> ProofFindings { get; init; } = [];

    /// <summary>The keys that its proxy reads, each with the folders above it.</summary>
    public ImmutableArray<ImmutableArray<FileFacts>> Keys { get; init; } = [];
}
