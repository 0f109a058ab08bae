using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;

namespace Templater.Pipeline.Deployment.Isolation;

/// <summary>
/// Finds who makes a checker refuse a file. Those behind the line that it names are tried alone first: a line may also be refused
/// for what stands before it, or for whom it clashes with. Else the file is rendered and checked without some of those who are in
/// it, until the last of the shortest refused prefix is known. Newcomers come after what is live, so a newcomer that clashes with a
/// live site loses. Not thread-safe.
/// </summary>
/// <param name="render">Renders; null when nothing came of it.</param>
/// <param name="deployer">Checks.</param>
/// <param name="quarantine">Leaves out who is found.</param>
/// <param name="served">Who is live.</param>
public sealed class CulpritSearch(Func<Snapshot, CancellationToken, RenderedFile?> render, Deployer deployer, Quarantine quarantine, ServedContainers served)
{
    // Only for the render of a trial: nobody reads it.
    private const string OnTrial = "on trial";

    // A file with which nobody was found to blame is not searched again, unless the checker did not judge all that was tried.
    private string? _fruitless;
    private bool _wasHindered;

    // Who is known to be accepted together; of this look alone.
    private HashSet<ContainerId>? _cleared;

    /// <summary>True when the checker failed during the last search, so that it is worth another attempt with the same file.</summary>
    public bool IsHindered => _wasHindered;

    /// <summary>A new look begins: what the file depends on beside its containers may have changed.</summary>
    public void Begin()
    {
        _cleared = null;
        _wasHindered = false;
    }

    /// <summary>Finds one of those who are to blame and leaves it out.</summary>
    /// <param name="deployed">What was refused.</param>
    /// <param name="refusal">The refusal.</param>
    /// <param name="isEdited">True when the template was edited since the last live generation: then no live site is to blame.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What is to be said in place of the refusal; null when nobody was found.</returns>
    public async Task<Finding?> FindAsync(DeployedFile deployed, DeployOutcome.Refused refusal, bool isEdited, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(deployed);
        ArgumentNullException.ThrowIfNull(refusal);
        if (_fruitless == deployed.File.Generation || refusal.Findings.FirstOrDefault(Quarantine.IsRefusal) is not { } finding)
            return null;
        var found = await FindAsync(deployed, refusal.Line, finding, isEdited, cancellationToken);
        if (found is null && !_wasHindered)
            _fruitless = deployed.File.Generation;
        return found;
    }

    private async Task<Finding?> FindAsync(DeployedFile deployed, int? line, Finding finding, bool isEdited, CancellationToken cancellationToken)
    {
        var present = deployed.Present.ToList();
        var newcomers = present.Where(container => !served.IsAsItIs(container)).ToList();
        switch (await ClearAsync(deployed, present, newcomers, finding, cancellationToken))
        {
            case TrialResult.Accepted:
                var behind = line is { } number ? deployed.BehindLine(number).Where(newcomers.Contains).ToList() : [];
                return behind.Count > 0 && await TryAsync(deployed, newcomers.Except(behind), cancellationToken) is TrialResult.Refused
                    ? quarantine.BlameForLine(behind, deployed.File.Path, line!.Value, finding)
                    : await SearchAsync(deployed, newcomers, finding, cancellationToken);
            // Nobody new: what a live site refers to may have changed.
            case TrialResult.Refused when !isEdited:
                return await SearchAsync(deployed, present, finding, cancellationToken);
            default:
                return null;
        }
    }

    // Whether those who are live are accepted by themselves.
    private async Task<TrialResult> ClearAsync(DeployedFile deployed, List<Container> present, List<Container> newcomers, Finding finding, CancellationToken cancellationToken)
    {
        if (_cleared is not null)
            return new TrialResult.Accepted();
        if (newcomers.Count == 0)
            return new TrialResult.Refused(finding);
        var result = await TryAsync(deployed, newcomers, cancellationToken);
        if (result is TrialResult.Accepted)
            _cleared = [.. present.Except(newcomers).Select(static container => container.Id)];
        return result;
    }

    private async Task<Finding?> SearchAsync(DeployedFile deployed, List<Container> containers, Finding finding, CancellationToken cancellationToken)
    {
        var suspects = Suspect.InOrder(containers);
        var search = new PrefixSearch(suspects.Length, Accepted(suspects));
        while (!search.IsOver)
        {
            switch (await TryAsync(deployed, suspects.Skip(search.Trial).SelectMany(static suspect => suspect.Containers), cancellationToken))
            {
                case TrialResult.Accepted:
                    search.Note(isAccepted: true);
                    break;
                case TrialResult.Refused worse:
                    search.Note(isAccepted: false);
                    finding = worse.Finding;
                    break;
                default:
                    return null;
            }
        }

        if (search.Guilty is not { } guilty)
            return null;
        (_cleared ??= []).UnionWith(suspects.Take(guilty).SelectMany(static suspect => suspect.Containers).Select(static container => container.Id));
        return quarantine.Blame(suspects[guilty].Containers, deployed.File.Path, finding);
    }

    private int? Accepted(ImmutableArray<Suspect> suspects) => _cleared is not { } cleared
        ? null
        : Math.Min(suspects.Length - 1, suspects.TakeWhile(suspect => suspect.Containers.All(container => cleared.Contains(container.Id))).Count());

    private async Task<TrialResult> TryAsync(DeployedFile deployed, IEnumerable<Container> leftOut, CancellationToken cancellationToken)
    {
        var without = deployed.Snapshot.Quarantined.ToBuilder();
        foreach (var container in leftOut)
            without[container.Id.Value] = OnTrial;
        // A template that fails without somebody fails so each time.
        if (render(deployed.Snapshot with { Quarantined = without.ToImmutable() }, cancellationToken) is not { } file)
            return new TrialResult.NotJudged();
        var result = await deployer.TryAsync(file, deployer.Status.NumberOf(deployed.File.Generation), cancellationToken);
        _wasHindered |= result is TrialResult.NotJudged;
        return result;
    }
}
