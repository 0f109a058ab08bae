using Templater.Acme;
using Templater.Pipeline.Certificates.Wanted;

namespace Templater.Pipeline.Certificates.Keeping;

/// <summary>Why a proof of control cannot succeed.</summary>
/// <param name="Reason">One line for the operator.</param>
/// <param name="IsOfAuthority">True when it speaks against this authority alone, so that another one may do.</param>
public sealed record PreflightProblem(string Reason, bool IsOfAuthority);

/// <summary>Looks whether a proof of control can succeed, before an authority is asked. Thread-safe.</summary>
public interface IPreflight
{
    /// <summary>Why it cannot; null when nothing was found.</summary>
    /// <param name="wanted">The certificate.</param>
    /// <param name="facts">The authority that it is to be ordered at.</param>
    /// <param name="thumbprint">Thumbprint of the key of the account there.</param>
    /// <param name="solver">What will answer the challenges.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<PreflightProblem?> ProblemAsync(WantedCertificate wanted, AuthorityFacts facts, string thumbprint, IChallengeSolver solver, CancellationToken cancellationToken);
}
