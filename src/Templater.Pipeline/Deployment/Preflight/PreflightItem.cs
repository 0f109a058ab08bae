using System.Collections.Immutable;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>What one check found.</summary>
/// <param name="Check">Stable name of the check.</param>
/// <param name="Output">The output that it is about; null for all of them.</param>
/// <param name="Fact">What is the case, in a few words; safe to print.</param>
/// <param name="Findings">What is wrong, each with its way out; empty when nothing is.</param>
public sealed record PreflightItem(string Check, string? Output, string Fact, ImmutableArray<Finding> Findings)
{
    /// <summary>Something that is as it should be.</summary>
    /// <param name="check">Name of the check.</param>
    /// <param name="output">The output; null for all.</param>
    /// <param name="fact">What is the case.</param>
    public PreflightItem(string check, string? output, string fact)
        : this(check, output, fact, [])
    {
    }

    /// <summary>What it is about, by the name that the operator gave it, such as that of a CA; null where it is about an output, or all.</summary>
    public string? Name { get; init; }

    /// <summary>True when nothing could be looked at, so that nothing is known to be as it should be.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>
    /// The worst of what was found: <c>ok</c>, <c>unknown</c>, <c>warning</c> or <c>error</c>. What is only said does not make it worse.
    /// </summary>
    public string Level =>
        Findings.Any(static finding => finding.Severity == FindingSeverity.Error) ? "error"
        : Findings.Any(static finding => finding.Severity == FindingSeverity.Warning) ? "warning"
        : IsUnknown ? "unknown" : "ok";
}
