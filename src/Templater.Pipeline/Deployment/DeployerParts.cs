using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Reloading;

namespace Templater.Pipeline.Deployment;

/// <summary>What one output's deployer works with.</summary>
internal sealed record DeployerParts
{
    public required string Output { get; init; }

    public required OutputFile File { get; init; }

    public required Journal Journal { get; init; }

    /// <summary>Judges candidates; null when nobody does before the proxy itself.</summary>
    public IConfigChecker? Checker { get; init; }

    /// <summary>
    /// True when the proxy is relied on where no checker judges: it keeps what it has when it takes no new configuration, and that is seen.
    /// </summary>
    public bool ReliesOnProxy { get; init; }

    /// <summary>Keeps what was refused; null where nobody would look.</summary>
    public FailedSets? Failed { get; init; }

    /// <summary>Keeps what was live, to go back to; null where nobody would.</summary>
    public GenerationArchive? Archive { get; init; }

    /// <summary>What the operator asks for; null where nobody asks.</summary>
    public RollbackRequests? Requests { get; init; }

    public required IReloader Reloader { get; init; }

    public required IProof Proof { get; init; }

    /// <summary>Sees proxies that end on a file; null where their containers cannot be known.</summary>
    public CrashWatch? Crashes { get; init; }

    public DebtPolicy Debt { get; init; } = new(TimeSpan.FromSeconds(1));

    public ReloadBudget Budget { get; init; } = new(ReloadBudget.DefaultMaxDraining);

    /// <summary>Counts old workers; null where nobody can.</summary>
    public WorkerTitles? Workers { get; init; }

    /// <summary>The reloads of the proxy, which other outputs may share.</summary>
    public ProxyReloads Reloads
    {
        get => field ??= new ProxyReloads(Time);
        init;
    }

    public required TimeProvider Time { get; init; }

    /// <summary>Told about outcomes that nobody awaits: those of the debt loop.</summary>
    public Action<DeployOutcome>? OnSettled { get; init; }
}
