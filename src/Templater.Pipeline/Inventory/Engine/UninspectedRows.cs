using System.Collections.Immutable;
using Templater.Docker;
using Templater.Docker.Wire;

namespace Templater.Pipeline.Inventory.Engine;

/// <summary>
/// What becomes of listed containers that the engine cannot inspect: one broken container must not stop the updates of all
/// others, and a broken engine must not look like a host without containers.
/// </summary>
internal static class UninspectedRows
{
    private const int MaxShown = 300;

    /// <summary>True when the failed inspection says something about that container and not about the engine as a whole.</summary>
    /// <param name="exception">The failure.</param>
    public static bool ConcernsOneContainer(DockerException exception) =>
        exception.Reason is DockerErrorReason.EngineError or DockerErrorReason.BadResponse or DockerErrorReason.TooLarge;

    /// <summary>Fills in what was known of them before; those of which nothing is known stay out.</summary>
    /// <param name="rows">The list.</param>
    /// <param name="details">What inspections told, row by row; completed here.</param>
    /// <param name="failures">Why there is none, row by row.</param>
    /// <param name="last">What the last read used.</param>
    /// <returns>What is to be said.</returns>
    /// <exception cref="DockerException">More than half of all containers would be left out: it is the engine.</exception>
    public static ImmutableArray<Finding> Settle(
        List<ContainerSummary> rows, Container?[] details, DockerException?[] failures, MergedRows last)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        var lost = new List<DockerException>();
        for (var i = 0; i < rows.Count; i++)
        {
            if (failures[i] is not { } failure)
                continue;
            details[i] = last.LastDetails(rows[i].Id);
            if (details[i] is null)
                lost.Add(failure);
            findings.Add(Finding(rows[i], failure, isKnown: details[i] is not null));
        }

        return lost.Count > 1 && lost.Count * 2 > rows.Count
            ? throw lost[0]
            : [.. findings.OrderBy(static finding => finding.Container, StringComparer.Ordinal).ThenBy(static finding => finding.Message, StringComparer.Ordinal)];
    }

    private static Finding Finding(ContainerSummary row, DockerException failure, bool isKnown)
    {
        var name = ContainerReader.Name(row.Names, row.Id);
        var consequence = isKnown ? "What was known of it before is used" : "It is left out";
        return new Finding(
            FindingSeverity.Warning,
            ReasonIds.SnapshotFailed,
            $"the engine cannot inspect container \"{UntrustedText.Printable(name, MaxShown)}\": {UntrustedText.Printable(failure.Message.TrimEnd('.'), MaxShown)}. {consequence} until an inspection succeeds; removing or recreating the container usually mends it.")
        {
            Container = name,
        };
    }
}
