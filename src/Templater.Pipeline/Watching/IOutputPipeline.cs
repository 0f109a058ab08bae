using System.Collections.Immutable;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Watching;

/// <summary>
/// What happens to a snapshot: routing, rendering and deployment of every output. A boundary: the loop knows when,
/// this knows what. Calls are never concurrent.
/// </summary>
public interface IOutputPipeline
{
    /// <summary>The routes of all outputs that have a server now; the loop compares them to notice a list that lost too much.</summary>
    /// <param name="snapshot">A complete snapshot.</param>
    ImmutableArray<RouteClaim> RoutesOf(Snapshot snapshot);

    /// <summary>Renders and deploys every output. Mistakes of authors and labels come back as findings.</summary>
    /// <param name="snapshot">A complete snapshot.</param>
    /// <param name="cause">Why. Templates are read again when it says so.</param>
    /// <param name="cancellationToken">Gives up; whatever was begun is finished by the next start.</param>
    Task<OutputReport> ApplyAsync(Snapshot snapshot, Cause cause, CancellationToken cancellationToken);

    /// <summary>
    /// The engine does not answer and never has since the start: writes a first configuration with no containers for each
    /// output that has none, so that a proxy can start; never over an existing one. Called at most once.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    Task<OutputReport> FirstBootAsync(CancellationToken cancellationToken);
}

/// <summary>A route with at least one usable server.</summary>
/// <param name="Host">Host pattern.</param>
/// <param name="Path">Path pattern.</param>
/// <param name="Containers">The containers behind it.</param>
public sealed record RouteClaim(string Host, string Path, ImmutableArray<ContainerId> Containers);

/// <summary>How far a generation of an output came.</summary>
public enum GenerationStep
{
    /// <summary>Nothing was to be done.</summary>
    Unchanged,
    /// <summary>Written; the proxy has yet to be told, or to be seen to take it.</summary>
    Written,
    /// <summary>Delivered; this proxy cannot be asked whether it took it.</summary>
    Delivered,
    /// <summary>Proven to be live.</summary>
    Live,
    /// <summary>Refused or failed; findings tell the rest.</summary>
    Rejected,
}

/// <summary>What became of one output.</summary>
public sealed record OutputResult
{
    /// <summary>Name of the output.</summary>
    public required string Output { get; init; }

    /// <summary>Its file.</summary>
    public required string Path { get; init; }

    /// <summary>The generation that this is about, 16 hex digits; empty when none was rendered.</summary>
    public string Generation { get; init; } = "";

    /// <summary>The number by which people know it, counted from 1; 0 when none was rendered.</summary>
    public int Number { get; init; }

    /// <summary>How far it came.</summary>
    public GenerationStep Step { get; init; }

    /// <summary>What the operator asked for, when the generation is that and not what the inputs ask for; then its hosts are not known. Else null.</summary>
    public string? AskedFor { get; init; }

    /// <summary>The virtual hosts of the generation.</summary>
    public ImmutableArray<HostSummary> Hosts { get; init; } = [];

    /// <summary>True when the output's file exists, from whenever.</summary>
    public bool Exists { get; init; }

    /// <summary>True when the file could not be written, for example for a full disk or a missing permission.</summary>
    public bool IsUnwritable { get; init; }

    /// <summary>Since when a reload is owed; null when none is.</summary>
    public DateTimeOffset? OwedSince { get; init; }

    /// <summary>True when the settings say that nobody is told about a new file: what is delivered is then never proven.</summary>
    public bool TellsNobody { get; init; }

    /// <summary>True when the reload is owed only because no proxy runs.</summary>
    public bool WaitsForProxy { get; init; }

    /// <summary>Sets of workers of the proxy that only finish their connections; null when nobody can tell.</summary>
    public int? OldWorkers { get; init; }

    /// <summary>Containers that are left out because a line that comes from them was refused.</summary>
    public ImmutableArray<LeftOutContainer> LeftOut { get; init; } = [];

    /// <summary>How many containers are not routed, by reason, in ordinal order.</summary>
    public ImmutableArray<ExcludedContainers> Excluded { get; init; } = [];

    /// <summary>What is to be said about this output's delivery now; replaces what was said before.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];

    /// <summary>What a look found out about this output's containers, its template and its proxy, complete; null when it was no look: what was said stays.</summary>
    public ImmutableArray<Finding>? LookFindings { get; init; }

    /// <summary>True when a look did not get beyond what was known: what was reported meanwhile is known better.</summary>
    public bool IsInterim { get; init; }
}

/// <summary>A virtual host in one line.</summary>
/// <param name="Name">Its name, unique within the output.</param>
/// <param name="Servers">Usable servers behind all its routes.</param>
public sealed record HostSummary(string Name, int Servers);

/// <summary>What became of all outputs.</summary>
/// <param name="Outputs">One result for each output, in the order of the settings.</param>
/// <param name="Findings">Everything that is to be said now about no single output, complete: what is no longer in here is resolved.</param>
/// <param name="AgainAfter">Apply again after this time even if nothing happens; null = no need.</param>
public sealed record OutputReport(ImmutableArray<OutputResult> Outputs, ImmutableArray<Finding> Findings, TimeSpan? AgainAfter = null);
